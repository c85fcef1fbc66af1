"""The address guard for aiohttp and what is built on it."""

from collections.abc import Iterable
from typing import Any

import aiohttp

from shared.network import Network, guarded_sockets


def guarded_connector(allowed: Iterable[Network] = (), **options: Any) -> aiohttp.TCPConnector:
    """An aiohttp connector that connects to no refused address; `options` are TCPConnector's own. Call it in a running
    event loop, and give the session `trust_env=False`: behind a proxy the guard sees nothing."""
    return aiohttp.TCPConnector(socket_factory=guarded_sockets(allowed), **options)
