"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read with the leniency its writers need."""

import json
from collections.abc import Iterator
from typing import Any

from services.crawler.core.dates import moment
from services.crawler.core.language import tag
from services.crawler.core.links import absolute
from services.crawler.core.model import Enclosure, ParsedEntry, ParsedFeed
from services.crawler.core.text import clean, line, plain, tidy
from shared import jsontext


def parse(text: str, url: str | None, problems: list[str]) -> ParsedFeed:
    """The feed; one without format where the JSON is broken or of another kind."""
    problems = list(problems)
    try:
        feed = _decoded(text, problems)
    except (ValueError, RecursionError) as error:
        return ParsedFeed(problems=(*problems, f"not JSON: {error}"[:300]), ill_formed=True)
    items = feed.get("items") if isinstance(feed, dict) else None
    known = isinstance(feed, dict) and (
        "jsonfeed.org/version" in _text(feed.get("version"))
        or "title" in feed
        or any(name in one for one in _objects(items) for name in ("content_html", "content_text", "date_published"))
    )
    if not known or not isinstance(items, list | None):
        return ParsedFeed(problems=(*problems, "JSON, but not a JSON Feed"))
    base = url or absolute(_text(feed.get("feed_url")), None) or absolute(_text(feed.get("home_page_url")), None)
    language, people = tag(_text(feed.get("language"))), _people(feed)
    entries = tuple(_entry(item, base, language, people, problems) for item in items or () if isinstance(item, dict))
    if len(entries) < len(items or ()):
        problems.append("items that are no objects left out")
    return ParsedFeed(
        format="json11" if _text(feed.get("version")).rstrip("/").endswith("/1.1") else "json1",
        title=line(_text(feed.get("title"))),
        link=absolute(_text(feed.get("home_page_url")), base),
        language=language,
        hub=next((absolute(_text(hub.get("url")), base) for hub in _objects(feed.get("hubs"))), None),
        entries=entries,
        problems=tuple(dict.fromkeys(problems)),
        description=plain(_text(feed.get("description"))),
        authors=people,
        image=absolute(_text(feed.get("icon")) or _text(feed.get("favicon")), base),
    )


def _decoded(text: str, problems: list[str]) -> Any:
    """What the JSON says. Raises ValueError where it is none; control characters in a text are no reason."""
    try:
        return jsontext.decode(text.encode("utf-8", "replace"))
    except jsontext.NotJson:
        found, end = json.JSONDecoder(strict=False).raw_decode(text)
    problems.append("text after the feed removed" if text[end:].strip() else "control characters in JSON read as they are")
    return found


def _entry(
    item: dict[str, Any], base: str | None, language: str | None, people: tuple[str, ...], problems: list[str]
) -> ParsedEntry:
    published_raw, updated_raw = _text(item.get("date_published")) or None, _text(item.get("date_modified")) or None
    published, updated = moment(published_raw), moment(updated_raw)
    if (published_raw and not published) or (updated_raw and not updated):
        problems.append("dates that name no moment left out")
    html, text, guid = _text(item.get("content_html")), _text(item.get("content_text")), _text(item.get("id"))
    links = (absolute(_text(item.get(name)), base) for name in ("url", "external_url"))
    images = (absolute(_text(item.get(name)), base) for name in ("image", "banner_image"))
    labels = item.get("tags")
    return ParsedEntry(
        id=guid or None,
        link=next((link for link in links if link), None) or absolute(guid, None),
        title=line(_text(item.get("title"))),
        summary=plain(_text(item.get("summary"))),
        content=plain(html) if html else tidy(text),
        published=published.at if published else None,
        updated=updated.at if updated else None,
        authors=_people(item) or people,
        language=tag(_text(item.get("language"))) or language,
        enclosures=tuple(_enclosures(item, base)),
        published_raw=published_raw,
        updated_raw=updated_raw,
        categories=tuple(dict.fromkeys(label for one in labels if (label := line(_text(one)))))
        if isinstance(labels, list)
        else (),
        image=next((image for image in images if image), None),
    )


def _people(holder: dict[str, Any]) -> tuple[str, ...]:
    listed = _objects(holder.get("authors")) or _objects([holder.get("author")])
    return tuple(name for one in listed if (name := line(_text(one.get("name")) or _text(one.get("url")))))


def _enclosures(item: dict[str, Any], base: str | None) -> Iterator[Enclosure]:
    for one in _objects(item.get("attachments")):
        if link := absolute(_text(one.get("url")), base):
            size = one.get("size_in_bytes")
            yield Enclosure(
                url=link,
                type=_text(one.get("mime_type")) or None,
                length=int(size) if isinstance(size, (int, float)) and 0 <= size < 1 << 53 else None,
            )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return clean(str(value)).strip()
