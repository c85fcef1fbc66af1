"""The database's schema, brought up to date: one Alembic history for the tables of all services.

`migrate` is called at every start. It costs one query when there is nothing to do, and two processes that start at once
are no trouble: one migrates, the other waits and finds it done. `python -m rasid.migrations` writes new revisions.
"""

import importlib
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, func, inspect, select

import services
from shared.database import Database
from shared.tables import METADATA

FOLDER: Final = Path(__file__).parent / "migrations"
VERSIONS_TABLE: Final = "alembic_version"
SEARCH: Final = "store_search"
"""The full-text index and what belongs to it: made by a revision, no part of METADATA."""

_LOCK: Final = 0x7261736964
"""The advisory lock under which a PostgreSQL database is migrated."""


class NotOurs(Exception):
    """The schema that is there is not one this rasid can bring up to date; the message says what to do."""


def migrate(database: Database | str) -> None:
    """Brings the schema of this database (or of the one at this URL) up to date. Raises Retry where it cannot be reached,
    NotOurs for a newer rasid's or another program's."""
    if isinstance(database, Database):
        _migrate(database)
        return
    opened = Database(database)
    try:
        _migrate(opened)
    finally:
        opened.close()


def metadata() -> MetaData:
    """METADATA with the tables of every service, of the embedded log and of the kernel in it."""
    importlib.import_module("shared.runtime.log")
    importlib.import_module("shared.tries")
    for tables in sorted(Path(services.__path__[0]).glob("*/adapters/tables.py")):
        importlib.import_module(f"services.{tables.parent.parent.name}.adapters.tables")
    return METADATA


@cache
def head() -> str:
    """The newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revision(connection: Connection) -> str:
    """The revision this database is at; empty before the first."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(tx: Connection, target: str = "head") -> None:
    """Runs the revisions that are missing, in this transaction; another process that does the same waits meanwhile."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = _config()
    config.attributes["connection"] = tx
    command.upgrade(config, target)


def _migrate(database: Database) -> None:
    with database.read() as db:
        if (found := revision(db)) == head():
            return
        if found and found not in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}:
            raise NotOurs(f"made by a newer rasid (revision {found}); install that one, or put back the backup of before")
        if not found and (taken := set(inspect(db).get_table_names()) & metadata().tables.keys()):
            raise NotOurs(f"another program's: it has a table {min(taken)} already; choose another file")
    database.transact_now(upgrade)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
