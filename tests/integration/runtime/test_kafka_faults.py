"""Faults to order, on a mock cluster: whatever the broker answers, nothing is lost and order is kept."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from shared import points
from shared.runtime.faust import FaustRuntime
from shared.runtime.kafka import KafkaRuntime
from tests import mock_kafka
from tests.contract.carriers import until
from tests.contract.claims import assert_in_order, assert_whole
from tests.contract.house import BATCH, House, given
from tests.integration.runtime.mocked import Mocked
from tests.mock_kafka import FETCH, HEARTBEAT, JOIN_GROUP, OFFSET_COMMIT, PRODUCE, SYNC_GROUP

COUNT = 8 * BATCH
_numbers = itertools.count()


@pytest.fixture(params=[KafkaRuntime, FaustRuntime], ids=["kafka", "faust"])
async def carrier(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[Mocked]:
    """An empty place on a cluster of its own."""
    with mock_kafka.mock_kafka() as cluster:
        made = Mocked(sqlite_url, House(f"f{next(_numbers)}"), cluster, request.param)
        await made.open()
        yield made
        points.install(None)
        await made.close()


async def through(carrier: Mocked, faults: int) -> None:
    """Waits until all is acknowledged, and holds what came of it against the promise."""
    stage = carrier.house.echo

    async def _acknowledged() -> bool:
        return await carrier.progress(stage) == COUNT

    await until(_acknowledged, f"all {COUNT} acknowledged", 60)
    records = await carrier.messages(carrier.house.echoed)
    assert_whole(carrier, records, carrier.house.expected(stage, [given(number) for number in range(COUNT)]), kills=faults)
    assert_in_order(records)
    assert await carrier.messages(stage.dead_letters) == []


def when(carrier: Mocked, point: str, nth: int, fault: object) -> None:
    """Calls `fault` when the stage comes to this point for the nth time."""
    passed = 0

    def _hook(reached: str, stage: str) -> None:
        nonlocal passed
        if reached == point and stage == carrier.house.echo.name:
            passed += 1
            if passed == nth:
                fault()  # type: ignore[operator]

    points.install(_hook)


REFUSALS = [
    pytest.param("effect", PRODUCE, (mock_kafka.NOT_AUTHORISED_TOPIC,) * 3, id="publishing-is-forbidden"),
    pytest.param("effect", PRODUCE, (mock_kafka.TOO_FEW_REPLICAS,) * 2, id="too-few-replicas"),
    pytest.param("effect", PRODUCE, (mock_kafka.NOT_LEADER,) * 2, id="no-leader-to-publish-to"),
    pytest.param("effect", PRODUCE, (mock_kafka.TIMED_OUT,), id="publishing-times-out"),
    pytest.param("effect", PRODUCE, (mock_kafka.OUT_OF_ORDER,), id="sequence-out-of-order"),
    pytest.param("effect", PRODUCE, (mock_kafka.CORRUPT,), id="corrupt-on-the-way"),
    pytest.param("published", OFFSET_COMMIT, (mock_kafka.NOT_COORDINATOR,) * 2, id="commit-finds-no-coordinator"),
    pytest.param("published", OFFSET_COMMIT, (mock_kafka.UNKNOWN_MEMBER,), id="commit-of-a-stranger"),
    pytest.param("published", OFFSET_COMMIT, (mock_kafka.ILLEGAL_GENERATION,), id="commit-of-an-old-generation"),
    pytest.param("published", OFFSET_COMMIT, (mock_kafka.NOT_AUTHORISED_GROUP,), id="committing-is-forbidden"),
    pytest.param("read", FETCH, (mock_kafka.NOT_LEADER,) * 3, id="no-leader-to-read-from"),
    pytest.param("read", FETCH, (mock_kafka.UNKNOWN,) * 3, id="reading-fails-unknown"),
    pytest.param("read", HEARTBEAT, (mock_kafka.UNKNOWN_MEMBER,), id="thrown-out-of-the-group"),
]


@pytest.mark.parametrize(("point", "request_kind", "errors"), REFUSALS)
async def test_what_the_broker_refuses_is_not_lost(
    carrier: Mocked, point: str, request_kind: int, errors: tuple[int, ...]
) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    when(carrier, point, 2, lambda: carrier.cluster.refuse(request_kind, *errors))
    async with carrier.running([carrier.house.echoing()], publish_seconds=2.0):
        await through(carrier, faults=1 + len(errors))


@pytest.mark.parametrize("request_kind", [JOIN_GROUP, SYNC_GROUP], ids=["join", "sync"])
async def test_a_member_that_is_refused_its_place_in_the_group_asks_again(carrier: Mocked, request_kind: int) -> None:
    """With Faust's own worker it looks alive afterwards, and reads nothing for ever."""
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    carrier.cluster.refuse(request_kind, mock_kafka.NOT_AUTHORISED_GROUP)
    async with carrier.running([carrier.house.echoing()]):
        await through(carrier, faults=0)


async def test_a_broker_that_answers_late_loses_nothing(carrier: Mocked) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    when(carrier, "read", 2, lambda: carrier.cluster.slow(0.3))
    async with carrier.running([carrier.house.echoing()], session_seconds=6.0):
        await through(carrier, faults=0)


async def test_a_broker_that_is_gone_for_a_while_loses_nothing(carrier: Mocked) -> None:
    await carrier.publish(carrier.house.door, [given(number) for number in range(COUNT)])
    loop = asyncio.get_running_loop()

    def _go() -> None:
        carrier.cluster.down()
        loop.call_later(1.0, carrier.cluster.up)

    when(carrier, "effect", 3, _go)
    async with carrier.running([carrier.house.echoing()], publish_seconds=5.0):
        await through(carrier, faults=2)
