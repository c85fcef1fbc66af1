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

PLAIN = 0.6
"""What a word counts beside a name."""

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

    def of(self, one: Member, other: Member) -> Alike:
        copy = _copied(one, other)
        apart = abs(one.dated_at - other.dated_at)
        if copy >= self._dial.copy or apart > self._dial.reports:
            return Alike(other, copy, 0.0, ())
        common = one.word_keys.keys() & other.word_keys.keys()
        if len(common) < FEWEST_WORDS:
            return Alike(other, copy, 0.0, ())
        rare = sorted(filter(self._weight, common), key=lambda key: (-self._told_by(one, key), key))
        words = tuple(one.word_keys[key] for key in rare)
        if not _of_one_event(one, other, frozenset(words)):
            return Alike(other, copy, 0.0, ())
        weight = sum(self._told_by(one, key) for key in rare) / sqrt(self._sum(one) * self._sum(other))
        weight *= 1.0 - 0.25 * (apart / self._dial.reports)
        return Alike(other, copy, weight * _of_one_place(one, other), words)

    def _told_by(self, one: Member, key: int) -> float:
        """What a word tells of this article's event: a name or a figure more than another word."""
        return max(self._weight(key), LEAST) * (1.0 if not _has_names(one) or one.word_keys[key] in one.names else PLAIN)

    def _weight(self, key: int) -> float:
        """How much a word tells: the rarer, the more; nothing where it is common."""
        count = self._known.counted[key]
        return log(1.0 + max(self._known.articles, COMMON) / count) if 0 < count <= COMMON else 0.0

    def _sum(self, one: Member) -> float:
        return sum(self._told_by(one, key) for key in one.word_keys) or 1.0


def _of_one_event(one: Member, other: Member, common: frozenset[str]) -> bool:
    """Whether so many words in common, some of them in each headline and some of them names, may tell of one event."""
    if len(common) < FEWEST_WORDS or not all(
        common.intersection(each.words[: each.titled] or each.words) for each in (one, other)
    ):
        return False
    names = common.intersection((*one.names, *other.names))
    return len(names) >= FEWEST_NAMES or not (_has_names(one) and _has_names(other))


def _of_one_place(one: Member, other: Member) -> float:
    """From APART, where the countries have nothing in common, to 1, where the ones are among the others."""
    if not (one.places and other.places):
        return 1.0
    common = len(set(one.places) & set(other.places)) / min(len(one.places), len(other.places))
    return APART + (1.0 - APART) * common


def _has_names(each: Member) -> bool:
    return any(not name.isdecimal() for name in each.names)


def _copied(one: Member, other: Member) -> float:
    """Which share of the shorter text stands in the longer; 0 where that is too little to tell."""
    fewer = min(len(one.marks), len(other.marks))
    if not fewer or len(one.marks & other.marks) < FAR * fewer:
        return 0.0
    shorter, longer = (one, other) if one.length <= other.length else (other, one)
    common = shared(shorter.sentences, longer.marks)
    return common / shorter.length if common >= FEWEST_SHARED else 0.0
