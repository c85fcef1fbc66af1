"""Timer stages: a row is told once it is due, again after its lease if it was cut off, and then says the same."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from shared import points
from shared.events import DeadLetter
from shared.handlers import About
from shared.outcomes import Reject, Retry
from tests.contract.carriers import Carrier, until
from tests.contract.claims import assert_whole, holds_all, ids_of, letters_of
from tests.contract.house import fill_due, mark_done, open_rows, put_off, told_by, told_id


def expected(carrier: Carrier, count: int) -> list[str]:
    """The ids of what is told of the first rows."""
    return [told_id(carrier.house.tell, number) for number in range(count)]


async def told(carrier: Carrier, count: int) -> None:
    """Waits until so many rows are told and marked done."""

    async def _told() -> bool:
        return (
            holds_all(await carrier.messages(carrier.house.told), expected(carrier, count)) and open_rows(carrier.database) == 0
        )

    await until(_told, f"{count} rows told and done")


async def test_due_rows_are_told_once_each(carrier: Carrier) -> None:
    fill_due(carrier.database, 50)
    async with carrier.running([carrier.house.telling()]):
        await told(carrier, 50)
    assert_whole(carrier, await carrier.messages(carrier.house.told), expected(carrier, 50))


async def test_a_row_decided_but_not_done_is_told_again_after_its_lease_with_the_same_bytes(carrier: Carrier) -> None:
    fill_due(carrier.database, 5)
    lost = Counter[str]()

    def _lose_the_mark(rows: Any, ctx: Any) -> None:
        lost["rows"] += len(rows)

    async with carrier.running([carrier.house.telling(done=_lose_the_mark)]):

        async def _told() -> bool:
            return holds_all(await carrier.messages(carrier.house.told), expected(carrier, 5))

        await until(_told, "told a first time")
    assert open_rows(carrier.database) == 5
    async with carrier.running([carrier.house.telling()]):
        await told(carrier, 5)
    records = await carrier.messages(carrier.house.told)
    assert set(Counter(ids_of(records)).values()) >= {2}
    assert len({record.value for record in records}) == 5


async def test_effects_run_side_by_side_and_a_slow_one_holds_up_no_other(carrier: Carrier) -> None:
    let_go = asyncio.Event()
    at_once = most = 0

    async def _effect(row: Any) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if row.number == 0:
            await let_go.wait()
        at_once -= 1

    fill_due(carrier.database, 30)
    handler = carrier.house.telling(effect=_effect)
    async with carrier.running([handler]):

        async def _others() -> bool:
            return holds_all(await carrier.messages(carrier.house.told), expected(carrier, 30)[1:])

        await until(_others, "all but the slow one")
        let_go.set()
        await told(carrier, 30)
    assert 1 < most <= handler.concurrency


async def test_a_row_that_fails_is_taken_again_and_its_neighbours_pass(carrier: Carrier) -> None:
    left = Counter({3: 1})

    async def _effect(row: Any) -> None:
        if left[row.number] > 0:
            left[row.number] -= 1
            raise ZeroDivisionError("once")

    fill_due(carrier.database, 10)
    async with carrier.running([carrier.house.telling(effect=_effect)], first_rest=0.05):
        await told(carrier, 10)
    assert_whole(carrier, await carrier.messages(carrier.house.told), expected(carrier, 10))


async def test_a_timer_whose_publish_is_refused_marks_nothing_done(carrier: Carrier) -> None:
    fill_due(carrier.database, 10)
    decided = 0

    def _count(point: str, stage: str) -> None:
        nonlocal decided
        decided += point == "effect"

    await carrier.refuse(carrier.house.told)
    points.install(_count)
    async with carrier.running([carrier.house.telling()]):
        await until(lambda: decided >= 2, "the refused rows tried again")
        assert open_rows(carrier.database) == 10
        await carrier.allow(carrier.house.told)
        await told(carrier, 10)
    assert_whole(carrier, await carrier.messages(carrier.house.told), expected(carrier, 10), kills=1)


class Poison:
    """A port of the timer that raises over one row, and counts how often."""

    def __init__(self, port: Any, number: int = 3) -> None:
        self._port, self._number = port, number
        self.met = 0

    def __call__(self, rows: Any, *rest: Any) -> Any:
        if any(row.number == self._number for row in rows):
            self.met += len(rows) == 1
            raise OverflowError("date value out of range")
        return self._port(rows, *rest)


async def aside(carrier: Carrier) -> DeadLetter:
    """The one dead letter of the timer, once there is one."""

    async def _set_aside() -> list[DeadLetter]:
        return letters_of(await carrier.messages(carrier.house.tell.dead_letters))

    [letter] = await until(_set_aside, "the poison row set aside")
    return letter


@pytest.mark.parametrize("port", ["decide", "done"])
async def test_a_poison_row_is_tried_and_set_aside_and_its_neighbours_pass(carrier: Carrier, port: str) -> None:
    fill_due(carrier.database, 10)
    ports = {"decide": told_by(carrier.house.tell), "done": mark_done}
    poison = Poison(ports[port])
    async with carrier.running([carrier.house.telling(**{port: poison})], tries=3, first_rest=0.05):
        letter = await aside(carrier)
        await until(lambda: open_rows(carrier.database) == 0, "no row is left")
    assert (letter.stage, letter.kind, letter.tries) == (carrier.house.tell.name, "bug", 3)
    assert (letter.topic, letter.key, letter.value) == ("", "3", b"d")
    assert letter.reason == "OverflowError: date value out of range"
    good = [one for number, one in enumerate(expected(carrier, 10)) if number != 3]
    assert holds_all(await carrier.messages(carrier.house.told), good)
    assert poison.met == 3


async def test_a_poison_row_rests_longer_each_time(carrier: Carrier) -> None:
    rests: list[float] = []

    def _failed(failures: Any, ctx: Any) -> None:
        rests.extend((failure.again_at - ctx.now).total_seconds() for failure in failures if failure.again_at)
        put_off([failure._replace(again_at=failure.again_at and ctx.now) for failure in failures], ctx)

    fill_due(carrier.database, 5)
    handler = carrier.house.telling(decide=Poison(told_by(carrier.house.tell)), failed=_failed)
    async with carrier.running([handler], tries=4, first_rest=10.0):
        await aside(carrier)
    assert [round(rest) for rest in rests] == [10, 40, 160]


async def test_a_restart_gives_a_poison_row_no_new_tries(carrier: Carrier) -> None:
    fill_due(carrier.database, 5)
    poison = Poison(told_by(carrier.house.tell))
    handler = carrier.house.telling(decide=poison)
    async with carrier.running([handler], tries=3, first_rest=0.2):
        await until(lambda: poison.met >= 1, "tried")
    async with carrier.running([handler], tries=3, first_rest=0.2):
        letter = await aside(carrier)
    assert (letter.tries, poison.met) == (3, 3)


async def test_a_row_refused_is_set_aside_at_once(carrier: Carrier) -> None:
    def _decide(rows: Any, results: Any, ctx: Any) -> Any:
        if any(row.number == 3 for row in rows):
            raise Reject("no such thing")
        return list(told_by(carrier.house.tell)(rows, results, ctx))

    fill_due(carrier.database, 5)
    async with carrier.running([carrier.house.telling(decide=_decide)]):
        letter = await aside(carrier)
        await until(lambda: open_rows(carrier.database) == 0, "no row is left")
    assert (letter.kind, letter.reason, letter.tries) == ("reject", "no such thing", 1)


async def test_a_retry_of_a_row_is_no_try(carrier: Carrier) -> None:
    left = Counter({3: 4})

    async def _effect(row: Any) -> None:
        if left[row.number] > 0:
            left[row.number] -= 1
            raise Retry("no worker can be had", after=0.02)

    fill_due(carrier.database, 5)
    async with carrier.running([carrier.house.telling(effect=_effect)], tries=2):
        await told(carrier, 5)
    assert await carrier.messages(carrier.house.tell.dead_letters) == []


async def test_a_trace_that_cannot_be_written_stops_no_row(carrier: Carrier) -> None:
    written: list[str] = []

    def _trace(tx: Any, rows: Any) -> None:
        if any(row.event_id == "3" for row in rows):
            raise OverflowError("date value out of range")
        written.extend(row.event_id for row in rows)

    def _tells(row: Any, reply: Any) -> list[About]:
        return [About(str(row.number), "article")]

    fill_due(carrier.database, 5)
    async with carrier.running([carrier.house.telling(trace=_trace, tells=_tells)]):
        await told(carrier, 5)
    assert written == ["0", "1", "2", "4"]


async def test_an_effect_that_hangs_gives_its_place_back_and_is_set_aside(carrier: Carrier) -> None:
    async def _effect(row: Any) -> None:
        if row.number == 0:
            await asyncio.Event().wait()

    fill_due(carrier.database, 10)
    handler = carrier.house.telling(effect=_effect, concurrency=1, deadline=0.1)
    async with carrier.running([handler], tries=2, first_rest=0.1):
        letter = await aside(carrier)
        await until(lambda: open_rows(carrier.database) == 0, "no row is left")
    assert (letter.key, letter.tries) == ("0", 2)
    assert "took longer than 0.1 s" in letter.reason
    assert_whole(carrier, await carrier.messages(carrier.house.told), expected(carrier, 10)[1:])
