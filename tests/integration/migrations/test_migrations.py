"""The history of the schema makes what the tables say, from nothing and again."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from rasid import schema
from rasid.migrations.__main__ import is_ours
from services.store.settings import Settings
from shared.database import Database
from shared.workers import Workers
from tests.builders import classified
from tests.integration.store.conftest import Stages


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'migrated.db'}"


@pytest.fixture
def migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    schema.migrate(database)
    yield database
    database.close()


def shape(database: Database) -> dict[str, Any]:
    """Tables with columns, keys and indexes as the database itself tells them."""
    found = inspect(database.engine)
    tables = [name for name in found.get_table_names() if name != schema.VERSIONS_TABLE]
    return {
        name: {
            "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in found.get_columns(name)},
            "key": found.get_pk_constraint(name)["constrained_columns"],
            "indexes": {each["name"]: (each["column_names"], bool(each["unique"])) for each in found.get_indexes(name)},
            "uniques": {each["name"]: each["column_names"] for each in found.get_unique_constraints(name)},
            "leads_to": [
                (each["constrained_columns"], each["referred_table"], each["options"]) for each in found.get_foreign_keys(name)
            ],
        }
        for name in sorted(tables)
    }


def definitions(database: Database) -> dict[str, str]:
    with database.read() as db:
        return dict(db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all())


def test_the_history_makes_every_table_as_it_is_declared(migrated: Database, tmp_path: Path) -> None:
    declared = Database(f"sqlite:///{tmp_path / 'declared.db'}")
    schema.metadata().create_all(declared.engine)
    assert shape(migrated) == shape(declared)
    rowid = {name: "WITHOUT ROWID" in sql for name, sql in definitions(declared).items()}
    assert {name: "WITHOUT ROWID" in sql for name, sql in definitions(migrated).items() if name in rowid} == rowid
    declared.close()


def test_a_change_of_the_tables_without_a_revision_would_be_noticed(migrated: Database) -> None:
    with migrated.read() as db:
        context = MigrationContext.configure(db, opts={"include_name": is_ours})
        assert compare_metadata(context, schema.metadata()) == []


def test_tables_of_every_service_and_of_the_log_are_there(migrated: Database) -> None:
    names = set(shape(migrated))
    for prefix in ("crawler_", "store_", "alerts_", "runtime_"):
        assert any(name.startswith(prefix) for name in names), prefix


def test_the_full_text_index_is_there_and_works(migrated: Database, workers: Workers) -> None:
    assert "fts5" in definitions(migrated)[schema.SEARCH]
    Stages(migrated, Settings(), workers).file(classified())
    with migrated.read() as db:
        assert db.exec_driver_sql("SELECT rowid FROM store_search WHERE store_search MATCH 'تهريب'").all() == [(1,)]


def test_migrating_again_changes_nothing(migrated: Database, url: str, workers: Workers) -> None:
    Stages(migrated, Settings(), workers).file(classified())
    before = definitions(migrated)
    with migrated.read() as db:
        version = db.exec_driver_sql("PRAGMA schema_version").scalar()
    schema.migrate(migrated)
    schema.migrate(url)
    with migrated.read() as db:
        assert db.exec_driver_sql("PRAGMA schema_version").scalar() == version
        assert db.exec_driver_sql("SELECT count(*) FROM store_articles").scalar() == 1
        assert schema.revision(db) == schema.head()
    assert definitions(migrated) == before


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
