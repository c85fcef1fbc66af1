"""The kernel's other half: what happens to due rows, once, for every runtime.

Rows are decided together, and where that fails by halves, until the poison one stands alone: its neighbours pass. It rests,
longer each time, is tried a bounded number of times (counted in the database), and is then set aside with a dead letter.
Whatever a port of the stage raises is the failure of the rows it was given, and of no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any, NamedTuple

from shared import ids, tries
from shared.events import DeadLetter, Event, Outcome, TraceRow
from shared.handlers import LEASE_LOST, Context, Failed, Failure, Outgoing, Reply, TimerHandler
from shared.handling import TRIES
from shared.outcomes import MapError, Reject, Retry
from shared.routing import Router, outcome, told, trace_row, write_traces
from shared.world import is_world

log = getLogger(__name__)

FIRST_REST, LONGER = 10.0, 4
"""How many seconds a row rests after its first failure, and how many times longer after each further one."""


@dataclass(slots=True)
class Settled:
    """What due rows came to. `records` are to be published, in order; then `done` rows are to be marked done, and `failures`
    as failed. `counts` by outcome for the ledger."""

    records: list[Outgoing] = field(default_factory=list)
    done: list[Any] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    counts: dict[Outcome, int] = field(default_factory=dict)

    def count(self, result: Outcome) -> None:
        self.counts[result] = self.counts.get(result, 0) + 1


class Unmarked(NamedTuple):
    """A row over which the stage failed, and how."""

    row: Any
    error: Exception


class Answered(NamedTuple):
    """A row, what the stage answered, and the records that come of it."""

    row: Any
    reply: Reply
    records: list[Outgoing]


Decide = Callable[[Sequence[Any], Sequence[Any], Context], list[Answered]]


class TimerHandling:
    """Carries due rows through one stage that is fed by a timer."""

    def __init__(self, handler: TimerHandler, *, limit: int = TRIES, first_rest: float = FIRST_REST) -> None:
        self.handler, self.stage = handler, handler.stage
        self._limit, self._first_rest = limit, first_rest
        self._router = Router(handler.stage)

    def settle(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> Settled:
        """Decides and marks in this one transaction, for a runtime whose log stands in the same database."""
        settled = self._decided(rows, results, ctx, self._decide_and_mark)
        self._rest(settled, ctx)
        return settled

    def decide(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> Settled:
        """Decides in this transaction; `mark` follows, in another, once the records are published."""
        return self._decided(rows, results, ctx, self._decide)

    def mark(self, settled: Settled, ctx: Context) -> list[Unmarked]:
        """Marks what was decided and published. What could not be marked done is to be given to `fail`."""
        unmarked: list[Unmarked] = []
        self._mark(settled.done, ctx, unmarked)
        left = {id(row) for row, _ in unmarked}
        settled.done = [row for row in settled.done if id(row) not in left]
        self._rest(settled, ctx)
        return unmarked

    def fail(self, unmarked: Sequence[Unmarked], ctx: Context) -> Settled:
        """What becomes of rows whose done-mark failed: to be published and marked like any other."""
        settled = Settled()
        self._fail(unmarked, settled, ctx)
        return settled

    def _decided(
        self,
        rows: Sequence[Any],
        results: Sequence[Any],
        ctx: Context,
        decide: Decide,
    ) -> Settled:
        settled, failed = Settled(), list[Unmarked]()
        whole: list[tuple[Any, Any]] = []
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, Failed):
                failed.append(Unmarked(row, result.error))
            else:
                whole.append((row, result))
        traced: list[TraceRow] = []
        for row, reply, records in self._isolated(whole, ctx, decide, failed):
            settled.records.extend(records)
            settled.done.append(row)
            settled.count(outcome(reply)[0])
            traced.extend(self._traced(row, reply, ctx.now))
        write_traces(self.handler.trace, traced, ctx)
        self._fail(failed, settled, ctx)
        return settled

    def _isolated(
        self, rows: Sequence[tuple[Any, Any]], ctx: Context, decide: Decide, failed: list[Unmarked]
    ) -> list[Answered]:
        """Each row with its reply and the records that come of it; on an error rolls back, and decides each half."""
        if not rows:
            return []
        try:
            with ctx.savepoint():
                return decide([row for row, _ in rows], [result for _, result in rows], ctx)
        except Exception as error:  # the kernel is the one place that answers for every error of a stage
            if isinstance(error, MapError) or is_world(error):
                raise
            if len(rows) == 1:
                failed.append(Unmarked(rows[0][0], error))
                return []
            half = len(rows) // 2
            return [*self._isolated(rows[:half], ctx, decide, failed), *self._isolated(rows[half:], ctx, decide, failed)]

    def _decide(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> list[Answered]:
        replies = list(self.handler.decide(rows, results, ctx))
        outgoing = [[self._router.record(event) for event in reply if isinstance(event, Event)] for reply in replies]
        return [Answered(*each) for each in zip(rows, replies, outgoing, strict=True)]

    def _decide_and_mark(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> list[Answered]:
        decided = self._decide(rows, results, ctx)
        self.handler.done(rows, ctx)
        return decided

    def _mark(self, rows: Sequence[Any], ctx: Context, unmarked: list[Unmarked]) -> None:
        """Marks these done; on an error rolls back, and marks each half."""
        if not rows:
            return
        try:
            with ctx.savepoint():
                self.handler.done(rows, ctx)
        except Exception as error:  # as above
            if is_world(error):
                raise
            if len(rows) == 1:
                unmarked.append(Unmarked(rows[0], error))
                return
            half = len(rows) // 2
            self._mark(rows[:half], ctx, unmarked)
            self._mark(rows[half:], ctx, unmarked)

    def _traced(self, row: Any, reply: Reply, now: datetime) -> list[TraceRow]:
        if reply is LEASE_LOST:
            return []
        result, reason = outcome(reply)
        try:
            return [
                trace_row(self.stage, about, result, about.detail or reason, now) for about in self.handler.tells(row, reply)
            ]
        except Exception as error:
            log.error("A step of an article's trace could not be written.", extra=self._facts(row), exc_info=error)
            return []

    def _fail(self, failed: Sequence[Unmarked], settled: Settled, ctx: Context) -> None:
        """Adds to `settled` what becomes of rows that failed: they rest, or are set aside with a dead letter."""
        if not failed:
            return
        known = tries.known(ctx.tx, self.stage.name)
        for row, error in failed:
            failure = self._failure(row, error, known.get(self.handler.ref(row).key, 0), ctx.now)
            settled.failures.append(failure)
            if failure.again_at is None:
                settled.records.append(self._router.letter(self._dead_letter(failure, error, ctx.now)))
                settled.count("set_aside")

    def _failure(self, row: Any, error: Exception, before: int, now: datetime) -> Failure:
        facts = self._facts(row)
        if isinstance(error, Retry):  # the world: it has no end, and is no try
            log.warning("Waiting for the world.", extra=facts | {"wait": error.after, "reason": str(error)})
            return Failure(row, str(error), before, now + timedelta(seconds=error.after))
        count, reason = before + 1, str(error) if isinstance(error, Reject) else f"{type(error).__name__}: {error}"
        if isinstance(error, Reject) or count >= self._limit:
            log.error("Set a due row aside.", extra=facts | {"tries": count}, exc_info=error)
            return Failure(row, told(reason), count, None)
        wait = self._first_rest * LONGER ** (count - 1)
        log.warning("A due row failed; it is tried again.", extra=facts | {"tries": count, "wait": wait}, exc_info=error)
        return Failure(row, told(reason), count, now + timedelta(seconds=wait))

    def _dead_letter(self, failure: Failure, error: Exception, now: datetime) -> DeadLetter:
        ref = self.handler.ref(failure.row)
        return DeadLetter(
            event_id=ids.digest("dead-letter", self.stage.name, ref.key),
            observed_at=now,
            stage=self.stage.name,
            reason=failure.reason,
            kind="reject" if isinstance(error, Reject) else "bug",
            topic="",
            key=ref.key,
            partition=0,
            offset=0,
            value=ref.content,
            size=len(ref.content),
            tries=failure.tries,
            article_id=ref.article_id,
            url=ref.url,
        )

    def _rest(self, settled: Settled, ctx: Context) -> None:
        """Marks what failed, and keeps how often; forgets the tries of what did not."""
        known = tries.known(ctx.tx, self.stage.name)
        kept: dict[str, int] = {}
        for failure in settled.failures:
            self._put_off(failure, ctx)
            if failure.again_at is not None and failure.tries:
                kept[self.handler.ref(failure.row).key] = failure.tries
        tries.keep(ctx.tx, self.stage.name, kept)
        if known:
            through = [*settled.done, *(failure.row for failure in settled.failures if failure.again_at is None)]
            tries.forget(ctx.tx, self.stage.name, [key for row in through if (key := self.handler.ref(row).key) in known])

    def _put_off(self, failure: Failure, ctx: Context) -> None:
        try:
            with ctx.savepoint():
                self.handler.failed([failure], ctx)
        except Exception as error:
            if is_world(error):
                raise
            facts = self._facts(failure.row)
            log.error("A failed row could not be put off; it comes again after its lease.", extra=facts, exc_info=error)

    def _facts(self, row: Any) -> dict[str, Any]:
        return {"stage": self.stage.name, "row": self.handler.ref(row).key}
