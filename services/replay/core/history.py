"""What a text file or a line of a JSON Lines file is in the flow: one EntryFound, marked as history.

Ids come from the content alone (the bytes of a text file, the canonical URL of a line, else the line's bytes), so the same
file brought in again is the same articles again.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct

from services.replay.core import dates, language, textfile
from shared import ids, jsontext, topology, urls
from shared.events import EntryFound, SourceRef

_EARLIEST = datetime(1800, 1, 1, tzinfo=UTC)


class BadHistory(ValueError):
    """This file or line holds no article; the message says why."""


class Arrival(NamedTuple):
    """What history is brought in under: its source, the moment, and how many bytes of a text are kept."""

    source: SourceRef
    observed_at: datetime
    text_bytes: int


class Found(NamedTuple):
    """An article of history and what was odd about it."""

    event: EntryFound
    problems: tuple[str, ...]


class _Source(Struct, frozen=True):
    id: str | None = None
    name: str | None = None
    url: str | None = None


class _Line(Struct, frozen=True, kw_only=True):
    """A line of history: the plain form `{title,text,url,published}`, or an ARTICLE as rasid gives it out."""

    title: str | None = None
    text: str | None = None
    summary: str | None = None
    url: str | None = None
    published: str | None = None
    published_at: str | None = None
    language: str | None = None
    lang: str | None = None
    authors: tuple[str, ...] | None = None
    source: _Source | str | None = None


def named_source(name: str) -> SourceRef:
    """The source that stands for a folder or file of this name; the same on every machine."""
    return SourceRef(id=ids.source_id(f"file:{name}"), name=name)


def of_text_file(body: bytes, name: str, arrival: Arrival) -> Found:
    """The article in a text file. Raises BadHistory."""
    try:
        article = textfile.read(body, name)
    except textfile.NotText as error:
        raise BadHistory(str(error)) from None
    problems = list(article.problems)
    event = EntryFound(
        event_id=ids.event_id(topology.INGEST.name, [article.id]),
        article_id=article.id,
        source=arrival.source,
        title=article.title,
        text=_cut(article.text, arrival.text_bytes, problems),
        url=_url(article.source_url, problems),
        link=article.source_url,
        language=article.language,
        authors=article.authors,
        published_at=article.published,
        observed_at=arrival.observed_at,
        body_from="file",
        backfill=True,
    )
    return Found(event, tuple(problems))


def of_json_line(line: bytes, arrival: Arrival) -> Found:
    """The article in a line of JSON. Raises BadHistory."""
    try:
        said = jsontext.decode(line, _Line)
    except jsontext.NotJson as error:
        raise BadHistory(str(error)) from None
    problems: list[str] = []
    title, text = _clean(said.title), _clean(said.text or said.summary)
    if not (title or text):
        raise BadHistory("no title and no text")
    url = _url(said.url, problems)
    article = ids.article_id(url) if url else ids.article_id_of_bytes(line.strip())
    raw = said.published or said.published_at
    event = EntryFound(
        event_id=ids.event_id(topology.INGEST.name, [article, ids.digest(title, text)]),
        article_id=article,
        source=_source(said.source, arrival.source),
        title=" ".join(title.split()),
        text=_cut(text, arrival.text_bytes, problems),
        url=url,
        link=said.url,
        language=said.language or said.lang or language.of_text(f"{title}\n{text}"),
        authors=said.authors or (),
        published_at=_moment(raw, problems),
        published_raw=raw,
        observed_at=arrival.observed_at,
        body_from="file",
        backfill=True,
    )
    return Found(event, tuple(problems))


def _clean(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _url(url: str | None, problems: list[str]) -> str | None:
    canonical = urls.canonical_url(url) if url else None
    if url and not canonical:
        problems.append("the URL is not an http(s) address")
    return canonical


def _source(said: _Source | str | None, otherwise: SourceRef) -> SourceRef:
    """The source a line names; an id makes no difference to a reader, so one is minted from the name where it is missing."""
    if isinstance(said, str):
        return named_source(said) if said.strip() else otherwise
    if said is None or not (name := said.name or said.url):
        return otherwise
    return SourceRef(id=said.id or named_source(name).id, name=name, url=said.url)


def _moment(raw: str | None, problems: list[str]) -> datetime | None:
    """The moment a date text names, a day without time being its midnight in UTC; None where it names none for sure."""
    if not raw or not raw.strip():
        return None
    moment = dates.moment(raw)
    if moment is None or moment < _EARLIEST:
        problems.append(f"the date {raw[:40]!r} names no day for sure")
        return None
    return moment


def _cut(text: str, most: int, problems: list[str]) -> str:
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    problems.append(f"the text is cut at {most} bytes")
    return encoded[:most].decode("utf-8", "ignore")
