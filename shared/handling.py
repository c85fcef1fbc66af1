"""The kernel: what happens to messages, once, for every runtime.

A runtime brings records in and carries records out; in between, `TopicHandling` and `TimerHandling` decode, run the
stage's effect and its decision, isolate a poison message by splitting the batch, set it aside with its reason, route
what was returned by its type, and count. The kernel never sleeps, opens no transaction and publishes nothing: it says
what is to be written, how many inputs that covers, and how long to wait before the next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from logging import getLogger
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from shared import ids
from shared.clock import Clock
from shared.events import DeadLetter, Event, Outcome, TraceRow, TracesRecorded
from shared.handlers import LEASE_LOST, About, Context, Outgoing, Record, Reply, TimerHandler, TopicHandler, about
from shared.outcomes import Dropped, MapError, Noted, Reject, Retry
from shared.topology import Stage
from shared.world import is_world

log = getLogger(__name__)

REMEMBERED = 10_000
"""Messages whose tries are remembered at once; one that went through after a try is never asked for again."""

TOLD_CHARS = 4_000
"""How much of a reason or a URL a dead letter or a trace row repeats; at six bytes a character in JSON the rest has room."""

TRACED_TOGETHER = 20
"""Trace rows in one message, so that the longest of them together stay below what a topic takes."""

WRAPPED_BYTES = 256 * 1024
"""How much of a message a dead letter keeps (base64 adds a third; the whole stays below a broker's 1 MiB)."""


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


class Router:
    """Turns returned events into outgoing records for one stage: type to topic, attribute to key, size checked."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._encode = msgspec.json.Encoder().encode
        self._topics = {topic.event: (topic, attrgetter(topic.key)) for topic in stage.writes}

    def record(self, event: Event) -> Outgoing:
        """Raises MapError for an event the map does not grant, Reject for one larger than its topic takes."""
        if type(event) not in self._topics:
            raise MapError(
                f"stage {self._stage.name} returned {type(event).__name__}, which shared/topology.py does not let it write"
            )
        topic, key = self._topics[type(event)]
        value = self._encode(event)
        if len(value) > topic.max_bytes:
            raise Reject(
                f"its {type(event).__name__} is {len(value)} bytes, more than the {topic.max_bytes} {topic.name} takes"
            )
        return Outgoing(topic.name, key(event), value)


class _Tries:
    """How often a bug met the same message; a bug is a bug only if it comes back."""

    def __init__(self, limit: int, first_pause: float) -> None:
        self._limit, self._first_pause = limit, first_pause
        self._counts: dict[Any, int] = {}

    def verdict(self, place: Any, stage: str, error: Exception) -> "_SetAside | Retry":
        tries = self._counts.pop(place, 0) + 1
        reason = f"{type(error).__name__}: {error}"
        if tries >= self._limit:
            log.error("Set a message aside after repeated errors.", extra={"stage": stage, "tries": tries}, exc_info=error)
            return _SetAside(reason, "bug", tries)
        if len(self._counts) > REMEMBERED:
            self._counts.clear()  # each of them is then tried as if for the first time
        self._counts[place] = tries
        log.warning("A stage failed; trying again.", extra={"stage": stage, "tries": tries}, exc_info=error)
        return Retry(reason, after=self._first_pause * 2 ** (tries - 1))


class TopicHandling:
    """Carries batches through one stage that is fed by topics."""

    def __init__(self, handler: TopicHandler, clock: Clock, *, tries: int = 5, first_pause: float = 0.1) -> None:
        self.handler, self.stage = handler, handler.stage
        self._clock = clock
        self._router = Router(handler.stage)
        self._letters = Router(handler.stage._replace(writes=(handler.stage.dead_letters,)))
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
            outcome, reason = self._told(item, ctx, decided)
            decided.count(outcome)
            if self.stage.traced and item.event is not None and (subject := about(item.event)):
                rows.append(_trace_row(self.stage, subject, outcome, reason, ctx.now))
        self._trace(rows, ctx, decided)
        return decided

    def _decoded(self, record: Record) -> _Item:
        try:
            return _Item(record, event=self._decoders[record.topic].decode(record.value))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _Item(record, verdict=_SetAside(f"does not decode: {error}", "reject", 1))

    async def _effect(self, items: list[_Item]) -> None:
        """Runs the effect over these items; on an error, over each half, until the one that causes it stands alone."""
        if not items or self.handler.effect is None:
            return
        try:
            results = await self.handler.effect([item.event for item in items])
            for item, result in zip(items, results, strict=True):
                item.result = result
        except Exception as error:  # the kernel is the one place that answers for every error of a stage
            if isinstance(error, MapError):
                raise
            self.turned()
            if len(items) == 1 or isinstance(error, Retry):
                items[0].verdict = self._verdict(items[0].source, error)
                return
            half = len(items) // 2
            await self._effect(items[:half])
            if not any(isinstance(item.verdict, Retry) for item in items[:half]):
                await self._effect(items[half:])

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
        return self._tries.verdict((record.topic, record.partition, record.offset), self.stage.name, error)

    def _told(self, item: _Item, ctx: Context, decided: Decided) -> tuple[Outcome, str]:
        """Adds what the item came to to the records; its outcome and the reason."""
        if isinstance(item.verdict, _SetAside):
            decided.records.append(self._letters.record(self._dead_letter(item, item.verdict, ctx.now)))
            return "set_aside", item.verdict.reason
        decided.records.extend(item.records)
        return _outcome(item.verdict if item.verdict is not None and not isinstance(item.verdict, Retry) else ())

    def _dead_letter(self, item: _Item, why: _SetAside, now: datetime) -> DeadLetter:
        record: Record = item.source
        subject = about(item.event) if item.event is not None else None
        return DeadLetter(
            event_id=ids.digest("dead-letter", self.stage.name, record.topic, record.partition, record.offset),
            observed_at=now,
            stage=self.stage.name,
            reason=told(why.reason),
            kind="bug" if why.kind == "bug" else "reject",
            topic=record.topic,
            key=told(record.key),
            partition=record.partition,
            offset=record.offset,
            value=record.value[:WRAPPED_BYTES],
            size=len(record.value),
            truncated=len(record.value) > WRAPPED_BYTES,
            tries=why.tries,
            article_id=subject.article_id if subject else None,
            url=told(subject.url) if subject and subject.url else None,
        )

    def _trace(self, rows: list[TraceRow], ctx: Context, decided: Decided) -> None:
        if not rows:
            return
        if self.stage.state:
            if self.handler.trace is not None:
                self.handler.trace(ctx.tx, rows)
            return
        for part in (rows[at : at + TRACED_TOGETHER] for at in range(0, len(rows), TRACED_TOGETHER)):
            made = ids.event_id(self.stage.name, [row.event_id for row in part])
            decided.records.append(self._router.record(TracesRecorded(event_id=made, observed_at=ctx.now, rows=tuple(part))))


class TimerHandling:
    """Carries due rows through one stage that is fed by a timer."""

    def __init__(self, handler: TimerHandler) -> None:
        self.handler, self.stage = handler, handler.stage
        self._router = Router(handler.stage)

    def decide(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> tuple[list[Outgoing], list[Any]]:
        """The records to publish, and the rows then to be marked done. A row whose decision fails keeps its lease and is
        taken again when that ends; its error is logged."""
        records: list[Outgoing] = []
        done: list[Any] = []
        traced: list[TraceRow] = []
        for row, reply, outgoing in self._replies(rows, results, ctx):
            records.extend(outgoing)
            done.append(row)
            if reply is not LEASE_LOST and (subject := self.handler.about(row)):
                traced.append(_trace_row(self.stage, subject, *_outcome(reply), ctx.now))
        if traced and self.handler.trace is not None:
            self.handler.trace(ctx.tx, traced)
        return records, done

    def _replies(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> list[tuple[Any, Reply, list[Outgoing]]]:
        """Each row with its reply and the records that come of it; on an error rolls back, and decides each half."""
        try:
            with ctx.savepoint():
                replies = list(self.handler.decide(rows, results, ctx))
                outgoing = [[self._router.record(e) for e in reply if isinstance(e, Event)] for reply in replies]
                return list(zip(rows, replies, outgoing, strict=True))
        except Exception as error:
            if isinstance(error, MapError) or is_world(error):
                raise
            if len(rows) == 1:
                log.error(
                    "A due row failed; it is tried again after its lease.", extra={"stage": self.stage.name}, exc_info=error
                )
                return []
            half = len(rows) // 2
            return [*self._replies(rows[:half], results[:half], ctx), *self._replies(rows[half:], results[half:], ctx)]


def _outcome(reply: Reply) -> tuple[Outcome, str]:
    """The outcome of an input and what its trace says of it."""
    dropped = [entry.reason for entry in reply if isinstance(entry, Dropped)]
    noted = [entry.detail for entry in reply if isinstance(entry, Noted)]
    return ("dropped" if dropped else "handled"), "; ".join(dropped + noted)


def _trace_row(stage: Stage, subject: About, outcome: Outcome, reason: str, now: datetime) -> TraceRow:
    return TraceRow(
        article_id=subject.article_id,
        stage=stage.name,
        outcome=outcome,
        at=now,
        event_id=subject.event_id,
        url=told(subject.url) if subject.url else None,
        reason=told(reason),
    )


def _nothing() -> None:
    """No one listens."""


def told(text: str) -> str:
    """A text that came from outside, as it may stand in a record of ours: encodable, and no longer than is of use."""
    return text[:TOLD_CHARS].encode("utf-8", "replace").decode()
