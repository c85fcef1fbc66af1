"""What a group of members on Kafka does: it comes and goes without standing still, and notices a loop that stands still."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from infra.kafka.broker import Broker
from shared import metrics
from shared.database import Database
from shared.events import DeadLetter
from shared.outcomes import Retry
from shared.runtime.kafka import KafkaRuntime, Stuck
from shared.runtime.kafka_topics import Differs, all_topics, create_topics
from shared.topology import STAGES, TOPICS
from tests.contract.carriers import SESSION_SECONDS, Kafka, until
from tests.contract.claims import assert_in_order, assert_whole
from tests.contract.house import Given, House, given

REBALANCES = 8


async def test_members_that_come_and_go_at_a_slow_pace_never_hang(carrier: Kafka) -> None:
    """A read that waits inside a rebalance with the lock held hung in a third of them."""
    sent: list[Given] = []
    enough = asyncio.Event()

    async def _trickle() -> None:
        while not enough.is_set():
            sent.append(given(len(sent)))
            await carrier.publish(carrier.house.door, sent[-1:])
            await asyncio.sleep(0.01)  # the pace is what makes it hang

    async with carrier.running([carrier.house.keeping()]):
        trickle = asyncio.ensure_future(_trickle())
        for _ in range(REBALANCES):
            other = Database(carrier.url)
            async with carrier.running([carrier.house.keeping()], database=other):
                await _grows(carrier)
            other.close()
            await _grows(carrier)
        enough.set()
        await trickle

        async def _through() -> bool:
            return await carrier.progress(carrier.house.keep) == len(sent)

        await until(_through, "all through")
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, sent), kills=REBALANCES)
    assert_in_order(records)


async def _grows(carrier: Kafka) -> None:
    """Waits until five more are through."""
    goal = await carrier.progress(carrier.house.keep) + 5

    async def _grown() -> bool:
        return await carrier.progress(carrier.house.keep) >= goal

    await until(_grown, "the members go on", 10)


async def test_a_batch_in_flight_is_finished_before_its_partitions_go_to_another(carrier: Kafka) -> None:
    begun, let_go, twice = asyncio.Event(), asyncio.Event(), asyncio.Event()
    seen = Counter[int]()

    async def _held(events: Sequence[Given]) -> list[None]:
        seen.update(event.number for event in events)
        begun.set()
        await let_go.wait()
        return [None] * len(events)

    async def _other(events: Sequence[Given]) -> list[None]:
        seen.update(event.number for event in events)
        twice.set()
        return [None] * len(events)

    events = [given(number) for number in range(30)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.echoing(effect=_held, batch=len(events))]):
        await asyncio.wait_for(begun.wait(), 10)
        async with carrier.running([carrier.house.echoing(effect=_other)]):
            await until(lambda: carrier.is_rebalancing(carrier.house.echo), "the second member asks to join")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(twice.wait(), SESSION_SECONDS)  # longer than the first may be silent
            let_go.set()

            async def _through() -> bool:
                return await carrier.progress(carrier.house.echo) == len(events)

            await until(_through, "all through")
    assert seen == Counter(range(30))
    assert_whole(carrier, await carrier.messages(carrier.house.echoed), carrier.house.expected(carrier.house.echo, events))


async def test_a_loop_that_no_longer_turns_ends_the_process(carrier: Kafka) -> None:
    async def _hang(events: Sequence[Given]) -> list[Any]:
        await asyncio.Event().wait()
        return []

    await carrier.publish(carrier.house.door, [given(0)])
    runtime = carrier.runtime([carrier.house.keeping(effect=_hang)], stuck_seconds=0.5)
    with pytest.RaisesGroup(Stuck):
        await asyncio.wait_for(runtime.run(asyncio.Event()), 20)


async def test_a_retry_leaves_the_other_partitions_alone_save_on_faust(carrier: Kafka) -> None:
    """The one difference between the runtimes: a Faust agent waits with all it has unacknowledged."""
    stuck, looked = asyncio.Event(), 0

    async def _effect(events: Sequence[Given]) -> list[None]:
        nonlocal looked
        if any(event.key == "a" for event in events):
            looked += 1
            stuck.set()
            raise Retry("key a's world is wrong", after=0.2)
        return [None] * len(events)

    events = [given(number) for number in range(50)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.keeping(effect=_effect)]):
        [place] = {(record.partition) for record in await carrier.messages(carrier.house.given) if record.key == "a"}
        others = [record for record in await carrier.messages(carrier.house.given) if record.partition != place]

        async def _others() -> bool:
            return len(await carrier.messages(carrier.house.kept)) >= len(others)

        if carrier.waits_with_all_partitions:
            await until(lambda: looked >= 3, "tried again")
            assert await carrier.progress(carrier.house.keep) < len(others)
            return
        await until(_others, "the other partitions through")
        await asyncio.wait_for(stuck.wait(), 10)
        assert all(record.partition != place for record in await carrier.messages(carrier.house.kept))


async def test_topics_are_made_once_and_differences_are_told(kafka: Broker) -> None:
    house = House("made-once")
    topics = all_topics(house.stages)
    first = await create_topics(kafka.bootstrap, topics)
    assert sorted(first.created) == sorted(topic.name for topic in topics)
    again = await create_topics(kafka.bootstrap, [house.given._replace(partitions=5), *topics[1:]])
    assert again.created == []
    assert again.differs == [Differs(house.given.name, 5, 3)]


async def test_the_whole_map_can_be_made_by_two_at_once_and_again(kafka: Broker) -> None:
    topics = all_topics(STAGES)
    assert {topic.name for topic in TOPICS} <= {topic.name for topic in topics}
    assert any(topic.event is DeadLetter for topic in topics)
    await asyncio.gather(create_topics(kafka.bootstrap, topics), create_topics(kafka.bootstrap, topics))
    client = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
    await client.start()
    assert {topic.name for topic in topics} <= await client.topics()
    await client.stop()
    again = await create_topics(kafka.bootstrap, topics)
    assert again.created == []


async def test_what_waits_in_front_of_a_stage_and_what_it_did_is_counted(carrier: Kafka) -> None:
    stage = carrier.house.keep.name
    await carrier.publish(carrier.house.door, [given(number, ask="drop" if number == 3 else "") for number in range(20)])
    async with carrier.running([carrier.house.keeping()]):

        async def _through() -> bool:
            return await carrier.progress(carrier.house.keep) == 20

        await until(_through, "all through")
        await until(lambda: metrics.MESSAGES.labels(stage, "handled")._value.get() == 19, "all counted")
    assert metrics.MESSAGES.labels(stage, "dropped")._value.get() == 1
    assert metrics.PUBLISHED.labels(carrier.house.kept.name)._value.get() == 19


async def test_what_waits_is_counted_from_where_the_group_stands_before_this_member_has_committed(
    carrier: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.kafka_lag.EVERY_SECONDS", 0.1)
    lag = metrics.LAG.labels(carrier.house.keep.name)._value

    async def _hold(events: Sequence[Given]) -> list[None]:
        await asyncio.Event().wait()
        return []

    async def _waits(count: int) -> None:
        async with carrier.running([carrier.house.keeping(effect=_hold)]):
            await until(lambda: lag.get() == count, f"{count} are counted")

    await carrier.publish(carrier.house.door, [given(number) for number in range(40)])
    await _waits(40)
    async with carrier.running([carrier.house.keeping()]):

        async def _through() -> bool:
            return await carrier.progress(carrier.house.keep) == 40

        await until(_through, "all through")
        await until(lambda: lag.get() == 0, "none waits")
    await carrier.publish(carrier.house.door, [given(number) for number in range(40, 65)])
    await _waits(25)


async def test_a_batch_slower_than_a_rebalance_may_last_holds_up_the_others_no_longer(carrier: Kafka) -> None:
    """The member that is left behind commits nothing, and takes part again."""
    begun, let_go = asyncio.Event(), asyncio.Event()

    async def _held(events: Sequence[Given]) -> list[None]:
        begun.set()
        await let_go.wait()
        return [None] * len(events)

    events = [given(number) for number in range(30)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.keeping(effect=_held, batch=30)], rebalance_seconds=3.0):
        await asyncio.wait_for(begun.wait(), 10)
        other = Database(carrier.url)
        async with carrier.running([carrier.house.keeping()], database=other, rebalance_seconds=3.0):

            async def _through(count: int) -> bool:
                return await carrier.progress(carrier.house.keep) == count

            asked = time.monotonic()
            await until(lambda: _through(30), "the other does it all", 20)
            assert time.monotonic() - asked < 3.0 + 4 * SESSION_SECONDS
            let_go.set()
            more = [given(number) for number in range(30, 60)]
            await carrier.publish(carrier.house.door, more)
            await until(lambda: _through(60), "both go on", 20)
        other.close()
        last = [given(number) for number in range(60, 70)]
        await carrier.publish(carrier.house.door, last)
        await until(lambda: _through(70), "the one left behind has come back", 20)
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, [*events, *more, *last]), kills=1)
    assert_in_order(records)


def test_a_stage_with_state_needs_a_database() -> None:
    house = House("x")
    with pytest.raises(ValueError, match="was given no database"):
        KafkaRuntime("127.0.0.1:9", None, [house.keeping()])
    with pytest.raises(ValueError, match="was given no database"):
        KafkaRuntime("127.0.0.1:9", None, [house.telling()])
