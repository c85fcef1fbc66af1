"""How alike two articles are: as copies of one text, and as reports of one event."""

from math import log, sqrt
from typing import NamedTuple

from services.store.core.stories import COMMON, Dial, Known, Member
from shared.sketch import shared

FEWEST_SHARED = 30
"""Shingles (so many words) that a copy must share, however short it is: less may be a page's furniture."""

FAR = 0.15
"""Texts with fewer of their marks in common are not looked at more closely."""

FEWEST_WORDS = 4
"""Rare words two reports must share."""

FEWEST_NAMES = 2
"""Names or figures among these, in languages that write names with a capital (where an adjective may have a small letter)."""

LEAST = 0.3
"""What a common word still counts in the length of an article."""

APART = 0.4
"""What the likeness of reports counts whose countries have nothing in common."""


class Alike(NamedTuple):
    """Another article, how alike it is as a copy and as a report, and by which words."""

    member: Member
    copy: float
    report: float
    words: tuple[str, ...]


class Likeness:
    """Likeness among what is known: the rarer a word there, the more it tells."""

    def __init__(self, known: Known, dial: Dial) -> None:
        self._known, self._dial = known, dial
        self._articles, self._weights = 0, dict[int, float]()

    def of(self, one: Member, other: Member) -> Alike:
        copy = _copied(one, other)
        apart = abs(one.dated_at - other.dated_at)
        if copy >= self._dial.copy or apart > self._dial.reports:
            return Alike(other, copy, 0.0, ())
        counted = self._known.counted
        common = {key for key in one.word_keys.keys() & other.word_keys.keys() if 0 < counted[key] <= COMMON}
        if len(common) < FEWEST_WORDS or not _of_one_event(one, other, {one.word_keys[key] for key in common}):
            return Alike(other, copy, 0.0, ())
        told = self._told_by(one)
        rare = sorted(common, key=lambda key: (-told[key], key))
        weight = sum(told[key] for key in rare) / sqrt(
            (sum(told.values()) or 1.0) * (sum(self._told_by(other).values()) or 1.0)
        )
        weight *= 1.0 - 0.25 * (apart / self._dial.reports)
        return Alike(other, copy, weight * _of_one_place(one, other), tuple(one.word_keys[key] for key in rare))

    def _told_by(self, one: Member) -> dict[int, float]:
        """What each word tells of this article's event: a name or a figure more than another word; the rarer, the more, and a
        common one LEAST."""
        articles = max(self._known.articles, COMMON)
        if articles != self._articles:
            self._articles, self._weights = (
                articles,
                {count: max(log(1.0 + articles / count), LEAST) for count in range(1, COMMON + 1)},
            )
        counted, weights = self._known.counted, self._weights
        return {key: share * weights.get(counted[key], LEAST) for key, share in one.word_shares.items()}


def _of_one_event(one: Member, other: Member, common: set[str]) -> bool:
    """Whether these words in common, some of them in each headline and some of them names, may tell of one event."""
    if not all(common.intersection(each.words[: each.titled] or each.words) for each in (one, other)):
        return False
    names = common.intersection((*one.names, *other.names))
    return len(names) >= FEWEST_NAMES or not (one.has_names and other.has_names)


def _of_one_place(one: Member, other: Member) -> float:
    """From APART, where the countries have nothing in common, to 1, where the ones are among the others."""
    if not (one.places and other.places):
        return 1.0
    common = len(set(one.places) & set(other.places)) / min(len(one.places), len(other.places))
    return APART + (1.0 - APART) * common


def _copied(one: Member, other: Member) -> float:
    """Which share of the shorter text stands in the longer; 0 where that is too little to tell."""
    fewer = min(len(one.marks), len(other.marks))
    if not fewer or len(one.marks & other.marks) < FAR * fewer:
        return 0.0
    shorter, longer = (one, other) if one.length <= other.length else (other, one)
    common = shared(shorter.sentences, longer.marks)
    return common / shorter.length if common >= FEWEST_SHARED else 0.0
