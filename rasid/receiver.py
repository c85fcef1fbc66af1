"""A receiver of webhooks on this machine: keeps what comes, and says of each message whether its signature is ours.

For `rasid demo` and for tests. HTTP/1.1 just as far as needed, on 127.0.0.1 alone; how it answers can be put in its place,
byte by byte, so that tests may hang, drip and reset.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import msgspec

from services.alerts.core.signature import NotOurs, verify
from shared import clock

LONGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Got:
    """One request: header names in lower case; `message_id` where a secret fits, else what is wrong as `fault`."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    message_id: str | None
    fault: str = ""
    method: str = "POST"

    @property
    def message(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)


Respond = Callable[[Got, asyncio.StreamWriter], Awaitable[None]]
"""Writes the answer to a request; may as well not."""


async def accept(_got: Got, writer: asyncio.StreamWriter) -> None:
    """Answers 204."""
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()


@dataclass
class Receiver:
    """Receives while its context is open. `secrets` may be filled at any time; `got` has every request, in order."""

    secrets: Collection[str] = ()
    respond: Respond = accept
    tls: ssl.SSLContext | None = None
    got: list[Got] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self.tls, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    port: int = 0
    """0 takes a free one."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    async def wait_for(self, count: int, seconds: float) -> list[Got]:
        """The requests so far, once there are this many. Raises TimeoutError."""
        async with self._came, asyncio.timeout(seconds):
            await self._came.wait_for(lambda: len(self.got) >= count)
        return list(self.got)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while not writer.is_closing():
                    got = await self._read(reader)
                    async with self._came:
                        self.got.append(got)
                        self._came.notify_all()
                    await self.respond(got, writer)
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Got:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(min(int(headers.get("content-length", "0")), LONGEST_BODY))
        at = clock.now().timestamp()
        message_id, fault = self._verified(headers, body, at)
        method, path = head[0].split(" ")[:2]
        return Got(path, headers, body, at, message_id, fault, method)

    def _verified(self, headers: dict[str, str], body: bytes, at: float) -> tuple[str | None, str]:
        fault = "no secret is known"
        for secret in self.secrets:
            try:
                return verify(secret, headers, body, now=at), ""
            except NotOurs as error:
                fault = str(error)
        return None, fault
