"""Timer stages: a row is told once it is due, again after its lease if it was cut off, and then says the same."""

import asyncio
from collections import Counter
from typing import Any

from shared import points
from tests.contract.carriers import Carrier, until
from tests.contract.claims import assert_whole, holds_all, ids_of
from tests.contract.house import fill_due, open_rows, told_id


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
    async with carrier.running([carrier.house.telling(effect=_effect)]):
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
