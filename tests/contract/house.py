"""A house of its own for the conformance suite: a small map, its tables, and handlers whose messages say what befalls them.

`keep` has state, `echo` has none, `tell` is a timer; all three are real stages that write rows and return events.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, or_, select, update

from shared import ids
from shared.database import Database, upsert
from shared.events import Event
from shared.handlers import Context, Failure, Reply, RowRef, TimerHandler, TopicHandler
from shared.outcomes import Dropped, Reject
from shared.tables import Instant
from shared.topology import Stage, Topic

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BATCH = 10
SIZABLE, TOO_LARGE = 5_000, 2 << 20
PARTITIONS = 3
LEASE = timedelta(seconds=1)
ASIDE = -1

TABLES = MetaData()
KEPT_ROWS = Table(
    "contract_kept",
    TABLES,
    Column("event_id", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)
DUE_ROWS = Table(
    "contract_due",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("leased_until", Instant),
    Column("decided_at", Instant),
    Column("done", Integer, nullable=False, default=0),  # 1: told for good; ASIDE: set aside
)


class Given(Event, frozen=True, kw_only=True):
    """What comes in. `ask`: what shall befall it."""

    key: str
    number: int
    ask: str = ""
    text: str = ""


class Kept(Event, frozen=True, kw_only=True):
    """What goes out."""

    key: str
    number: int
    text: str = ""


class Unmapped(Event, frozen=True, kw_only=True):
    """An event no topic of the map carries."""

    key: str


class House:
    """The map under names of its own, so that one broker serves every test."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.given = Topic(f"{prefix}.given", Given, key="key", partitions=PARTITIONS)
        self.kept = Topic(f"{prefix}.kept", Kept, key="key", partitions=PARTITIONS)
        self.echoed = Topic(f"{prefix}.echoed", Kept, key="key", partitions=PARTITIONS)
        self.told = Topic(f"{prefix}.told", Kept, key="key", partitions=PARTITIONS)
        self.door = Stage(f"{prefix}-door", "test", writes=(self.given,), kind="door")
        self.keep = Stage(f"{prefix}-keep", "test", reads=(self.given,), writes=(self.kept,))
        self.echo = Stage(f"{prefix}-echo", "test", reads=(self.given,), writes=(self.echoed,), state=False)
        self.tell = Stage(f"{prefix}-tell", "test", writes=(self.told,), kind="timer")
        self.stages = (self.door, self.keep, self.echo, self.tell)

    def handlers(self, *names: str) -> list[TopicHandler | TimerHandler]:
        """The handlers of these stages: keep, echo, tell."""
        return [{"keep": self.keeping, "echo": self.echoing, "tell": self.telling}[name]() for name in names]

    def keeping(self, **changed: Any) -> TopicHandler:
        """`keep`: writes a row and returns an event."""
        return TopicHandler(**{"stage": self.keep, "decide": kept_by(self.keep), "batch": BATCH} | changed)

    def echoing(self, **changed: Any) -> TopicHandler:
        """`echo`: returns an event and keeps nothing."""
        return TopicHandler(**{"stage": self.echo, "decide": echoed_by(self.echo), "batch": BATCH} | changed)

    def telling(self, **changed: Any) -> TimerHandler:
        """`tell`: takes due rows and returns an event for each."""
        parts = {"stage": self.tell, "take": take_due, "decide": told_by(self.tell), "done": mark_done}
        parts |= {"ref": lambda row: RowRef(str(row.number), content=row.key.encode()), "failed": put_off}
        return TimerHandler(**parts | {"every": 0.05, "batch": BATCH, "concurrency": 4} | changed)

    def written_by(self, name: str) -> Topic:
        """What the stage keep, echo or tell writes."""
        return {"keep": self.kept, "echo": self.echoed, "tell": self.told}[name]

    def expected(self, stage: Stage, given: Sequence[Given]) -> list[str]:
        """The ids of what a stage makes of these, computed from the input alone."""
        return [ids.event_id(stage.name, [event.event_id]) for event in given]


def given(number: int, **changed: Any) -> Given:
    """The `number`-th event; its key is one of five."""
    parts = {"event_id": ids.digest("given", number), "observed_at": NOON, "key": "abcde"[number % 5], "number": number}
    return Given(**parts | changed)


def fill_due(database: Database, count: int, first: int = 0) -> None:
    """Adds due rows for `tell`."""
    rows = [{"number": number, "key": "abcde"[number % 5], "done": 0} for number in range(first, first + count)]
    database.transact_now(lambda tx: tx.execute(DUE_ROWS.insert(), rows))


def open_rows(database: Database) -> int:
    """How many rows are not done."""
    with database.read() as tx:
        return len(tx.execute(select(DUE_ROWS.c.number).where(DUE_ROWS.c.done == 0)).all())


def told_id(stage: Stage, number: int) -> str:
    """The id of what `tell` says of a row."""
    return ids.event_id(stage.name, [str(number)])


def answer(stage: Stage, event: Given) -> Reply:
    """What becomes of one event, by what it asks."""
    if event.ask == "reject":
        raise Reject("asked to be refused")
    if event.ask == "bug":
        raise ZeroDivisionError("asked for a bug")
    if event.ask == "drop":
        return [Dropped("asked to be left")]
    if event.ask == "unmapped":
        return [Unmapped(event_id="u", observed_at=NOON, key="a")]
    text = "x" * {"grow": TOO_LARGE, "swell": SIZABLE}.get(event.ask, 0)
    event_id = ids.event_id(stage.name, [event.event_id])
    return [Kept(event_id=event_id, observed_at=event.observed_at, key=event.key, number=event.number, text=text)]


def kept_by(stage: Stage) -> Any:
    """The decision of a stage with state: a row, and an event."""

    def _decide(events: Sequence[Given], results: Sequence[Any], ctx: Context) -> list[Reply]:
        rows = [{"event_id": event.event_id, "stage": stage.name, "number": event.number} for event in events]
        ctx.tx.execute(upsert(ctx.tx, KEPT_ROWS).on_conflict_do_nothing(), rows)
        return [answer(stage, event) for event in events]

    return _decide


def echoed_by(stage: Stage) -> Any:
    """The decision of a stage without state."""

    def _decide(events: Sequence[Given], results: Sequence[Any], ctx: Context) -> list[Reply]:
        return [answer(stage, event) for event in events]

    return _decide


def take_due(ctx: Context, limit: int) -> list[Any]:
    """Due rows, leased."""
    free = or_(DUE_ROWS.c.leased_until.is_(None), DUE_ROWS.c.leased_until <= ctx.now)
    due = select(DUE_ROWS).where(DUE_ROWS.c.done == 0, free).order_by(DUE_ROWS.c.number).limit(limit)
    rows = ctx.tx.execute(due.with_for_update(skip_locked=True)).all()
    _set(ctx.tx, rows, leased_until=ctx.now + LEASE)
    return list(rows)


def told_by(stage: Stage) -> Any:
    """The decision of the timer: it stands in the row once it is made, and is read from there afterwards."""
    text = "x" * SIZABLE

    def _decide(rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> Iterator[Reply]:
        numbers = [row.number for row in rows]
        undecided = DUE_ROWS.c.number.in_(numbers) & DUE_ROWS.c.decided_at.is_(None)
        ctx.tx.execute(update(DUE_ROWS).where(undecided).values(decided_at=ctx.now))
        at = dict(ctx.tx.execute(select(DUE_ROWS.c.number, DUE_ROWS.c.decided_at).where(DUE_ROWS.c.number.in_(numbers))).all())
        for row in rows:
            event_id = told_id(stage, row.number)
            yield [Kept(event_id=event_id, observed_at=at[row.number], key=row.key, number=row.number, text=text)]

    return _decide


def mark_done(rows: Sequence[Any], ctx: Context) -> None:
    """Told for good."""
    _set(ctx.tx, rows, done=1)


def put_off(failures: Sequence[Failure], ctx: Context) -> None:
    """A row that failed rests, or is set aside."""
    for failure in failures:
        aside = {"done": ASIDE} if failure.again_at is None else {"leased_until": failure.again_at}
        _set(ctx.tx, [failure.row], **aside)


def _set(tx: Connection, rows: Sequence[Any], **values: Any) -> None:
    if rows:
        tx.execute(update(DUE_ROWS).where(DUE_ROWS.c.number.in_([row.number for row in rows])).values(**values))


def work_or_die(ask: str) -> str:
    """A worker's task; some of them take their process with them."""
    if ask == "die":
        os._exit(9)
    return ask
