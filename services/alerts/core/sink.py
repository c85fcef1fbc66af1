"""What a subscriber may ask for as its sink: which URLs and headers are taken, and why others are not.

Pure: whether the address may be connected to is the adapter's to find out.
"""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["webhook", "slack", "discord", "teams", "ntfy", "email"]
"""What takes the messages. A webhook gets JSON that is signed; the others what they show to people."""

SECRET_URLS: frozenset[Kind] = frozenset({"slack", "discord", "teams", "ntfy"})
"""Kinds whose URL lets anyone write there; it is kept encrypted and shown without its path."""

LONGEST_URL = 2048
MOST_HEADERS = 20
LONGEST_HEADER = 4096

RESERVED = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "expect", "host",
        "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
        "webhook-id", "webhook-signature", "webhook-timestamp",
    }
)  # fmt: skip
"""Headers that are ours to set, or that would change how the message is framed."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")


def shown_url(kind: Kind, url: str) -> str:
    """The URL as it may be shown."""
    if kind not in SECRET_URLS:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}/…"


def mailbox_faults(address: str) -> list[str]:
    """Why mail cannot be sent to this address; empty where its form is good."""
    name, found = parseaddr(address)
    local, at, host = found.rpartition("@")
    if name or found != address or not (at and local and "." in host) or not address.isascii() or _UNPRINTABLE.search(address):
        return ["is no mail address; write desk@example.org"]
    return []


def url_faults(url: str) -> list[str]:
    """Why webhooks cannot be sent to this URL; empty where its form is good."""
    if len(url) > LONGEST_URL:
        return [f"is longer than {LONGEST_URL} characters"]
    if _UNPRINTABLE.search(url):
        return ["holds a space, a backslash or a control character"]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return [f"is not a URL: {error}"]
    faults = []
    if parts.scheme not in ("http", "https"):
        faults.append("must begin with https:// or http://")
    if not host:
        faults.append("has no host")
    if port == 0:
        faults.append("has port 0")
    if parts.username is not None or parts.password is not None:
        faults.append("holds a user name or password; send a header instead")
    if parts.fragment:
        faults.append("has a fragment (#...), which is never sent")
    return faults


def header_faults(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers that cannot be sent, each with its reason."""
    faults = [("", f"there are more than {MOST_HEADERS}")] if len(headers) > MOST_HEADERS else []
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            faults.append((name, "is not a header name"))
        elif name.lower() in RESERVED:
            faults.append((name, "is reserved"))
        elif len(value) > LONGEST_HEADER:
            faults.append((name, f"is longer than {LONGEST_HEADER} characters"))
        elif not _VALUE.fullmatch(value):
            faults.append((name, "has a value with a line break or another character a header cannot hold"))
    if len({name.lower() for name in headers}) < len(headers):
        faults.append(("", "the same name stands there twice"))
    return faults
