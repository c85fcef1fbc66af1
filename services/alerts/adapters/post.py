"""Mail: one message over SMTP, to a server the settings name, through the same address guard as webhooks."""

import asyncio
import socket
import ssl
import time
from collections.abc import Collection
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.alerts.core.verdict import Answer, Cause, NoAnswer
from shared import network

_CREDENTIALS = range(530, 539)
"""Codes that speak of us, not of the message (RFC 4954)."""


class Post:
    """Sends over `smtp://user:password@host:port` (STARTTLS where it is offered) or `smtps://` (TLS at once)."""

    def __init__(
        self, url: str, sender: str, *, timeout: float, allowed: Collection[network.Network], tls: ssl.SSLContext
    ) -> None:
        parts = urlsplit(url)
        self.sender = sender
        self._host, self._is_tls = parts.hostname or "", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._timeout, self._allowed, self._tls = timeout, tuple(allowed), tls

    async def send(self, recipient: str, mail: bytes) -> Answer | NoAnswer:
        """What came of one attempt; raises nothing of the network's."""
        began, address = time.perf_counter(), list[str]()
        try:
            async with asyncio.timeout(self._timeout):
                code, said = await self._hand_over(recipient, mail, address)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[0].code, error.recipients[0].message
        except aiosmtplib.SMTPResponseException as error:
            code, said = error.code, error.message
        except (TimeoutError, aiosmtplib.SMTPTimeoutError):
            return NoAnswer("timeout", f"no whole answer within {self._timeout:g} s", _first(address))
        except (aiosmtplib.SMTPException, OSError) as error:
            return NoAnswer(*_why(error), _first(address))
        times = {"total": round((time.perf_counter() - began) * 1000, 1)}
        if code in _CREDENTIALS:
            return NoAnswer("bad-secret", f"{code} {said}"[:500], _first(address), times)
        if code >= 500:
            return NoAnswer("refused", f"{code} {said}"[:500], _first(address), times)
        return Answer(code, None, said[:500], _first(address), times)

    async def _hand_over(self, recipient: str, mail: bytes, address: list[str]) -> tuple[int, str]:
        sock = await self._connected(address)
        client = aiosmtplib.SMTP(
            hostname=self._host, sock=sock, use_tls=self._is_tls, tls_context=self._tls, timeout=self._timeout,
            username=self._user or None, password=self._password or None,
            start_tls=True if self._user and not self._is_tls else None,  # a password never goes in the clear
        )  # fmt: skip
        try:
            await client.connect()
            _, said = await client.sendmail(parseaddr(self.sender)[1], [recipient], mail)
        finally:
            client.close()
        return 250, said

    async def _connected(self, address: list[str]) -> socket.socket:
        """A socket to the first address of the host that is not refused and answers. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        guarded, last = network.guarded_sockets(self._allowed), OSError(f"{self._host} has no address")
        for info in found:
            try:
                sock = guarded(info)
            except OSError as error:
                last = error
                continue
            address[:] = [str(info[4][0])]
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, info[4])
            except OSError as error:
                sock.close()
                last = error
            else:
                return sock
        raise last


def _first(address: list[str]) -> str | None:
    return address[0] if address else None


def _why(error: BaseException) -> tuple[Cause, str]:
    if refusal := network.refusal(error):
        return "blocked-address", refusal
    cause: Cause = "reset" if isinstance(error, (aiosmtplib.SMTPServerDisconnected, ConnectionError)) else "connect"
    if isinstance(error, socket.gaierror):
        cause = "dns"
    elif isinstance(error, ssl.SSLError):
        cause = "tls"
    elif isinstance(error, aiosmtplib.SMTPException) and cause == "connect":
        cause = "bad-answer"
    return cause, (str(error) or type(error).__name__)[:500]
