"""PostgreSQL under Kafka's stages is stopped, killed, stands still or is not there: they pause, go on, and nothing is lost."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator

import psycopg
import pytest

from infra.kafka.broker import Broker
from infra.postgres.server import Server, server
from rasid import schema
from shared import metrics, points
from shared import postgresql as backend
from shared.database import Database, Limits
from tests.contract.carriers import Kafka, until
from tests.contract.claims import assert_in_order, assert_whole
from tests.contract.house import House, fill_due, given, open_rows, told_id
from tests.databases import Databases

COUNT = 100
HASTY = Limits(connect_seconds=2.0, statement_seconds=0.5)

_numbers = itertools.count()


@pytest.fixture(scope="module")
def own_server(postgresql: Databases) -> Iterator[Server]:
    """A server of these tests' own. (Where there is none, the session's fixture has said so.)"""
    with server() as node:
        yield node


@pytest.fixture
def node(own_server: Server) -> Iterator[Server]:
    """It may be treated badly; it answers again afterwards."""
    yield own_server
    own_server.resume()
    if not own_server.alive:
        own_server.start()


@pytest.fixture
async def carrier(kafka: Broker, own_server: Server, node: Server) -> AsyncIterator[Kafka]:
    """The Kafka runtime over a database of that server."""
    name = f"outage_{next(_numbers)}"
    with psycopg.connect(own_server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # psycopg wants literals alone
    await asyncio.to_thread(schema.migrate, own_server.url(name))
    made = Kafka(own_server.url(name), House(name), kafka.bootstrap)
    await made.open()
    yield made
    points.install(None)
    await made.close()


def at(stage: str, point: str, nth: int, act: Callable[[], None]) -> None:
    """Calls `act` when the stage comes to this point for the nth time."""
    passed = 0

    def _hook(reached: str, name: str) -> None:
        nonlocal passed
        if reached == point and name == stage:
            passed += 1
            if passed == nth:
                act()

    points.install(_hook)


def retries(stage: str) -> float:
    """How often the stage was told to wait."""
    return metrics.RETRIES.labels(stage)._value.get()


async def acknowledged(carrier: Kafka, count: int) -> None:
    """Waits until `keep` has acknowledged so many."""

    async def _acknowledged() -> bool:
        return await carrier.progress(carrier.house.keep) == count

    await until(_acknowledged, f"{count} acknowledged", 40)


async def assert_all_kept(carrier: Kafka, tries: float) -> None:
    """All of them are at the far end, in order, within the bound."""
    records = await carrier.messages(carrier.house.kept)
    events = [given(number) for number in range(COUNT)]
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, events), kills=int(tries))
    assert_in_order(records)


@pytest.mark.parametrize("point", ["effect", "decided", "committed"])
@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_a_server_that_goes_in_midstream_and_comes_again_loses_nothing(
    carrier: Kafka, node: Server, ending: str, point: str
) -> None:
    stage = carrier.house.keep.name
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    at(stage, point, 3, getattr(node, ending))
    async with carrier.running([carrier.house.keeping()]):
        await until(lambda: retries(stage) >= 1, "the stage told to wait")
        await asyncio.to_thread(node.start)
        await acknowledged(carrier, COUNT)
    await assert_all_kept(carrier, retries(stage))


async def test_due_rows_survive_a_server_that_is_killed(carrier: Kafka, node: Server) -> None:
    stage = carrier.house.tell.name
    fill_due(carrier.database, COUNT)
    at(stage, "committed", 3, node.kill)  # decided, and then neither published nor marked
    async with carrier.running([carrier.house.telling()]):
        await until(lambda: retries(stage) >= 1, "the timer told to wait")
        await asyncio.to_thread(node.start)
        await until(lambda: open_rows(carrier.database) == 0, "all rows done", 40)
    records = await carrier.messages(carrier.house.told)
    expected = [told_id(carrier.house.tell, number) for number in range(COUNT)]
    assert_whole(carrier, records, expected, kills=1 + int(retries(stage)))


async def test_a_server_that_stands_still_for_longer_than_a_statement_may_take_loses_nothing(
    carrier: Kafka, node: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "GRACE_SECONDS", 0.2)
    stage, impatient = carrier.house.keep.name, Database(carrier.url, HASTY)
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    at(stage, "effect", 3, node.pause)
    async with carrier.running([carrier.house.keeping()], database=impatient):
        await until(lambda: retries(stage) >= 2, "the stage told to wait, twice")
        node.resume()
        await acknowledged(carrier, COUNT)
    await asyncio.to_thread(impatient.close)
    await assert_all_kept(carrier, retries(stage))


async def test_a_server_that_stands_still_for_a_moment_is_waited_for(carrier: Kafka, node: Server) -> None:
    stage = carrier.house.keep.name
    loop = asyncio.get_running_loop()

    def _pause() -> None:
        node.pause()
        loop.call_soon_threadsafe(loop.call_later, 0.5, node.resume)

    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    at(stage, "decided", 3, _pause)
    async with carrier.running([carrier.house.keeping()]):
        await acknowledged(carrier, COUNT)
    assert retries(stage) == 0
    await assert_all_kept(carrier, 0)


async def test_a_stop_while_the_server_stands_still_is_over_within_ten_seconds(carrier: Kafka, node: Server) -> None:
    stage, own = carrier.house.keep.name, Database(carrier.url)
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    stop, paused = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def _pause() -> None:
        node.pause()
        loop.call_soon_threadsafe(paused.set)

    at(stage, "decided", 2, _pause)
    run = asyncio.ensure_future(carrier.runtime([carrier.house.keeping()], database=own).run(stop))
    await asyncio.wait_for(paused.wait(), 20)
    stop.set()
    begun = time.monotonic()
    await run
    own.abandon()
    await asyncio.to_thread(own.close)
    assert time.monotonic() - begun < 10
    node.resume()
    points.install(None)
    async with carrier.running([carrier.house.keeping()]):
        await acknowledged(carrier, COUNT)
    await assert_all_kept(carrier, 1)


async def test_a_member_that_starts_before_the_server_waits_for_it(carrier: Kafka, node: Server) -> None:
    stage = carrier.house.keep.name
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    await asyncio.to_thread(node.stop)
    async with carrier.running([carrier.house.keeping()]):
        await until(lambda: retries(stage) >= 1, "the stage told to wait")
        await asyncio.to_thread(node.start)
        await acknowledged(carrier, COUNT)
    await assert_all_kept(carrier, 0)
