"""The one broker of a test session, and what becomes of tests that need it where there is none."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from infra.kafka.broker import Broker, Missing, broker

_running = ExitStack()


@cache
def _broker() -> Broker | Missing:
    """Started once, whichever folder of tests asks first."""
    try:
        return _running.enter_context(broker())
    except Missing as error:
        return error


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """A real Kafka. Skips where the machine cannot run one, and fails where CI=true."""
    node = _broker()
    if isinstance(node, Missing):
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Kafka: {node}")
        pytest.skip(f"no Kafka: {node}")
    yield node
    _running.close()
