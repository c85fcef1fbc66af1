"""The Kafka side of the conformance suite, for what only Kafka does; held against both runtimes on it."""

import itertools
import os
from collections.abc import AsyncIterator

import pytest

from infra.kafka.broker import Broker
from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Faust, Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture(params=[Kafka, Faust], ids=["kafka", "faust"])
async def carrier(request: pytest.FixtureRequest, kafka: Broker, sqlite_url: str) -> AsyncIterator[Kafka]:  # noqa: F811 - above
    """An empty place on the broker, with a map of its own names."""
    made: Kafka = request.param(sqlite_url, House(f"i{os.getpid()}-{next(_numbers)}"), kafka.bootstrap)
    await made.open()
    yield made
    points.install(None)
    await made.close()
