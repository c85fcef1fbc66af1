"""RSS, Atom, RDF, CDF and sitemaps, from text that is already decoded and mended (charset.py, repair.py).

One reader for all of them, on a tree of lxml: feeds mix their formats, so an element is read wherever it stands. An ill-formed
text is salvaged by rules; where its tree still holds fewer entries than the text names, feedparser is asked too (loose.py).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from services.crawler.core import loose, sitemap
from services.crawler.core.dates import moment
from services.crawler.core.language import tag
from services.crawler.core.links import absolute
from services.crawler.core.model import ParsedFeed
from services.crawler.core.names import Names, local
from services.crawler.core.repair import ROOTS, Mended, sections
from services.crawler.core.salvage import salvaged
from services.crawler.core.xmlentry import alternate, entry
from services.crawler.core.xmlparts import attribute, image, labels, people
from services.crawler.core.xmltree import Kids, Scope, Tree, find, first, grown, heading, language, prose, words

_FEEDS = frozenset((*ROOTS.split("|"),))
_ENTRY = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_HUB_HEADER = re.compile(r"<([^<>]{1,2000})>\s*;[^,]*?rel\s*=\s*[\"']?[^\"',;]*\bhub\b", re.IGNORECASE)


def parse(mended: Mended, headers: Mapping[str, str], url: str | None, problems: list[str]) -> ParsedFeed:
    """The feed in this text; one without format where there is none. `headers` with lower-case names."""
    tree = grown(mended.text, recover=False)
    if tree.root is not None:
        return _read(tree, mended, headers, url, problems)
    text = salvaged(mended.text)
    saved = grown(text, recover=True)
    problems = [*problems, f"ill-formed: {tree.fault}"]
    found = _read(saved, mended, headers, url, problems) if saved.root is not None else ParsedFeed(problems=tuple(problems))
    if len(found.entries) < _entries_named(text):
        second = loose.parse(text, mended.netscape, headers, url, problems)
        found = second if len(second.entries) > len(found.entries) else found
    return replace(found, ill_formed=True)


def _entries_named(text: str) -> int:
    """How many entries an ill-formed text begins."""
    return sum(len(_ENTRY.findall(part)) for part, closed in sections(text) if not closed)


def _read(tree: Tree, mended: Mended, headers: Mapping[str, str], url: str | None, problems: list[str]) -> ParsedFeed:
    problems = list(problems)
    if tree.undeclared:
        problems.append(f"namespaces: {tree.undeclared}")
    root = find(tree.root, _FEEDS)
    if root is None:
        return ParsedFeed(problems=(*dict.fromkeys(problems), "not a feed"))
    if local(root.tag) in sitemap.ROOTS:
        return sitemap.read(root, url, problems)
    atom = local(root.tag) in ("feed", "entry")
    channel = _channel(root)
    names = Names("atom" if atom else "", channel.tag)
    scope = Scope(names, url, url, atom, "xml:base" in mended.text, "xml:lang" in mended.text)
    kids = scope.kids(channel)
    for name, outside in _beside(scope, root, channel).items():
        kids.setdefault(name, []).extend(outside)
    scope = scope._replace(base=scope.base or _own_address(kids))
    link = alternate(scope, kids, entry=False) or scope.link(channel, attribute(channel, "href"), entry=False)
    scope = scope._replace(home=scope.base if atom else link or scope.base)
    found = list(_entries(scope, root, channel, broken=tree.fault is not None))
    version = _version(root, mended.netscape, found)
    if not version:
        return ParsedFeed(problems=(*dict.fromkeys(problems), "not a feed"))
    spoken = tag(words(kids, "language", "dc:language")) or tag(language(channel))
    spoken = spoken or tag(headers.get("content-language", "").split(",")[0])
    authors = people(scope, kids, "author", "managingeditor", "dc:creator", "itunes:author")
    entries = tuple(entry(scope, one, spoken, authors if atom else (), problems) for one in found)
    updated = moment(words(kids, "updated", "lastbuilddate", "modified", "pubdate", "dc:date", "dcterms:modified"))
    return ParsedFeed(
        format=version,
        title=next((said for one in first(kids, "title", "dc:title", "itunes:title") if (said := heading(one, atom))), ""),
        link=link,
        language=spoken,
        hub=_hub(scope, kids) or _hub_in(headers, url),
        ttl=_ttl(kids),
        entries=entries,
        problems=tuple(dict.fromkeys(problems)),
        description=next((said for one in first(kids, *_DESCRIPTION) if (said := prose(one, atom))), ""),
        updated=updated.at if updated else None,
        authors=authors,
        categories=labels(kids),
        image=image(scope, kids, entry=False),
    )


_DESCRIPTION = ("description", "subtitle", "tagline", "itunes:summary", "dc:description", "itunes:subtitle", "abstract")


def _channel(root: Any) -> Any:
    """The element that says what the feed is."""
    if local(root.tag) in ("rss", "rdf"):
        return next((one for one in root if local(one.tag) == "channel"), root)
    return root


def _beside(scope: Scope, root: Any, channel: Any) -> Kids:
    """What stands next to the channel: RDF's image, links that were put into the wrong place."""
    if root is channel:
        return {}
    return {name: found for name, found in scope.kids(root).items() if name not in ("channel", "item", "entry", "title")}


def _entries(scope: Scope, root: Any, channel: Any, broken: bool) -> Iterator[Any]:
    """The entries, wherever they stand; one inside another is that one's only in an ill-formed text."""
    if local(root.tag) == "entry":
        yield root
        return
    holders = [channel, *(one for one in root if one is not channel)] if channel is not root else [channel]
    found = [one for holder in holders for one in ([holder] if _is_entry(scope, holder) else holder) if _is_entry(scope, one)]
    if broken or not found:
        found = [one for one in root.iter("{*}item", "{*}entry", "{*}ITEM", "{*}Item") if _is_entry(scope, one)]
    yield from found


def _is_entry(scope: Scope, element: Any) -> bool:
    return scope.names.of(element).rpartition(":")[2] in ("item", "entry")


def _own_address(kids: Kids) -> str | None:
    """Where the feed says it is, for want of knowing where it came from."""
    links = [one for one in first(kids, "link", "atom:link") if one.get("href")]
    links.sort(key=lambda one: one.get("rel") != "self")
    return next((found for one in links if (found := absolute(one.get("href"), None))), None)


def _version(root: Any, netscape: bool, entries: list[Any]) -> str:
    """The format as feedparser names it."""
    kind, space = local(root.tag), root.tag.partition("}")[0].lower()
    if kind in ("feed", "entry"):
        if "2005/atom" in space:
            return "atom10"
        old = "purl.org" in space or "example.com" in space or "echo" in space or (attribute(root, "version") or "")[:2] == "0."
        return "atom03" if old else "atom" if kind == "feed" and len(root) else ""
    if kind == "rdf":
        spaces = " ".join(str(one) for one in root.nsmap.values()) if root.nsmap else ""
        return "rss090" if "rdf/simple/0.9" in spaces or "/rss/0.9" in spaces else "rss10"
    if kind == "channel":
        if "rss1.1" in space:
            return "rss11"
        return "cdf" if any(attribute(one, "href") for one in (root, *entries)) else "rss" if entries or len(root) else ""
    version = (attribute(root, "version") or "").strip()
    if netscape and version.startswith("0.91"):
        return "rss091n"
    return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2") else "rss")


def _hub(scope: Scope, kids: Kids) -> str | None:
    links = (one for one in first(kids, "link", "atom:link") if "hub" in (one.get("rel") or "").lower().split())
    return next((found for one in links if (found := scope.link(one, one.get("href"), entry=False))), None)


def _hub_in(headers: Mapping[str, str], url: str | None) -> str | None:
    found = _HUB_HEADER.search(headers.get("link", "")[:8192])
    return absolute(found[1], url) if found else None


def _ttl(kids: Kids) -> int | None:
    """How many minutes the feed asks to be left alone: its ttl, else its sy:updatePeriod."""
    ttl = words(kids, "ttl")
    if ttl.isascii() and ttl.isdigit() and len(ttl) < 10:
        return int(ttl)
    period = _PERIODS.get(words(kids, "sy:updateperiod").lower())
    often = words(kids, "sy:updatefrequency")
    return period // max(1, int(often) if often.isascii() and often.isdigit() and len(often) < 6 else 1) if period else None
