"""What a service hands to the kernel: the functions of a stage, and the shapes they take and answer with."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection

from shared.events import Event, TraceRow
from shared.outcomes import Dropped, Noted
from shared.topology import Stage


class Record(NamedTuple):
    """A message as it came: where it stood, its key, its bytes. Embedded logs have one partition, 0."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes


class Outgoing(NamedTuple):
    """A message to be published."""

    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides its input: the time, and the transaction (None in a stage without state)."""

    now: datetime
    tx: Connection

    def savepoint(self) -> AbstractContextManager[Any]:
        """Undone as a whole if what runs inside raises."""
        return self.tx.begin_nested() if self.tx is not None else nullcontext()


Reply = Sequence[Event | Dropped | Noted]
"""What became of one input: the events it caused, or why it was left. Empty: handled, nothing to tell."""

LEASE_LOST: Reply = (Dropped("the lease was lost"),)
"""What became of a due row that another worker has meanwhile. Not traced: its trace is the other's to write."""

Trace = Callable[[Connection, Sequence[TraceRow]], None]
"""A port through which a stage with state writes its trace rows, in its own transaction."""


class About(NamedTuple):
    """Which message, article and URL a trace row speaks of. `detail`: what it says besides what the reply tells."""

    event_id: str
    article_id: str
    url: str | None = None
    detail: str = ""


class RowRef(NamedTuple):
    """Which due row this is, for good, and what a person should see of it: the article and the URL it is about, its content."""

    key: str
    article_id: str | None = None
    url: str | None = None
    content: bytes = b""


class Failed(NamedTuple):
    """In place of the result of an effect that raised."""

    error: Exception


class Failure(NamedTuple):
    """A due row that failed for the `tries`-th time, and why. It rests until `again_at`; None: it is set aside, until a person
    has it tried again."""

    row: Any
    reason: str
    tries: int
    again_at: datetime | None


def about(event: Any) -> About | None:
    """The article an event speaks of, or None where it speaks of none."""
    for path in ("", "article", "classified.article"):
        inner = attrgetter(path)(event) if path.split(".")[0] and hasattr(event, path.split(".")[0]) else event
        if hasattr(inner, "article_id"):
            return About(event.event_id, inner.article_id, getattr(inner, "url", None))
    return None


@dataclass(frozen=True, kw_only=True)
class TopicHandler:
    """The functions of a stage fed by topics.

    `effect(events) -> results`: optional, async, outside any transaction (network, worker processes), one result an event.
    `decide(events, results, ctx) -> replies`: synchronous, inside the transaction, one reply an event, in order; without an
    effect the results are Nones. It is idempotent: for an input already applied it returns the same events again.
    `deadline`: seconds an effect may take in all; None: what the settings say.
    """

    stage: Stage
    decide: Callable[[Sequence[Any], Sequence[Any], Context], Iterable[Reply]]
    effect: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]] | None = None
    trace: Trace | None = None
    batch: int = 200
    deadline: float | None = None


@dataclass(frozen=True, kw_only=True)
class TimerHandler:
    """The functions of a stage fed by a timer over due rows.

    `take(ctx, limit) -> rows`: due rows, put under lease in this transaction (a row decided but not done is taken again
    after its lease). It interprets nothing that may be wrong in a row: a bug here stops the stage, one further on only the row.
    `ref(row)`: which row it is; must not raise.
    `effect(row) -> result`: optional, async, outside any transaction, at most `concurrency` at once, each given up after
    `deadline` seconds (None: what the settings say), which should be less than the lease.
    `decide(rows, results, ctx) -> replies`: in a transaction, testing each row's lease; a row decided before returns the same
    events from what was stored. `done(rows, ctx)`: after publishing, marks the rows done, testing each row's lease.
    `failed(failures, ctx)`: lets rows rest, or sets them aside so that they are not taken; shows the reason; tests the lease.
    `every`: seconds between looks when nothing wakes the timer sooner.
    `tells(row, reply)`: what the trace is told of a reply: for each article it speaks of, a row.
    `next_due(ctx)`: when the earliest row falls due; None when there is none (for replay's virtual clock).
    """

    stage: Stage
    take: Callable[[Context, int], Sequence[Any]]
    ref: Callable[[Any], RowRef]
    decide: Callable[[Sequence[Any], Sequence[Any], Context], Iterable[Reply]]
    done: Callable[[Sequence[Any], Context], None]
    failed: Callable[[Sequence[Failure], Context], None]
    effect: Callable[[Any], Awaitable[Any]] | None = None
    tells: Callable[[Any, Reply], Iterable[About]] = lambda row, reply: ()
    next_due: Callable[[Context], datetime | None] = lambda ctx: None
    trace: Trace | None = None
    every: float = 1.0
    batch: int = 200
    concurrency: int = 1
    deadline: float | None = None


Handler = TopicHandler | TimerHandler
