"""Which atoms of terms a word is: the one place where stems, particles before them and endings after them are held against
what is written.

Words of scripts with spaces are looked up whole; in scripts without spaces strings are found wherever they stand.
"""

from collections import defaultdict
from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick

from services.classifier.core.affixes import NUMBER, TA_MARBUTA, Affix, Unit
from services.classifier.core.words import plain

Atoms = dict[int, str]
"""Atoms by number, each with the spelling in its term."""

LONGEST_WORD = 80
"""A longer run of letters is no word, and no term is looked for in it."""

_Edges = tuple[frozenset[str], bool, frozenset[str], bool, bool]


class Vocabulary:
    """All atoms of a language's terms. Add all, then `seal`, then look up. `numbers`: those that any number is."""

    def __init__(self) -> None:
        self._atoms: dict[tuple[Unit, ...], int] = {}
        self._units: list[tuple[int, Unit]] = []
        self.numbers: Atoms = {}

    def add(self, units: tuple[Unit, ...]) -> int:
        """The number of the atom that stands wherever one of these units does."""
        number = self._atoms.get(units)
        if number is None:
            number = self._atoms[units] = len(self._atoms)
            self._units += [(number, unit) for unit in units]
        return number

    def seal(self) -> None:
        """No more are added."""
        spaced, wide = defaultdict[str, dict[tuple[Affix, Affix], Atoms]](dict), defaultdict[str, Atoms](dict)
        for number, unit in self._units:
            if unit.pattern == NUMBER:
                self.numbers[number] = NUMBER
            elif unit.left.free:
                wide[unit.pattern].setdefault(number, unit.spelling)
            else:
                spaced[unit.pattern].setdefault((unit.left, unit.right), {}).setdefault(number, unit.spelling)
        self._units.clear()
        self._patterns = [[(_edges(*edges), atoms) for edges, atoms in use.items()] for use in spaced.values()]
        self._wide_atoms = list(wide.values())
        self._search = AhoCorasick(list(spaced)) if spaced else None
        self._wide_search = AhoCorasick(list(wide)) if wide else None

    def of_word(self, word: str) -> Atoms:
        """The atoms that this word is, whole. In normal form, with TA_MARBUTA for ة."""
        if self._search is None or len(word) > LONGEST_WORD:
            return {}
        found: Atoms = {}
        text, marbuta = plain(word), word[-1:] == TA_MARBUTA
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            before, after = text[:start], text[end:]
            for (left, any_before, right, any_after, not_marbuta), atoms in self._patterns[number]:
                if (before in left or any_before) and (after in right or any_after) and not (not_marbuta and marbuta and after):
                    found.update(atoms)
        if self.numbers and word[:1].isdecimal():
            found.update(self.numbers)
        return found

    def in_stretch(self, stretch: str) -> Iterator[tuple[int, int, Atoms]]:
        """Where atoms of scripts without spaces stand in a stretch in normal form."""
        if self._wide_search is not None:
            for number, start, end in self._wide_search.find_matches_as_indexes(stretch, overlapping=True):
                yield start, end, self._wide_atoms[number]


def _edges(left: Affix, right: Affix) -> _Edges:
    return left.listed, left.letters, right.listed, right.letters, right.not_marbuta
