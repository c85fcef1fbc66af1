"""What every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from shared.database import Database
from shared.workers import Workers

pytest_plugins = ["tests.databases"]

os.environ.setdefault("RASID_PAGES", "never")  # feeds of tests link to places that are not there

settings.register_profile("rasid", deadline=None)  # a busy machine is no counter-example
settings.load_profile("rasid")


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """A worker process that all tests share."""
    pool = Workers(1)
    yield pool
    pool.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of its own, with every table: a test that takes it runs once on SQLite and once on
    PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of its own, with every table; on both databases, as above."""
    fresh = Database(database_url)
    yield fresh
    fresh.close()


@pytest.fixture
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a command over that database, in a folder of its own; set for this test. Its Kafka is not there."""
    own = {"RASID_DATA": str(tmp_path)}
    if not database_url.startswith("sqlite"):
        own |= {"RASID_DATABASE_URL": database_url, "RASID_KAFKA": "127.0.0.1:9"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return own


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """The same on SQLite alone."""
    fresh = Database(sqlite_url)
    yield fresh
    fresh.close()
