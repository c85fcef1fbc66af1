"""What makes two spellings of a URL one, by rules alone: no request is made, so an id can be minted at first sight.

Whatever says how a reader came (tracking parameters, session ids, anchors) goes; whatever says what is read stays. The
scheme stays as written, since not every host answers both.
"""

import re
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit, urlunsplit

import idna

from shared.tracking import is_tracking
from shared.wrappers import unwrapped, usual_host

LONGEST = 8192
"""A longer URL is none: nothing legitimate needs it, and it would travel in every event."""

_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_KEPT_IN_PATH = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/")
_KEPT_IN_QUERY = _KEPT_IN_PATH | frozenset(b"?[]")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")  # needs no escaping in a path, so nowhere
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_IPV6 = re.compile(r"[0-9a-f:.]+")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def canonical_url(url: str, base: str | None = None) -> str | None:
    """The one spelling of this URL; None where it is not an http(s) URL with a host. A relative one needs its `base`. A URL
    that only leads to another and holds it (shared/wrappers.py) is that one."""
    found = _spelled(url, base)
    while found is not None and (target := unwrapped(found)) is not None and (inner := _spelled(target, None)):
        found = inner
    return found


def _spelled(url: str, base: str | None) -> str | None:
    parts = _split(url, base)
    if parts is None:
        return None
    host = _host(parts)
    if host is None:
        return None
    path = _escaped(_without_dots(_SESSION_IN_PATH.sub("", parts.path.replace("\\", "/"))), _KEPT_IN_PATH) or "/"
    query = _query(parts.query, host)
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""  # a route of a script, not an anchor
    canonical = urlunsplit((parts.scheme, host, path, query, _escaped(fragment, _KEPT_IN_QUERY)))
    return canonical if len(canonical) <= LONGEST else None


def without_scheme(canonical: str) -> str:
    """What the http and the https spelling of a canonical URL have in common."""
    return canonical.split("://", 1)[-1]


def _split(url: str, base: str | None) -> SplitResult | None:
    text = url.strip("\x00\t\n\r\f\v \u00a0\u200b\u200e\u200f\u202a\u202c\ufeff").replace("&amp;", "&")
    if len(text) > LONGEST or not text:
        return None
    if text[:5].lower() == "feed:":
        text = text[5:] if "://" in text[5:] else "http:" + text[5:]
    try:
        if base:
            text = urljoin(base, text)
        parts = urlsplit(text if not text.startswith("//") else "https:" + text)
        _ = parts.port  # raises where it is none
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _host(parts: SplitResult) -> str | None:
    """Host and port in their one spelling: lower case, IDNA, no user, no default port, no final dot."""
    host = unquote_to_bytes((parts.hostname or "").rstrip(".")).decode("utf-8", "replace")
    if ":" in host:
        if not _IPV6.fullmatch(host):
            return None
        host = f"[{host}]"
    else:
        if not host.isascii():
            try:
                host = idna.encode(host, uts46=True, transitional=False).decode()
            except (idna.IDNAError, UnicodeError):
                return None
        host = host.lower().rstrip(".")
        if not _HOST.fullmatch(host):
            return None
        host = usual_host(host)
    default = 443 if parts.scheme == "https" else 80
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4; the escaped dot counts as a dot."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        plain = segment.replace("%2e", ".").replace("%2E", ".")
        if plain == "..":
            if len(kept) > 1:
                kept.pop()
        elif plain != ".":
            kept.append(segment)
    if segments[-1].replace("%2e", ".").replace("%2E", ".") in (".", "..") and kept and kept[-1]:
        kept.append("")
    return "/".join(kept)


def _query(query: str, host: str) -> str:
    """What is left of a query without tracking; parameters in the order of their names, unless it is no list of those."""
    kept = [part for part in query.split("&") if part and not is_tracking(part, host)]
    if all("=" in part for part in kept):
        kept.sort(key=lambda part: part.split("=", 1)[0])
    return _escaped("&".join(kept), _KEPT_IN_QUERY)


def _escaped(text: str, kept: frozenset[int]) -> str:
    """The one escaping of this text: UTF-8, upper-case hex, nothing escaped that need not be; escapes of reserved
    characters stay, since they mean something else than the character."""
    if _PLAIN.fullmatch(text):
        return text
    data = text.encode("utf-8", "replace")
    out = bytearray()
    place = 0
    while place < len(data):
        byte = data[place]
        escape = _ESCAPE.match(data, place) if byte == 0x25 else None
        if escape:
            value = int(escape[1], 16)
            out += bytes((value,)) if value in _UNRESERVED else b"%%%02X" % value
            place += 3
            continue
        out += bytes((byte,)) if byte in kept else b"%%%02X" % byte
        place += 1
    return out.decode("ascii")
