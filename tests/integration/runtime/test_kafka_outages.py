"""The broker dies, stands still, or is not there: nothing is lost, and a stop still ends."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from infra.kafka.broker import Broker, broker
from shared import metrics, points
from shared.outcomes import Retry
from shared.runtime.kafka import KafkaRuntime
from tests.contract.carriers import Kafka, until
from tests.contract.claims import assert_in_order, assert_whole
from tests.contract.house import BATCH, given


@pytest.fixture(scope="module")
def kafka(kafka: Broker) -> Iterator[Broker]:
    """A broker of these tests' own: one that holds little is soon up again after a kill. (Where there is none, the session's
    fixture has said so.)"""
    with broker() as node:
        yield node


@pytest.fixture
def up_again(kafka: Broker) -> Iterator[Broker]:
    """The session's broker, which this test may treat badly; it answers again afterwards."""
    yield kafka
    kafka.resume()
    if not kafka.alive:
        kafka.restart()


async def acknowledged(carrier: Kafka, count: int) -> None:
    """Waits until `keep` has acknowledged so many."""

    async def _acknowledged() -> bool:
        return await carrier.progress(carrier.house.keep) == count

    await until(_acknowledged, f"{count} acknowledged", 40)


async def assert_all_kept(carrier: Kafka, count: int, tries: int) -> None:
    """All of them are at the far end, in order, within the bound."""
    records = await carrier.messages(carrier.house.kept)
    expected = carrier.house.expected(carrier.house.keep, [given(number) for number in range(count)])
    assert_whole(carrier, records, expected, kills=tries)
    assert_in_order(records)


def at(carrier: Kafka, point: str, nth: int, act: object) -> None:
    """Calls `act` when `keep` comes to this point for the nth time."""
    passed = 0

    def _hook(reached: str, stage: str) -> None:
        nonlocal passed
        if reached == point and stage == carrier.house.keep.name:
            passed += 1
            if passed == nth:
                act()  # type: ignore[operator]

    points.install(_hook)


def retries(carrier: Kafka) -> float:
    """How often `keep` was offered a batch again."""
    return metrics.RETRIES.labels(carrier.house.keep.name)._value.get()


@pytest.mark.parametrize("point", ["effect", "published"])
async def test_a_broker_killed_in_midstream_loses_nothing(carrier: Kafka, up_again: Broker, point: str) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(100)])
    at(carrier, point, 3, up_again.kill)
    async with carrier.running([carrier.house.keeping()], publish_seconds=1.0):
        await until(lambda: not up_again.alive, "the broker killed")
        if point == "effect":
            await until(lambda: retries(carrier) >= 1, "a publish given up")
        await asyncio.to_thread(up_again.restart)
        await acknowledged(carrier, 100)
    await assert_all_kept(carrier, 100, tries=1 + int(retries(carrier)))


async def test_a_broker_that_stands_still_loses_nothing(carrier: Kafka, up_again: Broker) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(100)])
    at(carrier, "effect", 3, up_again.pause)
    async with carrier.running([carrier.house.keeping()], publish_seconds=0.5):
        await until(lambda: retries(carrier) >= 1, "a publish given up")
        up_again.resume()
        await acknowledged(carrier, 100)
    await assert_all_kept(carrier, 100, tries=int(retries(carrier)))


async def test_a_short_outage_is_waited_out_without_a_duplicate(carrier: Kafka, up_again: Broker) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(5 * BATCH)])
    loop = asyncio.get_running_loop()

    def _pause() -> None:
        up_again.pause()
        loop.call_later(0.5, up_again.resume)

    at(carrier, "effect", 2, _pause)
    async with carrier.running([carrier.house.keeping()], session_seconds=6.0):
        await acknowledged(carrier, 5 * BATCH)
    await assert_all_kept(carrier, 5 * BATCH, tries=0)


async def test_a_member_that_starts_before_the_broker_waits_for_it_and_stops_without_it(
    carrier: Kafka, up_again: Broker
) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(20)])
    up_again.kill()
    stop = asyncio.Event()
    first = asyncio.ensure_future(carrier.runtime([carrier.house.keeping()]).run(stop))
    stop.set()
    await asyncio.wait_for(first, 10)
    async with carrier.running([carrier.house.keeping()]):
        await asyncio.to_thread(up_again.restart)
        await acknowledged(carrier, 20)
    await assert_all_kept(carrier, 20, tries=0)


async def test_a_stop_in_the_middle_of_an_outage_is_over_within_ten_seconds(carrier: Kafka, up_again: Broker) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(20)])
    stop, reached = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def _pause() -> None:
        up_again.pause()
        loop.call_soon_threadsafe(reached.set)

    at(carrier, "effect", 1, _pause)
    run = asyncio.ensure_future(carrier.runtime([carrier.house.keeping()]).run(stop))
    await asyncio.wait_for(reached.wait(), 10)
    stop.set()
    begun = time.monotonic()
    await run
    assert time.monotonic() - begun < 10
    up_again.resume()
    points.install(None)
    async with carrier.running([carrier.house.keeping()]):
        await acknowledged(carrier, 20)
    await assert_all_kept(carrier, 20, tries=2)


async def test_a_door_says_retry_where_there_is_no_broker(carrier: Kafka) -> None:
    runtime = KafkaRuntime("127.0.0.1:9", None, [], publish_seconds=1.0)
    with pytest.raises(Retry, match="could not publish"):
        await runtime.publish(carrier.house.door, [given(0)])
