"""Every promise is held against both runtimes: a test that takes `carrier` runs once for each."""

import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Carrier, Embedded, Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture(params=["embedded", "kafka"])
async def carrier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Carrier]:
    """A runtime's place, empty, with a map of its own names."""
    house = House(f"t{os.getpid()}-{next(_numbers)}")
    made: Carrier
    if request.param == "kafka":
        made = Kafka(tmp_path, house, request.getfixturevalue("kafka").bootstrap)
    else:
        made = Embedded(tmp_path, house)
    await made.open()
    yield made
    points.install(None)
    await made.close()
