"""One automaton for the terms of all topics: one pass over a text says which phrases stand where.

The automaton finds strings; what is written onto each in its word is then held against what its term allows, and chunks
parted by a gap are joined. What it costs depends on the text and its hits, not on how many topics there are.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from services.classifier.core.arabic import (
    DEFINITE_PROCLITICS,
    ENDINGS,
    FEMININE_ENDINGS,
    LONGEST_AFTER,
    LONGEST_BEFORE,
    PROCLITICS,
    is_arabic,
)
from services.classifier.core.terms import Chunk, Left, Right, Variant

_SENTENCE_END = re.compile(r"\n|[.!?…](?=[\s\"')]|$)|[؟؛。！？]")

_BEFORE = {Left.PROCLITIC: PROCLITICS, Left.DEFINITE: DEFINITE_PROCLITICS}
_AFTER = {Right.ENDING: ENDINGS, Right.FEMININE: FEMININE_ENDINGS}


class Place(NamedTuple):
    """Where something stands in the normal form: whole words, `[start, end)`."""

    start: int
    end: int


class Scanned:
    """A text in normal form and its sentences."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("_", " ")  # words of a hashtag; of the same length, so that places stay true

    @cached_property
    def _ends(self) -> list[int]:
        return [match.end() for match in _SENTENCE_END.finditer(self.text)]

    def sentence(self, index: int) -> int:
        """The number of the sentence this character stands in."""
        return bisect_right(self._ends, index)

    def bounds(self, place: Place) -> Place:
        """The sentence this place begins in, whole."""
        number = self.sentence(place.start)
        end = self._ends[number] if number < len(self._ends) else len(self.text)
        return Place(self._ends[number - 1] if number else 0, end)

    def words_between(self, one: Place, other: Place) -> int:
        """How many words stand between two places; 0 where they touch or overlap."""
        first, second = sorted((one, other))
        return max(0, self.text.count(" ", first.end, second.start) + self.text.count("\n", first.end, second.start) - 1)


Found = dict[int, list[Place]]
"""Phrase number to where it stands, in order."""


class Automaton:
    """Finds phrases: sequences of chunks (services.classifier.core.terms), numbered as given."""

    def __init__(self, phrases: Iterable[tuple[Chunk, ...]]) -> None:
        chunks: dict[tuple[Variant, ...], int] = {}
        self._whole: defaultdict[int, list[int]] = defaultdict(list)  # chunk -> phrases that are this chunk
        self._ending: defaultdict[int, list[int]] = defaultdict(list)  # chunk -> phrases with gaps that end with it
        self._sequences: dict[int, list[tuple[int, int]]] = {}
        for number, phrase in enumerate(phrases):
            sequence = [(chunks.setdefault(chunk.variants, len(chunks)), chunk.gap) for chunk in phrase]
            if len(sequence) == 1:
                self._whole[sequence[0][0]].append(number)
            else:
                self._ending[sequence[-1][0]].append(number)
                self._sequences[number] = sequence
        uses: defaultdict[str, list[tuple[Left, Right, int]]] = defaultdict(list)
        for variants, chunk in chunks.items():
            for variant in variants:
                uses[variant.pattern].append((variant.left, variant.right, chunk))
        self._uses = list(uses.values())
        self._automaton = AhoCorasick(list(uses)) if uses else None

    def find(self, scanned: Scanned) -> Found:
        """Every phrase in the text, and where."""
        chunks = self._chunks(scanned.text)
        found: Found = {}
        for chunk, places in chunks.items():
            for phrase in self._whole.get(chunk, ()):
                found[phrase] = places
            for phrase in self._ending.get(chunk, ()):
                if joined := self._joined(self._sequences[phrase], chunks, scanned):
                    found[phrase] = joined
        return found

    def _chunks(self, text: str) -> dict[int, list[Place]]:
        found: dict[int, dict[Place, None]] = {}
        if self._automaton is None:
            return {}
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for left, right, chunk in self._uses[pattern]:
                if (place := _word(text, start, end, left, right)) is not None:
                    found.setdefault(chunk, {})[place] = None
        return {chunk: sorted(places) for chunk, places in found.items()}

    def _joined(self, sequence: list[tuple[int, int]], chunks: dict[int, list[Place]], scanned: Scanned) -> list[Place]:
        """Where the chunks stand one after the other, near enough, in one sentence; each beginning with its nearest end."""
        joined = chunks.get(sequence[0][0], [])
        for chunk, gap in sequence[1:]:
            nexts = chunks.get(chunk, [])
            joined = [place for before in joined if (place := _next(before, nexts, gap, scanned)) is not None]
        return list(dict.fromkeys(joined))


def _next(before: Place, nexts: list[Place], gap: int, scanned: Scanned) -> Place | None:
    for after in nexts[bisect_right(nexts, Place(before.end, 0)) :]:
        if scanned.words_between(before, after) > gap or scanned.sentence(before.start) != scanned.sentence(after.start):
            return None
        return Place(before.start, after.end)
    return None


LONGEST_WORD = 30
"""How far `*` reaches, in letters."""


def _word(text: str, start: int, end: int, left: Left, right: Right) -> Place | None:
    """The whole words around a hit, or None where something is written onto it that its term does not allow."""
    first, last = start, end
    if left in _BEFORE:
        while first and start - first <= LONGEST_BEFORE and is_arabic(text[first - 1]) and text[first - 1].isalpha():
            first -= 1
        if first < start or left is Left.DEFINITE:
            if text[first:start] not in _BEFORE[left]:
                return None
    elif left is Left.NOTHING and first and text[first - 1].isalnum():
        return None
    if right in _AFTER:
        while last < len(text) and last - end <= LONGEST_AFTER and is_arabic(text[last]) and text[last].isalpha():
            last += 1
        if text[end:last] not in _AFTER[right]:
            return None
    elif right is Right.NOTHING and last < len(text) and text[last].isalnum():
        return None
    elif right is Right.ANYTHING:
        while last < len(text) and text[last].isalpha() and last - end < LONGEST_WORD:
            last += 1
    return Place(first, last)
