"""The embedded log: a table of messages, and how far each stage has read.

It stands in the same SQLite file as everything else, so that a stage's state, output and progress are one transaction.
A message's offset is its `seq`, which grows over all topics; a stage's progress is the last one it is through with.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Index, LargeBinary, Table, Text

from shared.handlers import Outgoing, Record
from shared.tables import EPOCH, METADATA, MICROSECOND, Big, Instant
from shared.topology import Stage, Topic

LOG = Table(
    "runtime_log",
    METADATA,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", Instant, nullable=False),  # before the value, so that to look at it does not read the value
    Column("value", LargeBinary, nullable=False),
    Index(None, "topic", "seq"),
    sqlite_autoincrement=True,  # a deleted row's number never comes back
)
PROGRESS = Table(
    "runtime_progress",
    METADATA,
    Column("stage", Text, primary_key=True),
    Column("seq", Big, nullable=False),
)

BATCH_BYTES = 8 << 20
"""A batch ends here even if it could hold more messages, so that memory does not follow the largest message."""

DELETED_AT_ONCE = 2_000
"""Expired rows deleted in one transaction: long enough to be worth it, short enough to let others write."""


def append(tx: Connection, records: Iterable[Outgoing], now: datetime) -> None:
    """Adds these messages, in order."""
    at = (now - EPOCH) // MICROSECOND
    rows = [(record.topic, record.key, record.value, at) for record in records]
    if rows:
        tx.exec_driver_sql("INSERT INTO runtime_log (topic, key, value, at) VALUES (?, ?, ?, ?)", rows)


def progress(tx: Connection, stage: str) -> int:
    """The last seq the stage is through with; 0 before its first."""
    row = tx.exec_driver_sql("SELECT seq FROM runtime_progress WHERE stage = ?", (stage,)).first()
    return row[0] if row else 0


def advance(tx: Connection, stage: str, seq: int) -> None:
    """The stage is through with everything up to `seq`."""
    tx.exec_driver_sql(
        "INSERT INTO runtime_progress (stage, seq) VALUES (?, ?) ON CONFLICT (stage) DO UPDATE SET seq = excluded.seq",
        (stage, seq),
    )


def after(tx: Connection, topics: Sequence[Topic], seq: int, limit: int) -> list[Record]:
    """The next messages of these topics behind `seq`, in the order they came; at most `limit`, or some BATCH_BYTES."""
    found: list[Record] = []
    horizon: int | None = None
    for topic in topics:  # one after another by the index: a merged query would sort all that waits
        records, cut = _next_of(tx, topic, seq, limit)
        found += records
        if cut:  # behind the end of a cut list, another topic's message might stand before this one's next
            horizon = min(horizon or records[-1].offset, records[-1].offset)
    found.sort(key=lambda record: record.offset)
    return [record for record in found if horizon is None or record.offset <= horizon]


def _next_of(tx: Connection, topic: Topic, seq: int, limit: int) -> tuple[list[Record], bool]:
    """The topic's next messages, and whether there may be more."""
    rows = tx.exec_driver_sql(
        "SELECT seq, key, value FROM runtime_log WHERE topic = ? AND seq > ? ORDER BY seq LIMIT ?", (topic.name, seq, limit)
    )
    records: list[Record] = []
    size = 0
    for offset, key, value in rows:
        records.append(Record(topic.name, 0, offset, key, value))
        size += len(value)
        if size > BATCH_BYTES:
            rows.close()
            return records, True
    return records, len(records) == limit


def waiting(tx: Connection, stage: Stage) -> int:
    """How many messages wait in front of the stage."""
    seq = progress(tx, stage.name)
    return sum(
        tx.exec_driver_sql("SELECT count(*) FROM runtime_log WHERE topic = ? AND seq > ?", (topic.name, seq)).scalar_one()
        for topic in stage.reads
    )


def expire(tx: Connection, topic: Topic, readers: Sequence[Stage], now: datetime) -> bool:
    """Deletes messages that every reader is through with and that are past the topic's retention, the oldest first. Whether
    there may be more. What is not old enough ends the look: the log is in the order of time."""
    lowest = min((progress(tx, stage.name) for stage in readers), default=(1 << 62))
    before = (now - EPOCH) // MICROSECOND - topic.retention_hours * 3_600_000_000
    oldest = tx.exec_driver_sql(
        "SELECT seq, at FROM runtime_log WHERE topic = ? AND seq <= ? ORDER BY seq LIMIT 1", (topic.name, lowest)
    ).first()
    if oldest is None or oldest.at >= before:
        return False
    deleted = tx.exec_driver_sql(
        "DELETE FROM runtime_log WHERE seq IN"
        " (SELECT seq FROM runtime_log WHERE topic = ? AND seq <= ? ORDER BY seq LIMIT ?) AND at < ?",
        (topic.name, lowest, DELETED_AT_ONCE, before),
    )
    return deleted.rowcount == DELETED_AT_ONCE
