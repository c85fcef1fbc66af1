"""What goes wrong beside a message costs neither its neighbours nor more than a bounded time."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from shared.events import ArticleFetched, TraceRow
from shared.handlers import Reply
from shared.handling import Decided
from tests.unit.shared.test_handling import PLAIN, carried, handling, letters, records, tag_or_raise, titles

KEEPS = PLAIN._replace(state=True, traced=True)


async def until_through(stage: Any, names: Sequence[str]) -> tuple[list[Decided], int]:
    """Offers what is left of these again and again, as a runtime does; each decision, and how often it was offered."""
    waiting, decisions = records(*names), list[Decided]()
    while waiting:
        decisions.append(await carried(stage, waiting))
        waiting = waiting[decisions[-1].done :]
        assert len(decisions) < 50, "without end"
    return decisions, len(decisions)


async def test_a_message_that_hangs_costs_its_stage_three_time_outs_in_all() -> None:
    waited = 0

    async def effect(events: Sequence[ArticleFetched]) -> list[None]:
        nonlocal waited
        if any(event.title == "hangs" for event in events):
            waited += 1
            await asyncio.Event().wait()
        return [None] * len(events)

    names = [f"a{n}" for n in range(100)] + ["hangs"] + [f"b{n}" for n in range(99)]
    stage = handling(tag_or_raise({}), effect=effect, deadline=0.05)
    decisions, _ = await until_through(stage, names)
    assert [title for decided in decisions for title in titles(decided)] == names[:100] + names[101:]
    [letter] = [letter for decided in decisions for letter in letters(decided)]
    assert (letter.kind, letter.tries) == ("bug", 2)
    assert "longer than 0.05 s" in letter.reason
    assert waited == 3, "once among its neighbours, twice alone"


async def test_an_effect_that_does_not_heed_its_cancellation_is_not_waited_for() -> None:
    async def effect(events: Sequence[ArticleFetched]) -> list[None]:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if stopping:
                    raise

    stopping = False
    decided = await asyncio.wait_for(carried(handling(tag_or_raise({}), effect=effect, deadline=0.02), records("a")), 5)
    assert (decided.done, titles(decided)) == (0, [])
    stopping = True
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_where_every_message_hangs_the_first_few_are_tried_and_the_rest_wait() -> None:
    asked: list[int] = []

    async def effect(events: Sequence[ArticleFetched]) -> list[None]:
        asked.append(len(events))
        await asyncio.Event().wait()
        return []

    decided = await carried(handling(tag_or_raise({}), effect=effect, deadline=0.02), records(*[f"a{n}" for n in range(200)]))
    assert (decided.done, decided.pause) == (0, 0.1)
    assert asked[0] == 200
    assert len(asked) <= 5, "one look at all of them, one at a few"


async def test_a_trace_that_cannot_be_written_costs_no_message() -> None:
    written: list[str] = []

    def trace(tx: Any, rows: Sequence[TraceRow]) -> None:
        if any(row.event_id == "fetched-2" for row in rows):
            raise OverflowError("no such time")
        written.extend(row.event_id for row in rows)

    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Any) -> Iterable[Reply]:
        return [()] * len(events)

    stage = handling(decide, stage=KEEPS)
    stage.handler = replace(stage.handler, trace=trace)
    decided = await carried(stage, records("a", "b", "c", "d"))
    assert (decided.done, decided.counts) == (4, {"handled": 4})
    assert written == ["fetched-1", "fetched-3", "fetched-4"]
