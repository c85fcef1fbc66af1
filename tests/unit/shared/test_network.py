import asyncio
import socket
from ipaddress import ip_address

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connector import guarded_connector
from shared.network import AddressRefused, guarded_sockets, is_odd_spelling, networks, refusal, refused

PRIVATE = (
    *("0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1", "5f00::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "1::1", "::ffff:0:127.0.0.1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused_with_a_reason(address):
    assert refused(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::8"]
)
def test_a_public_address_passes(address):
    assert refused(address) is None


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1\x00", "[::1]"])
def test_what_is_no_usual_spelling_is_refused(text):
    assert refused(text)


def test_an_allowed_network_passes_and_no_other_does():
    allowed = networks(["127.0.0.0/8", " fd00::/8"])
    assert refused("127.9.9.9", allowed) is None
    assert refused("fd00::1", allowed) is None
    assert refused("10.0.0.1", allowed)
    assert refused("::ffff:127.0.0.1", allowed)


def test_a_text_that_names_no_network_is_said():
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/40' is not a network"):
        networks(["127.0.0.0/8", "10.0.0.0/40"])


@given(st.ip_addresses())
def test_whatever_python_calls_not_global_is_refused(address):
    if not address.is_global or address.is_multicast or address.is_private:
        assert refused(str(address))


@given(st.ip_addresses(v=4).filter(lambda ip: ip.is_private), st.sampled_from(["::ffff:", "::", "64:ff9b::"]))
def test_no_wrapping_of_a_private_address_passes(address, prefix):
    assert refused(f"{prefix}{address}")
    assert refused(str(ip_address((0x2002 << 112) | (int(address) << 80) | 1)))


def test_the_socket_factory_gives_no_socket_for_a_refused_address():
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.1: loopback"):
        guarded_sockets()(info)
    guarded_sockets(networks(["127.0.0.0/8"]))(info).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::1]", "0"])
async def test_no_spelling_of_loopback_gets_past_the_connector(host, listener):
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.get(f"http://{host}:{listener}/")
    assert refusal(caught.value) or isinstance(caught.value, (aiohttp.ClientConnectorDNSError, aiohttp.InvalidURL))


async def test_an_allowed_loopback_is_connected(listener):
    async with aiohttp.ClientSession(connector=guarded_connector(networks(["127.0.0.0/8"]))) as session:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(f"http://127.0.0.1:{listener}/")


def test_the_guard_is_recognised_among_the_errors_of_several_addresses():
    error = OSError("Multiple exceptions: [Errno 13] the address guard refuses ::1: loopback, [Errno 111] Connect call failed")
    assert refusal(error)
    assert refusal(ValueError("something else")) is None


@pytest.fixture
async def listener():
    """A listener on loopback that hangs up at once: whoever reaches it was not guarded."""

    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"])
def test_an_old_spelling_of_an_address_is_told(host):
    assert is_odd_spelling(host)
    assert not any(is_odd_spelling(usual) for usual in ("127.0.0.1", "example.org", "::1", "", "مثال.إختبار"))
