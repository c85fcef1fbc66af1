"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from shared.database import Database
from shared.tables import METADATA
from shared.workers import Workers

settings.register_profile("rasid", deadline=None)  # a busy machine is no counter-example
settings.load_profile("rasid")


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """A worker process that all tests share."""
    pool = Workers(1)
    yield pool
    pool.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of its own, with every table."""
    fresh = Database(f"sqlite:///{tmp_path / 'rasid.db'}")
    METADATA.create_all(fresh.engine)
    yield fresh
    fresh.close()
