"""What a reader may ask for, read from the words of a request, and what an answer is made of."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from msgspec import Struct

from services.store.core.words import Phrase, phrases
from shared.wire import Article

N = TypeVar("N", int, float)


class BadParameter(ValueError):
    """A parameter that cannot be used: which, and why, for the reader."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter = parameter


class Asked(Struct, frozen=True, kw_only=True):
    """The parameters of a request as they came."""

    topic: Sequence[str] = ()
    subtopic: Sequence[str] = ()
    lang: Sequence[str] = ()
    country: Sequence[str] = ()
    organisation: Sequence[str] = ()
    source: Sequence[str] = ()
    q: str | None = None
    since: str | None = None
    until: str | None = None
    min_score: str | None = None
    limit: str | None = None
    cursor: str | None = None


class Query(Struct, frozen=True, kw_only=True):
    """Which articles are wanted: each field that is not empty must hold, any value of a field will do. `phrases` is None where
    nothing is searched for, and empty where what is searched for has no word in it. `before`: only sequences below."""

    topics: tuple[str, ...] = ()
    subtopics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_score: float | None = None
    limit: int = 50
    before: int | None = None


class Limits(NamedTuple):
    """How much one request gets when it does not say, may get, and may search for."""

    page: int
    page_max: int
    words: int


class Kept(NamedTuple):
    """An article as it is shown, with its numbers in the store; `changed_at`: when it came to be as it is."""

    article: Article
    sequence: int
    change: int
    changed_at: datetime


class Page(NamedTuple):
    """A part of a list; `cursor` leads to the next, None at the end."""

    kept: list[Kept]
    cursor: str | None


def query(asked: Asked, limits: Limits) -> Query:
    """The query a request means. Raises BadParameter."""
    since, until = _moment("since", asked.since), _moment("until", asked.until)
    if since and until and since >= until:
        raise BadParameter("until", "is not later than since")
    return Query(
        topics=_words("topic", asked.topic),
        subtopics=tuple(_subtopic(word) for word in _words("subtopic", asked.subtopic)),
        languages=_each("lang", asked.lang, _LANGUAGE, "is a BCP 47 language such as ar or zh-Hant"),
        countries=tuple(
            code.upper() for code in _each("country", asked.country, _COUNTRY, "is an ISO 3166-1 alpha-2 code such as LB")
        ),
        organisations=tuple(word.lower() for word in _words("organisation", asked.organisation)),
        sources=_words("source", asked.source),
        phrases=_phrases(asked.q, limits.words),
        since=since,
        until=until,
        min_score=_number("min_score", asked.min_score, float, 0.0, 1.0),
        limit=_number("limit", asked.limit, int, 1, limits.page_max) or limits.page,
        before=_number("cursor", asked.cursor, int, 0, 2**63 - 1),
    )


def page(found: Sequence[Kept], limit: int) -> Page:
    """The page from what was found when one more than `limit` was asked for."""
    kept = list(found[:limit])
    return Page(kept, str(kept[-1].sequence) if len(found) > limit else None)


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SUBTOPIC = re.compile(r"[^/]+/[^/]+")


def _words(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if any(not value.strip() for value in values):
        raise BadParameter(name, "is empty")
    return tuple(dict.fromkeys(value.strip() for value in values))


def _each(name: str, values: Sequence[str], pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
    for value in values:
        if not pattern.fullmatch(value):
            raise BadParameter(name, f"{what}, not {value!r}")
    return tuple(dict.fromkeys(values))


def _subtopic(value: str) -> str:
    if not _SUBTOPIC.fullmatch(value):
        raise BadParameter("subtopic", f"is written topic/subtopic, not {value!r}")
    return value


def _phrases(text: str | None, most: int) -> tuple[Phrase, ...] | None:
    if text is None or not text.strip():
        return None
    found = phrases(text)
    if sum(map(len, found)) > most:
        raise BadParameter("q", f"holds more than {most} words")
    return tuple(found)


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a + that was not escaped in a URL arrives as a space
        if moment.tzinfo is not None or len(text) == len("2026-11-22"):
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadParameter(name, f"is a time such as 2026-11-22T10:00:00Z or a date (UTC), not {text!r}")


def _number(name: str, text: str | None, kind: Callable[[str], N], least: N, most: N) -> N | None:
    if text is None:
        return None
    try:
        number = kind(text)
    except ValueError:
        number = kind("-1")
    if not least <= number <= most:  # nor is NaN
        raise BadParameter(name, f"is a number from {least} to {most}, not {text!r}")
    return number
