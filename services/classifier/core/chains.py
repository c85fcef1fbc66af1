"""Words that follow each other: all sequences of all terms in one tree, walked from every word that begins one."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, NamedTuple

from services.classifier.core.affixes import NOTHING, Unit
from services.classifier.core.scanned import Place, Scanned
from services.classifier.core.terms import Sequence
from services.classifier.core.vocabulary import Atoms, Vocabulary
from services.classifier.core.words import follows, split

REMEMBERED_STEPS = 50_000
"""How many pairs of words are remembered."""

MOST_THOUSANDS = 3
"""How many groups of three digits a number written with spaces may have."""


class Glue(NamedTuple):
    """What stands between two words of a sequence: exactly `exact`, or anything over which words follow each
    other, with `after` after the first word and `before` before the second."""

    exact: str | None = None
    after: str = ""
    before: str = ""


class End(NamedTuple):
    """A piece that is complete here, if `before` stands before it and `after` after it."""

    piece: int
    before: str
    after: str


class _Written(NamedTuple):
    """One way to write an atom: words with what stands between them, and around them all."""

    before: str
    words: tuple[tuple[Unit, ...], ...]
    between: tuple[str, ...]
    after: str


class Node:
    """A beginning of sequences: the atoms that may come `nexts`; the `pieces` that are complete; those that are if
    what stands around allows it, `ends`."""

    __slots__ = ("ends", "nexts", "pieces")

    def __init__(self) -> None:
        self.nexts: dict[int, dict[Glue, Node]] = {}
        self.pieces: list[int] = []
        self.ends: list[End] = []

    def end(self, piece: int, before: str, after: str) -> None:
        """The piece is complete here."""
        if before or after:
            self.ends.append(End(piece, before, after))
        elif piece not in self.pieces:
            self.pieces.append(piece)


class Rooted(NamedTuple):
    """Where the sequences of a first atom begin, and how that is spelt."""

    node: Node
    spelling: str


class Chained(NamedTuple):
    """A piece where it stands, whole."""

    place: Place
    piece: int
    spelling: str


class Chains:
    """The tree. `roots`: where the sequences begin, by their first atom."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.roots: dict[int, Node] = {}

    def add(self, piece: int, sequence: Sequence) -> None:
        """The piece stands where this sequence does."""
        for ways in product(*map(_ways, sequence)):
            first = ways[0]
            node = self.roots.setdefault(self._vocabulary.add(first.words[0]), Node())
            node = self._inside(node, first)
            for before, way in pairwise(ways):
                glue = Glue(None, before.after, way.before)
                node = self._inside(self._next(node, glue, way.words[0]), way)
            node.end(piece, first.before, ways[-1].after)

    def _inside(self, node: Node, way: _Written) -> Node:
        for between, units in zip(way.between, way.words[1:], strict=True):
            node = self._next(node, Glue(between), units)
        return node

    def _next(self, node: Node, glue: Glue, units: tuple[Unit, ...]) -> Node:
        return node.nexts.setdefault(self._vocabulary.add(units), {}).setdefault(glue, Node())


class Walk:
    """From the words of one text along the tree. `numbers`: the atoms that any number is."""

    def __init__(self, scanned: Scanned[Any], numbers: Atoms, steps: "Steps") -> None:
        self._scanned, self._tokens, self._numbers, self._steps = scanned, scanned.tokens, numbers, steps
        self._more = defaultdict[int, list[tuple[int, Any]]](list)
        for start, end, entry in scanned.more:
            self._more[start].append((end, entry))

    def pairs(self, start: int, entry: Any, after: Any) -> Iterator[Chained]:
        """The pieces that begin with this word and the next one, whose entries these are."""
        between = self._tokens[start].after + self._tokens[start + 1].before
        if start + 1 in self._scanned.line_ends:
            return
        for glue, node, spelling in self._steps[entry, after]:
            if holds(glue, between):
                for piece in node.pieces:
                    yield Chained((start, start + 2), piece, spelling)
                if node.nexts or node.ends:
                    yield from self._from(start, start + 2, node, spelling)

    def of(self, start: int, end: int, entry: Any) -> Iterator[Chained]:
        """The pieces that begin with this word, but those that are this word whatever stands around it."""
        if entry.is_number and self._is_continued(start):
            return
        for node, spelling in entry.nodes:
            yield from self._conditional(start, end, node, spelling)
        for at in (end, *self._thousands(end)) if entry.is_number else (end,):
            for node, further, spelling in self._next(entry, at):
                yield from (Chained((start, further), piece, spelling) for piece in node.pieces)
                yield from self._from(start, further, node, spelling)

    def _from(self, start: int, end: int, first: Node, spelling: str) -> Iterator[Chained]:
        """The pieces that go on from this node, where the words up to `end` led."""
        open_ = [(first, end, spelling)]
        for source, at, said in open_:  # grows
            yield from self._conditional(start, at, source, said)
            for node, further, more in self._next(source, at) if source.nexts else ():
                spelt = f"{said} {more}".rstrip()
                yield from (Chained((start, further), piece, spelt) for piece in node.pieces)
                open_.append((node, further, spelt))

    def _conditional(self, start: int, end: int, node: Node, spelling: str) -> Iterator[Chained]:
        for piece, before, after in node.ends:
            if self._scanned.between(start).endswith(before) and self._scanned.between(end).startswith(after):
                yield Chained((start, end), piece, spelling)

    def _next(self, source: Any, at: int) -> Iterator[tuple[Node, int, str]]:
        """Where the tree goes on with what begins here, and up to where that stands."""
        entries = list(self._more.get(at, ()))
        if at < len(self._tokens) and (entry := self._tokens[at].entry) is not None:
            entries.append((at + 1, entry))
        if not entries:
            return
        between = self._scanned.between(at)
        for end, entry in entries:
            for glue, node, spelling in self._steps[source, entry]:
                if holds(glue, between):
                    yield node, end, spelling
                    if entry.is_number:
                        yield from ((node, longer, spelling) for longer in self._thousands(end))

    def _is_continued(self, start: int) -> bool:
        """Whether these three digits belong to the number before."""
        if not (start and self._tokens[start].is_thousands and self._scanned.between(start) == " "):
            return False
        before = self._tokens[start - 1].entry
        return before is not None and before.is_number

    def _thousands(self, end: int) -> Iterator[int]:
        """Where a number that ends here may also end: after further groups of three digits."""
        for at in range(end, min(end + MOST_THOUSANDS, len(self._tokens))):
            if not (self._tokens[at].is_thousands and self._scanned.between(at) == " "):
                return
            yield at + 1


class Steps(dict[tuple[Any, Any], tuple[tuple[Glue, Node, str], ...]]):
    """Where the tree goes on from a first word's entry, or from a node, with the entry of the next word: found out once."""

    def __missing__(self, key: tuple[Any, Any]) -> tuple[tuple[Glue, Node, str], ...]:
        source, entry = key
        nodes = [(source, "")] if isinstance(source, Node) else source.nodes
        steps = tuple(
            (glue, further, f"{first} {entry.atoms[atom]}".strip())
            for node, first in nodes
            for atom in node.nexts.keys() & entry.atoms.keys()
            for glue, further in node.nexts[atom].items()
        )
        if len(self) >= REMEMBERED_STEPS:
            self.clear()
        self[key] = steps
        return steps


@lru_cache(50_000)
def holds(glue: Glue, between: str) -> bool:
    """Whether words between which this stands are glued so."""
    exact, after, before = glue
    if exact is not None:
        return between == exact
    if not (after or before):
        return follows(between)
    inner = between[len(after) : len(between) - len(before)]
    return between == after + inner + before and follows(inner)


def _ways(atom: tuple[Unit, ...]) -> list[_Written]:
    """The ways to write an atom: all its units of one word together, each of several ("d'asile") by itself."""
    simple, several = list[Unit](), list[_Written]()
    for unit in atom:
        parts = [] if unit.left.free else split(unit.pattern)
        if len(parts) < 3 or (len(parts) == 3 and not (parts[0] or parts[2])):
            simple.append(unit)
        else:
            several.append(_parted(unit, parts))
    return ([_Written("", (tuple(simple),), (), "")] if simple else []) + several


def _parted(unit: Unit, parts: list[str]) -> _Written:
    words, last = parts[1::2], len(parts) // 2 - 1
    units = (
        Unit(
            word,
            unit.left if number == 0 else NOTHING,
            unit.right if number == last else NOTHING,
            unit.spelling if number == 0 else "",
        )
        for number, word in enumerate(words)
    )
    return _Written(parts[0], tuple((one,) for one in units), tuple(parts[2:-1:2]), parts[-1])
