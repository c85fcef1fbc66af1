"""The database's schema, brought up to date: one Alembic history for the tables of all services.

`migrate` is called at every start. It costs one query when there is nothing to do, and processes that start at once are no
trouble: one migrates, the others wait and find it done. A database newer than this rasid is refused: revisions only go
forward, the way back is the backup (docs/decisions/0032). `python -m rasid.migrations` writes new revisions.
"""

import importlib
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, func, inspect, select, text

import services
from shared.database import Database
from shared.tables import METADATA

FOLDER: Final = Path(__file__).parent / "migrations"
VERSIONS_TABLE: Final = "alembic_version"
SEARCH: Final = "store_search"
"""The full-text index and what belongs to it: made by a revision, no part of METADATA."""

_LOCK: Final = 0x7261736964
"""The advisory lock under which a PostgreSQL database is migrated."""


class Unsuited(Exception):
    """A database that this rasid cannot use; the message says what it is and what to do."""


def migrate(database: Database | str) -> tuple[str, str]:
    """Brings the schema of this database (or of the one at this URL) up to date; the revisions before and after. Raises Retry
    where it cannot be reached, and Unsuited."""
    if isinstance(database, Database):
        return _migrate(database)
    opened = Database(database)
    try:
        return _migrate(opened)
    finally:
        opened.close()


def metadata() -> MetaData:
    """METADATA with the tables of every service, of the runtimes and of the kernel in it."""
    for name in ("shared.runtime.log", "shared.runtime.moves", "shared.tries"):
        importlib.import_module(name)
    for tables in sorted(Path(services.__path__[0]).glob("*/adapters/tables.py")):
        importlib.import_module(f"services.{tables.parent.parent.name}.adapters.tables")
    return METADATA


@cache
def revisions() -> tuple[str, ...]:
    """Every revision there is, the newest first."""
    return tuple(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """The newest revision there is."""
    return revisions()[0]


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
    if tx.dialect.name == "postgresql":
        keep_byte_order(tx)


def check(connection: Connection) -> None:
    """Raises Unsuited for a database whose letters or revision this rasid does not know, and for another program's."""
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise Unsuited(f"encoded in {encoding} and cannot hold every script; make one with ENCODING 'UTF8'")
    found = revision(connection)
    if found and found not in revisions():
        raise Unsuited(f"made by a newer rasid (revision {found}); install that one, or put back the backup of before")
    if not found and (taken := set(inspect(connection).get_table_names()) & metadata().tables.keys()):
        raise Unsuited(f"another program's: it has a table {min(taken)} already; choose another")


def _migrate(database: Database) -> tuple[str, str]:
    with database.read() as db:
        check(db)
        found = revision(db)
    if found != head():
        database.transact_now(upgrade, limited=False)
    return found, head()


def keep_byte_order(tx: Connection) -> None:
    """Gives every text column the collation "C". Ranges and orders then mean on PostgreSQL what they mean on SQLite, and no
    update of the system's locales can damage an index. Done here, so that no revision can forget it."""
    for table, column, kind in tx.execute(_OTHER_ORDER).all():
        tx.execute(text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"'))


_OTHER_ORDER = text(
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation o ON o.oid = a.attcollation
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      AND o.collname <> 'C' AND split_part(c.relname, '_', 1) IN ('crawler', 'classifier', 'store', 'alerts', 'runtime')
    ORDER BY c.relname, a.attnum
    """
)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
