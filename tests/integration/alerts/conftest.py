"""A desk over a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.database import Database
from tests.integration.alerts.desk import Desk, opened


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """Alerts that may send to this machine, without jitter."""
    async with opened(database, tmp_path) as made:
        yield made
