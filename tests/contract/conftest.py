"""Every promise is held against both runtimes, each over its own database: a test that takes `carrier` runs once for each.
(Kafka over SQLite, for one machine, is held to what tests/integration/runtime says.)"""

import itertools
import os
from collections.abc import AsyncIterator

import pytest

from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Carrier, Embedded, Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture(params=["embedded", "kafka"])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    """A runtime's place, empty, with a map of its own names."""
    house = House(f"t{os.getpid()}-{next(_numbers)}")
    made: Carrier
    if request.param == "kafka":
        made = Kafka(request.getfixturevalue("postgresql_url"), house, request.getfixturevalue("kafka").bootstrap)
    else:
        made = Embedded(request.getfixturevalue("sqlite_url"), house)
    await made.open()
    yield made
    points.install(None)
    await made.close()
