"""Every promise is held against all runtimes: a test that takes `carrier` runs once for each."""

import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Carrier, Embedded, Faust, Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture(params=["embedded", "kafka", "faust"])
async def carrier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Carrier]:
    """A runtime's place, empty, with a map of its own names."""
    house = House(f"t{os.getpid()}-{next(_numbers)}")
    made: Carrier
    if request.param == "embedded":
        made = Embedded(tmp_path, house)
    else:
        made = {"kafka": Kafka, "faust": Faust}[request.param](tmp_path, house, request.getfixturevalue("kafka").bootstrap)
    await made.open()
    yield made
    points.install(None)
    await made.close()
