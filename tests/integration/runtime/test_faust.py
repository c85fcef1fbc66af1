"""What Faust itself does wrong, and that our way of using it does not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.runtime import faust_transport
from shared.runtime.faust import FaustRuntime
from shared.runtime.faust_transport import App
from tests.contract.carriers import until
from tests.contract.house import House, given
from tests.integration.runtime.mocked import Mocked
from tests.mock_kafka import mock_kafka

COUNT = 10


@pytest.fixture
async def carrier(sqlite_url: str) -> AsyncIterator[Mocked]:
    """An empty place on a cluster of its own."""
    with mock_kafka() as cluster:
        made = Mocked(sqlite_url, House("w"), cluster, FaustRuntime)
        await made.open()
        yield made
        await made.close()


class Careless:
    """An owner that lets partitions go as they are."""

    async def settle(self, consumer: faust_transport.Consumer) -> None:
        """Nothing is under way."""

    def begin(self) -> None:
        """Nothing waits."""


@pytest.mark.parametrize(("scheme", "committed"), [("kafka", COUNT), ("rasid", 0)], ids=["fausts-transport", "ours"])
async def test_a_message_that_is_slow_is_lost_by_fausts_transport_and_not_by_ours(
    carrier: Mocked, tmp_path: Path, scheme: str, committed: int
) -> None:
    """All but the first of a partition are acknowledged. What is committed then is where the next life begins: past the first,
    with Faust's own transport, which is a loss. (Once theirs passes, ours may go.)"""
    await carrier.publish(carrier.house.door, [given(number, key="a") for number in range(COUNT)])
    app = App(
        "w-echo",
        broker=f"{scheme}://{carrier.bootstrap}",
        value_serializer="raw",
        key_serializer="raw",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        stream_wait_empty=False,
        datadir=tmp_path / "faust",
    )
    app.owner = Careless()
    acknowledged: list[int] = []

    @app.agent(app.topic(carrier.house.given.name))
    async def leave_the_first(stream: Any) -> None:
        async for event in stream.noack().events():
            if event.message.offset > 0:
                event.ack()
                acknowledged.append(event.message.offset)

    await app.start()
    try:
        await until(lambda: len(acknowledged) == COUNT - 1, "all but the first acknowledged")
        await app.consumer.commit()
    finally:
        await app.stop()
    assert await carrier.progress(carrier.house.echo) == committed
