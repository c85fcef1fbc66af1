"""feedparser, asked where a feed is so ill-formed that its tree holds fewer entries than its text begins.

feedparser gets bytes in a stream and never a string, which it might take for a path or a URL. Its cleaning of markup and
resolving of links inside it, its slowest parts, are off: what leaves here is plain text. Its reading of dates is not used.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import feedparser
import feedparser.exceptions

from services.crawler.core.dates import moment
from services.crawler.core.language import tag
from services.crawler.core.links import absolute
from services.crawler.core.model import Enclosure, ParsedEntry, ParsedFeed
from services.crawler.core.text import clean, line, plain

_RAISED = (
    *(ValueError, LookupError, AttributeError, TypeError, AssertionError, ArithmeticError, RuntimeError, re.error),
    feedparser.exceptions.ThingsNobodyCaresAboutButMe,
)
"""What feedparser has been seen to raise on bytes that are no fault of ours."""

_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}


def parse(text: str, netscape: bool, headers: Mapping[str, str], url: str | None, problems: list[str]) -> ParsedFeed:
    """The feed in this text; one without format where feedparser finds none. `headers` with lower-case names."""
    given = {"content-type": "application/xml; charset=utf-8"}
    if language := headers.get("content-language", "").split(",")[0].strip():
        given["content-language"] = language
    problems = list(problems)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found = feedparser.parse(
                io.BytesIO(text.encode("utf-8", "replace")),
                response_headers=given,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
            return _feed(found, "rss091n" if netscape else _text(found.version), url, problems)
    except _RAISED as error:
        said = f"feedparser failed: {type(error).__name__}: {error}"[:300]
        return ParsedFeed(problems=(*dict.fromkeys(problems), said), ill_formed=True)


def _feed(found: Any, version: str, url: str | None, problems: list[str]) -> ParsedFeed:
    if found.bozo:
        problems.append(f"ill-formed: {found.get('bozo_exception')}"[:300])
    feed = found.feed
    language = tag(_text(_get(feed, "language"))) or tag(_text(_detail(feed, "title").get("language")))
    entries = tuple(_entry(entry, feed, version, url, language, problems) for entry in found.entries)
    if not version and not entries and not _get(feed, "title"):
        return ParsedFeed(problems=(*dict.fromkeys(problems), "not a feed"), ill_formed=bool(found.bozo))
    return ParsedFeed(
        format=version or "xml",
        title=line(_text(_get(feed, "title"))),
        link=absolute(_text(_get(feed, "link")), url),
        language=language,
        hub=next((absolute(_text(one.get("href")), url) for one in _links(feed) if one.get("rel") == "hub"), None),
        ttl=_ttl(feed),
        entries=entries,
        problems=tuple(dict.fromkeys(problems)),
        ill_formed=bool(found.bozo),
    )


def _entry(entry: Any, feed: Any, version: str, url: str | None, language: str | None, problems: list[str]) -> ParsedEntry:
    published_raw, updated_raw = _text(_get(entry, "published")) or None, _text(_get(entry, "updated")) or None
    if published_raw is None and updated_raw and not version.startswith("atom"):
        published_raw, updated_raw = updated_raw, None  # RSS knows dc:date only as the date of publication
    published, updated = moment(published_raw), moment(updated_raw)
    if (published_raw and not published) or (updated_raw and not updated):
        problems.append("dates that name no moment left out")
    if (published and published.zoneless) or (updated and updated.zoneless):
        problems.append("dates without a zone read as UTC")
    contents = [one for one in _get(entry, "content") or () if isinstance(one, dict)]
    return ParsedEntry(
        id=clean(_text(_get(entry, "id"))).strip() or None,
        link=_link(entry, url),
        title=line(_text(_get(entry, "title"))),
        summary=_body(_get(entry, "summary"), _detail(entry, "summary")),
        content=max((_body(one.get("value"), one) for one in contents), key=len, default=""),
        published=published.at if published else None,
        updated=updated.at if updated else None,
        authors=tuple(dict.fromkeys(_authors(entry))),
        language=_language(entry, contents) or language,
        enclosures=tuple(_enclosures(entry, url)),
        published_raw=clean(published_raw)[:200] if published_raw else None,
        updated_raw=clean(updated_raw)[:200] if updated_raw else None,
        origin=absolute(_text(_get(entry, "feedburner_origlink")), url),
    )


def _link(entry: Any, url: str | None) -> str | None:
    """The entry's link; a guid stands in for it only where it is a web address of its own."""
    link = _text(_get(entry, "link"))
    own = any(one.get("rel") != "enclosure" for one in _links(entry))
    return absolute(link, url if own else None)


def _body(value: Any, detail: Mapping[str, Any]) -> str:
    text = _text(value)
    if detail.get("type") == "text/plain" and "<" not in text:
        return "\n".join(one.rstrip() for one in clean(text).splitlines()).strip()
    return plain(text)


def _language(entry: Any, contents: Iterable[Mapping[str, Any]]) -> str | None:
    details = (*contents, _detail(entry, "summary"), _detail(entry, "title"))
    return tag(_text(_get(entry, "language"))) or next(
        (found for one in details if (found := tag(_text(one.get("language"))))), None
    )


def _authors(entry: Any) -> Iterator[str]:
    for one in _get(entry, "authors") or ():
        if isinstance(one, dict) and (name := line(_text(one.get("name")) or _text(one.get("email")))):
            yield name[:200]


def _enclosures(entry: Any, url: str | None) -> Iterator[Enclosure]:
    for one in _links(entry):
        if one.get("rel") == "enclosure" and (link := absolute(_text(one.get("href")) or _text(one.get("url")), url)):
            size = _text(one.get("length")).strip()
            yield Enclosure(
                url=link,
                type=_text(one.get("type")) or None,
                length=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
            )


def _ttl(feed: Any) -> int | None:
    """How many minutes the feed asks to be left alone: its ttl, else its sy:updatePeriod."""
    ttl = _text(_get(feed, "ttl")).strip()
    if ttl.isascii() and ttl.isdigit() and len(ttl) < 10:
        return int(ttl)
    period = _PERIODS.get(_text(_get(feed, "sy_updateperiod")).strip().lower())
    often = _text(_get(feed, "sy_updatefrequency")).strip()
    return period // max(1, int(often) if often.isascii() and often.isdigit() and len(often) < 6 else 1) if period else None


def _get(holder: Any, name: str) -> Any:
    """Without feedparser's stand-ins (`updated` answers with `published`)."""
    return dict.get(holder, name)


def _detail(holder: Any, name: str) -> Mapping[str, Any]:
    found = _get(holder, f"{name}_detail")
    return found if isinstance(found, dict) else {}


def _links(holder: Any) -> list[Mapping[str, Any]]:
    return [one for one in _get(holder, "links") or () if isinstance(one, dict)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
