"""Which articles report the same: copies word for word, and reports of one event; and what a further one says that is new.

A *copy* shares its sentences (shared/sketch.py) with another article: a reprint, perhaps cut, with another headline or a credit
line. A *report* speaks of the same event in other words: rare words of title and lead in common, places that do not
contradict, close in time, in one language. Articles are taken one by one in the order they are filed (core/grouping.py); a
story is known by its first article, and where two turn out to be one the older keeps its id.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from shared.events import ArticleClassified, Passage, Relation, StoryChanged, StoryPlace
from shared.sketch import Marks, length, unpack, unpack_marks

COPY_KEYS = 8
"""Marks by which copies are found: the smallest of an article."""

WHOLE = 0.7
"""A copy that shares so much and says nothing new is the same text."""

NEAR = 4
"""What two articles must have in common to be held against each other: so many words, or one mark."""

COMMON = 64
"""What stands in more articles of the time looked at is no sign of one event."""

CANDIDATES = 12
"""Articles that one is held against: those that share the most."""

PLAIN = 0.6
"""What a word counts beside a name."""

_WORDS_FROM = 1 << 32
"""Keys of words lie above those of marks."""


class Dial(NamedTuple):
    """How alike articles must be, 0 (loose) to 1 (strict), and how far apart in time they may be; how many new passages are
    told, and how long one must be (3 shingles: five words; less is a page's furniture)."""

    strictness: float = 0.5
    reports: timedelta = timedelta(days=3)
    copies: timedelta = timedelta(days=14)
    most_passages: int = 12
    fewest_shingles: int = 3

    @property
    def copy(self) -> float:
        """The share of the smaller text that a copy has in common with the larger."""
        return 0.32 + 0.22 * self.strictness

    @property
    def report(self) -> float:
        """The likeness of two reports of one event."""
        return 0.18 + 0.16 * self.strictness


@dataclass(kw_only=True)
class Member:
    """An article as stories know it. `story`: the sequence of its story's first article."""

    sequence: int
    article_id: str
    story: int
    relation: Relation
    of: int | None
    share: float
    dated_at: datetime
    language: str
    sketch: bytes
    words: tuple[str, ...]
    titled: int
    names: tuple[str, ...]
    places: tuple[str, ...]
    days: tuple[str, ...]
    news: tuple[Passage, ...] = ()

    @cached_property
    def sentences(self) -> list[Marks]:
        return unpack(self.sketch)

    @cached_property
    def length(self) -> int:
        """In shingles."""
        return length(self.sentences)

    @cached_property
    def marks(self) -> frozenset[int]:
        return frozenset(unpack_marks(self.sketch))

    @cached_property
    def word_keys(self) -> dict[int, str]:
        return {_word_key(self.language, word): word for word in self.words}

    @cached_property
    def has_names(self) -> bool:
        """Whether its language writes names so that they are known for names."""
        return any(not name.isdecimal() for name in self.names)

    @cached_property
    def word_shares(self) -> dict[int, float]:
        """What each word counts, as rare as another: names and figures more, where they are known for such."""
        names = frozenset(self.names if self.has_names else self.words)
        return {key: 1.0 if word in names else PLAIN for key, word in self.word_keys.items()}

    @cached_property
    def mark_keys(self) -> tuple[int, ...]:
        return tuple(sorted(self.marks)[:COPY_KEYS])

    def found_by(self) -> tuple[int, ...]:
        """By what it is found: marks, and words; a mere copy by nothing, as what it is a copy of is found."""
        if self.relation == "copy" and self.share >= WHOLE and not self.news:
            return ()
        return (*self.mark_keys, *self.word_keys)


@lru_cache(50_000)
def _word_key(language: str, word: str) -> int:
    return _WORDS_FROM + crc32(f"{language} {word}".encode())


@dataclass(kw_only=True)
class Story:
    """A story as it stands. `number` grows with every article that says something new."""

    sequence: int
    started_at: datetime
    updated_at: datetime
    articles: int = 1
    number: int = 0


class Told(NamedTuple):
    """What is told of an article's story when it is filed."""

    place: StoryPlace | None = None
    changes: tuple[StoryChanged, ...] = ()


NOTHING = Told()


@dataclass(kw_only=True)
class Known:
    """What is known while a batch is grouped: members and stories that may be met, by sequence; which of them have a key,
    how many articles have it (those of common keys are not kept); and how many articles there are in that time."""

    members: dict[int, Member] = field(default_factory=dict)
    stories: dict[int, Story] = field(default_factory=dict)
    having: dict[int, list[int]] = field(default_factory=dict)
    counted: Counter[int] = field(default_factory=Counter)
    articles: int = 0

    def sharing(self, one: Member) -> Counter[int]:
        """How much each other article has in common with this one: a mark counts as NEAR words; common keys not at all."""
        marks = Counter(chain.from_iterable(map(self._rare, one.mark_keys)))
        words = Counter(chain.from_iterable(map(self._rare, one.word_keys)))
        for sequence, times in marks.items():
            words[sequence] += NEAR * times
        return words

    def _rare(self, key: int) -> Sequence[int]:
        return self.having.get(key, ()) if self.counted[key] <= COMMON else ()


def member(event: ArticleClassified, sequence: int) -> Member:
    """The article as stories know it, in a story of its own."""
    article, print_ = event.article, event.fingerprint
    language = (event.language or article.language or "").split("-")[0]
    return Member(
        sequence=sequence,
        article_id=article.article_id,
        story=sequence,
        relation="first",
        of=None,
        share=0.0,
        dated_at=article.published_at or article.observed_at,
        language=language,
        sketch=print_.sketch if print_ else b"",
        words=print_.words if print_ else (),
        titled=print_.titled if print_ else 0,
        names=print_.names if print_ else (),
        places=tuple(country.id for country in event.countries[:4]),
        days=tuple(day.id for day in event.dates),
    )
