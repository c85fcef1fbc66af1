"""The parts a filter is made of, and the facts they are held against. Pure; shared/filter.py makes them from JSON."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from shared.filter_words import longest_run, runs, stands_in
from shared.text import normalise
from shared.wire import Article


class Key(NamedTuple):
    """A value of a field (of `text`, a word) that an article has or has not."""

    field: str
    value: str


Keys = frozenset[Key]
"""Of these an article that matches has at least one, so that filters are found by what an article has."""

_COMMONNESS = {"text": 1, "sources": 2, "organisations": 2, "subtopics": 4, "countries": 5, "topics": 20, "languages": 30}
"""How many articles one value of a field is met in, against those of others: of several keys the rarest is the best."""


@dataclass(frozen=True)
class Facts:
    """What a filter may ask about an article. An empty set or text is a missing field. `values` has the lists by field name, in
    the spelling filters are compared in."""

    scores: Mapping[str, float]
    values: Mapping[str, frozenset[str]]
    words: str = ""

    @cached_property
    def normal(self) -> str:
        """The words in normal form, in one line."""
        return normalise(self.words).replace("\n", " ")

    def keys(self, fields: Collection[str]) -> Iterator[Key]:
        """What it has of these fields."""
        if "topics" in fields:
            yield from (Key("topics", topic) for topic in self.scores)
        for field in fields:
            yield from (Key(field, value) for value in self.values.get(field, ()))
        if "text" in fields:
            yield from (Key("text", run) for run in runs(self.normal))


def facts(article: Article) -> Facts:
    """The facts of an article as it leaves. A language matches its parents too (`zh-Hant` is `zh`); a source is known by
    its id, its name and its URL, an organisation by its id and its name; a subtopic is `topic/sub`."""
    source = article.source
    return Facts(
        scores={tag.topic: tag.score for tag in article.topics},
        values={
            "subtopics": frozenset(
                sub if "/" in sub else f"{tag.topic}/{sub}" for tag in article.topics for sub in tag.subtopics
            ),
            "languages": frozenset(_parents(article.lang)) if article.lang else frozenset(),
            "countries": frozenset(country.code.upper() for country in article.countries),
            "organisations": frozenset(name.lower() for one in article.organisations for name in (one.id, one.name)),
            "sources": frozenset(name for name in (source.id, source.name, source.url) if name),
        },
        words=f"{article.title}\n{article.text or article.summary or ''}",
    )


def _parents(language: str) -> Iterator[str]:
    parts = language.lower().split("-")
    return ("-".join(parts[:length]) for length in range(1, len(parts) + 1))


class Reason(NamedTuple):
    """A part of the filter that held, and by which of the article's values."""

    part: str
    matched: tuple[str, ...]


_ABSENT = -1.0
"""The score of a topic an article has not: below every score."""

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Topics:
    place: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    min_score: float | None = None

    def matches(self, facts: Facts) -> bool:
        scores, least = facts.scores, self.min_score or 0.0
        for topic in self.all:  # plain loops here and below: a generator costs more than what it would go through
            if scores.get(topic, _ABSENT) < least:
                return False
        if not self.any:
            return bool(self.all) or any(score >= least for score in scores.values())
        for topic in self.any:  # noqa: SIM110
            if scores.get(topic, _ABSENT) >= least:
                return True
        return False

    def _has(self, topic: str, facts: Facts) -> bool:
        return facts.scores.get(topic, _ABSENT) >= (self.min_score or 0.0)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        asked = (*self.all, *self.any) or tuple(facts.scores)
        yield Reason(self.place, tuple(dict.fromkeys(topic for topic in asked if self._has(topic, facts))))

    def keys(self) -> Keys | None:
        return _keys("topics", self.all, self.any)


@dataclass(frozen=True)
class Values:
    place: str
    field: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()

    def matches(self, facts: Facts) -> bool:
        there = facts.values.get(self.field, _NOTHING)
        return (not self.all or there.issuperset(self.all)) and (not self.any or not there.isdisjoint(self.any))

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        there = facts.values.get(self.field, frozenset())
        yield Reason(self.place, tuple(dict.fromkeys(value for value in (*self.all, *self.any) if value in there)))

    def keys(self) -> Keys | None:
        return _keys(self.field, self.all, self.any)


@dataclass(frozen=True)
class Text:
    place: str
    words: tuple[str, ...]

    def matches(self, facts: Facts) -> bool:
        return all(stands_in(word, facts.normal) for word in self.words)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        yield Reason(self.place, self.words)

    def keys(self) -> Keys | None:
        runs = [run for word in self.words if (run := longest_run(word)) is not None]
        return frozenset({Key("text", max(runs, key=len))}) if runs else None


@dataclass(frozen=True)
class Every:
    place: str
    parts: "tuple[Part, ...]"

    def matches(self, facts: Facts) -> bool:
        for part in self.parts:  # noqa: SIM110
            if not part.matches(facts):
                return False
        return True

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        for part in self.parts:
            yield from part.reasons(facts)

    def keys(self) -> Keys | None:
        known = [keys for part in self.parts if (keys := part.keys()) is not None]
        return min(known, key=_commonness, default=None)


@dataclass(frozen=True)
class Either:
    place: str
    parts: "tuple[Part, ...]"

    def matches(self, facts: Facts) -> bool:
        for part in self.parts:  # noqa: SIM110
            if part.matches(facts):
                return True
        return False

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        for part in self.parts:
            if part.matches(facts):
                yield from part.reasons(facts)

    def keys(self) -> Keys | None:
        every = [part.keys() for part in self.parts]
        known = [keys for keys in every if keys is not None]
        return frozenset().union(*known) if len(known) == len(every) else None


@dataclass(frozen=True)
class Not:
    place: str
    part: "Part"

    def matches(self, facts: Facts) -> bool:
        return not self.part.matches(facts)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        yield Reason(self.place, ())

    def keys(self) -> Keys | None:
        return None


def _keys(field: str, every: tuple[str, ...], some: tuple[str, ...]) -> Keys | None:
    return frozenset(Key(field, value) for value in every[:1] or some) or None


def _commonness(keys: Keys) -> int:
    return sum(_COMMONNESS[key.field] for key in keys)


Part = Topics | Values | Text | Every | Either | Not
