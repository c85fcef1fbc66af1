"""How stages run: in order, from the first message on, beside each other, stopped, started again, shared by two."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.database import Database
from shared.outcomes import Retry
from shared.topology import Stage
from tests.contract.carriers import Carrier, until
from tests.contract.claims import assert_in_order, assert_whole, holds_all, numbers_of
from tests.contract.house import BATCH, Given, answer, given


async def through(carrier: Carrier, stage: Stage, events: Sequence[Given], seconds: float = 20.0) -> None:
    """Waits until all of these are at the stage's far end."""
    expected = carrier.house.expected(stage, events)

    async def _through() -> bool:
        return holds_all(await carrier.messages(stage.writes[0]), expected)

    await until(_through, f"{len(events)} through {stage.name}", seconds)


async def test_messages_of_a_key_stay_in_order(carrier: Carrier) -> None:
    events = [given(number) for number in range(300)]
    async with carrier.running(carrier.house.handlers("keep", "echo")):
        for first in range(0, 300, 50):
            await carrier.publish(carrier.house.door, events[first : first + 50])
        await through(carrier, carrier.house.keep, events)
        await through(carrier, carrier.house.echo, events)
    for stage in (carrier.house.keep, carrier.house.echo):
        records = await carrier.messages(stage.writes[0])
        assert_whole(carrier, records, carrier.house.expected(stage, events))
        assert_in_order(records)


async def test_what_waited_before_the_first_start_is_read(carrier: Carrier) -> None:
    events = [given(number) for number in range(25)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.keeping()]):
        await through(carrier, carrier.house.keep, events)


async def test_a_restart_goes_on_where_the_last_run_stopped(carrier: Carrier) -> None:
    seen = Counter[int]()

    async def _effect(events: Sequence[Given]) -> list[None]:
        seen.update(event.number for event in events)
        return [None] * len(events)

    events = [given(number) for number in range(60)]
    for first in range(0, 60, 20):
        await carrier.publish(carrier.house.door, events[first : first + 20])
        async with carrier.running([carrier.house.echoing(effect=_effect)]):
            await through(carrier, carrier.house.echo, events[: first + 20])
    assert seen == Counter(range(60))


async def test_a_slow_stage_does_not_stop_another(carrier: Carrier) -> None:
    let_go = asyncio.Event()

    async def _slow(events: Sequence[Given]) -> list[None]:
        await let_go.wait()
        return [None] * len(events)

    events = [given(number) for number in range(40)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.keeping(effect=_slow), carrier.house.echoing()]):
        await through(carrier, carrier.house.echo, events)
        assert await carrier.messages(carrier.house.kept) == []
        let_go.set()
        await through(carrier, carrier.house.keep, events)


async def test_retry_waits_and_then_goes_on_in_order(carrier: Carrier) -> None:
    left = Counter({7: 3, 11: 2})
    looked: list[float] = []

    def _decide(events: Sequence[Given], results: Sequence[Any], ctx: Any) -> list[Any]:
        for event in events:
            if left[event.number] > 0:
                left[event.number] -= 1
                looked.append(time.monotonic())
                raise Retry("the world is wrong", after=0.3)
        return [answer(carrier.house.keep, event) for event in events]

    events = [given(number) for number in range(30)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.keeping(decide=_decide)]):
        await through(carrier, carrier.house.keep, events)
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, events))
    assert_in_order(records)
    assert +left == Counter()
    assert await carrier.messages(carrier.house.keep.dead_letters) == []


async def test_a_retry_in_the_effect_loses_nothing(carrier: Carrier) -> None:
    left = Counter({2: 3})

    async def _effect(events: Sequence[Given]) -> list[None]:
        for event in events:
            if left[event.number] > 0:
                left[event.number] -= 1
                raise Retry("the world is wrong", after=0.05)
        return [None] * len(events)

    events = [given(number) for number in range(30)]
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([carrier.house.echoing(effect=_effect)]):
        await through(carrier, carrier.house.echo, events)
    records = await carrier.messages(carrier.house.echoed)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.echo, events))
    assert_in_order(records)


async def test_a_failed_publish_is_not_an_acknowledgement(carrier: Carrier) -> None:
    tried = 0

    async def _effect(events: Sequence[Given]) -> list[None]:
        nonlocal tried
        tried += 1
        return [None] * len(events)

    events = [given(number, ask="swell") for number in range(20)]
    await carrier.publish(carrier.house.door, events)
    await carrier.refuse(carrier.house.kept)
    async with carrier.running([carrier.house.keeping(effect=_effect)]):
        await until(lambda: tried >= 2, "the refused batch tried again")
        assert await carrier.progress(carrier.house.keep) == 0
        assert await carrier.messages(carrier.house.kept) == []
        await carrier.allow(carrier.house.kept)
        await through(carrier, carrier.house.keep, events)
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, events), kills=1)
    assert_in_order(records)


async def test_a_stop_is_over_within_ten_seconds_and_loses_nothing(carrier: Carrier) -> None:
    async def _effect(events: Sequence[Given]) -> list[None]:
        await asyncio.sleep(0.05)  # work that takes its time
        return [None] * len(events)

    events = [given(number) for number in range(200)]
    await carrier.publish(carrier.house.door, events)
    stop = asyncio.Event()
    run = asyncio.ensure_future(carrier.runtime([carrier.house.keeping(effect=_effect)]).run(stop))

    async def _begun() -> bool:
        return len(await carrier.messages(carrier.house.kept)) >= BATCH

    await until(_begun, "the first batch through")
    stop.set()
    begun = time.monotonic()
    await run
    assert time.monotonic() - begun < 10
    before = await carrier.messages(carrier.house.kept)
    assert len(before) < 200, "it was stopped in the middle"
    assert await carrier.progress(carrier.house.keep) == len(before)
    async with carrier.running([carrier.house.keeping()]):
        await through(carrier, carrier.house.keep, events)
    assert sorted(numbers_of(await carrier.messages(carrier.house.kept))) == list(range(200))


async def test_a_stop_does_not_wait_for_an_effect_that_hangs(carrier: Carrier) -> None:
    hanging = asyncio.Event()

    async def _hang(events: Sequence[Given]) -> list[None]:
        hanging.set()
        await asyncio.Event().wait()
        return []

    events = [given(number) for number in range(5)]
    await carrier.publish(carrier.house.door, events)
    stop = asyncio.Event()
    run = asyncio.ensure_future(carrier.runtime([carrier.house.keeping(effect=_hang)]).run(stop))
    await asyncio.wait_for(hanging.wait(), 10)
    stop.set()
    await asyncio.wait_for(run, 10)
    async with carrier.running([carrier.house.keeping()]):
        await through(carrier, carrier.house.keep, events)


@asynccontextmanager
async def second(carrier: Carrier) -> AsyncIterator[Database]:
    """Another member's own way into the same database."""
    database = Database(carrier.url)
    yield database
    database.close()


async def test_two_members_share_the_work_and_one_leaves(carrier: Carrier) -> None:
    events = [given(number) for number in range(400)]
    async with second(carrier) as other, carrier.running([carrier.house.keeping()]):
        async with carrier.running([carrier.house.keeping()], database=other):
            for first in range(0, 200, 20):
                await carrier.publish(carrier.house.door, events[first : first + 20])
            await through(carrier, carrier.house.keep, events[:150])
        for first in range(200, 400, 20):
            await carrier.publish(carrier.house.door, events[first : first + 20])
        await through(carrier, carrier.house.keep, events)
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, events), kills=1)
    assert_in_order(records)
