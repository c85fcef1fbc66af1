"""Which feeds a web page offers: those it names, else where feeds usually are. Decided on bytes; whoever calls it fetches."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from services.crawler.core.charset import decode
from services.crawler.core.links import absolute
from services.crawler.core.repair import without_floods
from services.crawler.core.text import clean, line

_KINDS = re.compile(r"application/(?:(?:rss|atom|rdf|feed)\+(?:xml|json)|json|xml)|text/(?:xml|rss\+xml)", re.IGNORECASE)
_COMMENTS = re.compile(r"/comments?(?:/|$|\.)|comments?[-_]?feed|[?&]feed=comments|replies", re.IGNORECASE)
_IN_LINK = re.compile(r"(?:^|[/._?=-])(?:rss|atom|feeds?|rdf)(?:$|[/._?=&#-]|\d)|\.xml$", re.IGNORECASE)
_PLACES: tuple[str, ...] = (
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feeds/posts/default",
    "feed.json",
    "?feed=rss2",
)
_PLACES += ("rss/news", "news-sitemap.xml", "sitemap-news.xml")
MOST = 20


class Offered(NamedTuple):
    """A feed that may be there. `named`: the page names it; otherwise it stands where feeds usually do. `title` as the page
    calls it."""

    url: str
    title: str
    named: bool


def discover(html: bytes, url: str, content_type: str = "") -> list[Offered]:
    """The feeds a page may have, likeliest first, at most MOST: those its `link` elements name (feeds of comments last), links
    in it that look like feeds, and usual places. Never raises."""
    tree = _tree(html, content_type)
    found: dict[str, Offered] = {}
    if tree is not None:
        base = absolute(next(iter(tree.xpath("//base/@href")), None), url) or url
        named = [*_named(tree, base), *_linked(tree, base)]
        named.sort(key=lambda one: bool(_COMMENTS.search(one.url)))  # stable: otherwise as the page has them
        for one in named:
            found.setdefault(one.url, one)
    for place in _places(url):
        found.setdefault(place, Offered(place, "", named=False))
    found.pop(url, None)
    return list(found.values())[:MOST]


def _tree(html: bytes, content_type: str) -> Any:
    text = without_floods(clean(decode(html, content_type, page=True).text))
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, no_network=True, encoding="utf-8")
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None


def _named(tree: Any, base: str) -> Iterator[Offered]:
    for element in tree.iter("link"):
        rels = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").strip()
        is_feed = "feed" in rels or ("alternate" in rels and _KINDS.match(kind) and "oembed" not in kind.lower())
        address = unescape((element.get("href") or "").strip())
        if address[:5].lower() == "feed:":
            address = "https:" + address[5:] if address[5:7] == "//" else address[5:]
        if is_feed and "wp-json" not in address and "oembed" not in address and (found := absolute(address, base)):
            yield Offered(found, line(element.get("title") or ""), named=True)


def _linked(tree: Any, base: str) -> Iterator[Offered]:
    """Links of the page that look like feeds of its own host."""
    host = urlsplit(base).hostname or ""
    for element in tree.iter("a"):
        address = element.get("href") or ""
        if _IN_LINK.search(address.partition("#")[0]) and (found := absolute(address, base)):
            there = urlsplit(found).hostname or ""
            if there.removeprefix("www.").endswith(host.removeprefix("www.")) or there.startswith(("feeds.", "rss.")):
                yield Offered(found.partition("#")[0], line(element.text_content())[:200], named=True)


def _places(url: str) -> Iterator[str]:
    """Where feeds usually are: beside this page, and at the root of its host."""
    parts = urlsplit(url)
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    bases = dict.fromkeys((f"{parts.scheme}://{parts.netloc}{folder}", f"{parts.scheme}://{parts.netloc}/"))
    for base in bases:
        for place in _PLACES:
            yield f"{base}{place}" if place.startswith("?") else urljoin(base, place)
