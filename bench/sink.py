"""A receiver that does as little as can be, in a process of its own: answers 204 to every POST and remembers when each came.

`python -m bench.sink` prints its port; a line on stdin makes it print, as JSON, the monotonic time each webhook-id first came
(`CLOCK_MONOTONIC` is one clock for all processes of a machine), and forget.
"""

import asyncio
import json
import sys
import time

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection."""

    came: dict[str, float] = {}  # noqa: RUF012 - one for all connections, on purpose

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # asyncio gives what it made

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at : head.find(b"\r\n", at)] if b"\r\n" in head[at:] else head[at:])
            name_at = head.find(b"webhook-id:")
            if name_at >= 0:
                name = head[name_at + 11 : head.find(b"\r\n", name_at)].strip().decode()
                self.came.setdefault(name, time.monotonic())
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._transport.write(ANSWER)


async def main() -> None:
    """Serves until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(Sink.came), flush=True)
        Sink.came.clear()


if __name__ == "__main__":
    asyncio.run(main())
