"""What an article page says of itself: JSON-LD first, then its meta elements, then what it shows.

JSON-LD (schema.org) and OpenGraph are written for machines and name the moment with its zone; `htmldate` is asked for a day
only where neither says anything.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from htmldate import find_date

from services.crawler.core.dates import Moment, moment
from services.crawler.core.links import absolute
from services.crawler.core.text import line, plain

_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|Report|Review|CreativeWork)$")
_DEEPEST, _MOST = 8, 500
_WRAPPING = re.compile(
    r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*$"
)
_BETWEEN = " |\u2013\u2014\u00b7\u2022:：｜»«-"
_SPLIT_TITLE = re.compile(r"\s+[|\u2013\u2014\u00b7\u2022:»«-]\s+|\s*[|：｜]\s*")
_PUBLISHED: tuple[str, ...] = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
)
_PUBLISHED += ("publish-date", "publication_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created")
_PUBLISHED += (
    "dc.date",
    "dcterms.date",
    "citation_publication_date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "date",
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dcterms.modified")
_AUTHORS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "cxenseparse:author",
)


class Meta(NamedTuple):
    """What a page says of itself; `body` is the text of the article that JSON-LD holds ('' for none), `walled` whether it says
    that it is not free to read."""

    title: str
    published: datetime | None
    updated: datetime | None
    authors: tuple[str, ...]
    language: str | None
    image: str | None
    canonical: str | None
    body: str
    walled: bool


def read(tree: Any, url: str | None, problems: list[str]) -> Meta:
    """What this page, a tree of lxml.html, says of itself. `url`: where relative links start."""
    things = list(_things(tree))
    articles = [one for one in things if _is_article(one)]
    metas = _metas(tree)
    base = absolute(next(iter(tree.xpath("//base/@href")), None), url) or url
    published = _date([one.get("datePublished") for one in articles], metas, _PUBLISHED, tree, "datePublished")
    updated = _date([one.get("dateModified") for one in articles], metas, _UPDATED, tree, "dateModified")
    if (published and published.zoneless) or (updated and updated.zoneless):
        problems.append("dates without a zone read as UTC")
    images = (*metas.get("og:image", ()), *metas.get("twitter:image", ()), *(_address(one.get("image")) for one in articles))
    return Meta(
        title=_title(tree, metas, articles),
        published=published.at if published else _day(tree, problems),
        updated=updated.at if updated else None,
        authors=_authors(tree, metas, articles),
        language=_language(tree, metas, articles),
        image=next((found for one in images if (found := absolute(one, base))), None),
        canonical=_canonical(tree, metas, base, url, problems),
        body=max((plain(_text(one.get("articleBody"))) for one in articles), key=len, default=""),
        walled=any(str(one.get("isAccessibleForFree")).lower() in ("false", "0") for one in articles),
    )


def _things(tree: Any) -> Iterator[dict[str, Any]]:
    """What the page describes in JSON-LD, however it is nested."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        text = _WRAPPING.sub("", script.text or "")
        try:
            found = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _inside(found, 0, [_MOST])


def _inside(value: Any, depth: int, left: list[int]) -> Iterator[dict[str, Any]]:
    left[0] -= 1
    if depth > _DEEPEST or left[0] < 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _inside(one, depth + 1, left)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            yield from _inside(value.get(name), depth + 1, left)


def _is_article(thing: dict[str, Any]) -> bool:
    kinds = thing.get("@type")
    return any(_ARTICLE.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def _metas(tree: Any) -> dict[str, list[str]]:
    """The meta elements by name, property or itemprop, in lower case."""
    found: dict[str, list[str]] = {}
    for element in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                found.setdefault(name.strip().lower(), []).append(element.get("content").strip())
    return found


def _date(said: list[Any], metas: dict[str, list[str]], names: tuple[str, ...], tree: Any, prop: str) -> Moment | None:
    texts = [_text(one) for one in said] + [one for name in names for one in metas.get(name, ())]
    shown = tree.xpath(f"//*[@itemprop='{prop}']/@datetime | //*[@itemprop='{prop}']/@content")
    if prop == "datePublished":
        shown += tree.xpath("(//article//time | //header//time | //main//time)[@datetime][position() <= 3]/@datetime")
    return next((found for one in (*texts, *shown) if (found := moment(one))), None)


def _day(tree: Any, problems: list[str]) -> datetime | None:
    """The day the page shows, by htmldate."""
    try:
        found = find_date(tree, original_date=True, extensive_search=False, outputformat="%Y-%m-%d")
    except (ValueError, TypeError, AttributeError, RecursionError, ArithmeticError, LookupError):  # seen on broken pages
        found = None
    if not found:
        return None
    problems.append("the date is a day that the page shows")
    return datetime.strptime(found, "%Y-%m-%d").replace(tzinfo=UTC)


def _title(tree: Any, metas: dict[str, list[str]], articles: list[dict[str, Any]]) -> str:
    """The heading that also stands in what the page calls itself; else what it calls itself, without the site's name."""
    told = [_text(one.get("headline")) for one in articles] + metas.get("og:title", []) + metas.get("twitter:title", [])
    called = [found for one in (*told, *tree.xpath("//title/text()")[:1]) if (found := line(one))]
    site = {line(one).casefold() for one in metas.get("og:site_name", ())}
    bare = [found for one in called if (found := _without_site(one, site))]
    headings = [found for one in tree.xpath("//h1")[:5] if (found := " ".join(one.text_content().split()))]
    for heading in headings:
        told_too = any(heading.casefold() in one.casefold() for one in called)
        if told_too and heading.casefold() not in site and len(heading) > 0.5 * len(min(bare, key=len)):
            return heading[:500]
    return next(iter((*bare, *headings)), "")[:500]


def _without_site(title: str, site: set[str]) -> str:
    """`Title | Site` as Title: where the last part is the site's name, or a few words beside many."""
    parts = _SPLIT_TITLE.split(title)
    rest = title[: title.rfind(parts[-1])].rstrip(_BETWEEN)
    short = len(parts[-1].split()) <= 4 and len(parts[-1]) < 0.6 * len(rest)
    return rest if len(parts) > 1 and (short or parts[-1].casefold() in site) else title


def _authors(tree: Any, metas: dict[str, list[str]], articles: list[dict[str, Any]]) -> tuple[str, ...]:
    named = [name for one in articles for name in _names(one.get("author") or one.get("creator"))]
    named = named or [one for name in _AUTHORS for one in metas.get(name, ())]
    named = named or [one.text_content() for one in tree.xpath("//*[@rel='author'] | //*[@itemprop='author']")[:5]]
    found = (line(one)[:200] for one in named if one and "://" not in one)
    return tuple(dict.fromkeys(one for one in found if one and len(one) < 100))[:10]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value[:20]:
            yield from _names(one)
    elif isinstance(value, dict):
        yield from _names(value.get("name"))
    elif isinstance(value, str):
        yield value


def _address(value: Any) -> str:
    if isinstance(value, list):
        return _address(value[0]) if value else ""
    return _text(value.get("url") or value.get("@id")) if isinstance(value, dict) else _text(value)


def _language(tree: Any, metas: dict[str, list[str]], articles: list[dict[str, Any]]) -> str | None:
    """As declared, in any spelling; core/language.py makes a tag of it."""
    said = (
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        *(one.get("inLanguage") for one in articles),
    )
    metas_said = (one for name in ("content-language", "og:locale", "language", "dc.language") for one in metas.get(name, ()))
    return next((one for one in (*said, *metas_said) if isinstance(one, str) and one.strip()), None)


def _canonical(tree: Any, metas: dict[str, list[str]], base: str | None, url: str | None, problems: list[str]) -> str | None:
    said = (*tree.xpath("//link[contains(concat(' ', translate(@rel, 'CANOIL', 'canoil'), ' '), ' canonical ')]/@href"),)
    found = next((link for one in (*said, *metas.get("og:url", ())) if (link := absolute(one, base))), None)
    if found and url and found.split("://")[-1].rstrip("/").count("/") == 0 and url.split("://")[-1].rstrip("/").count("/") > 0:
        problems.append("the canonical link names the front page; left out")
        return None
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
