"""The history of the schema makes what the tables say, from nothing and again, on both databases."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import inspect, text
from sqlalchemy.engine.reflection import Inspector

from rasid import schema
from rasid.cli import rasid
from rasid.migrations.__main__ import is_ours
from services.store.adapters.search import matching
from services.store.core.words import phrases
from services.store.settings import Settings
from shared.database import Database
from shared.outcomes import Retry
from shared.workers import Workers
from tests.builders import classified
from tests.databases import Databases
from tests.integration.store.conftest import Stages


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrated.db'}"
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.empty() as made:
        yield made


@pytest.fixture
def migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    schema.migrate(database)
    yield database
    database.close()


@pytest.fixture
def declared(migrated: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The tables as the code declares them, without history."""
    if migrated.is_sqlite:
        made = Database(f"sqlite:///{tmp_path / 'declared.db'}")
        schema.metadata().create_all(made.engine)
        yield made
        made.close()
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.empty() as empty:
        made = Database(empty)
        schema.metadata().create_all(made.engine)
        made.transact_now(schema.keep_byte_order)
        yield made
        made.close()


def shape(database: Database) -> dict[str, Any]:
    """Tables with columns, keys and indexes as the database itself tells them."""
    found = inspect(database.engine)
    tables = [name for name in found.get_table_names() if name != schema.VERSIONS_TABLE]
    return {name: _table(found, name) for name in sorted(tables)}


def _table(found: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            each["name"]: (str(each["type"]), each["nullable"], each["default"], getattr(each["type"], "collation", None))
            for each in found.get_columns(name)
        },
        "key": found.get_pk_constraint(name)["constrained_columns"],
        "indexes": {
            each["name"]: (each["column_names"], bool(each["unique"]), {k: str(v) for k, v in each["dialect_options"].items()})
            for each in found.get_indexes(name)
        },
        "uniques": {each["name"]: each["column_names"] for each in found.get_unique_constraints(name)},
        "leads_to": [
            (each["constrained_columns"], each["referred_table"], each["options"]) for each in found.get_foreign_keys(name)
        ],
    }


def definitions(database: Database) -> dict[str, str]:
    """SQLite's own text of each table and index."""
    with database.read() as db:
        return dict(db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all())


def test_the_history_makes_every_table_as_it_is_declared(migrated: Database, declared: Database) -> None:
    assert shape(migrated) == shape(declared)
    if migrated.is_sqlite:
        rowid = {name: "WITHOUT ROWID" in sql for name, sql in definitions(declared).items()}
        assert {name: "WITHOUT ROWID" in sql for name, sql in definitions(migrated).items() if name in rowid} == rowid


def test_a_change_of_the_tables_without_a_revision_would_be_noticed(migrated: Database) -> None:
    with migrated.read() as db:
        context = MigrationContext.configure(db, opts={"include_name": is_ours})
        assert compare_metadata(context, schema.metadata()) == []


def test_tables_of_every_service_and_of_the_log_are_there(migrated: Database) -> None:
    names = set(shape(migrated))
    for prefix in ("crawler_", "store_", "alerts_", "runtime_"):
        assert any(name.startswith(prefix) for name in names), prefix


def test_the_full_text_index_is_there_and_works(migrated: Database, workers: Workers) -> None:
    Stages(migrated, Settings(), workers).file(classified())
    with migrated.read() as db:
        assert db.execute(matching(db.dialect.name, phrases("تهريب"))).all() == [(1,)]


def test_migrating_again_changes_nothing(migrated: Database, url: str, workers: Workers) -> None:
    Stages(migrated, Settings(), workers).file(classified())
    before = shape(migrated)
    assert schema.migrate(migrated) == schema.migrate(url) == (schema.head(), schema.head())
    with migrated.read() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM store_articles").scalar() == 1
        assert schema.revision(db) == schema.head()
    assert shape(migrated) == before


def test_the_history_is_one_line() -> None:
    script = ScriptDirectory(str(schema.FOLDER))
    assert len(script.get_heads()) == 1
    assert all(len(revision.nextrev) <= 1 for revision in script.walk_revisions())


def test_a_failed_migration_leaves_nothing_behind(url: str) -> None:
    database = Database(url)
    with pytest.raises(ZeroDivisionError):
        database.transact_now(lambda tx: (schema.upgrade(tx), 1 / 0))
    assert shape(database) == {}
    schema.migrate(database)
    assert shape(database) != {}
    database.close()


def test_processes_that_start_at_once_all_find_it_done(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=schema.migrate, args=(url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4


def test_a_database_that_a_newer_rasid_used_is_refused_and_left_alone(migrated: Database, url: str, tmp_path: Path) -> None:
    migrated.transact_now(lambda tx: tx.execute(text(f"UPDATE {schema.VERSIONS_TABLE} SET version_num = '9999_later'")))
    before = shape(migrated)
    with pytest.raises(schema.Unsuited, match="revision 9999_later"):
        schema.migrate(migrated)
    result = CliRunner().invoke(
        rasid,
        ["trace", "x"],
        env={
            "RASID_DATABASE_URL": url,
            "RASID_DATA": str(tmp_path),
            "RASID_KAFKA": "" if migrated.is_sqlite else "127.0.0.1:9",
        },
    )
    assert result.exit_code == 2
    assert shape(migrated) == before


def test_every_text_is_in_byte_order_on_postgresql(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.read() as db:
        other = db.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND"
                " data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
            )
        ).all()
    assert [tuple(row) for row in other] == [(schema.VERSIONS_TABLE, "version_num")]
    database.close()


def test_a_database_that_cannot_hold_every_script_is_refused(postgresql: Databases) -> None:
    with postgresql.empty(ENCODING="LATIN1", LOCALE="'C'") as url, pytest.raises(schema.Unsuited, match="ENCODING 'UTF8'"):
        schema.migrate(url)


def test_a_database_that_is_not_there_is_a_retry(postgresql: Databases) -> None:
    with pytest.raises(Retry, match="does not exist"):
        schema.migrate(postgresql.node.url("nothing_of_this_name"))
