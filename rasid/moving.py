"""The move of an embedded database into PostgreSQL: every table, the index, and what no stage has read yet onto Kafka.

Rows go in the order of their keys, a part and its position in one transaction, so that a move that was cut off goes on where
it was. Progress is not moved: the stages' groups on Kafka begin at the first message, and the first messages are those that
some stage had not read. The source is only read, and locked against other writers meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import psycopg
from sqlalchemy import Connection, MetaData, Table, func, select, text

from rasid import schema
from services.store.adapters import search
from shared.database import Database
from shared.handlers import Outgoing
from shared.outcomes import Retry
from shared.runtime import moves
from shared.runtime.kafka_publisher import Publisher
from shared.runtime.kafka_topics import all_topics, create_topics
from shared.runtime.log import LOG, PROGRESS, progress
from shared.runtime.moves import MOVES, WHOLE, Position
from shared.topology import STAGES

ROWS_AT_ONCE: Final = 2_000
BYTES_AT_ONCE: Final = 8 << 20
"""A batch ends with the first of the two."""

PUBLISH_SECONDS: Final = 120.0
WAITING: Final = str(LOG.name)
"""The part that the messages are: those that wait go to Kafka."""

NOT_MOVED: Final = frozenset({LOG, PROGRESS, MOVES})

Told = Callable[[str, int, int], None]
"""`told(part, moved, of)`: how far a part is."""


class CannotMove(Exception):
    """A source or a target that a move cannot be made with; says what to do."""


class Part(NamedTuple):
    """What is moved in one go: a table's columns, those of its key first; `source`: the same in SQLite, where it is another."""

    name: str
    columns: tuple[str, ...]
    key: int
    source: tuple[str, ...]


class Counted(NamedTuple):
    """Rows of a part in the source, and those that came of them."""

    part: str
    source: int
    target: int


def parts() -> list[Part]:
    """Everything but the log, those that others lead to first."""
    found = [_part(table) for table in schema.metadata().sorted_tables if table not in NOT_MOVED]
    return [*found, Part(schema.SEARCH, ("sequence", "title", "text"), 1, ("rowid", "title", "text"))]


def begin(source: Connection, target: Database, name: str) -> None:
    """Marks the target as one that `name` is moved into. Raises CannotMove where something else is there."""
    if (found := schema.revision(source)) != schema.head():
        raise CannotMove(f"{name} is at revision {found or 'none'}, not {schema.head()}; run `rasid migrate` on it first")
    target.transact_now(lambda tx: _begin(tx, name))


def copy(source: Connection, target: Database, name: str, told: Told) -> None:
    """Moves the rows that are not yet moved."""
    for part in parts():
        count = _count(source, part.name)
        with target.read() as db:
            reached = moves.position(db, part.name)
        told(part.name, reached.rows, count)
        for rows in _batches(_rows(source, part, reached)):
            reached = Position(rows[-1][: part.key], reached.rows + len(rows))
            target.transact_now(_writing(part, rows, name, reached), limited=False)
            told(part.name, reached.rows, count)
    target.transact_now(lambda tx: _set_sequences(tx, schema.metadata()), limited=False)


def unread(source: Connection) -> dict[str, int]:
    """Of each topic the last message that all its readers are through with; of dead letters, which wait for a person, none."""
    readers = {topic.name: [stage for stage in STAGES if topic in stage.reads] for topic in all_topics(STAGES)}
    letters = {stage.dead_letters.name for stage in STAGES}
    through = {name: min((progress(source, stage.name) for stage in stages), default=None) for name, stages in readers.items()}
    return {name: seq or 0 for name, seq in through.items() if seq is not None or name in letters}


def count_unread(source: Connection) -> int:
    """How many messages wait for some stage, or for a person."""
    return sum(1 for _ in _messages(source, 0, with_values=False))


async def publish(source: Connection, target: Database, bootstrap: str, name: str, told: Told) -> None:
    """Puts the messages that wait onto Kafka, in their order. Raises Retry and KafkaError where the broker is away; messages
    published before a cut and not yet marked come twice, which no stage minds."""
    topics = all_topics(STAGES)
    await create_topics(bootstrap, topics)
    with target.read() as db:
        reached = moves.position(db, WAITING)
    count = count_unread(source)
    rest = _messages(source, reached.key[0] if reached.key else 0)
    publisher = Publisher(bootstrap, "migrate", topics, PUBLISH_SECONDS)

    def mark(tx: Connection) -> None:
        moves.advance(tx, WAITING, name, reached)

    try:
        for rows in _batches(rest):
            await publisher.publish([Outgoing(*row[1:]) for row in rows])
            reached = Position((rows[-1][0],), reached.rows + len(rows))
            await target.transact(mark)
            told(WAITING, reached.rows, count)
    finally:
        await publisher.close()


def verify(source: Connection, target: Database) -> Iterator[Counted]:
    """The rows of each part on both sides."""
    with target.read() as db:
        for part in parts():
            yield Counted(part.name, _count(source, part.name), _count(db, part.name))
        yield Counted(WAITING, count_unread(source), moves.position(db, WAITING).rows)


def _part(table: Table) -> Part:
    key = [str(column.name) for column in table.primary_key]
    columns = (*key, *(str(column.name) for column in table.c if column.name not in key))
    return Part(str(table.name), columns, len(key), columns)


def _begin(tx: Connection, name: str) -> None:
    move = moves.begun(tx)
    if move and move.done:
        raise CannotMove(f"{move.source} was moved into this database before, and since then it is on its own")
    if move and move.source != name:
        raise CannotMove(f"the move of {move.source} into this database is not finished; finish it, or make a new database")
    if not move:
        for part in parts():
            if tx.execute(text(f'SELECT 1 FROM "{part.name}" LIMIT 1')).first():  # noqa: S608 - a table of ours
                raise CannotMove(f"this database is in use: {part.name} is not empty; make a new one")
        moves.advance(tx, WHOLE, name, Position())


def _count(db: Connection, table: str) -> int:
    count: int = db.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # noqa: S608 - a table of ours
    return count


def _rows(source: Connection, part: Part, after: Position) -> Iterator[tuple[Any, ...]]:
    """The rows behind this position, in the order of their key, as SQLite has them; but without NUL, which PostgreSQL cannot
    hold."""
    key = ", ".join(part.source[: part.key])
    query = f'SELECT {", ".join(_quoted(part.source))} FROM "{part.name}"'  # noqa: S608 - names of ours
    if after.key is not None:
        query += f" WHERE ({key}) > ({', '.join('?' * part.key)})"
    for row in source.exec_driver_sql(f"{query} ORDER BY {key}", after.key or (), execution_options={"yield_per": 1_000}):
        yield tuple(value.replace("\x00", "") if isinstance(value, str) else value for value in row)


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch, size = list[tuple[Any, ...]](), 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if len(batch) >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _writing(part: Part, rows: Sequence[tuple[Any, ...]], name: str, reached: Position) -> Callable[[Connection], None]:
    """Work that writes these rows by COPY, and how far the part then is."""
    statement = f'COPY "{part.name}" ({", ".join(_quoted(part.columns))}) FROM STDIN'
    entries = rows if part.name != schema.SEARCH else [search.capped(search.Entry(*row)) for row in rows]

    def work(tx: Connection) -> None:
        driver: Any = tx.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(statement) as into:
                for row in entries:
                    into.write_row(row)
        except psycopg.OperationalError as error:
            raise Retry(f"the database is not available: {error}") from error
        moves.advance(tx, part.name, name, reached)

    return work


def _messages(source: Connection, after: int, *, with_values: bool = True) -> Iterator[tuple[Any, ...]]:
    """Sequence, topic, key and value of what waits behind this one, in order."""
    through = unread(source)
    columns = [LOG.c.seq, LOG.c.topic, *([LOG.c.key, LOG.c.value] if with_values else [])]
    wanted = select(*columns).where(LOG.c.seq > after, LOG.c.topic.in_(through)).order_by(LOG.c.seq)
    for row in source.execute(wanted.execution_options(yield_per=1_000)):
        if row.seq > through[row.topic]:
            yield tuple(row)


def _set_sequences(tx: Connection, tables: MetaData) -> None:
    """Numbers the database gives go on behind those that were moved."""
    for table in tables.sorted_tables:
        column = table.autoincrement_column
        if column is not None and (last := tx.execute(select(func.max(column))).scalar()) is not None:
            tx.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last)))


def _quoted(names: Iterable[str]) -> list[str]:
    return [name if name == "rowid" else f'"{name}"' for name in names]
