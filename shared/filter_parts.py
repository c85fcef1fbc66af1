"""The parts a filter is made of, and the facts they are held against. Pure; shared/filter.py makes them from JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from shared.filter_words import stands_in
from shared.text import normalise
from shared.wire import Article


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


@dataclass(frozen=True)
class Topics:
    place: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    min_score: float | None = None

    def matches(self, facts: Facts) -> bool:
        if self.all and not all(self._has(topic, facts) for topic in self.all):
            return False
        if self.any and not any(self._has(topic, facts) for topic in self.any):
            return False
        return bool(self.all or self.any) or any(self._has(topic, facts) for topic in facts.scores)

    def _has(self, topic: str, facts: Facts) -> bool:
        score = facts.scores.get(topic)
        return score is not None and (self.min_score is None or score >= self.min_score)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        asked = (*self.all, *self.any) or tuple(facts.scores)
        yield Reason(self.place, tuple(dict.fromkeys(topic for topic in asked if self._has(topic, facts))))

    def needs(self) -> frozenset[str] | None:
        return frozenset(self.all[:1] or self.any) or None


@dataclass(frozen=True)
class Values:
    place: str
    field: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()

    def matches(self, facts: Facts) -> bool:
        there = facts.values.get(self.field, frozenset())
        return (not self.all or there.issuperset(self.all)) and (not self.any or not there.isdisjoint(self.any))

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        there = facts.values.get(self.field, frozenset())
        yield Reason(self.place, tuple(dict.fromkeys(value for value in (*self.all, *self.any) if value in there)))

    def needs(self) -> frozenset[str] | None:
        return None


@dataclass(frozen=True)
class Text:
    place: str
    words: tuple[str, ...]

    def matches(self, facts: Facts) -> bool:
        return all(stands_in(word, facts.normal) for word in self.words)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        yield Reason(self.place, self.words)

    def needs(self) -> frozenset[str] | None:
        return None


@dataclass(frozen=True)
class Every:
    place: str
    parts: "tuple[Part, ...]"

    def matches(self, facts: Facts) -> bool:
        return all(part.matches(facts) for part in self.parts)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        for part in self.parts:
            yield from part.reasons(facts)

    def needs(self) -> frozenset[str] | None:
        needed = [topics for part in self.parts if (topics := part.needs()) is not None]
        return min(needed, key=len, default=None)


@dataclass(frozen=True)
class Either:
    place: str
    parts: "tuple[Part, ...]"

    def matches(self, facts: Facts) -> bool:
        return any(part.matches(facts) for part in self.parts)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        for part in self.parts:
            if part.matches(facts):
                yield from part.reasons(facts)

    def needs(self) -> frozenset[str] | None:
        needed = [part.needs() for part in self.parts]
        known = [topics for topics in needed if topics is not None]
        return frozenset().union(*known) if len(known) == len(needed) else None


@dataclass(frozen=True)
class Not:
    place: str
    part: "Part"

    def matches(self, facts: Facts) -> bool:
        return not self.part.matches(facts)

    def reasons(self, facts: Facts) -> Iterator[Reason]:
        yield Reason(self.place, ())

    def needs(self) -> frozenset[str] | None:
        return None


Part = Topics | Values | Text | Every | Either | Not
