"""Ways a webhook receiver may answer, honest and hostile; `rasid.receiver.Receiver` does the receiving."""

import asyncio
import contextlib
from asyncio import StreamWriter

from rasid.receiver import Got, Receiver, Respond, accept

__all__ = ["Got", "Receiver", "Respond", "accept", "answering", "answering_raw", "dripping", "hanging", "in_turn", "resetting"]


def answering(status: int, body: bytes = b"", **headers: str) -> Respond:
    """Answers every request with this status; `retry_after="5"` is the header Retry-After."""

    async def respond(_got: Got, writer: StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return respond


def answering_raw(raw: bytes) -> Respond:
    """Answers with these bytes and closes."""

    async def respond(_got: Got, writer: StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(raw)
            await writer.drain()
        writer.close()

    return respond


async def hanging(_got: Got, _writer: StreamWriter) -> None:
    """Says nothing, ever."""
    await asyncio.Event().wait()


def dripping(every: float) -> Respond:
    """Answers 200 and then a byte now and then, so that no single read takes long."""

    async def respond(_got: Got, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(every)

    return respond


async def resetting(_got: Got, writer: StreamWriter) -> None:
    """Does the work and then resets the connection without an answer."""
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.abort()


def in_turn(*ways: Respond) -> Respond:
    """The first request is answered the first way, and so on; the last way stays."""
    left = list(ways)

    async def respond(got: Got, writer: StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(got, writer)

    return respond
