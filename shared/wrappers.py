"""URLs that only lead to another one which they hold: links of search engines, networks and mail filters; and hosts that show
the same page under another name. Nothing is fetched: what an opaque link (a shortener) leads to is not known here."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_IN_QUERY = {
    "google": (re.compile(r"(?:www\.|news\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"), ("/url",), ("url", "q")),
    "facebook": (re.compile(r"lm?\.(?:facebook|instagram|threads)\.com"), ("/l.php", "/"), ("u",)),
    "safelinks": (re.compile(r"[a-z0-9]+\.safelinks\.protection\.outlook\.com"), ("/", "/ap/"), ("url",)),
    "bing": (re.compile(r"(?:www\.)?bing\.com"), ("/news/apiclick.aspx",), ("url",)),
    "youtube": (re.compile(r"(?:www\.|m\.)?youtube\.com"), ("/redirect",), ("q",)),
    "reddit": (re.compile(r"out\.reddit\.com"), ("/",), ("url",)),
    "vk": (re.compile(r"(?:m\.)?vk\.com"), ("/away.php",), ("to",)),
    "duckduckgo": (re.compile(r"(?:www\.)?duckduckgo\.com"), ("/l/",), ("uddg",)),
    "pocket": (re.compile(r"getpocket\.com"), ("/redirect",), ("url",)),
    "disqus": (re.compile(r"disq\.us"), ("/url", "/"), ("url",)),
    "medium": (re.compile(r"medium\.com"), ("/r/",), ("url",)),
    "linkedin": (re.compile(r"(?:www\.)?linkedin\.com"), ("/redir/redirect", "/redir/redirect/", "/safety/go"), ("url",)),
    "tumblr": (re.compile(r"t\.umblr\.com"), ("/redirect",), ("z",)),
    "slack": (re.compile(r"slack-redir\.net"), ("/link",), ("url",)),
    "steam": (re.compile(r"steamcommunity\.com"), ("/linkfilter/",), ("url", "u")),
    "skimlinks": (re.compile(r"go\.(?:redirectingat|skimresources)\.com"), ("/",), ("url",)),
    "proofpoint": (re.compile(r"urldefense\.proofpoint\.com"), ("/v1/url",), ("u",)),
}
_AMP_CACHE = re.compile(r"[a-z0-9-]+\.cdn\.ampproject\.org")
_AMP_PATH = re.compile(r"/(?:c|v|wp)/(?P<secure>s/)?(?P<rest>[^/]+\.[^/]+/?.*)")
_GOOGLE_AMP = re.compile(r"/amp/(?P<secure>s/)?(?P<rest>[^/]+\.[^/]+/?.*)")
_YAHOO = re.compile(r"/RU=(?P<target>https?%3[aA][^/]+)/")
_SAME = {
    "m.youtube.com": "www.youtube.com",
    "mobile.twitter.com": "twitter.com",
    "m.facebook.com": "www.facebook.com",
    "m.vk.com": "vk.com",
}
_WIKI = re.compile(r"([a-z-]+)\.m\.(wiki(?:pedia|news|source|voyage|quote)\.org)")


def unwrapped(url: str) -> str | None:
    """What this canonical URL leads to and holds; None where it leads nowhere else."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    target = _in_query(host, parts.path, parts.query) or _in_path(host, parts.path, parts.query)
    if target is None or not target[:8].lower().startswith(("http://", "https://")) or len(target) >= len(url):
        return None
    return target


def usual_host(host: str) -> str:
    """The host whose page this one shows too."""
    wiki = _WIKI.fullmatch(host)
    return f"{wiki[1]}.{wiki[2]}" if wiki else _SAME.get(host, host)


def _in_query(host: str, path: str, query: str) -> str | None:
    for hosts, paths, names in _IN_QUERY.values():
        if path in paths and hosts.fullmatch(host):
            values = dict(parse_qsl(query))
            return next((values[name] for name in names if values.get(name, "").lower().startswith("http")), None)
    if host == "href.li" and query.lower().startswith("http"):
        return query
    return None


def _in_path(host: str, path: str, query: str) -> str | None:
    form = _AMP_PATH if _AMP_CACHE.fullmatch(host) else _GOOGLE_AMP if host in ("www.google.com", "google.com") else None
    if form is not None and (found := form.fullmatch(path)):
        return f"http{'s' if found['secure'] else ''}://{found['rest']}{f'?{query}' if query else ''}"
    if host == "r.search.yahoo.com" and (found := _YAHOO.search(path)):
        return unquote(found["target"])
    return None
