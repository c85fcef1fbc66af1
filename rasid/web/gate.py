"""Who may call: decided from the request alone, before any route sees it.

Without a token the server is for this machine's own user: the Host must name this machine (else a page elsewhere could reach
it by rebinding a name), and a forwarding header means a proxy made it reachable for others. With a token every call
carries it: as a bearer, as a cookie the page sets, or, where a reader can set no header, as `token` in the URL.
"""

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
COOKIE = "rasid_token"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: HTTPStatus
    detail: str


class Caller(NamedTuple):
    """What the gate looks at: header names in lower case; `token` and `cookie` as sent, if any."""

    method: str
    path: str
    headers: Mapping[str, str]
    token: str | None = None
    cookie: str | None = None


def is_loopback(host: str) -> bool:
    """Whether a host name or literal address names this machine."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(caller: Caller, token: str, public_host: str = "") -> Refusal | None:
    """Why this call is refused, or None. `token`: the one that is set; `public_host`: where readers reach us, if set."""
    if caller.path in OPEN_PATHS:
        return None
    if token:
        given = _bearer(caller.headers.get("authorization", "")) or caller.cookie or caller.token or ""
        if not hmac.compare_digest(given.encode(), token.encode()):
            return Refusal(HTTPStatus.UNAUTHORIZED, "send the token: Authorization: Bearer ...")
    else:
        if any(name in caller.headers for name in FORWARDED):
            return Refusal(HTTPStatus.FORBIDDEN, "the call came through a proxy; set RASID_TOKEN first")
        host = _host_of(caller.headers.get("host", ""))
        if not is_loopback(host) and (not host or host != public_host):
            return Refusal(HTTPStatus.FORBIDDEN, f"Host {host!r} is not this machine; set RASID_TOKEN or RASID_PUBLIC_URL")
    return _cross_site(caller)


def _bearer(header: str) -> str:
    """The token in an Authorization header, or ''; the scheme's case makes no difference (RFC 9110, 11.1)."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cross_site(caller: Caller) -> Refusal | None:
    """A page of another site must not change anything with the reader's own rights."""
    if caller.method in SAFE:
        return None
    origin = caller.headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == caller.headers.get("host")
    if not same or caller.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return Refusal(HTTPStatus.FORBIDDEN, "a page of another site may not change anything here")
    return None


def _host_of(header: str) -> str:
    return (urlsplit("//" + header).hostname or "") if header else ""
