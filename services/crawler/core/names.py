"""The names of elements, whatever prefix or spelling of a namespace a feed uses: `{http://purl.org/dc/elements/1.1/}creator`
is `dc:creator`, and what belongs to the feed's own format has no prefix.

Feeds misspell namespaces, leave them undeclared or forget them; where the address is unknown, the prefix is believed.
"""

from typing import Any

_RSS, _ATOM = "rss", "atom"

_ADDRESSES = {
    _ATOM: "www.w3.org/2005/atom purl.org/atom/ns# purl.org/atom/ns purl.org/echo purl.org/pie example.com/newformat#"
    " example.com/necho uri/of/echo/namespace#",
    _RSS: "purl.org/rss/1.0 purl.org/rss/0.9 my.netscape.com/rdf/simple/0.9 channel.netscape.com/rdf/simple/0.9"
    " purl.org/net/rss1.1# my.netscape.com/publish/formats/rss-0.91.dtd backend.userland.com/rss backend.userland.com/rss2"
    " backend.userland.com/rss091 backend.userland.com/rss092 blogs.law.harvard.edu/tech/rss www.rssboard.org/rss-specification"
    " cyber.law.harvard.edu/rss/rss.html cyber.harvard.edu/rss/rss.html backend.userland.com/blogchannelmodule",
    "rdf": "www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "purl.org/dc/elements/1.1 purl.org/dc/elements/1.0 purl.org/dc/elements/1.1# purl.org/metadata/dublin_core",
    "dcterms": "purl.org/dc/terms purl.org/rss/1.0/modules/dcterms",
    "content": "purl.org/rss/1.0/modules/content",
    "sy": "purl.org/rss/1.0/modules/syndication",
    "slash": "purl.org/rss/1.0/modules/slash",
    "wfw": "wellformedweb.org/commentapi",
    "thr": "purl.org/syndication/thread/1.0",
    "prism": "prismstandard.org/namespaces/1.2/basic prismstandard.org/namespaces/basic/2.0"
    " prismstandard.org/namespaces/1.0/basic",
    "media": "search.yahoo.com/mrss search.yahoo.com/mrss/rss tools.search.yahoo.com/mrss video.search.yahoo.com/mrss"
    " www.rssboard.org/media-rss rssnamespace.org/mrss/ext/1.0 search.yahoo.com/mrss/ns",
    "itunes": "www.itunes.com/dtds/podcast-1.0.dtd itunes.com/dtds/podcast-1.0.dtd www.itunes.com/dtds/podcast-1.0"
    " example.com/dtds/podcast-1.0.dtd www.apple.com/itunes/store/podcasts",
    "googleplay": "www.google.com/schemas/play-podcasts/1.0 www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd",
    "podcast": "podcastindex.org/namespace/1.0 github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    "feedburner": "rssnamespace.org/feedburner/ext/1.0",
    "pheedo": "www.pheedo.com/namespace/pheedo",
    "torrent": "xmlns.ezrss.it/0.1 xmlns.wiki.theory.org/torrent",
    "xhtml": "www.w3.org/1999/xhtml",
    "xml": "www.w3.org/xml/1998/namespace",
    "sitemap": "www.sitemaps.org/schemas/sitemap/0.9 www.google.com/schemas/sitemap/0.84 www.google.com/schemas/sitemap/0.9"
    " www.google.com/schemas/sitemap/0.90",
    "news": "www.google.com/schemas/sitemap-news/0.9",
    "image": "www.google.com/schemas/sitemap-image/1.1",
    "video": "www.google.com/schemas/sitemap-video/1.1",
}
_PREFIXES = {address: prefix for prefix, addresses in _ADDRESSES.items() for address in addresses.split()}
_BELIEVED = {prefix: prefix for prefix in _ADDRESSES}
_BELIEVED |= {"enc": "rss", "dcterm": "dcterms", "dct": "dcterms", "mrss": "media", "a10": "atom", "atom10": "atom"}


class Names:
    """Short names of one document's elements. `own` is the prefix of its format, which is left out, `tag` a tag of it: its
    namespace counts as the format's, whatever it is."""

    def __init__(self, own: str, tag: str) -> None:
        self._own = {"", own} if own in ("atom", "sitemap") else {"", own, "rss"}
        self._space = tag.partition("}")[0] if tag.startswith("{") else None
        self._known: dict[str, str] = {}

    def of(self, element: Any) -> str:
        """`dc:creator`, `title`; '' for comments, processing instructions and what belongs to no known namespace."""
        tag = element.tag
        if not isinstance(tag, str):
            return ""
        found = self._known.get(tag)
        if found is None:
            prefix, name = _parted(tag, element.prefix)
            if prefix in self._own or (self._space is not None and tag.startswith(self._space + "}")):
                found = name
            else:
                found = "" if prefix == "?" else f"{prefix}:{name}"
            self._known[tag] = found
        return found


def local(tag: object) -> str:
    """The name without namespace or prefix, in lower case; '' for what is no element."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def prefix_of(tag: object, written: str | None = None) -> str:
    """The short prefix of an element's namespace; '' for none, `?` for one unknown."""
    return _parted(tag, written)[0] if isinstance(tag, str) else "?"


def _parted(tag: str, written: str | None) -> tuple[str, str]:
    if tag.startswith("{"):
        address, _, name = tag[1:].partition("}")
        bare = address.strip().lower().removeprefix("http://").removeprefix("https://").rstrip("/")
        return _PREFIXES.get(bare) or _BELIEVED.get((written or "?").lower(), "?"), name.lower()
    prefix, colon, name = tag.rpartition(":")  # a prefix that was never declared
    return (_BELIEVED.get(prefix.lower(), "?") if colon else ""), name.lower()
