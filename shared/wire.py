"""An article as others see it: over HTTP, in feeds, in webhooks.

One shape for every way out (docs/interfaces.md, ARTICLE), apart from the events so that those may change without breaking
a reader. Times leave in UTC; what is unknown is null.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import UNSET, Struct, UnsetType

from shared.events import ArticleFiled, Mention, Relation, SourceRef, StoryPlace, Tag

SUMMARY_CHARS = 500


class Country(Struct, frozen=True, kw_only=True):
    """A country the text speaks of (ISO 3166-1 alpha-2), and how often."""

    code: str
    count: int


class Organisation(Struct, frozen=True, kw_only=True):
    """An organisation the text speaks of, and how often. `id` stays, `name` is for people."""

    id: str
    name: str
    count: int


class Day(Struct, frozen=True, kw_only=True):
    """A day (`2026-11-22`) or month (`2026-11`) the text names, and how often."""

    date: str
    count: int


class StoryRef(Struct, frozen=True, kw_only=True):
    """The story an article belongs to, what the article is to it (first, copy, report), and how many articles it has."""

    id: str
    relation: Relation = "first"
    articles: int = 1


class Article(Struct, frozen=True, kw_only=True):
    """ARTICLE of docs/interfaces.md. It has either `text` or, where a source's full text may not leave, `summary`."""

    id: str
    url: str | None
    title: str
    text: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    lang: str | None
    published_at: datetime | None
    updated_at: datetime | None = None
    fetched_at: datetime
    source: SourceRef
    authors: tuple[str, ...] = ()
    topics: tuple[Tag, ...] = ()
    countries: tuple[Country, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    dates: tuple[Day, ...] = ()
    story: StoryRef | None = None
    revision: int


def article(filed: ArticleFiled, *, full_text: bool = True) -> Article:
    """The filed article as it leaves; without `full_text`, a summary in place of its text."""
    classified, fetched = filed.classified, filed.classified.article
    return Article(
        id=fetched.article_id,
        url=fetched.url,
        title=fetched.title,
        text=fetched.text if full_text else UNSET,
        summary=UNSET if full_text else summary(fetched.text),
        lang=classified.language or fetched.language,
        published_at=utc(fetched.published_at),
        updated_at=utc(fetched.updated_at),
        fetched_at=fetched.observed_at.astimezone(UTC),
        source=fetched.source,
        authors=fetched.authors,
        topics=classified.topics,
        countries=countries(classified.countries),
        organisations=organisations(classified.organisations),
        dates=dates(classified.dates),
        story=story(filed.story),
        revision=fetched.revision,
    )


def countries(mentions: Iterable[Mention]) -> tuple[Country, ...]:
    """Countries as they leave."""
    return tuple(Country(code=one.id, count=one.count) for one in mentions)


def organisations(mentions: Iterable[Mention]) -> tuple[Organisation, ...]:
    """Organisations as they leave."""
    return tuple(Organisation(id=one.id, name=one.name or one.id, count=one.count) for one in mentions)


def dates(mentions: Iterable[Mention]) -> tuple[Day, ...]:
    """Days and months as they leave."""
    return tuple(Day(date=one.id, count=one.count) for one in mentions)


def story(place: StoryPlace | None) -> StoryRef | None:
    """An article's story as it leaves."""
    return None if place is None else StoryRef(id=place.id, relation=place.relation, articles=place.articles)


def summary(text: str, chars: int = SUMMARY_CHARS) -> str:
    """The beginning of a text in one line, cut between words and marked where it was cut."""
    beginning = " ".join(text[: 2 * chars].split())
    if len(beginning) <= chars:
        return beginning
    cut = beginning[:chars].rsplit(" ", 1)[0] if " " in beginning[chars // 2 : chars] else beginning[:chars]
    return cut + "…"


def utc(moment: datetime | None) -> datetime | None:
    """The same moment, told in UTC."""
    return None if moment is None else moment.astimezone(UTC)
