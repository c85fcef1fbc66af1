"""The house as separate processes, while brokers, databases and members go and come. The long outages are `make soak`'s."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.kafka.broker import Broker, broker
from infra.postgres.server import Server, server
from tests.brokers import kafka as session_kafka  # noqa: F401 - a fixture
from tests.e2e import test_kill
from tests.e2e.flowing import endured
from tests.e2e.services import NAMES, RunningServices
from tests.servers import free_port

KILLS_EACH = int(os.environ.get("RASID_TEST_KILLS_EACH", "5"))
ROUNDS = int(os.environ.get("RASID_TEST_ROUNDS", "2"))
JOIN_SECONDS = 4.0


@pytest.fixture
def kafka(session_kafka: Broker) -> Iterator[Broker]:  # noqa: F811 - the fixture above
    """A broker of this test's own, for the topics have their real names. (Where there is none, the session's has said so.)"""
    with broker() as node:
        yield node


def services(folder: Path, kafka: Broker, database_url: str) -> RunningServices:
    """Five services; the web is at the same address after each start."""
    return RunningServices(folder, kafka.bootstrap, database_url, **test_kill.SETTINGS | {"RASID_PORT": str(free_port())})


@pytest.mark.timeout(300 + 20 * KILLS_EACH)
async def test_services_killed_again_and_again_lose_nothing(kafka: Broker, database_url: str, tmp_path: Path) -> None:
    """kill -9 of every service, at moments a seed gives."""
    seed = int(os.environ.get("RASID_TEST_SEED", time.time_ns() % 100_000))
    print(f"seed {seed}: RASID_TEST_SEED={seed} repeats the moments")
    chance = random.Random(seed)

    async def kill(running: RunningServices) -> int:
        doomed = [name for name in NAMES for _ in range(KILLS_EACH)]
        chance.shuffle(doomed)
        for name in doomed:
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            await asyncio.to_thread(lambda name=name: os.kill(running.child_of(running.services[name][0]), signal.SIGKILL))
        return len(doomed)

    with services(tmp_path, kafka, database_url) as running:
        await endured(running, kafka.bootstrap, kill)


@pytest.mark.timeout(300 + 60 * ROUNDS)
async def test_members_that_join_and_leave_under_a_steady_stream_lose_nothing(
    kafka: Broker,
    postgresql_url: str,
    tmp_path: Path,
) -> None:
    """Sixty articles a second; a second classifier and a second store come, and then the first ones go."""

    async def join_and_leave(running: RunningServices) -> int:
        for _ in range(ROUNDS):
            for name in ("classifier", "store"):
                running.start_one(name)
            await asyncio.sleep(JOIN_SECONDS)
            for name in ("classifier", "store"):
                assert await asyncio.to_thread(running.stop_one, name) == 0
            await asyncio.sleep(1.0)
        return 0

    with services(tmp_path, kafka, postgresql_url) as running:
        await endured(running, kafka.bootstrap, join_and_leave, handful=6)


@pytest.mark.parametrize(
    ("seconds", "away"),
    [
        pytest.param(10.0, Broker.kill, id="killed-for-10-s"),
        pytest.param(60.0, Broker.kill, id="killed-for-60-s", marks=pytest.mark.soak),
        pytest.param(20.0, Broker.pause, id="stopped-for-20-s", marks=pytest.mark.soak),
    ],
)
@pytest.mark.timeout(400)
async def test_a_broker_that_is_away_and_comes_back_loses_nothing(
    kafka: Broker,
    postgresql_url: str,
    tmp_path: Path,
    seconds: float,
    away: Callable[[Broker], None],
) -> None:
    async def go(_running: RunningServices) -> int:
        await asyncio.sleep(2.0)
        await asyncio.to_thread(away, kafka)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(Broker.resume if away is Broker.pause else Broker.restart, kafka)
        await asyncio.sleep(2.0)
        return 1

    with services(tmp_path, kafka, postgresql_url) as running:
        await endured(running, kafka.bootstrap, go)


@pytest.mark.parametrize("seconds", [pytest.param(8.0, id="8-s"), pytest.param(60.0, id="60-s", marks=pytest.mark.soak)])
@pytest.mark.timeout(400)
async def test_a_database_server_that_is_stopped_and_comes_back_loses_nothing(
    kafka: Broker,
    postgresql_url: str,
    tmp_path: Path,
    seconds: float,
) -> None:
    async def go(node: Server) -> int:
        await asyncio.sleep(2.0)
        await asyncio.to_thread(node.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(node.start)
        await asyncio.sleep(2.0)
        return 1

    with server() as node, services(tmp_path, kafka, node.url()) as running:
        await endured(running, kafka.bootstrap, lambda _running: go(node))
