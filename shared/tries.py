"""How often due rows have failed, kept in the database: a restart does not give a poison row its tries anew."""

from collections.abc import Collection, Mapping

from sqlalchemy import Column, Connection, Integer, Table, Text, delete, select

from shared.database import upsert
from shared.tables import METADATA

TRIES = Table(
    "runtime_tries",
    METADATA,
    Column("stage", Text, primary_key=True),
    Column("row_key", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
)


def known(tx: Connection, stage: str) -> dict[str, int]:
    """The rows of this stage that failed since they last went through, each with how often. There are few."""
    rows = tx.execute(select(TRIES.c.row_key, TRIES.c.tries).where(TRIES.c.stage == stage))
    return {row.row_key: row.tries for row in rows}


def keep(tx: Connection, stage: str, tries: Mapping[str, int]) -> None:
    """These rows have failed so often by now."""
    if tries:
        statement = upsert(tx, TRIES)
        tx.execute(
            statement.on_conflict_do_update(index_elements=["stage", "row_key"], set_={"tries": statement.excluded.tries}),
            [{"stage": stage, "row_key": row, "tries": count} for row, count in tries.items()],
        )


def forget(tx: Connection, stage: str, rows: Collection[str]) -> None:
    """These rows went through, or were set aside: their next failure is a first one."""
    if rows:
        tx.execute(delete(TRIES).where(TRIES.c.stage == stage, TRIES.c.row_key.in_(rows)))
