"""The address guard: which addresses rasid connects to, checked on the address that is connected, at every connection.

A name may resolve to anything at any moment and a redirect may lead anywhere, so nothing short of the socket's own
address is worth checking. `ipaddress.is_global` is not enough: it is True for `::127.0.0.1`, `64:ff9b::7f00:1`,
`2002:7f00:1::1`, `fec0::1` and all multicast. So of IPv6 only 2000::/3 passes at all, and there not what wraps IPv4.
Behind a proxy the guard sees the proxy's address only.
"""

import errno
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(text), reason)
    for text, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("100::/64", "discarded"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_IPV6 = ip_network("2000::/3")


class AddressRefused(OSError):
    """A connection to a refused address was about to be made; it was not."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(errno.EACCES, f"{MARK} {address}: {reason}")


MARK = "the address guard refuses"


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks these CIDR texts name. Raises ValueError naming the text that names none."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text.strip(), strict=False))
        except ValueError as error:
            raise ValueError(f"{text!r} is not a network; write 127.0.0.0/8 or fd00::/8") from error
    return tuple(found)


def refused(address: str, allowed: Iterable[Network] = ()) -> str | None:
    """Why no connection to this IP address is made, or None where it may be. `allowed` networks are no longer refused.
    What is no IP address in its usual spelling is refused."""
    try:
        ip = ip_address(address.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return "not an IP address"
    if any(ip in network for network in allowed):
        return None
    for network, reason in _REFUSED:
        if ip in network:
            return reason
    if ip.version == 6 and ip not in _GLOBAL_IPV6:
        return "not assigned"
    return None if ip.is_global else "not public"


def is_odd_spelling(host: str) -> bool:
    """Whether this host is an IPv4 address written as only old C libraries read it (`127.1`, `0x7f000001`, `2130706433`)."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) != host
    except (OSError, UnicodeEncodeError):
        return False


def guarded_sockets(allowed: Iterable[Network] = ()) -> Callable[[Any], socket.socket]:
    """A socket factory (of aiohttp, of aiohappyeyeballs) that gives no socket for an address that is refused: it gets the
    very address that is then connected. It raises AddressRefused."""
    kept = tuple(allowed)

    def sockets(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := refused(address[0], kept):
            raise AddressRefused(address[0], reason)
        return socket.socket(family=family, type=kind, proto=protocol)

    return sockets


def refusal(error: BaseException | None) -> str | None:
    """What the guard said, where it is the reason for this error; else None. Libraries wrap it, and join the texts of several
    addresses' errors into one."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        text = str(error)
        if MARK in text:
            return text[text.index(MARK) :].rstrip("]')")
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return None
