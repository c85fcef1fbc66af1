"""What befalls single messages: refused, broken, too large, dropped, deadly; and their neighbours, which pass."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from shared import ids
from shared.handlers import TopicHandler
from shared.outcomes import MapError, Reject
from shared.workers import Workers
from tests.contract.carriers import Carrier, until
from tests.contract.claims import assert_whole, holds_all, letters_of
from tests.contract.house import Given, given, work_or_die

STAGES = pytest.mark.parametrize("stage", ["keep", "echo"])


async def settled(
    carrier: Carrier, handler: TopicHandler, events: Sequence[Given], good: Sequence[Given], letters: int
) -> None:
    """Runs the stage over these until the good ones are through and so many are set aside."""
    stage = handler.stage
    await carrier.publish(carrier.house.door, events)
    async with carrier.running([handler], first_pause=0.01):

        async def _settled() -> bool:
            through = holds_all(await carrier.messages(stage.writes[0]), carrier.house.expected(stage, good))
            return through and len(await carrier.messages(stage.dead_letters)) >= letters

        await until(_settled, "the good through, the bad set aside")
    assert_whole(carrier, await carrier.messages(stage.writes[0]), carrier.house.expected(stage, good))
    assert len(await carrier.messages(stage.dead_letters)) == letters


def handler_of(carrier: Carrier, stage: str, **changed: Any) -> TopicHandler:
    """The handler of this stage."""
    return carrier.house.keeping(**changed) if stage == "keep" else carrier.house.echoing(**changed)


@STAGES
async def test_a_refused_message_is_set_aside_and_its_neighbours_pass(carrier: Carrier, stage: str) -> None:
    events = [given(number, ask="reject" if number == 7 else "") for number in range(15)]
    handler = handler_of(carrier, stage)
    await settled(carrier, handler, events, [*events[:7], *events[8:]], letters=1)
    [letter] = letters_of(await carrier.messages(handler.stage.dead_letters))
    assert (letter.kind, letter.reason, letter.tries) == ("reject", "asked to be refused", 1)
    assert (letter.stage, letter.topic, letter.key) == (handler.stage.name, carrier.house.given.name, events[7].key)
    assert msgspec.json.decode(letter.value, type=Given) == events[7]


@STAGES
async def test_a_bug_is_tried_five_times_and_then_set_aside(carrier: Carrier, stage: str) -> None:
    events = [given(number, ask="bug" if number == 3 else "") for number in range(15)]
    handler = handler_of(carrier, stage)
    await settled(carrier, handler, events, [*events[:3], *events[4:]], letters=1)
    [letter] = letters_of(await carrier.messages(handler.stage.dead_letters))
    assert (letter.kind, letter.tries) == ("bug", 5)
    assert letter.reason == "ZeroDivisionError: asked for a bug"


@pytest.mark.parametrize(
    "value",
    [b"\xff\xfe", b"{}", b"", b'{"event_id":', b'{"x":' + b"[" * 100_000],
    ids=["no-utf-8", "no-fields", "empty", "cut", "deep"],
)
async def test_bytes_that_do_not_decode_are_set_aside(carrier: Carrier, value: bytes) -> None:
    await carrier.publish(carrier.house.door, [given(0)])
    await carrier.put(carrier.house.given, "a", value)
    handler = carrier.house.keeping()
    await settled(carrier, handler, [given(5)], [given(0), given(5)], letters=1)
    [letter] = letters_of(await carrier.messages(handler.stage.dead_letters))
    assert letter.value == value
    assert letter.reason.startswith("does not decode")


@STAGES
async def test_a_message_whose_output_is_too_large_is_set_aside(carrier: Carrier, stage: str) -> None:
    events = [given(number, ask="grow" if number == 4 else "") for number in range(8)]
    handler = handler_of(carrier, stage)
    await settled(carrier, handler, events, [*events[:4], *events[5:]], letters=1)
    [letter] = letters_of(await carrier.messages(handler.stage.dead_letters))
    assert "more than the" in letter.reason


async def test_a_message_too_large_is_refused_at_the_door(carrier: Carrier) -> None:
    with pytest.raises(Reject, match="more than the"):
        await carrier.publish(carrier.house.door, [given(0, text="x" * (2 << 20))])


async def test_the_largest_message_passes_and_its_dead_letter_too(carrier: Carrier) -> None:
    room = carrier.house.given.max_bytes - len(msgspec.json.encode(given(0, ask="reject")))
    largest = given(0, ask="reject", text="x" * room)
    handler = carrier.house.keeping()
    await settled(carrier, handler, [largest, given(5)], [given(5)], letters=1)
    [letter] = letters_of(await carrier.messages(handler.stage.dead_letters))
    assert letter.truncated
    assert letter.size == carrier.house.given.max_bytes
    assert msgspec.json.encode(largest).startswith(letter.value)


@STAGES
async def test_a_dropped_message_leaves_nothing(carrier: Carrier, stage: str) -> None:
    events = [given(number, ask="drop" if number % 2 else "") for number in range(8)]
    await settled(carrier, handler_of(carrier, stage), events, events[::2], letters=0)


async def test_an_event_that_the_map_does_not_grant_stops_the_process(carrier: Carrier) -> None:
    await carrier.publish(carrier.house.door, [given(1, ask="unmapped")])
    with pytest.RaisesGroup(MapError):
        await asyncio.wait_for(carrier.runtime([carrier.house.keeping()]).run(asyncio.Event()), 20)
    assert await carrier.progress(carrier.house.keep) == 0


async def test_a_worker_that_dies_counts_as_a_try_of_that_message_alone(carrier: Carrier) -> None:
    workers = Workers(1)

    async def _effect(events: Sequence[Given]) -> list[str]:
        return [await workers.run(work_or_die, event.ask) for event in events]

    events = [given(number, ask="die" if number == 1 else "") for number in range(4)]
    handler = carrier.house.echoing(effect=_effect)
    try:
        await carrier.publish(carrier.house.door, events)
        async with carrier.running([handler], first_pause=0.01, tries=2):

            async def _settled() -> list[Any]:
                return letters_of(await carrier.messages(handler.stage.dead_letters))

            [letter] = await until(_settled, "the deadly one set aside")
            good = carrier.house.expected(handler.stage, [events[0], *events[2:]])

            async def _through() -> bool:
                return holds_all(await carrier.messages(carrier.house.echoed), good)

            await until(_through, "its neighbours through")
    finally:
        workers.close()
    assert (letter.kind, letter.tries) == ("bug", 2)
    assert "worker process ended" in letter.reason
    assert letter.event_id == ids.digest("dead-letter", handler.stage.name, letter.topic, letter.partition, letter.offset)
