"""Which groups of terms a text meets, and where: one look-up a word, whatever the number of topics and terms.

A word's entry says at once which groups it meets by itself, which sequences it begins, and which terms with a gap it begins or
ends. Sequences are walked only where the next word continues one; terms with a gap are joined only where both their ends are
in the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.classifier.core.chains import Chained, Chains, Rooted, Steps, Walk
from services.classifier.core.lexicon import StretchLexicon
from services.classifier.core.scanned import Place, Scanned, Token
from services.classifier.core.terms import Piece
from services.classifier.core.vocabulary import Atoms, Vocabulary

Group = int
"""Terms that are as good as each other, by number."""

Places = dict[Place, str]
"""Where something stands, in order, and in which spelling of its term."""


class Entry:
    """What a word is to the rules. `groups`: those it meets by itself; `parts`: pieces of terms with gaps that it is, `firsts`
    and `lasts` the terms that begin and end with one; `nodes`: where it begins a sequence, and the atoms that may be `next`;
    `is_open`: what stands around it decides more."""

    __slots__ = ("atoms", "firsts", "group_set", "groups", "is_number", "is_open", "lasts", "next", "nodes", "parts", "pieces")

    def __init__(self, atoms: Atoms, nodes: list[Rooted], *, is_number: bool) -> None:
        self.atoms, self.nodes = atoms, nodes
        self.groups: dict[Group, str] = {}
        self.group_set: frozenset[Group] = frozenset()
        self.parts: dict[int, str] = {}
        self.pieces: frozenset[int] = frozenset()
        self.firsts: frozenset[int] = frozenset()
        self.lasts: frozenset[int] = frozenset()
        self.next = frozenset(atom for node, _ in nodes for atom in node.nexts)
        self.is_number = is_number
        self.is_open = is_number or any(node.ends for node, _ in nodes)


class _Gapped(NamedTuple):
    """A term of several pieces; `gaps`: words that may stand before each but the first."""

    parts: tuple[int, ...]
    gaps: tuple[int, ...]


class Met:
    """What was met of the groups in one text. Places are gathered when first asked for."""

    def __init__(self, groups: set[Group], entries: list[tuple[int, int, Entry]], more: list[tuple[Group, Place, str]]) -> None:
        self.groups, self._entries, self._more = groups, entries, more
        self._places: dict[Group, Places] = {}
        self._ordered: dict[Group, list[Place]] = {}

    def __contains__(self, group: Group) -> bool:
        return group in self.groups

    def gather(self, groups: Iterable[Group]) -> None:
        """Makes ready the places of these groups, all in one go."""
        wanted = self.groups.intersection(groups) - self._places.keys()
        self._places.update({group: {} for group in wanted})
        for start, end, entry in self._entries:
            if not wanted.isdisjoint(entry.group_set):
                for group in wanted & entry.group_set:
                    self._places[group].setdefault((start, end), entry.groups[group])
        for group, place, spelling in self._more:
            if group in wanted:
                self._places[group].setdefault(place, spelling)

    def places(self, group: Group) -> Places:
        """Where the terms of this group stand, and how they are spelt."""
        if group not in self._places:
            self.gather([group])
        return self._places.get(group, {})

    def ordered(self, group: Group) -> list[Place]:
        """The same places, in order."""
        if group not in self._ordered:
            self._ordered[group] = sorted(self.places(group))
        return self._ordered[group]


_AFTER = Token[Entry](None, "", "", 0, is_thousands=False, is_wide=False)
"""Stands after the last word."""


class Matcher:
    """Finds terms, numbered as given; `groups`: those of each term."""

    def __init__(self, terms: Sequence[tuple[Piece, ...]], groups: Sequence[Iterable[Group]]) -> None:
        vocabulary = Vocabulary()
        chains, pieces = Chains(vocabulary), dict[tuple[object, ...], int]()
        self._alone: defaultdict[int, list[tuple[int, Group]]] = defaultdict(list)
        self._gapped: dict[int, _Gapped] = {}
        self._groups = [tuple(each) for each in groups]
        for number, term in enumerate(terms):
            parts = []
            for piece in term:
                if piece.sequences not in pieces:
                    pieces[piece.sequences] = len(pieces)
                    for sequence in piece.sequences:
                        chains.add(pieces[piece.sequences], sequence)
                parts.append(pieces[piece.sequences])
            if len(parts) == 1:
                self._alone[parts[0]] += [(number, group) for group in self._groups[number]]
            else:
                self._gapped[number] = _Gapped(tuple(parts), tuple(piece.gap for piece in term[1:]))
        self._firsts, self._lasts = _by_piece(self._gapped, 0), _by_piece(self._gapped, -1)
        self._inside = {part for gapped in self._gapped.values() for part in gapped.parts}
        self._roots = chains.roots
        vocabulary.seal()
        self._numbers = vocabulary.numbers
        self._steps = Steps()
        self._lexicon = StretchLexicon(vocabulary, self._entry)

    def read(self, title: str, text: str) -> Scanned[Entry]:
        """The text as words with their entries."""
        return Scanned(title, text, self._lexicon)

    def find(self, scanned: Scanned[Entry]) -> Met:
        """Every group with a term in the text."""
        found = [(at, at + 1, token.entry) for at, token in enumerate(scanned.tokens) if token.entry is not None]
        if scanned.more:
            found = sorted([*found, *scanned.more], key=lambda one: one[:2])
        distinct = {entry for _, _, entry in found}
        groups = set[Group]().union(*[entry.group_set for entry in distinct])
        firsts = set[int]().union(*[entry.firsts for entry in distinct])
        lasts = set[int]().union(*[entry.lasts for entry in distinct])
        chained = self._chained(scanned, found)
        more = [(group, one.place, one.spelling) for one in chained for _, group in self._alone.get(one.piece, ())]
        for _, piece, _ in chained:
            firsts.update(self._firsts.get(piece, ()))
            lasts.update(self._lasts.get(piece, ()))
        if candidates := firsts & lasts:
            for term, places in self._joined(sorted(candidates), found, chained, scanned):
                more += [(group, place, spelling) for place, spelling in places.items() for group in self._groups[term]]
        groups.update(group for group, _, _ in more)
        return Met(groups, found, more)

    def _entry(self, atoms: Atoms) -> Entry:
        roots = [(self._roots[atom], spelling) for atom, spelling in atoms.items() if atom in self._roots]
        nodes = [Rooted(node, spelling) for node, spelling in roots if node.nexts or node.ends]
        is_number = not self._numbers.keys().isdisjoint(atoms)
        entry = Entry(atoms, nodes, is_number=is_number)
        met = sorted(
            (term, group, spelling)
            for node, spelling in roots
            for piece in node.pieces
            for term, group in self._alone.get(piece, ())
        )
        for _, group, spelling in met:
            entry.groups.setdefault(group, spelling)
        for node, spelling in roots:
            for piece in node.pieces:
                if piece in self._inside:
                    entry.parts.setdefault(piece, spelling)
        entry.group_set, entry.pieces = frozenset(entry.groups), frozenset(entry.parts)
        entry.firsts = frozenset(term for piece in entry.parts for term in self._firsts.get(piece, ()))
        entry.lasts = frozenset(term for piece in entry.parts for term in self._lasts.get(piece, ()))
        return entry

    def _chained(self, scanned: Scanned[Entry], found: list[tuple[int, int, Entry]]) -> list[Chained]:
        """The pieces of several words."""
        walk, tokens = Walk(scanned, self._numbers, self._steps), [*scanned.tokens, _AFTER]
        chained = list[Chained]()
        for start, end, entry in found:
            if entry.is_open or scanned.more:
                chained += walk.of(start, end, entry)
            elif entry.next and (after := tokens[end].entry) is not None and not entry.next.isdisjoint(after.atoms):
                chained += walk.pairs(start, entry, after)
        return chained

    def _joined(
        self, terms: list[int], found: list[tuple[int, int, Entry]], chained: list[Chained], scanned: Scanned[Entry]
    ) -> Iterator[tuple[int, Places]]:
        """Where terms with gaps stand."""
        wanted = {part for term in terms for part in self._gapped[term].parts}
        places = defaultdict[int, Places](dict)
        for start, end, entry in found:
            if not wanted.isdisjoint(entry.pieces):
                for piece in wanted & entry.pieces:
                    places[piece].setdefault((start, end), entry.parts[piece])
        for one in chained:
            if one.piece in wanted:
                places[one.piece].setdefault(one.place, one.spelling)
        ordered = {piece: sorted(each) for piece, each in places.items()}
        for term in terms:
            yield term, _over_gaps(self._gapped[term], places, ordered, scanned)


def _by_piece(gapped: dict[int, _Gapped], part: int) -> dict[int, list[int]]:
    """The terms whose first or last part each piece is."""
    terms = defaultdict[int, list[int]](list)
    for number, one in gapped.items():
        terms[one.parts[part]].append(number)
    return dict(terms)


def _over_gaps(term: _Gapped, places: dict[int, Places], ordered: dict[int, list[Place]], scanned: Scanned[Entry]) -> Places:
    """Where the parts stand one after the other, near enough, in one sentence; each beginning with its nearest end."""
    if any(part not in places for part in term.parts):
        return {}
    joined = places[term.parts[0]]
    for part, gap in zip(term.parts[1:], term.gaps, strict=True):
        longer: Places = {}
        for (start, end), spelling in joined.items():
            at = bisect_left(ordered[part], (end, 0))
            if at < len(ordered[part]):
                after = ordered[part][at]
                if after[0] - end <= gap and scanned.in_one_sentence(start, after[0]):
                    longer[start, after[1]] = f"{spelling} ... {places[part][after]}"
        joined = longer
    return joined
