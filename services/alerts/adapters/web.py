"""Makes one attempt: signs, posts, and says what came of it. Raises nothing of the web's."""

import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from services.alerts.adapters.due import Due
from services.alerts.adapters.post import Post
from services.alerts.adapters.vault import CannotOpen, Vault
from services.alerts.core import chat, ownership
from services.alerts.core.keyring import Secrets, live
from services.alerts.core.mail import mail
from services.alerts.core.signature import Signer, headers, signer
from services.alerts.core.verdict import Answer, Cause, NoAnswer
from shared import network
from shared.clock import Clock

KEPT_OPEN = 4.0
"""Seconds an idle connection is kept: less than the 5 after which common servers close it, or it is used as it closes."""

MOST_KEPT = 10_000
"""Endpoints whose opened secrets are kept in memory."""

_CAUSES: tuple[tuple[type[BaseException], Cause], ...] = (
    (aiohttp.ClientConnectorDNSError, "dns"),
    (aiohttp.ClientSSLError, "tls"),
    (aiohttp.ClientConnectorError, "connect"),
    (aiohttp.InvalidURL, "bad-url"),
    (aiohttp.ServerDisconnectedError, "reset"),
    (aiohttp.ClientOSError, "reset"),
    (ConnectionError, "reset"),
    (UnicodeError, "dns"),  # a name that cannot be asked for
)
"""The first that fits; what else may be wrong is a bad answer."""


@dataclass
class _Way:
    """How far an attempt came."""

    started: float
    address: str | None = None
    times: dict[str, float] = field(default_factory=dict)

    def passed(self, point: str) -> None:
        self.times[point] = round((time.perf_counter() - self.started) * 1000, 1)


_WAY: ContextVar[_Way] = ContextVar("way")


class Sender:
    """Posts deliveries over connections kept open. Close it when done; it begins in the event loop that first sends.

    No proxy, no cookies, no redirects; answers are never inflated, and read only as far as `answer_bytes`."""

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        *,
        user_agent: str,
        connect_timeout: float,
        timeout: float,
        answer_bytes: int,
        excerpt_chars: int,
        allowed: tuple[network.Network, ...],
        ca_file: Path | None,
        origin: str = "localhost",
        smtp: tuple[str, str] | None = None,
    ) -> None:
        self._vault, self._clock, self._user_agent = vault, clock, user_agent
        self._connect, self._total = connect_timeout, timeout
        self._answer_bytes, self._excerpt_chars = answer_bytes, excerpt_chars
        self._allowed, self._origin = allowed, origin
        self._kept: dict[tuple[str, bytes], Secrets] = {}
        self._signers: dict[str, Signer] = {}
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)
        self._session: aiohttp.ClientSession | None = None
        self._post = Post(*smtp, timeout=timeout, allowed=allowed, tls=self._tls) if smtp is not None else None

    async def send(self, due: Due) -> Answer | NoAnswer:
        """What came of one attempt."""
        way = _Way(time.perf_counter())
        _WAY.set(way)
        now = self._clock()
        try:
            opened = self._opened(due)
            signers = [self._signer(secret) for secret in live(opened, now)]
        except (CannotOpen, OSError, ValueError) as error:
            return NoAnswer("bad-secret", str(error))
        if due.sink == "email":
            return await self._mailed(due, now)
        ours = {"content-type": "application/json", "user-agent": self._user_agent, "accept-encoding": "identity"}
        if due.kind == "consent":
            ours["webhook-request-origin"] = self._origin
        url, body = _addressed(due, opened.url or due.url)
        signed = headers(signers, due.webhook_id, int(now.timestamp()), body) if due.sink == "webhook" else {}
        outcome = await self._request(due, url, body, {**opened.headers, **ours, **signed}, way)
        way.passed("total")
        return outcome

    async def _mailed(self, due: Due, now: datetime) -> Answer | NoAnswer:
        if self._post is None:
            return NoAnswer("connect", "there is no mail server; set RASID_SMTP_URL and RASID_SMTP_FROM")
        return await self._post.send(due.url, mail(due.body, due.webhook_id, self._post.sender, due.url))

    def _opened(self, due: Due) -> Secrets:
        """Its secrets; decrypted once for as long as they are the same. Raises CannotOpen and OSError."""
        key = (due.endpoint_id, due.sealed)
        if (opened := self._kept.get(key)) is None:
            opened = self._vault.open(*key)
            _remember(self._kept, key, opened)
        return opened

    def _signer(self, secret: str) -> Signer:
        if (found := self._signers.get(secret)) is None:
            found = signer(secret)
            _remember(self._signers, secret, found)
        return found

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _request(self, due: Due, url: str, body: bytes, sent: Mapping[str, str], way: _Way) -> Answer | NoAnswer:
        method, data = ("OPTIONS", None) if due.kind == "consent" else ("POST", body)
        try:
            async with self._open().request(method, url, data=data, headers=sent, allow_redirects=False) as answer:
                said = await self._read(answer)
                return Answer(
                    answer.status,
                    answer.headers.get("retry-after"),
                    self._excerpt(answer, said),
                    way.address,
                    way.times,
                    is_proven=self._is_proven(due, answer, said),
                )
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeError) as error:
            return NoAnswer(*self._why(error, way), way.address, way.times)

    def _is_proven(self, due: Due, answer: aiohttp.ClientResponse, body: bytes) -> bool | None:
        """Whether the answer shows that the receiver wants messages; None where that was not asked."""
        if due.kind == "challenge":
            return ownership.is_echoed(due.body, body)
        if due.kind == "consent":
            return ownership.consents(answer.headers.get("webhook-allowed-origin"), self._origin)
        return None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            guarded = network.guarded_sockets(self._allowed)

            def sockets(info: Any) -> Any:
                if way := _WAY.get(None):
                    way.address = str(info[4][0])
                return guarded(info)

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self._tls, socket_factory=sockets, keepalive_timeout=KEPT_OPEN),
                timeout=aiohttp.ClientTimeout(total=self._total, connect=self._connect),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                trace_configs=[_tracing()],
            )
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        """The beginning of the answer. One larger than is read is cut off there; one that breaks off raises."""
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) >= self._answer_bytes:
                answer.close()
                break
        return bytes(body)

    def _excerpt(self, answer: aiohttp.ClientResponse, body: bytes) -> str:
        """The beginning of its text."""
        encoding = answer.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return f"({len(body)} bytes, {encoding[:40]})"
        text = body[: 4 * self._excerpt_chars].decode("utf-8", "replace").replace("\x00", "\ufffd")
        return text[: self._excerpt_chars]

    def _why(self, error: BaseException, way: _Way) -> tuple[Cause, str]:
        if refusal := network.refusal(error):
            return "blocked-address", refusal
        if isinstance(error, TimeoutError):
            connected = "connected" in way.times or isinstance(error, aiohttp.SocketTimeoutError)
            in_time = f"within {self._total:g} s" if connected else f"within {self._connect:g} s"
            return "timeout", f"{'no whole answer' if connected else 'not connected'} {in_time}"
        cause: Cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "bad-answer")
        return cause, (str(error) or type(error).__name__)[:500]


def _addressed(due: Due, url: str) -> tuple[str, bytes]:
    """Where a message goes, and its bytes as they are taken there: made of the same ones at every attempt."""
    match due.sink:
        case "slack":
            return url, chat.slack(due.body)
        case "discord":  # wait: it answers when the message is there, and says what was wrong
            return f"{url}{'&' if '?' in url else '?'}wait=true", chat.discord(due.body)
        case "teams":
            return url, chat.teams(due.body)
        case "ntfy":
            return chat.ntfy_server(url), chat.ntfy(due.body, url)
    return url, due.body


def _remember(known: dict[Any, Any], key: Any, value: Any) -> None:
    """Keeps it; of too many the first goes."""
    if len(known) >= MOST_KEPT:
        del known[next(iter(known))]
    known[key] = value


def _tracing() -> aiohttp.TraceConfig:
    """Notes on the way of the attempt when it was connected, and when it was answered."""
    tracing = aiohttp.TraceConfig()

    async def connected(*_: object) -> None:
        if way := _WAY.get(None):
            way.passed("connected")

    async def answered(_session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object) -> None:
        if way := _WAY.get(None):
            way.passed("answered")

    tracing.on_connection_create_end.append(connected)
    tracing.on_connection_reuseconn.append(connected)
    tracing.on_request_end.append(answered)
    return tracing
