"""A delivery over which rasid itself fails: the others pass, it says why, and a person has it tried again."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from services.alerts import app
from services.alerts.adapters import outcomes
from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS
from shared.events import DeadLetter
from shared.handlers import Context, Failed, Failure, TimerHandler
from shared.outcomes import Reject
from shared.rows import TimerHandling
from tests.integration.alerts.desk import Desk, article
from tests.receivers import Receiver, answering


class Kernel:
    """The stage `deliver` turned by the kernel, as the embedded runtime does; two tries. Some attempts meet a bug."""

    def __init__(self, desk: Desk) -> None:
        handler = app.handlers(desk.settings, desk.sender)[1]
        assert isinstance(handler, TimerHandler)
        self.desk, self.handling = desk, TimerHandling(handler, limit=2, first_rest=10)
        self.broken: set[str] = set()

    async def turn(self) -> list[DeadLetter]:
        """Takes, attempts, settles; the dead letters of it."""
        rows = self.desk.take()
        results: list[Any] = [
            Failed(RuntimeError("no such codec")) if row.id in self.broken else (await self.desk.attempt([row]))[0]
            for row in rows
        ]
        settled = self.desk.database.transact_now(lambda tx: self.handling.settle(rows, results, Context(self.desk.now, tx)))
        letters = [record for record in settled.records if record.topic == "deliver.dead-letters"]
        return [msgspec.json.decode(letter.value, type=DeadLetter) for letter in letters]


@pytest.fixture
def kernel(desk: Desk) -> Kernel:
    return Kernel(desk)


async def test_a_delivery_that_fails_rests_and_is_then_parked_with_its_reason(desk: Desk, kernel: Kernel) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(article("article-1"), article("article-2"))
        bad, good = (row.id for row in desk.deliveries())
        kernel.broken = {bad}
        assert await kernel.turn() == []
        shown, other = desk.deliveries()
        assert (other.id, other.state) == (good, "ok")
        assert (shown.state, shown.error) == ("pending", "internal-error: RuntimeError: no such codec (try 1)")
        assert shown.next_at is not None
        assert (shown.attempts[0].cause, shown.attempts[0].detail) == ("internal-error", "RuntimeError: no such codec")
        desk.now = shown.next_at
        [letter] = await kernel.turn()
        assert (letter.stage, letter.key, letter.tries, letter.reason) == ("deliver", bad, 2, "RuntimeError: no such codec")
        shown, _ = desk.deliveries()
        assert (shown.state, shown.error, shown.next_at) == (
            "parked",
            "internal-error: RuntimeError: no such codec (try 2)",
            None,
        )
        assert await desk.later(days=30) == []

        kernel.broken = set()
        desk.database.transact_now(lambda tx: outcomes.revive(tx, bad, desk.now))
        assert await kernel.turn() == []
        assert [row.state for row in desk.deliveries()] == ["ok", "ok"]
        assert len(receiver.got) == 2


async def test_a_result_that_cannot_be_told_keeps_its_state_and_is_told_when_a_person_says_so(
    desk: Desk, kernel: Kernel
) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        rows = desk.take()
        desk.decide(rows, await desk.attempt(rows))  # and no more: it was cut off before it was told
        [row] = rows
        for _ in range(2):
            desk.now += desk_lease(desk)
            kernel.broken = {row.id}
            letters = await kernel.turn()
        assert [letter.key for letter in letters] == [row.id]
        assert [(each.state, each.error) for each in desk.deliveries()] == [("ok", "")]
        assert desk.take() == []
        kernel.broken = set()
        desk.database.transact_now(lambda tx: outcomes.revive(tx, row.id, desk.now))
        assert await kernel.turn() == []
        assert len(receiver.got) == 1, "it is told, and not sent again"


def desk_lease(desk: Desk) -> Any:
    return app.Deliverer(desk.settings, desk.sender)._limits.lease


async def test_what_cannot_be_tried_again_says_so(desk: Desk, kernel: Kernel) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        [row] = desk.deliveries()
        with pytest.raises(Reject, match="set aside"):
            desk.database.transact_now(lambda tx: outcomes.revive(tx, row.id, desk.now))
        kernel.broken = {row.id}
        await kernel.turn()
        desk.now += desk_lease(desk)
        await kernel.turn()
        desk.database.transact_now(lambda tx: tx.execute(update(ENDPOINTS).values(state="disabled")))
        with pytest.raises(Reject, match="disabled"):
            desk.database.transact_now(lambda tx: outcomes.revive(tx, row.id, desk.now))


async def test_what_a_lost_lease_marks_changes_nothing(desk: Desk, kernel: Kernel) -> None:
    """Two are settled and to be told; the late one's lease is another's by now, who marks its own in the same transaction."""
    async with Receiver(respond=answering(204)) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article("article-1"), article("article-2"))
        rows = desk.take()
        desk.decide(rows, await desk.attempt(rows))
        desk.now += desk_lease(desk)
        [late, *_] = desk.take()
        desk.now += desk_lease(desk)
        held = {row.id: row for row in desk.take()}
        other = next(row for row in held.values() if row.id != late.id)
        before = _row(desk, late.id)
        desk.done([late])
        desk.done([late, other])
        failures = [Failure(late, "late", 1, desk.now), Failure(late, "late", 2, None)]
        desk.database.transact_now(lambda tx: outcomes.failed(tx, failures, desk.now))
        assert _row(desk, late.id) == before
        assert _row(desk, other.id).due_at is None
        desk.done([replace(held[late.id])])
        assert _row(desk, late.id).due_at is None


def _row(desk: Desk, delivery: str) -> Any:
    with desk.database.read() as tx:
        return tx.execute(DELIVERIES.select().where(DELIVERIES.c.id == delivery)).one()
