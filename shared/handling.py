"""The kernel: what happens to messages, once, for every runtime.

A runtime brings records in and carries records out; in between, `TopicHandling` (and for due rows `TimerHandling`,
shared/rows.py) decodes, runs the stage's effect and its decision, isolates a poison message, sets it aside with its
reason, routes what was returned by its type, and counts. The kernel never sleeps, opens no transaction and publishes
nothing: it says what is to be written, how many inputs that covers, and how long to wait before the next.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from logging import getLogger
from typing import Any, NamedTuple

import msgspec

from shared import ids
from shared.clock import Clock
from shared.deadlines import TookTooLong, within
from shared.events import DeadLetter, Event, Outcome, TraceRow, TracesRecorded
from shared.handlers import Context, Outgoing, Record, Reply, TopicHandler, about
from shared.outcomes import MapError, Reject, Retry
from shared.routing import Router, outcome, trace_row, write_traces
from shared.world import is_world

log = getLogger(__name__)

TRIES = 5
"""How often a message or a due row that meets a bug is tried before it is set aside."""

SLOW_TRIES = 2
"""The same where it ran past its time: meanwhile the others wait, and it would most likely do so again."""

EFFECT_SECONDS = 120.0
"""How long an effect may take in all, unless its stage or the settings say otherwise."""

ALONE_AT_ONCE = 4
"""How many messages of a batch that failed are tried at the same time, each alone."""

REMEMBERED = 10_000
"""Messages whose tries are remembered at once; one that went through after a try is never asked for again."""

TRACED_TOGETHER = 20
"""Trace rows in one message, so that the longest of them together stay below what a topic takes."""


@dataclass(slots=True)
class Decided:
    """What a batch came to. `records` are to be published in order, `done` inputs are covered (from the first), `pause`
    seconds must pass before the next is offered again (None: go on). `counts` by (outcome) for the ledger."""

    records: list[Outgoing] = field(default_factory=list)
    done: int = 0
    pause: float | None = None
    counts: dict[Outcome, int] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + 1


@dataclass(slots=True)
class _Item:
    """One input on its way: its event and result, or the verdict that already stands."""

    source: Any
    event: Any = None
    result: Any = None
    verdict: "Reply | _SetAside | Retry | None" = None
    records: list[Outgoing] = field(default_factory=list)


class _SetAside(NamedTuple):
    reason: str
    kind: str
    tries: int


class _Tries:
    """How often a bug met the same message; a bug is a bug only if it comes back."""

    def __init__(self, limit: int, first_pause: float) -> None:
        self._limit, self._first_pause = limit, first_pause
        self._counts: dict[Any, int] = {}

    def verdict(self, place: Any, stage: str, error: Exception) -> "_SetAside | Retry":
        tries = self._counts.pop(place, 0) + 1
        reason = f"{type(error).__name__}: {error}"
        slow = isinstance(error, (TookTooLong, TimeoutError))
        if tries >= (min(SLOW_TRIES, self._limit) if slow else self._limit):
            log.error("Set a message aside after repeated errors.", extra={"stage": stage, "tries": tries}, exc_info=error)
            return _SetAside(reason, "bug", tries)
        if len(self._counts) > REMEMBERED:
            self._counts.clear()  # each of them is then tried as if for the first time
        self._counts[place] = tries
        log.warning("A stage failed; trying again.", extra={"stage": stage, "tries": tries}, exc_info=error)
        return Retry(reason, after=self._first_pause * 2 ** (tries - 1))

    def has(self, place: Any) -> bool:
        """Whether this message has failed before."""
        return place in self._counts


class TopicHandling:
    """Carries batches through one stage that is fed by topics."""

    def __init__(
        self,
        handler: TopicHandler,
        clock: Clock,
        *,
        tries: int = TRIES,
        first_pause: float = 0.1,
        deadline: float = EFFECT_SECONDS,
    ) -> None:
        self.handler, self.stage = handler, handler.stage
        self._clock, self._deadline = clock, handler.deadline or deadline
        self._router = Router(handler.stage)
        self._decoders = {topic.name: msgspec.json.Decoder(topic.event) for topic in handler.stage.reads}
        self._tries = _Tries(tries, first_pause)
        self.turned: Callable[[], None] = _nothing
        """Called each time an effect has failed: a batch that takes its time is not a loop that stands still."""

    async def prepare(self, records: Sequence[Record]) -> list[_Item]:
        """Decodes, and runs the effect; no transaction is open. Raises nothing but MapError and cancellation."""
        items = [self._decoded(record) for record in records]
        if self.handler.effect is not None:
            await self._effect([item for item in items if item.verdict is None])
        return items

    def decide(self, items: Sequence[_Item], ctx: Context) -> Decided:
        """Decides and encodes inside the caller's transaction. Database errors of the world rise to the caller, who rolls
        back and offers the batch again; errors of the message are isolated here."""
        stop = next((n for n, item in enumerate(items) if isinstance(item.verdict, Retry)), len(items))
        self._decide([item for item in items[:stop] if item.verdict is None], ctx)
        decided, rows = Decided(), []
        for item in items:
            if isinstance(item.verdict, Retry):
                decided.pause = item.verdict.after
                break
            decided.done += 1
            result, reason = self._told(item, ctx, decided)
            decided.count(result)
            if self.stage.traced and item.event is not None and (subject := about(item.event)):
                rows.append(trace_row(self.stage, subject, result, reason, ctx.now))
        self._trace(rows, ctx, decided)
        return decided

    def _decoded(self, record: Record) -> _Item:
        try:
            return _Item(record, event=self._decoders[record.topic].decode(record.value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _Item(record, verdict=_SetAside(f"does not decode: {error}", "reject", 1))

    async def _effect(self, items: list[_Item]) -> None:
        """Runs the effect over these items together; where that fails, over each alone. One that failed before is tried
        alone at once, so that a message that hangs costs its neighbours a bounded number of time-outs."""
        await self._each([item for item in items if self._tries.has(_place(item.source))])
        going = takewhile(lambda item: not isinstance(item.verdict, Retry), items)
        rest = [item for item in going if item.verdict is None and not self._tries.has(_place(item.source))]
        if rest and not await self._together(rest):
            await self._each(rest)

    async def _each(self, items: Sequence[_Item]) -> None:
        """The effect over each of these alone, a few at a time; what stands behind one that is to wait waits with it."""
        for at in range(0, len(items), ALONE_AT_ONCE):
            few = items[at : at + ALONE_AT_ONCE]
            await asyncio.gather(*(self._together([item]) for item in few))
            if any(isinstance(item.verdict, Retry) for item in few):
                return

    async def _together(self, items: list[_Item]) -> bool:
        """The effect over these at once. False where it failed and it is not known over which."""
        if self.handler.effect is None:
            return True
        try:
            results = await within(self._deadline, self.handler.effect([item.event for item in items]))
            for item, result in zip(items, results, strict=True):
                item.result = result
        except Exception as error:  # the kernel is the one place that answers for every error of a stage
            if isinstance(error, MapError):
                raise
            self.turned()
            if len(items) > 1 and not isinstance(error, Retry):
                return False
            items[0].verdict = self._verdict(items[0].source, error)
        return True

    def _decide(self, items: list[_Item], ctx: Context) -> None:
        """Decides these items; on an error rolls back, and decides each half, until the poison one stands alone."""
        if not items:
            return
        try:
            with ctx.savepoint():
                replies = self.handler.decide([item.event for item in items], [item.result for item in items], ctx)
                for item, reply in zip(items, replies, strict=True):
                    item.records = [self._router.record(event) for event in reply if isinstance(event, Event)]
                    item.verdict = reply
        except Exception as error:  # as above
            if isinstance(error, MapError) or is_world(error):
                raise
            for item in items:
                item.verdict, item.records = None, []
            if len(items) == 1:
                items[0].verdict = self._verdict(items[0].source, error)
                return
            half = len(items) // 2
            self._decide(items[:half], ctx)
            if not any(isinstance(item.verdict, Retry) for item in items[:half]):
                self._decide(items[half:], ctx)

    def _verdict(self, record: Record, error: Exception) -> _SetAside | Retry:
        if isinstance(error, Retry):
            return error
        if isinstance(error, Reject):
            return _SetAside(str(error), "reject", 1)
        return self._tries.verdict(_place(record), self.stage.name, error)

    def _told(self, item: _Item, ctx: Context, decided: Decided) -> tuple[Outcome, str]:
        """Adds what the item came to to the records; its outcome and the reason."""
        if isinstance(item.verdict, _SetAside):
            decided.records.append(self._router.letter(self._dead_letter(item, item.verdict, ctx.now)))
            return "set_aside", item.verdict.reason
        decided.records.extend(item.records)
        return outcome(item.verdict if item.verdict is not None and not isinstance(item.verdict, Retry) else ())

    def _dead_letter(self, item: _Item, why: _SetAside, now: datetime) -> DeadLetter:
        record: Record = item.source
        subject = about(item.event) if item.event is not None else None
        return DeadLetter(
            event_id=ids.digest("dead-letter", self.stage.name, record.topic, record.partition, record.offset),
            observed_at=now,
            stage=self.stage.name,
            reason=why.reason,
            kind="bug" if why.kind == "bug" else "reject",
            topic=record.topic,
            key=record.key,
            partition=record.partition,
            offset=record.offset,
            value=record.value,
            size=len(record.value),
            tries=why.tries,
            article_id=subject.article_id if subject else None,
            url=subject.url if subject else None,
        )

    def _trace(self, rows: list[TraceRow], ctx: Context, decided: Decided) -> None:
        if self.stage.state:
            write_traces(self.handler.trace, rows, ctx)
            return
        for part in (rows[at : at + TRACED_TOGETHER] for at in range(0, len(rows), TRACED_TOGETHER)):
            made = ids.event_id(self.stage.name, [row.event_id for row in part])
            decided.records.append(self._router.record(TracesRecorded(event_id=made, observed_at=ctx.now, rows=tuple(part))))


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def _nothing() -> None:
    """No one listens."""
