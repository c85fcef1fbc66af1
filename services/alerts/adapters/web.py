"""Makes one attempt: signs, posts, and says what came of it. Raises nothing of the web's."""

import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from services.alerts.adapters.due import Due
from services.alerts.adapters.vault import CannotOpen, Vault
from services.alerts.core.signature import headers, key_of
from services.alerts.core.verdict import Answer, Cause, NoAnswer
from shared import network
from shared.clock import Clock

KEPT_OPEN = 4.0
"""Seconds an idle connection is kept: less than the 5 after which common servers close it, or it is used as it closes."""

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
    ) -> None:
        self._vault, self._clock, self._user_agent = vault, clock, user_agent
        self._connect, self._total = connect_timeout, timeout
        self._answer_bytes, self._excerpt_chars = answer_bytes, excerpt_chars
        self._allowed = allowed
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, due: Due) -> Answer | NoAnswer:
        """What came of one attempt."""
        way = _Way(time.perf_counter())
        _WAY.set(way)
        try:
            opened = self._vault.open(due.endpoint_id, due.sealed)
            keys = [key_of(secret) for secret in opened.secrets]
        except (CannotOpen, OSError, ValueError) as error:
            return NoAnswer("bad-secret", str(error))
        stamp = int(self._clock().timestamp())
        ours = {"content-type": "application/json", "user-agent": self._user_agent, "accept-encoding": "identity"}
        outcome = await self._post(due, {**opened.headers, **ours, **headers(keys, due.webhook_id, stamp, due.body)}, way)
        way.passed("total")
        return outcome

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, due: Due, sent: Mapping[str, str], way: _Way) -> Answer | NoAnswer:
        try:
            async with self._open().post(due.url, data=due.body, headers=sent, allow_redirects=False) as answer:
                excerpt = await self._excerpt(answer)
                waits = answer.headers.get("retry-after")
                return Answer(answer.status, waits, excerpt, way.address, way.times)
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeError) as error:
            return NoAnswer(*self._why(error, way), way.address, way.times)

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

    async def _excerpt(self, answer: aiohttp.ClientResponse) -> str:
        """The beginning of the answer's text. An answer larger than is read is cut off there; one that breaks off raises."""
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) >= self._answer_bytes:
                answer.close()
                break
        encoding = answer.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return f"({len(body)} bytes, {encoding[:40]})"
        text = bytes(body[: 4 * self._excerpt_chars]).decode("utf-8", "replace").replace("\x00", "\ufffd")
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
