"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read with the leniency its writers need."""

from collections.abc import Iterator
from typing import Any

from services.crawler.core.dates import moment
from services.crawler.core.language import tag
from services.crawler.core.links import absolute
from services.crawler.core.model import Enclosure, ParsedEntry, ParsedFeed
from services.crawler.core.text import clean, line, plain
from shared import jsontext


def parse(text: str, url: str | None, problems: list[str]) -> ParsedFeed:
    """The feed; one without format where the JSON is broken or of another kind."""
    try:
        feed = jsontext.decode(text.encode("utf-8", "replace"))
    except jsontext.NotJson as error:
        return ParsedFeed(problems=(*problems, str(error)), ill_formed=True)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not ("jsonfeed.org/version" in _text(feed.get("version")) or "title" in feed):
        return ParsedFeed(problems=(*problems, "JSON, but not a JSON Feed"))
    language = tag(_text(feed.get("language")))
    people = _people(feed)
    entries = tuple(_entry(item, url, language, people, problems) for item in items if isinstance(item, dict))
    if len(entries) < len(items):
        problems.append("items that are no objects left out")
    return ParsedFeed(
        format="json11" if _text(feed.get("version")).endswith("/1.1") else "json1",
        title=line(_text(feed.get("title"))),
        link=absolute(_text(feed.get("home_page_url")), url),
        language=language,
        hub=next((absolute(_text(hub.get("url")), url) for hub in _objects(feed.get("hubs"))), None),
        entries=entries,
        problems=tuple(dict.fromkeys(problems)),
    )


def _entry(
    item: dict[str, Any], url: str | None, language: str | None, people: tuple[str, ...], problems: list[str]
) -> ParsedEntry:
    published_raw, updated_raw = _text(item.get("date_published")) or None, _text(item.get("date_modified")) or None
    published, updated = moment(published_raw), moment(updated_raw)
    if (published_raw and not published) or (updated_raw and not updated):
        problems.append("dates that name no moment left out")
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    return ParsedEntry(
        id=_text(item.get("id")) or None,
        link=absolute(_text(item.get("url")) or _text(item.get("external_url")), url),
        title=line(_text(item.get("title"))),
        summary=plain(_text(item.get("summary"))),
        content=plain(html) if html else "\n".join(part.rstrip() for part in text.splitlines()).strip(),
        published=published.at if published else None,
        updated=updated.at if updated else None,
        authors=_people(item) or people,
        language=tag(_text(item.get("language"))) or language,
        enclosures=tuple(_enclosures(item, url)),
        published_raw=published_raw,
        updated_raw=updated_raw,
    )


def _people(holder: dict[str, Any]) -> tuple[str, ...]:
    listed = _objects(holder.get("authors")) or _objects([holder.get("author")])
    return tuple(name for one in listed if (name := line(_text(one.get("name")))))


def _enclosures(item: dict[str, Any], url: str | None) -> Iterator[Enclosure]:
    for one in _objects(item.get("attachments")):
        if link := absolute(_text(one.get("url")), url):
            size = one.get("size_in_bytes")
            yield Enclosure(
                url=link,
                type=_text(one.get("mime_type")) or None,
                length=size if isinstance(size, int) and 0 <= size < 1 << 53 else None,
            )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return clean(str(value)).strip()
