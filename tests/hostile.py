"""Receivers that mean ill, in a process of their own: `python -m tests.hostile` prints the address of each, a line each."""

import asyncio
import gzip

from tests.receivers import Receiver, answering, answering_raw, dripping

BOMB = gzip.compress(b"\0" * 200_000_000)
WAYS = (
    dripping(0.02),
    answering_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"z" * 20_000_000),
    answering(200, BOMB, Content_Encoding="gzip"),
    answering_raw(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 10_000_000 + b"\r\n\r\n"),
    answering_raw(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 1_250_000 + b"\r\n"),
)


async def main() -> None:
    """Serves until it is killed."""
    for respond in WAYS:
        receiver = await Receiver(respond=respond).__aenter__()
        print(receiver.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
