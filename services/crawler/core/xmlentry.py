"""One entry of an XML feed: which of its elements say what, and which wins where several do.

The feed's own elements come before those of extensions, and the first that says anything wins; of contents the longest does.
"""

from typing import Any

from services.crawler.core.dates import Moment, moment
from services.crawler.core.language import tag
from services.crawler.core.links import absolute
from services.crawler.core.model import ParsedEntry
from services.crawler.core.text import clean
from services.crawler.core.xmlparts import attribute, authors, enclosures, image, labels
from services.crawler.core.xmltree import Kids, Scope, first, heading, language, prose, value, words

_TITLES = ("title", "atom:title", "media:title", "dc:title", "itunes:title")
_SUMMARIES: tuple[str, ...] = (
    "description",
    "summary",
    "atom:summary",
    "abstract",
    "dc:description",
    "dcterms:abstract",
    "itunes:summary",
)
_SUMMARIES += ("itunes:subtitle", "googleplay:description", "media:description")
_CONTENTS = ("content:encoded", "encoded", "content", "atom:content", "xhtml:body", "body", "fullitem", "content:items")
_SPARE_CONTENTS = ("media:description", "media:text", "itunes:summary", "googleplay:description")
_PUBLISHED: tuple[str, ...] = (
    "published",
    "pubdate",
    "issued",
    "atom:published",
    "atom:issued",
    "dc:date",
    "dcterms:issued",
    "dcterms:date",
)
_PUBLISHED += ("dcterms:created", "created", "date", "dcterms:available", "prism:publicationdate")
_UPDATED = ("updated", "modified", "atom:updated", "atom:modified", "dcterms:modified", "lastbuilddate")
_GROUPS = frozenset(("media:group", "media:content", "torrent:torrent", "torrent"))
_OTHERS = "self edit edit-media enclosure replies hub next prev previous first last license payment icon image thumbnail search"
_NOT_THE_PAGE = frozenset((*_OTHERS.split(), "service.edit", "service.post", "2005#feed"))


def entry(scope: Scope, element: Any, spoken: str | None, feed_authors: tuple[str, ...], problems: list[str]) -> ParsedEntry:
    """The entry in this element. `spoken`: the feed's language; `feed_authors`: who wrote an entry that names no one."""
    atom, kids = scope.atom, scope.kids(element, _GROUPS)
    published_raw = words(kids, *_PUBLISHED)
    updated_raw = words(kids, *_UPDATED) or attribute(element, "lastmod") or ""
    published, updated = _date(kids, _PUBLISHED), _date(kids, _UPDATED) or moment(updated_raw)
    if (published_raw and not published) or (updated_raw and not updated):
        problems.append("dates that name no moment left out")
    if (published and published.zoneless) or (updated and updated.zoneless):
        problems.append("dates without a zone read as UTC")
    summary, content = _texts(kids, atom)
    return ParsedEntry(
        id=_id(element, kids),
        link=_link(scope, element, kids),
        title=next((said for one in first(kids, *_TITLES) if (said := heading(one, _is_atom(one, atom)))), ""),
        summary=summary,
        content=content,
        published=published.at if published else None,
        updated=updated.at if updated else None,
        authors=authors(scope, kids) or feed_authors,
        language=_language(scope, element, kids) or spoken,
        enclosures=enclosures(scope, kids),
        published_raw=published_raw[:200] or None,
        updated_raw=updated_raw[:200] or None,
        origin=_address(scope, kids, "feedburner:origlink", "pheedo:origlink"),
        categories=labels(kids),
        image=image(scope, kids),
        comments=_address(scope, kids, "comments"),
    )


def _is_atom(element: Any, atom: bool) -> bool:
    """Whether Atom's rules for text hold: they do for Atom's own elements, in whatever feed."""
    return atom or "/atom" in element.tag.partition("}")[0].lower()


def _date(kids: Kids, names: tuple[str, ...]) -> Moment | None:
    """The first of these dates that names a moment."""
    return next((found for one in first(kids, *names) if (found := moment(value(one)))), None)


def _address(scope: Scope, kids: Kids, *names: str) -> str | None:
    """The first of these elements whose text is a link."""
    return next((found for one in first(kids, *names) if (found := scope.link(one, value(one)))), None)


def _about(element: Any) -> str:
    """What RDF calls it."""
    return next((str(one) for name, one in element.items() if name.endswith("}about") or name == "about"), "")


def _id(element: Any, kids: Kids) -> str | None:
    return clean(words(kids, "guid", "id", "atom:id") or _about(element)).strip() or None


def _link(scope: Scope, element: Any, kids: Kids) -> str | None:
    """Its page: a link, else a guid that says it is one, an Atom id or a name in RDF that is a web address of its own."""
    if found := alternate(scope, kids, entry=True) or scope.link(element, attribute(element, "href")):
        return found
    for guid in kids.get("guid", ()):
        lasting = (guid.get("isPermaLink") or guid.get("ispermalink") or "true").strip().lower() != "false"
        if lasting and (found := absolute(value(guid), None)):
            return found
    ids = (*(value(one) for one in first(kids, "id", "atom:id")), _about(element))
    return next((found for one in ids if one[:4].lower() == "http" and (found := absolute(one, None))), None)


def alternate(scope: Scope, kids: Kids, *, entry: bool) -> str | None:
    """The web page these links lead to: the text of a `link`, else an alternate, HTML before others, else (of an entry) one
    that is related."""
    alternates: list[tuple[int, int, str]] = []
    others: list[str] = []
    for one in first(kids, "link", "atom:link", "a"):
        href = attribute(one, "href")
        found = scope.link(one, value(one) if href is None else href, entry=entry)
        if not found:
            continue
        if href is None:
            return found
        rels = {rel.rpartition("/")[2] or rel for rel in (one.get("rel") or "alternate").lower().split()}
        if "alternate" in rels:
            kind = (one.get("type") or "html").lower()
            alternates.append((0 if "html" in kind else 1, len(alternates), found))
        elif entry and not rels & _NOT_THE_PAGE:
            others.append(found)
    return min(alternates)[2] if alternates else next(iter(others), None)


def _texts(kids: Kids, atom: bool) -> tuple[str, str]:
    """Summary and content. A second description is the content where there is no other."""
    summaries = [(one.tag, said) for one in first(kids, *_SUMMARIES) if (said := prose(one, _is_atom(one, atom)))]
    summary = summaries[0][1] if summaries else ""
    content = max((prose(one, _is_atom(one, atom)) for one in first(kids, *_CONTENTS)), key=len, default="")
    if not content:
        spare = (prose(one, False) for one in first(kids, *_SPARE_CONTENTS))
        second = (said for name, said in summaries[1:] if name == summaries[0][0])
        content = max((one for one in (*second, *spare) if one != summary), key=len, default="")
    return summary, content


def _language(scope: Scope, element: Any, kids: Kids) -> str | None:
    found = tag(words(kids, "dc:language", "language", "dcterms:language"))
    if found or not scope.tongues:
        return found
    parts = first(kids, "content", "content:encoded", "atom:content", "summary", "description", "title")
    return next((found for one in (*parts, element) if (found := tag(language(one)))), None)
