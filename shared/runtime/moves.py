"""How far the move of an embedded database into this one has got: kept in this one, in the same transactions as what was
moved, so that a move that was cut off goes on where it was. `rasid migrate --to` writes here (rasid/moving.py)."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Boolean, Column, Connection, Table, Text, select, update

from shared.database import upsert
from shared.tables import METADATA, Big

MOVES = Table(
    "runtime_moves",
    METADATA,
    Column("part", Text, primary_key=True),  # a table, or the whole
    Column("source", Text, nullable=False),
    Column("position", Text, nullable=False),  # JSON: the key of the last row moved; null before the first
    Column("rows", Big, nullable=False),
    Column("done", Boolean, nullable=False),
)

WHOLE = "*"


class Position(NamedTuple):
    """The key of the last row of a part that was moved (None before the first), and how many were."""

    key: tuple[Any, ...] | None = None
    rows: int = 0


class Begun(NamedTuple):
    """From where a move into this database was begun, and whether it is done."""

    source: str
    done: bool


def begun(db: Connection) -> Begun | None:
    """The move into this database; None where there never was one."""
    row = db.execute(select(MOVES.c.source, MOVES.c.done).where(MOVES.c.part == WHOLE)).one_or_none()
    return Begun(row.source, row.done) if row else None


def position(db: Connection, part: str) -> Position:
    """How far a part has got."""
    row = db.execute(select(MOVES.c.position, MOVES.c.rows).where(MOVES.c.part == part)).one_or_none()
    if row is None:
        return Position()
    key = msgspec.json.decode(row.position)
    return Position(None if key is None else tuple(key), row.rows)


def advance(tx: Connection, part: str, source: str, reached: Position) -> None:
    """The part has got so far; of the whole: the move has begun."""
    statement = upsert(tx, MOVES)
    new = statement.excluded
    tx.execute(
        statement.on_conflict_do_update(index_elements=["part"], set_={"position": new.position, "rows": new.rows}),
        {
            "part": part,
            "source": source,
            "position": msgspec.json.encode(reached.key).decode(),
            "rows": reached.rows,
            "done": False,
        },
    )


def finish(tx: Connection) -> None:
    """Everything is moved."""
    tx.execute(update(MOVES).values(done=True))
