"""Sitemaps (sitemaps.org) with Google's news extension, and indexes of them."""

from typing import Any

from services.crawler.core.dates import moment
from services.crawler.core.language import tag
from services.crawler.core.model import ParsedEntry, ParsedFeed
from services.crawler.core.names import Names, local, prefix_of
from services.crawler.core.text import line
from services.crawler.core.xmltree import Kids, Scope, first, value, words

ROOTS = frozenset(("urlset", "sitemapindex"))
_INSIDE = frozenset(("news:news", "news", "news:publication", "publication", "image:image"))


def read(root: Any, url: str | None, problems: list[str]) -> ParsedFeed:
    """The URLs of a sitemap as entries, with their titles where it is one of news; of an index, the sitemaps."""
    index = local(root.tag) == "sitemapindex"
    scope = Scope(Names("sitemap" if prefix_of(root.tag, root.prefix) == "sitemap" else "", root.tag), url, url, atom=False)
    places = [one for one in root if local(one.tag) in ("url", "sitemap")]
    entries = tuple(_entry(scope, one, problems) for one in places)
    languages = {one.language for one in entries}
    return ParsedFeed(
        format="sitemapindex" if index else "sitemap",
        title=next((title for one in places if (title := words(scope.kids(one, _INSIDE), "news:name"))), ""),
        language=languages.pop() if len(languages) == 1 else None,
        entries=entries,
        problems=tuple(dict.fromkeys(problems)),
    )


def _entry(scope: Scope, element: Any, problems: list[str]) -> ParsedEntry:
    kids: Kids = scope.kids(element, _INSIDE)
    published_raw, updated_raw = words(kids, "news:publication_date", "publication_date"), words(kids, "lastmod")
    published, updated = moment(published_raw), moment(updated_raw)
    if (published_raw and not published) or (updated_raw and not updated):
        problems.append("dates that name no moment left out")
    link = next((found for one in kids.get("loc", ()) if (found := scope.link(one, value(one)))), None)
    return ParsedEntry(
        id=link,
        link=link,
        title=line(words(kids, "news:title")),
        published=published.at if published else None,
        updated=updated.at if updated else None,
        language=tag(words(kids, "news:language")),
        published_raw=published_raw[:200] or None,
        updated_raw=updated_raw[:200] or None,
        categories=tuple(dict.fromkeys(one.strip() for one in words(kids, "news:keywords").split(",") if one.strip())),
        image=next((found for one in first(kids, "image:loc") if (found := scope.link(one, value(one)))), None),
    )
