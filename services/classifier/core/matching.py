"""One automaton for the terms of all topics: one pass over a text says which terms stand where.

The automaton finds strings; what is written onto each in its word is then held against what its term allows (atoms); words that
follow each other are joined to pieces, and these over gaps to terms. What it costs depends on the text and its hits, not on how
many topics there are.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from services.classifier.core.affixes import MARKS, NUMBER, Affix, is_word
from services.classifier.core.scanned import Place, Scanned
from services.classifier.core.terms import Atom, Piece, Sequence

Places = dict[Place, str]
"""Where something stands, in order, and in which spelling of its term."""

Found = dict[int, Places]
"""Places by number."""

NEXT = -1
"""The gap of a part that must be the very next word."""


_Strings = defaultdict[str, defaultdict[tuple[Affix, Affix], list[tuple[int, str]]]]
"""Strings to look for, by their edges: the atoms that do."""


class _Users(NamedTuple):
    """The atoms that look for a string with these edges, and how each spells it."""

    left: Affix
    right: Affix
    atoms: tuple[tuple[int, str], ...]


class _Joined(NamedTuple):
    """What stands where its parts stand one after the other; `gaps`: words that may stand before each but the first."""

    whole: int
    parts: tuple[int, ...]
    gaps: tuple[int, ...]


class _Level:
    """What is made of parts: alone, or of several, filed under the last of them and then the first."""

    def __init__(self) -> None:
        self._alone: defaultdict[int, list[int]] = defaultdict(list)
        self._several: defaultdict[int, defaultdict[int, list[_Joined]]] = defaultdict(lambda: defaultdict(list))

    def add(self, whole: int, parts: tuple[int, ...], gaps: tuple[int, ...]) -> None:
        """`whole` stands where these parts do."""
        if len(parts) == 1:
            self._alone[parts[0]].append(whole)
        else:
            self._several[parts[-1]][parts[0]].append(_Joined(whole, parts, gaps))

    def made(self, parts: Found, scanned: Scanned) -> Found:
        """All wholes, and where they stand."""
        made: dict[int, Places] = {}
        for part, places in parts.items():
            for whole in self._alone.get(part, ()):
                _add(made, whole, places)
            if part in self._several:
                for first, joins in self._several[part].items():
                    if first in parts:
                        for join in joins:
                            _add(made, join.whole, _joined(join, parts, scanned))
        return made


class Automaton:
    """Finds terms, numbered as given."""

    def __init__(self, terms: Iterable[tuple[Piece, ...]]) -> None:
        self._pieces, self._terms = _Level(), _Level()
        users: _Strings = defaultdict(lambda: defaultdict(list))
        atoms: dict[Atom, int] = {}
        pieces: dict[tuple[Sequence, ...], int] = {}
        for number, term in enumerate(terms):
            for piece in term:
                if piece.sequences not in pieces:
                    pieces[piece.sequences] = len(pieces)
                    self._add_piece(pieces[piece.sequences], piece.sequences, atoms, users)
            parts = tuple(pieces[piece.sequences] for piece in term)
            self._terms.add(number, parts, tuple(piece.gap for piece in term[1:]))
        self._numbers = [atom for atoms_of in users.pop(NUMBER, {}).values() for atom, _ in atoms_of]
        self._users = [[_Users(*edges, tuple(ids)) for edges, ids in use.items()] for use in users.values()]
        self._search = AhoCorasick(list(users)) if users else None

    def _add_piece(
        self,
        number: int,
        sequences: tuple[Sequence, ...],
        atoms: dict[Atom, int],
        users: _Strings,
    ) -> None:
        for sequence in sequences:
            for atom in sequence:
                if atom not in atoms:
                    atoms[atom] = len(atoms)
                    for unit in atom:
                        users[unit.pattern][unit.left, unit.right].append((atoms[atom], unit.spelling))
            parts = tuple(atoms[atom] for atom in sequence)
            self._pieces.add(number, parts, (NEXT,) * (len(parts) - 1))

    def find(self, scanned: Scanned) -> Found:
        """Every term in the text, and where."""
        if self._search is None:
            return {}
        atoms = self._atoms(scanned, self._search.find_matches_as_indexes(scanned.text, overlapping=True))
        made = self._terms.made(self._pieces.made(atoms, scanned), scanned)
        return {term: places for term, places in made.items() if places}

    def _atoms(self, scanned: Scanned, hits: list[tuple[int, int, int]]) -> Found:
        found: Found = {}
        for number, start, end in hits:
            for left, right, atoms in self._users[number]:
                first = start if left.free else _first(scanned.text, start, left)
                if first < 0:
                    continue
                last = end if right.free else _last(scanned, end, right)
                if last >= 0:
                    for atom, spelling in atoms:
                        found.setdefault(atom, {})[first, last] = spelling
        for atom in self._numbers:
            found[atom] = dict.fromkeys(scanned.numbers(), NUMBER)
        return {atom: dict(sorted(places.items())) if len(places) > 1 else places for atom, places in found.items()}


def _add(made: Found, whole: int, places: Places) -> None:
    """Adds places, keeping their order."""
    if whole not in made:
        made[whole] = places
    elif places:
        made[whole] = dict(sorted({**places, **made[whole]}.items()))


def _joined(join: _Joined, found: Found, scanned: Scanned) -> Places:
    """Where the parts stand one after the other, near enough, in one sentence; each beginning with its nearest end."""
    joined = found[join.parts[0]]
    for part, gap in zip(join.parts[1:], join.gaps, strict=True):
        nexts = found.get(part)
        if not (joined and nexts):
            return {}
        ordered = list(nexts)
        pairs = ((before, _next(before, ordered, gap, scanned)) for before in joined)
        joined = {
            (before[0], after[1]): f"{joined[before]}{' ' if gap == NEXT else ' ... '}{nexts[after]}"
            for before, after in pairs
            if after is not None
        }
    return joined


def _next(before: Place, nexts: list[Place], gap: int, scanned: Scanned) -> Place | None:
    """The nearest of `nexts` that follows `before`, if it stands near enough."""
    at = bisect_left(nexts, (before[1], 0))
    if at == len(nexts):
        return None
    after = nexts[at]
    if gap == NEXT:
        return after if scanned.follows(before[1], after[0]) else None
    if not scanned.within(before[1], after[0], gap, characters=1):
        return None
    return after if scanned.together(before[0], after[0], "sentence") else None


def _first(text: str, start: int, left: Affix) -> int:
    """Where the word begins whose stem begins at `start`; -1 where it has something before it that it may not have."""
    first = start
    if not first or not is_word(text[first - 1]):
        return first if "" in left.listed or left.letters else -1
    if left.bare:
        return -1
    lowest = max(0, start - left.longest - 1)
    while first > lowest and (text[first - 1].isalpha() or text[first - 1] in MARKS):
        first -= 1
    return first if left.letters or text[first:start] in left.listed else -1


def _last(scanned: Scanned, end: int, right: Affix) -> int:
    """Where the word ends whose stem ends at `end`; -1 where it has something after it that it may not have."""
    text, last = scanned.text, end
    highest = len(text)
    if last == highest or not is_word(text[last]):
        return last if "" in right.listed or right.letters else -1
    if right.bare:
        return -1
    highest = min(highest, end + right.longest + 1)
    while last < highest and (text[last].isalpha() or text[last] in MARKS):
        last += 1
    if right.letters:
        return last
    if text[end:last] not in right.listed or (right.not_marbuta and text[last - 1] == "ه" and scanned.is_ta_marbuta(last - 1)):
        return -1
    return last
