"""The house as separate processes on a real Kafka: the same as in one process, and up again after whatever ends one."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.kafka.broker import Broker, broker
from shared import clock, ids
from tests.brokers import kafka as session_kafka  # noqa: F401 - a fixture
from tests.e2e.running import ROOT, SEEDS, RunningHouse
from tests.e2e.services import RunningServices
from tests.e2e.test_house import LOOPBACK, STORY, feed, item
from tests.receivers import Receiver
from tests.servers import Reply, free_port, serving
from tests.waiting import until

SETTINGS = {**LOOPBACK, "RASID_MIN_POLL_SECONDS": "0.3", "RASID_ALERT_MAX_AGE_HOURS": "1000000"}
EDITED = "ألغت الحكومة قرارها السابق، ولم تعد تأشيرة الدخول المسبقة تمنح عند الوصول، بحسب بيان جديد صدر اليوم."
WEBHOOKS = 9


@pytest.fixture(scope="module")
def kafka(session_kafka: Broker) -> Iterator[Broker]:  # noqa: F811 - the fixture above
    """A broker of these tests' own, for the topics have their real names. (Where there is none, the session's has said so.)"""
    with broker() as node:
        yield node


@pytest.mark.timeout(400)
async def test_separate_processes_come_to_the_same_as_one(kafka: Broker, database_url: str, tmp_path: Path) -> None:
    now = clock.now()
    before = [item(2, now - timedelta(minutes=5)), item(1, now - timedelta(days=9))]
    after = [item(3, now), before[0].replace(STORY, EDITED), before[1]]
    with RunningHouse(tmp_path / "one", **SETTINGS) as house:
        (tmp_path / "one").mkdir()
        one = await lived(house, feed(*before), feed(*after))
    with RunningServices(tmp_path / "many", kafka.bootstrap, database_url, **SETTINGS) as services:
        (tmp_path / "many").mkdir()
        many = await lived(services, feed(*before), feed(*after))
    assert one == many
    assert len(one) == 8


async def lived(house: RunningHouse, first: bytes, second: bytes) -> list[dict[str, Any]]:
    """Seeds and a feed that is edited go through this house, out by webhook; what it has in the end, without what names this
    run."""
    async with serving() as server, Receiver() as receiver:
        server.replies["/feed.xml"] = Reply(body=first, headers={"Content-Type": "application/rss+xml"})
        await asyncio.to_thread(house.start)
        [made] = await asyncio.to_thread(house.rasid, "subscriptions", "add", receiver.url, "--include-backfill", "--json")
        receiver.secrets = [made["secret"]]
        await asyncio.to_thread(house.rasid, "sources", "add", server.url("/feed.xml"))
        await asyncio.to_thread(house.rasid, "ingest", str(SEEDS), "--json")
        await receiver.wait_for(7, 120)
        server.replies["/feed.xml"] = Reply(body=second, headers={"Content-Type": "application/rss+xml"})
        await receiver.wait_for(WEBHOOKS, 120)
        articles = await asyncio.to_thread(house.articles)
        assert await asyncio.to_thread(house.stop) == 0
    heard = {got.message_id for got in receiver.got}
    return sorted((_timeless(article, made["id"], heard) for article in articles), key=lambda article: article["id"])


def _timeless(article: dict[str, Any], subscription: str, heard: set[str | None]) -> dict[str, Any]:
    """An article as it must be in every run, with the messages about it that were heard."""
    kinds = [
        (kind, revision)
        for kind in ("article.tagged", "article.corrected", "article.withdrawn")
        for revision in range(1, article["revision"] + 1)
        if ids.webhook_id(subscription, kind, article["id"], revision) in heard
    ]
    kept = {name: value for name, value in article.items() if name not in ("fetched_at", "source")}
    return kept | {"heard": kinds}


def test_a_service_that_is_killed_is_started_anew_and_its_health_can_be_asked(kafka: Broker, tmp_path: Path) -> None:
    with RunningServices(tmp_path, kafka.bootstrap, **SETTINGS) as services:
        place = f"127.0.0.1:{free_port()}"
        process = services.start_one("classifier", RASID_MONITOR=place)
        until(lambda: answers(place, "/readyz"), "ready")
        assert answers(place, "/healthz")
        assert "rasid_stage_last_turn" in httpx.get(f"http://{place}/metrics", trust_env=False).text
        first = services.child_of(process)
        os.kill(first, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{first}").exists() and answers(place, "/readyz"), "ready again")
        assert services.child_of(process) != first
        assert services.stop() == 0


def answers(place: str, path: str) -> bool:
    """Whether this place answers with success now."""
    try:
        return httpx.get(f"http://{place}{path}", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_a_process_whose_loop_stands_still_ends_and_tells_where() -> None:
    program = """
import asyncio, time
from rasid.serving import _beat
async def stand_still():
    beating = asyncio.ensure_future(_beat(0.5, None))
    await asyncio.sleep(0)
    time.sleep(60)
asyncio.run(stand_still())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "in stand_still" in done.stderr


def test_a_service_ends_when_whoever_watches_it_is_killed(kafka: Broker, tmp_path: Path) -> None:
    with RunningServices(tmp_path, kafka.bootstrap, **SETTINGS) as services:
        process = services.start_one("alerts")
        child = services.child_of(process)
        process.kill()
        process.wait()
        until(lambda: not Path(f"/proc/{child}").exists(), "the service has ended")
        services.services.clear()


@pytest.mark.parametrize(
    ("environ", "code", "said"),
    [
        ({}, 2, "RASID_KAFKA"),
        ({"RASID_KAFKA": "127.0.0.1:1"}, 3, "127.0.0.1"),
        ({"RASID_KAFKA": "127.0.0.1:1", "RASID_MONITR": "x"}, 2, "did you mean RASID_MONITOR"),
    ],
    ids=["no-kafka", "unreachable", "misspelt"],
)
def test_what_is_wrong_at_the_first_start_is_told_by_the_exit_code(
    tmp_path: Path, environ: dict[str, str], code: int, said: str
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    done = subprocess.run(
        [sys.executable, "-m", "rasid", "service", "store"],
        cwd=ROOT, env={**kept, "RASID_DATA": str(tmp_path), **environ}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
