"""A web server on loopback whose answers a test sets, path by path, and which remembers what it was asked.

It writes raw HTTP, so that a test can say anything a server may do: lie about lengths, drip, never end, hang up.
"""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.ids import digest


@dataclass(kw_only=True)
class Reply:
    """What a path answers. `length` and `cut` lie about the body; `drip` seconds pass between its bytes; `endless` repeats it
    for ever; `hang_up`: the connection is closed without a word. `validators`: an ETag of the body is sent, and honoured
    with 304."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    validators: bool = False
    length: int | None = None
    cut: int | None = None
    drip: float = 0.0
    endless: bool = False
    hang_up: bool = False


@dataclass
class Asked:
    """A request as it came; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Answers on 127.0.0.1. `replies[path]` is a Reply, or a function of what was asked; other paths are 404."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        self.port = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await _asked(reader)) is not None:
                self.asked.append(asked)
                reply = self.replies.get(asked.path.partition("?")[0], Reply(status=404))
                await _answer(writer, asked, reply(asked) if callable(reply) else reply)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side has gone, or the test is over
        finally:
            writer.close()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that runs until the block ends; over TLS with the certificate of `tls`."""
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


async def _asked(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body)


async def _answer(writer: asyncio.StreamWriter, asked: Asked, reply: Reply) -> None:
    if reply.hang_up:
        raise ConnectionResetError
    headers, status, body = dict(reply.headers), reply.status, reply.body
    if reply.validators:
        headers["ETag"] = f'"{digest(body)}"'
        if asked.headers.get("if-none-match") == headers["ETag"]:
            status, body = 304, b""
    if not reply.endless and status != 304:
        headers.setdefault("Content-Length", str(len(body) if reply.length is None else reply.length))
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode("utf-8"))
    while True:
        for piece in _pieces(body[: reply.cut], reply.drip):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(reply.drip)
        if reply.cut is not None or (reply.length or 0) > len(body):
            raise ConnectionResetError
        if not reply.endless:
            return


def _pieces(body: bytes, drip: float) -> list[bytes]:
    return [body[at : at + 1] for at in range(len(body))] if drip else [body]


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for; `folder / "certificate.pem"` may be trusted by a test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


def gzipped(body: bytes) -> Reply:
    """A reply packed as its header says."""
    return Reply(body=gzip.compress(body, mtime=0), headers={"Content-Encoding": "gzip"})


def rss(*items: str, title: str = "Feed", head: str = "") -> bytes:
    """An RSS 2.0 feed of these items."""
    channel = f"<channel><title>{title}</title>{head}{''.join(items)}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()


def item(title: str, link: str | None = None, *, guid: str | None = None, published: object = None, text: str = "") -> str:
    """An RSS item; `published` is a datetime, a text put in as it is, or None."""
    date = published if isinstance(published, str) or published is None else format_datetime(published)  # type: ignore[arg-type]  # a datetime is what is left
    parts = [
        f"<title>{title}</title>",
        f"<link>{link}</link>" if link else "",
        f'<guid isPermaLink="false">{guid}</guid>' if guid else "",
        f"<pubDate>{date}</pubDate>" if date else "",
        f"<description><![CDATA[{text}]]></description>" if text else "",
    ]
    return f"<item>{''.join(parts)}</item>"


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
