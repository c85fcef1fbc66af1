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
    SHORT_PROCLITICS,
)
from services.classifier.core.terms import Chunk, Left, Right, Variant
from shared.text import Normal

_SENTENCE_END = re.compile(r"\n|[.!?…](?=[\s\"')]|$)|[؟؛。！？]")

_BEFORE = {Left.PROCLITIC: PROCLITICS, Left.DEFINITE: DEFINITE_PROCLITICS, Left.SHORT: SHORT_PROCLITICS}
_AFTER = {Right.ENDING: ENDINGS, Right.FEMININE: FEMININE_ENDINGS}
_LAST_BEFORE = {proclitic[-1] for proclitic in PROCLITICS if proclitic}
_FIRST_AFTER = {ending[0] for ending in ENDINGS | FEMININE_ENDINGS if ending}

_FREE_LEFT, _NOTHING_LEFT, _DEFINITE = (
    Left.ANYTHING,
    Left.NOTHING,
    Left.DEFINITE,
)  # looking a member up costs more than using it
_FREE_RIGHT, _NOTHING_RIGHT, _LETTERS, _ENDING = Right.ANYTHING, Right.NOTHING, Right.LETTERS, Right.ENDING


class Place(NamedTuple):
    """Where something stands in the normal form: whole words, `[start, end)`."""

    start: int
    end: int


class Scanned:
    """A text in normal form and its sentences."""

    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self.text = normal.text.replace("_", " ")  # words of a hashtag; of the same length, so that places stay true

    @cached_property
    def _flat(self) -> str:
        return self.text.replace("\n", " ")

    @cached_property
    def _ends(self) -> list[int]:
        return [match.end() for match in _SENTENCE_END.finditer(self.text)]

    def sentence(self, index: int) -> int:
        """The number of the sentence this character stands in."""
        return bisect_right(self._ends, index)

    def is_ta_marbuta(self, index: int) -> bool:
        """Whether the ه of the normal form was written ة: then it is part of the word, and no pronoun."""
        start, end = self._normal.span(index, index + 1)
        return "ة" in self._normal.original[start:end]

    def bounds(self, place: Place) -> Place:
        """The sentence this place begins in, whole."""
        number = self.sentence(place.start)
        end = self._ends[number] if number < len(self._ends) else len(self.text)
        return Place(self._ends[number - 1] if number else 0, end)

    def words_between(self, one: Place, other: Place) -> int:
        """How many words stand between two places; 0 where they touch or overlap."""
        first, second = sorted((one, other))
        return max(0, self._flat.count(" ", first.end, second.start) - 1)


Places = dict[Place, str]
"""Where a phrase stands, in order, and in which spelling of its term."""

Found = dict[int, Places]
"""Phrases by number."""


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
        uses: defaultdict[str, defaultdict[tuple[Left, Right], dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
        for variants, chunk in chunks.items():
            for variant in variants:
                uses[variant.pattern][variant.left, variant.right].setdefault(chunk, variant.spelling)
        self._uses = [[(*edges, tuple(users.items())) for edges, users in use.items()] for use in uses.values()]
        self._automaton = AhoCorasick(list(uses)) if uses else None

    def find(self, scanned: Scanned) -> Found:
        """Every phrase in the text, and where."""
        chunks = self._chunks(scanned)
        found: Found = {}
        for chunk, places in chunks.items():
            for phrase in self._whole.get(chunk, ()):
                found[phrase] = places
            for phrase in self._ending.get(chunk, ()):
                if joined := self._joined(self._sequences[phrase], chunks, scanned):
                    found[phrase] = joined
        return found

    def _chunks(self, scanned: Scanned) -> dict[int, Places]:
        found: dict[int, Places] = {}
        if self._automaton is None:
            return {}
        for pattern, start, end in self._automaton.find_matches_as_indexes(scanned.text, overlapping=True):
            for left, right, users in self._uses[pattern]:
                if (place := _word(scanned, start, end, left, right)) is not None:
                    for chunk, spelling in users:
                        found.setdefault(chunk, {}).setdefault(place, spelling)
        return {chunk: dict(sorted(places.items())) if len(places) > 1 else places for chunk, places in found.items()}

    def _joined(self, sequence: list[tuple[int, int]], chunks: dict[int, Places], scanned: Scanned) -> Places:
        """Where the chunks stand one after the other, near enough, in one sentence; each beginning with its nearest end."""
        joined = chunks.get(sequence[0][0], {})
        for chunk, gap in sequence[1:]:
            nexts = chunks.get(chunk, {})
            if not (joined and nexts):
                return {}
            ordered = list(nexts)
            pairs = ((before, _next(before, ordered, gap, scanned)) for before in joined)
            joined = {
                Place(before.start, after.end): f"{joined[before]} ... {nexts[after]}"
                for before, after in pairs
                if after is not None
            }
        return joined


def _next(before: Place, nexts: list[Place], gap: int, scanned: Scanned) -> Place | None:
    """The nearest of `nexts` that follows `before`, if it stands near enough."""
    at = bisect_right(nexts, Place(before.end, 0))
    if at == len(nexts) or scanned.words_between(before, nexts[at]) > gap:
        return None
    return nexts[at] if scanned.sentence(before.start) == scanned.sentence(nexts[at].start) else None


LONGEST_WORD = 30
"""How far `*` reaches, in letters."""


def _word(scanned: Scanned, start: int, end: int, left: Left, right: Right) -> Place | None:
    """The whole words around a hit, or None where something is written onto it that its term does not allow."""
    first = start if left is _FREE_LEFT else _first(scanned.text, start, left)
    if first is None:
        return None
    last = _last(scanned.text, end, right)
    if last is None or (last == end + 1 and right is _ENDING and scanned.text[end] == "ه" and scanned.is_ta_marbuta(end)):
        return None
    return Place(first, last)


def _first(text: str, start: int, left: Left) -> int | None:
    """Where the word begins whose stem begins at `start`."""
    before = text[start - 1] if start else " "
    if left is _NOTHING_LEFT:
        return None if before.isalnum() else start
    if not before.isalpha():
        return None if left is _DEFINITE else start
    if before not in _LAST_BEFORE:  # most hits inside of other words end here
        return None
    first = start - 1
    while first and start - first <= LONGEST_BEFORE and text[first - 1].isalpha():
        first -= 1
    return first if text[first:start] in _BEFORE[left] else None


def _last(text: str, end: int, right: Right) -> int | None:
    """Where the word ends whose stem ends at `end`."""
    last, length = end, len(text)
    if right is _FREE_RIGHT:
        return end
    if right is _LETTERS:
        while last < length and text[last].isalpha() and last - end < LONGEST_WORD:
            last += 1
        return last
    after = text[end] if end < length else " "
    if right is _NOTHING_RIGHT:
        return None if after.isalnum() else end
    if after.isalpha():
        if after not in _FIRST_AFTER:
            return None
        while last < length and last - end <= LONGEST_AFTER and text[last].isalpha():
            last += 1
    return last if text[end:last] in _AFTER[right] else None
