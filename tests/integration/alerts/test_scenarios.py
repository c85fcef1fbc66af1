"""What must end right whatever receivers and the world do: the scenarios a delivery service is judged by."""

import asyncio
import os
import random
import resource
import socket
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Coroutine, Iterator
from datetime import UTC, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from services.alerts.adapters import creation
from services.alerts.core.schedule import next_wait
from services.alerts.core.verdict import Answer, Rules, judge
from services.alerts.settings import Settings
from shared.database import Database
from shared.events import DeliverySettled
from shared.outcomes import Retry
from tests import hostile as hostility
from tests.builders import NOON
from tests.integration.alerts.desk import Desk, article, opened
from tests.integration.alerts.test_deliver import self_signed, serving
from tests.receivers import Receiver, answering, hanging, in_turn, resetting

FREELY: dict[str, Any] = {"delivery_concurrency": 1000, "delivery_rate": 1e6, "delivery_burst": 100_000}

PRIVATE = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001",
    "127.0.0.1.", "127.000.000.001", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "00", "0x0", "10.0.0.1",
    "167772161", "0xa.0.0.1", "012.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0xc0a80101", "192.168.257",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.64.0.1", "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::1]", "[2001:0:1::1]", "[2001:db8::1]", "[fe80::1]", "[fc00::1]",
    "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[100::1]", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1",
    "ｌocalhost",
]  # fmt: skip


def test_there_are_some_sixty_spellings() -> None:
    assert len(set(PRIVATE)) >= 60


@pytest.mark.parametrize("host", PRIVATE)
def test_no_spelling_is_taken_at_creation(host: str) -> None:
    with pytest.raises(creation.Refused) as refused:
        creation.checked(
            name="", wanted={}, url=f"http://{host}:8080/hook", headers={}, secret=None, include_backfill=False, topics=None,
            allowed=(),
        )  # fmt: skip
    assert {fault.place for fault in refused.value.faults} == {"sink.url"}


async def test_no_spelling_is_connected_to_at_delivery(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every one is a subscription made somehow; no socket is connected and no receiver hears of it."""
    connected = list[Any]()
    real = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: (connected.append(address), real(self, address))[1])
    async with opened(database, tmp_path, delivery_allow_networks=(), **FREELY) as desk, Receiver() as receiver:
        for host in PRIVATE:
            desk.subscribe(f"http://{host}:{receiver.port}/")
        desk.match(article())
        await desk.round()
        assert receiver.got == []
        rows = desk.deliveries()
        assert len(rows) == len(PRIVATE)
        assert {row.attempts[0].cause for row in rows} <= {"blocked-address", "dns", "bad-url"}
        assert sum(row.attempts[0].cause == "blocked-address" for row in rows) > len(PRIVATE) / 2
    assert [address for address in connected if address[1] == receiver.port] == []


async def test_a_name_that_is_public_when_it_is_checked_and_inner_when_it_is_dialled_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["93.184.215.14", *["127.0.0.1"] * 50])

    def rebinding(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    async with opened(database, tmp_path, delivery_allow_networks=()) as desk, Receiver() as receiver:
        url = f"http://rebinding.example:{receiver.port}/"
        creation.checked(name="", wanted={}, url=url, headers={}, secret=None, include_backfill=False, topics=None, allowed=())
        desk.subscribe(url)
        desk.match(article())
        await desk.round()
        [row] = desk.deliveries()
        assert (row.state, row.attempts[0].cause, receiver.got) == ("dead", "blocked-address", [])


async def test_a_kept_connection_is_not_used_for_another_endpoint_of_an_address_that_is_refused(desk: Desk) -> None:
    async with Receiver(respond=answering(301, Location="http://169.254.169.254/latest/meta-data/")) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
        [row] = desk.deliveries()
        assert (row.state, len(receiver.got)) == ("pending", 1)
        assert "never followed" in row.error


async def test_ten_thousand_answers_that_ask_to_wait_never_bring_an_early_request() -> None:
    """A receiver with a clock of its own, answering 429 or 503 with Retry-After in every form there is."""
    chance = random.Random(int(os.environ.get("RASID_TEST_SEED", 5)))
    rules = Rules(schedule=Settings().delivery_schedule, short_schedule=(0.0,), jitter=0.2, retry_after_max=86_400.0)
    early = 0
    for case in range(10_000):
        now = NOON + timedelta(seconds=chance.uniform(0, 86_400))
        wait = chance.choice([0, 1, chance.randrange(120), chance.randrange(7200), chance.randrange(86_400)])
        until = now.replace(microsecond=0) + timedelta(seconds=wait)
        text, asked = chance.choice(
            [
                (str(wait), timedelta(seconds=wait)),
                (f"  {wait}\t", timedelta(seconds=wait)),
                (f"{wait:012d}", timedelta(seconds=wait)),
                (format_datetime(until, usegmt=True), until - now),
                (until.strftime("%A, %d-%b-%y %H:%M:%S GMT"), until - now),
                (until.strftime("%a %b %e %H:%M:%S %Y"), until - now),
                (format_datetime(until.astimezone(UTC)), until - now),
                (str(wait + 10**9), timedelta(days=1)),
                (str(-wait - 1), timedelta(0)),
                (chance.choice(["soon", "", "1.5", "Sun, 99 Foo", "٥"]), timedelta(0)),
            ]
        )
        failures = chance.randrange(9)
        verdict = judge(
            Answer(chance.choice([429, 503]), text), delivery_id=f"dlv_{case}", failures=failures, rules=rules, now=now
        )
        entry = timedelta(seconds=rules.schedule[failures + 1])
        assert verdict.next_at is not None
        early += verdict.next_at < now + max(asked, entry)
        if asked > timedelta(0):
            assert verdict.pause is not None
            early += verdict.pause < now + asked
        assert verdict.next_at <= now + timedelta(days=1.2)
    assert early == 0


async def test_a_receiver_that_resets_after_the_work_gets_the_same_message_again_and_can_drop_it(desk: Desk) -> None:
    async with Receiver(respond=in_turn(resetting, resetting, answering(204))) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
        await desk.later(seconds=5)
        [[settled]] = await desk.later(minutes=5)
        assert isinstance(settled, DeliverySettled)
        assert settled.state == "ok"
        assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1
        assert [attempt.cause for attempt in desk.deliveries()[0].attempts] == ["reset", "reset", None]


async def test_a_herd_of_ten_thousand_comes_back_at_the_endpoints_rate_and_no_faster(
    database: Database, tmp_path: Path
) -> None:
    settings = {"delivery_concurrency": 100, "delivery_rate": 10.0, "delivery_burst": 20, "delivery_jitter": 0.2}
    async with opened(database, tmp_path, **settings) as desk:
        desk.subscribe("http://127.0.0.1:9/")
        for begin in range(0, 10_000, 500):
            desk.match(*(article(f"a{n}") for n in range(begin, begin + 500)))
        taken, begun = 0, desk.now
        for _ in range(300):
            rows = desk.take(1000)
            desk.decide(rows, [Answer(204)] * len(rows))
            desk.done(rows)
            taken += len(rows)
            desk.now += timedelta(seconds=0.5)
            assert taken <= 20 + 10 * ((desk.now - begun).total_seconds() + 0.5)
        assert taken >= 10 * 149


def test_a_herd_that_failed_at_once_is_spread_by_its_jitter() -> None:
    """10,000 deliveries to as many endpoints, all failed in the same second: in no second more than 5 % come back."""
    waits = [next_wait(Settings().delivery_schedule, 2, 0.2, f"dlv_{n}") for n in range(10_000)]
    seconds = Counter(int(wait.total_seconds()) for wait in waits if wait is not None)
    assert min(seconds) >= 300
    assert max(seconds.values()) < 500
    assert len(seconds) >= 59


async def _plainly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()
    writer.close()


async def _never(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("change", "causes"),
    [
        pytest.param("untrusted", {"tls"}, id="no one vouches for it"),
        pytest.param("name", {"tls"}, id="a certificate for another name"),
        pytest.param("old", {"tls", "connect"}, id="only TLS 1.1"),
        pytest.param("plain", {"tls"}, id="no TLS at all"),
        pytest.param("hangs", {"timeout"}, id="never shakes hands"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_faults_are_failures_that_are_tried_again_and_nothing_is_sent(
    database: Database, tmp_path: Path, change: str, causes: set[str]
) -> None:
    certificate = self_signed(tmp_path)
    context = serving(certificate)
    settings: dict[str, Any] = {"delivery_ca_file": str(certificate), "delivery_timeout": 1.0, "delivery_connect_timeout": 0.5}
    if change == "untrusted":
        del settings["delivery_ca_file"]
    if change == "old":
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    without_tls = {"plain": _plainly, "hangs": _never}
    async with opened(database, tmp_path, **settings) as desk, Receiver(tls=context) as receiver:
        port = receiver.port
        if change in without_tls:
            server = await asyncio.start_server(without_tls[change], "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
        desk.subscribe(f"https://{'localhost' if change == 'name' else '127.0.0.1'}:{port}/hook")
        desk.match(article())
        await desk.round()
        assert receiver.got == []
        [row] = desk.deliveries()
        assert (row.state, row.attempts[0].status) == ("pending", None)
        assert row.attempts[0].cause in causes, row.error


@pytest.fixture
def hostile() -> Iterator[list[str]]:
    """The addresses of receivers that mean ill, running in another process."""
    process = subprocess.Popen([sys.executable, "-m", "tests.hostile"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield [process.stdout.readline().strip() for _ in hostility.WAYS]
    process.kill()
    process.communicate()


async def test_a_hundred_hostile_receivers_at_once_take_little_memory(
    database: Database, tmp_path: Path, hostile: list[str]
) -> None:
    settings = {**FREELY, "delivery_timeout": 8.0, "delivery_connect_timeout": 8.0}
    async with opened(database, tmp_path, **settings) as desk:
        made = [desk.subscribe(url) for url in hostile for _ in range(20)]
        desk.match(article())
        rows = {row.endpoint_id: row for row in desk.take()}
        await desk.attempt([rows[each.endpoint] for each in made[::20]])  # code and buffers that stay are no growth
        before = _resident()
        outcomes, peak = await _watched(desk.attempt([rows[each.endpoint] for each in made]))
    assert len(outcomes) == 100
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Answer": 40, "NoAnswer": 60}
    assert peak - before < 20, f"from {before:.0f} to {peak:.0f} MiB"


def _resident() -> float:
    """MiB of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / (1 << 20)


async def _watched(work: Coroutine[Any, Any, list[Any]]) -> tuple[list[Any], float]:
    """What it returns, and the most memory held meanwhile."""
    task, peak = asyncio.ensure_future(work), 0.0
    while not task.done():
        peak = max(peak, _resident())
        await asyncio.wait([task], timeout=0.01)
    return task.result(), peak


async def test_one_hanging_endpoint_among_fifty_takes_no_slot_of_the_others(database: Database, tmp_path: Path) -> None:
    settings = {"delivery_timeout": 6.0, "delivery_connect_timeout": 6.0, "delivery_total_concurrency": 200}
    async with opened(database, tmp_path, **settings) as desk, Receiver(respond=hanging) as stuck, Receiver() as fine:
        stuck_at = desk.subscribe(stuck.url)
        others = [desk.subscribe(fine.url) for _ in range(49)]
        desk.match(*(article(f"a{n}") for n in range(8)))
        rows = desk.take(200)
        shares = Counter(row.endpoint_id for row in rows)
        assert shares[stuck_at.endpoint] == 4
        assert {shares[made.endpoint] for made in others} == {4}
        slow = asyncio.ensure_future(desk.attempt([row for row in rows if row.endpoint_id == stuck_at.endpoint]))
        quick = [row for row in rows if row.endpoint_id != stuck_at.endpoint]
        while quick:
            desk.decide(quick, await desk.attempt(quick))
            desk.done(quick)
            quick = [row for row in desk.take(200) if not row.is_settled]
            assert stuck_at.endpoint not in {row.endpoint_id for row in quick}
        assert (len(fine.got), len(stuck.got)) == (49 * 8, 4)
        await slow


async def test_a_database_that_is_away_for_a_minute_loses_nothing_and_repeats_at_most_what_was_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt was made and its outcome could not be written: the lease ends, and the same message is sent once more."""
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(article("a"), article("b"))
        rows = desk.take()
        outcomes = await desk.attempt(rows)

        def away(*_: Any, **__: Any) -> Any:
            raise OperationalError("", {}, Exception("server closed the connection unexpectedly"))

        with monkeypatch.context() as patch:
            patch.setattr("services.alerts.adapters.outcomes.heard", away)
            for _ in range(3):
                with pytest.raises(Retry):
                    desk.decide(rows, outcomes)
        desk.now += timedelta(seconds=60)
        told = [reply[0] for reply in await desk.round()]
        assert {(event.state, event.attempts) for event in told if isinstance(event, DeliverySettled)} == {("ok", 2)}
        times = Counter((got.headers["webhook-id"], got.body) for got in receiver.got)
        assert sorted(times.values()) == [2, 2]
