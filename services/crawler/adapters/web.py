"""Fetching a feed: one conditional GET, redirects followed by hand, within a total deadline and a size.

Every connection passes the address guard (shared/network.py). The body is unpacked here and not by httpx, which takes a
cut gzip stream for a whole one and unpacks without a limit. Each fetch has a client of its own, so that nothing is left
open between polls that are minutes apart.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit
from weakref import WeakValueDictionary

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from services.crawler.adapters.unpack import BadEncoding, Cut, TooLarge, Unpacking
from services.crawler.core.answer import Answer, NoAnswer
from services.crawler.core.cadence import retry_after
from services.crawler.core.links import apart
from services.crawler.core.turns import Later, Turns
from shared import clock
from shared.connector import guarded_connector
from shared.network import Network, is_odd_spelling, refusal

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PERMANENT = frozenset((301, 308))
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
)


Heard = Callable[[str, str], None]
"""Is told each step of a fetch: its name, and what was done or came of it."""


Permit = Callable[[str], Awaitable[str]]
"""Says why this URL may not be fetched; empty where it may."""


def _unheard(_step: str, _detail: str) -> None:
    """Nobody listens."""


class Limits(NamedTuple):
    """What a fetch may cost: seconds in all, bytes after unpacking, redirects, requests to one host at once, and
    seconds between two of them."""

    seconds: float
    max_bytes: int
    redirects: int
    per_host: int = 2
    gap: float = 0.0


PATIENCE = 5.0
"""Seconds for which a request waits in its place for its host; one that would wait longer comes back later."""


class _Stop(Exception):
    """Ends a fetch with this answer."""

    def __init__(self, answer: NoAnswer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


class Web:
    """The way out. `contact` and the version tell a server who asks."""

    def __init__(self, limits: Limits, allowed: tuple[Network, ...] = (), contact: str = "") -> None:
        self._limits, self._allowed = limits, allowed
        self._agent = user_agent(contact)
        self._tls = httpx.create_ssl_context(trust_env=False)
        self.turns = Turns(limits.gap)
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def get(
        self,
        url: str,
        etag: str | None = None,
        last_modified: str | None = None,
        *,
        accept: str = _ACCEPT,
        heard: Heard = _unheard,
        permit: Permit | None = None,
    ) -> Answer | NoAnswer:
        """The answer, or why there was none. The validators are sent as they once came; `heard` is told each step.
        `permit` is asked for each redirect's target whether it may be fetched, and says why not ('' where it may)."""
        headers = {"user-agent": self._agent, "accept": accept, "accept-encoding": "gzip, deflate"}
        if etag:
            headers["if-none-match"] = etag
        if last_modified:
            headers["if-modified-since"] = last_modified
        try:
            async with asyncio.timeout(self._limits.seconds):
                await (slot := self._host(url)).acquire()
            try:
                async with asyncio.timeout(self._limits.seconds), self._client() as client:
                    return await self._follow(client, url, headers, heard, permit)
            finally:
                slot.release()
        except _Stop as stop:
            return stop.answer
        except TimeoutError:
            return NoAnswer("timeout", f"not done within {self._limits.seconds:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
            return _no_answer(error)

    async def turn(self, url: str, gap: float = 0.0) -> Later | None:
        """Waits for a turn at this host; where that would be long, says when to come back instead. `gap`: seconds it wants
        between two requests."""
        wait = self.turns.take(host_of(url), PATIENCE, gap)
        if isinstance(wait, Later):
            return wait
        await asyncio.sleep(wait)
        return None

    def heed(self, url: str, answer: Answer | NoAnswer) -> None:
        """Leaves the host alone for as long as this answer asks."""
        if isinstance(answer, Answer) and answer.status in (429, 503):
            asked = retry_after(answer.headers, clock.now())
            if asked:
                self.turns.rest(host_of(url), asked)

    def _host(self, url: str) -> asyncio.Semaphore:
        host = host_of(url)
        if (found := self._hosts.get(host)) is None:
            found = self._hosts[host] = asyncio.Semaphore(self._limits.per_host)
        return found

    def _client(self) -> httpx.AsyncClient:
        connector = guarded_connector(self._allowed, ssl=self._tls, limit=1, enable_cleanup_closed=False)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
        transport = AiohttpTransport(client=session, verify=self._tls, trust_env=False)
        return httpx.AsyncClient(transport=transport, trust_env=False, timeout=None, follow_redirects=False)  # noqa: S113 - asyncio.timeout holds the whole fetch to its deadline

    async def _follow(
        self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str], heard: Heard, permit: Permit | None
    ) -> Answer:
        url, user = apart(url)
        own = {**headers, "authorization": "Basic " + b64encode(user.encode()).decode()} if user else headers
        seen, at, permanent = {url}, url, not user
        for _ in range(self._limits.redirects + 1):
            if is_odd_spelling(urlsplit(at).hostname or ""):
                raise _Stop(NoAnswer("blocked-address", f"{at[:200]} writes its address in an unusual way"))
            if permit is not None and at != url and (reason := await permit(at)):
                raise _Stop(NoAnswer("robots", reason))
            heard("request", f"GET {at}")
            async with client.stream("GET", at, headers=own if _origin(at) == _origin(url) else headers) as response:
                if response.status_code not in _REDIRECTS:
                    return await self._read(response, at, at if permanent and at != url else None)
                permanent = permanent and response.status_code in _PERMANENT
                at = _next(at, response)
                heard("redirect", f"{response.status_code} to {at}")
            if at in seen:
                raise _Stop(NoAnswer("redirect-loop", f"comes back to {at}", response.status_code))
            seen.add(at)
        raise _Stop(NoAnswer("redirect-loop", f"more than {self._limits.redirects} redirects", response.status_code))

    async def _read(self, response: httpx.Response, url: str, moved_to: str | None) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = b""
        if response.status_code != 304:
            try:
                unpacking = Unpacking(headers.get("content-encoding", ""), self._limits.max_bytes)
                async for chunk in response.aiter_raw():
                    unpacking.feed(chunk)
                body = unpacking.finish()
            except TooLarge:
                raise _Stop(NoAnswer("too-large", f"more than {self._limits.max_bytes} bytes", response.status_code)) from None
            except BadEncoding as error:
                raise _Stop(NoAnswer("bad-encoding", str(error), response.status_code)) from error
            except Cut as error:
                raise _Stop(NoAnswer("truncated", str(error), response.status_code)) from error
        return Answer(url, response.status_code, headers, body, moved_to)


def host_of(url: str) -> str:
    """The host whose budget a request to this URL costs; '' where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def user_agent(contact: str) -> str:
    """Product, version, and whom to ask."""
    try:
        number = version("rasid")
    except PackageNotFoundError:
        number = "0"
    return f"rasid/{number} (+{contact})" if contact.strip() else f"rasid/{number}"


def _origin(url: str) -> tuple[str, str]:
    """What a password is meant for: it goes to no other place by a redirect."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _next(at: str, response: httpx.Response) -> str:
    location = response.headers.get("location", "").strip()
    try:
        target = urlsplit(urljoin(at, location))
    except ValueError as error:
        raise _Stop(NoAnswer("bad-redirect", f"{location[:200]!r}: {error}", response.status_code)) from error
    if not location or target.scheme not in ("http", "https") or not target.hostname:
        raise _Stop(NoAnswer("bad-redirect", f"leads to {location[:200]!r}", response.status_code))
    return str(target._replace(fragment="").geturl())


def _no_answer(error: BaseException) -> NoAnswer:
    """The word for this error; the chain below it tells, since httpx-aiohttp maps many errors to one."""
    if said := refusal(error):
        return NoAnswer("blocked-address", said)
    chain = list(_chain(error))
    for kinds, cause in (
        ((aiohttp.ClientConnectorDNSError,), "dns"),
        ((aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError), "tls"),
        ((aiohttp.ClientPayloadError, aiohttp.http_exceptions.PayloadEncodingError), "truncated"),
        ((aiohttp.ServerTimeoutError, TimeoutError), "timeout"),
    ):
        if any(isinstance(one, kinds) for one in chain):
            return NoAnswer(cause, _said(chain))
    if isinstance(error, httpx.RemoteProtocolError):  # httpx reads every Location; aiohttp's own errors have other names
        return NoAnswer("bad-redirect", _said(chain))
    if isinstance(error, (aiohttp.InvalidURL, httpx.InvalidURL, UnicodeError)):
        return NoAnswer("dns", _said(chain))
    return NoAnswer("connect", _said(chain))


def _chain(error: BaseException | None) -> "list[BaseException]":
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _said(chain: list[BaseException]) -> str:
    return next((text[:300] for one in reversed(chain) if (text := str(one).strip())), type(chain[0]).__name__)
