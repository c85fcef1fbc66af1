"""Every promise is held against all runtimes, the embedded one over SQLite, the others over PostgreSQL: a test that takes
`carrier` runs once for each. (Kafka over SQLite, for one machine, is held to what tests/integration/runtime says.)"""

import itertools
import os
from collections.abc import AsyncIterator

import pytest

from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Carrier, Embedded, Faust, Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture(params=["embedded", "kafka", "faust"])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    """A runtime's place, empty, with a map of its own names."""
    house = House(f"t{os.getpid()}-{next(_numbers)}")
    made: Carrier
    if request.param == "embedded":
        made = Embedded(request.getfixturevalue("sqlite_url"), house)
    else:
        kind = {"kafka": Kafka, "faust": Faust}[request.param]
        made = kind(request.getfixturevalue("postgresql_url"), house, request.getfixturevalue("kafka").bootstrap)
    await made.open()
    yield made
    points.install(None)
    await made.close()
