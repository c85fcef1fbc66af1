"""What entries and feeds of XML have in common: people, categories, a picture, files."""

import re
from collections.abc import Iterator
from typing import Any

from services.crawler.core.links import absolute
from services.crawler.core.model import Enclosure
from services.crawler.core.text import line
from services.crawler.core.xmltree import Kids, Scope, first, value, words

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ELSEWHERE = ("http", "https", "ftp", "magnet")
_PICTURES = ("image", "itunes:image", "googleplay:image", "media:thumbnail", "logo", "icon", "atom:logo", "atom:icon")
_LABEL = 200


def attribute(element: Any, name: str) -> str | None:
    """An attribute whatever its case: CDF is written in capitals."""
    found = element.get(name, element.get(name.upper()))
    return None if found is None else str(found)


def people(scope: Scope, kids: Kids, *names: str) -> tuple[str, ...]:
    """The names in these elements, each once."""
    return tuple(dict.fromkeys(said[:_LABEL] for one in first(kids, *names) if (said := _person(scope, one))))


def _person(scope: Scope, element: Any) -> str:
    """`a@b.org (Name)`, `Name <a@b.org>`, `Name` and Atom's person are Name."""
    if len(element):
        inside = scope.kids(element)
        if found := words(inside, "name", "atom:name", "email", "atom:email", "uri", "atom:uri"):
            return line(found)
    text = value(element)[:2000]
    if "@" not in text:
        return line(text)
    bare = _EMAIL.sub("", text).replace("()", "").replace("<>", "").replace("mailto:", "").strip(" \t\r\n,;:")
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    return line(bare) or text.strip()


def authors(scope: Scope, kids: Kids) -> tuple[str, ...]:
    """Who wrote an entry: those it names, else those of the feed it was taken from."""
    if found := people(scope, kids, "author", "atom:author", "dc:creator", "dcterms:creator"):
        return found
    if found := people(scope, kids, "itunes:author", "googleplay:author", "dc:author", "media:author"):
        return found
    sources = (scope.kids(one) for one in first(kids, "source", "atom:source") if len(one))
    return next((found for one in sources if (found := people(scope, one, "author", "atom:author"))), ())


def labels(kids: Kids) -> tuple[str, ...]:
    """The categories: what is shown of them, else their terms."""
    named = [
        one.get("label") or one.get("term") or one.get("text") or value(one)
        for one in first(kids, "category", "atom:category", "dc:subject", "itunes:category", "media:category")
    ]
    for one in first(kids, "itunes:keywords", "media:keywords"):
        named += value(one).split(",")
    return tuple(dict.fromkeys(said[:_LABEL] for one in named if (said := line(one))))


def image(scope: Scope, kids: Kids, *, entry: bool = True) -> str | None:
    """The picture of a feed or an entry."""
    for one in first(kids, *_PICTURES):
        inside = scope.kids(one) if len(one) else {}
        address = one.get("url") or one.get("href") or words(inside, "url") or ("" if len(one) else value(one))
        if found := scope.link(one, address, entry=entry):
            return found
    for one in first(kids, "media:content", "enclosure"):
        if _medium(one) == "image" and (found := scope.link(one, one.get("url"), entry=entry)):
            return found
    return None


def _medium(element: Any) -> str:
    return str(element.get("medium") or (element.get("type") or "").partition("/")[0]).lower()


def enclosures(scope: Scope, kids: Kids) -> tuple[Enclosure, ...]:
    """The files that belong to an entry, each address once."""
    found: dict[str, Enclosure] = {}
    for one in _enclosures(scope, kids):
        found.setdefault(one.url, one)
    return tuple(found.values())


def _enclosures(scope: Scope, kids: Kids) -> Iterator[Enclosure]:
    for one in kids.get("enclosure", ()):
        yield from _file(scope, one, one.get("url") or one.get("href"), one.get("length"))
    for one in first(kids, "link", "atom:link"):
        if "enclosure" in (one.get("rel") or "").lower().split():
            yield from _file(scope, one, one.get("href"), one.get("length"))
    for one in kids.get("media:content", ()):
        yield from _file(scope, one, one.get("url"), one.get("fileSize"))
    for one in kids.get("podcast:alternateenclosure", ()):
        for source in scope.kids(one).get("podcast:source", ()):
            yield from _file(scope, source, source.get("uri"), one.get("length"), one.get("type"))
    for one in first(kids, "torrent:magneturi", "magneturi"):
        yield from _file(scope, one, value(one), words(kids, "torrent:contentlength"), "application/x-bittorrent")


def _file(scope: Scope, element: Any, address: str | None, size: str | None, kind: str | None = None) -> Iterator[Enclosure]:
    elsewhere = (address or "").lower().startswith(("magnet:", "ftp://"))
    if found := absolute(address, None, _ELSEWHERE) if elsewhere else scope.link(element, address):
        size = (size or "").strip()
        length = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None
        yield Enclosure(url=found, type=(kind or element.get("type") or "").strip() or None, length=length)
