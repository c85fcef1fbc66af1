"""The Kafka side of the conformance suite, for what only Kafka does."""

import itertools
import os
from collections.abc import AsyncIterator

import pytest

from infra.kafka.broker import Broker
from shared import points
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.contract.carriers import Kafka
from tests.contract.house import House

_numbers = itertools.count()


@pytest.fixture
async def carrier(kafka: Broker, sqlite_url: str) -> AsyncIterator[Kafka]:  # noqa: F811 - the fixture above
    """An empty place on the broker, with a map of its own names."""
    made = Kafka(sqlite_url, House(f"i{os.getpid()}-{next(_numbers)}"), kafka.bootstrap)
    await made.open()
    yield made
    points.install(None)
    await made.close()
