"""`rasid run` is killed (-9) again and again while articles flow in and webhooks out. Nothing is lost, and what is repeated
stays within the bound: at most the requests that were open at the kill, each with the same id and body; the log repeats
nothing at all."""

import asyncio
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from shared import clock, ids
from shared.database import Database
from shared.events import EntryFound
from shared.handlers import Outgoing
from shared.runtime import log
from shared.topology import ENTRIES_FOUND
from tests.builders import SOURCE, found
from tests.e2e.running import RunningHouse
from tests.receivers import Got, Receiver

RANDOM_KILLS = int(os.environ.get("RASID_TEST_KILLS", "10"))  # 100 for an hour that is worth it
POINTS = ("read", "effect", "decided", "committed")
NAMED = [f"{stage}:{point}:2" for stage in ("enqueue", "fetch", "file", "match") for point in ("decided", "committed")]
NAMED += [f"{stage}:{point}:2" for stage in ("classify", "deliver") for point in POINTS]
CONCURRENCY = 4
BATCH = 4
SETTINGS = {
    "RASID_DELIVERY_ALLOW_NETWORKS": "127.0.0.0/8",
    "RASID_DELIVERY_SCHEDULE": "0,0.2,0.5,1,2,4,8,16,32",
    "RASID_DELIVERY_TIMEOUT": "1.5",
    "RASID_DELIVERY_LEASE": "2",
    "RASID_FETCH_LEASE": "12",
    "RASID_PAGE_TIMEOUT": "1",
    "RASID_DELIVERY_CONCURRENCY": str(CONCURRENCY),
    "RASID_DELIVERY_RATE": "1000",
}


def article(number: int) -> EntryFound:
    """An entry of today, on visa policy."""
    url = f"https://news.example/{number}"
    now = clock.now()
    return found(
        event_id=ids.event_id("test", [url]),
        article_id=ids.article_id(url),
        url=url,
        guid=str(number),
        observed_at=now,
        published_at=now,
        source=SOURCE,
        title=f"إعفاء المواطنين من تأشيرة الدخول ({number})",
        text=f"قررت الحكومة إعفاء مواطني الدولة من تأشيرة الدخول المسبقة اعتبارا من مطلع العام المقبل. رقم {number}.",
    )


class Newsroom:
    """Puts articles into the log of a house that may be dead, as another process does."""

    def __init__(self, data: Path) -> None:
        self.database = Database(f"sqlite:///{data / 'rasid.db'}")
        self.sent: list[EntryFound] = []

    async def send(self, count: int) -> None:
        """The next so many articles; durable when it returns."""
        fresh = [article(len(self.sent) + n) for n in range(count)]
        lines = [Outgoing(ENTRIES_FOUND.name, event.article_id, msgspec.json.encode(event)) for event in fresh]
        await self.database.transact(lambda tx: log.append(tx, lines, clock.now()))
        self.sent += fresh

    async def flow(self, over: asyncio.Event) -> None:
        """Sends until told."""
        while not over.is_set():
            await self.send(BATCH)
            try:
                await asyncio.wait_for(over.wait(), 0.1)
            except TimeoutError:
                continue


@pytest.mark.timeout(300 + 20 * RANDOM_KILLS)
async def test_a_house_killed_at_random_and_at_named_points_loses_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("RASID_TEST_SEED", time.time_ns() % 100_000))
    print(f"seed {seed}: RASID_TEST_SEED={seed} repeats the moments")
    chance = random.Random(seed)
    with RunningHouse(tmp_path, **SETTINGS) as house:
        await endured(house, chance)


async def endured(house: RunningHouse, chance: random.Random) -> None:
    """Its lives and deaths, and what must be true in the end."""
    async with Receiver() as receiver:
        [made] = await asyncio.to_thread(house.rasid, "subscriptions", "add", receiver.url, "--topic", "visa_policy", "--json")
        receiver.secrets = [made["secret"]]
        newsroom, over = Newsroom(house.data), asyncio.Event()
        flowing = asyncio.ensure_future(newsroom.flow(over))
        kills: list[str | None] = [*[None] * RANDOM_KILLS, *NAMED]
        chance.shuffle(kills)
        for cut in kills:
            await asyncio.to_thread(run_and_die, house, cut, chance.uniform(0.0, 1.0))
        over.set()
        await flowing
        wanted = {ids.webhook_id(made["id"], "article.tagged", event.article_id, 1) for event in newsroom.sent}
        await asyncio.to_thread(house.start)
        await arrived(receiver, wanted)
        articles = await asyncio.to_thread(house.articles, topic="visa_policy")
        assert await asyncio.to_thread(house.stop) == 0
    newsroom.database.close()
    assert sorted(entry["id"] for entry in articles) == sorted(event.article_id for event in newsroom.sent)
    assert {entry["revision"] for entry in articles} == {1}
    assert_within_bound(receiver.got, wanted, len(kills))
    assert_log_repeats_nothing(house.data)


def run_and_die(house: RunningHouse, cut: str | None, moment: float) -> None:
    """A life that ends by kill -9: at the named point, or that many seconds after it answers."""
    house.start(cut=cut)
    if cut is not None:
        house.died()
        return
    assert house.process is not None
    try:
        house.process.wait(moment)
    except subprocess.TimeoutExpired:
        house.kill()
    else:
        raise AssertionError(f"it ended by itself: {house.log.read_text(encoding='utf-8')[-2000:]}")


async def arrived(receiver: Receiver, wanted: set[str]) -> None:
    """Waits until every wanted message has come."""
    for count in range(len(receiver.got), len(wanted) * 3):
        if wanted <= {got.message_id for got in receiver.got}:
            return
        try:
            await receiver.wait_for(count + 1, 60)
        except TimeoutError:
            missing = wanted - {got.message_id for got in receiver.got}
            raise AssertionError(f"{len(receiver.got)} came, and of {len(wanted)} wanted {len(missing)} did not") from None
    raise AssertionError("three times as many messages as wanted, and still not all")


def assert_within_bound(got: list[Got], wanted: set[str], kills: int) -> None:
    assert all(one.message_id for one in got), "a message did not verify"
    assert {one.message_id for one in got} == wanted
    assert_repeats_within_bound(got, kills)


def assert_repeats_within_bound(got: list[Got], kills: int) -> None:
    times = Counter(one.message_id for one in got)
    assert times.total() - len(times) <= kills * CONCURRENCY
    bodies = {(one.message_id, one.body) for one in got}
    assert len(bodies) == len(times), "a repeated message differs from its first"


def assert_log_repeats_nothing(data: Path) -> None:
    database = Database(f"sqlite:///{data / 'rasid.db'}")
    with database.read() as tx:
        rows = tx.execute(text("SELECT topic, value FROM runtime_log")).all()
    database.close()
    seen = Counter((topic, msgspec.json.decode(value)["event_id"]) for topic, value in rows)
    assert [place for place, times in seen.items() if times > 1] == []
    assert not any(topic.endswith("dead-letters") for topic, _ in seen)
