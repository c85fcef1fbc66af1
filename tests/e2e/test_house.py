"""The whole house as its users meet it: started by command, fed by a feed and by files, asked over HTTP, heard by webhook."""

import asyncio
import resource
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import feedparser
import httpx
import msgspec
import pytest
from standardwebhooks import Webhook

from shared import clock
from tests.e2e.running import ROOT, SEEDS, RunningHouse
from tests.receivers import Receiver
from tests.servers import Reply, Server, serving
from tests.waiting import until

LOOPBACK = {"RASID_DELIVERY_ALLOW_NETWORKS": "127.0.0.0/8", "RASID_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}
EXPECTED = msgspec.json.decode((SEEDS / "expectations.json").read_bytes())

STORY = "قررت الحكومة إعفاء مواطني الدولة من تأشيرة الدخول المسبقة اعتبارا من مطلع العام المقبل."


def item(number: int, published: datetime | None) -> str:
    date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    return f"""<item><guid>{number}</guid><link>https://news.example/{number}?utm_source=rss</link>{date}
      <title>إعفاء المواطنين من تأشيرة الدخول ({number})</title><description>{STORY}</description></item>"""


def feed(*items: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>أخبار التأشيرات</title>
      <link>https://news.example/</link><language>ar</language>{"".join(items)}</channel></rss>""".encode()


def test_the_seeds_are_tagged_as_a_reader_would_and_every_piece_of_evidence_is_in_its_place(tmp_path: Path) -> None:
    with RunningHouse(tmp_path).start("--first-ingest", str(SEEDS)) as house:
        articles = until(lambda: found if len(found := house.articles()) == 5 else None, "the seeds are stored")
        for article in articles:
            for tag in article["topics"]:
                assert tag["score"] >= tag["threshold"]
                for hit in tag["evidence"]:
                    within = article["title"] if hit["field"] == "title" else article["text"]
                    assert within[hit["start"] : hit["end"]] == hit["surface"]
        topics = {article["title"]: {tag["topic"] for tag in article["topics"]} for article in articles}
        for seed in EXPECTED:
            assert fits(topics[seed["title"] or ""], seed["topics"]), seed["file"]
        assert house.get("/deliveries").json()["items"] == []
        assert house.stop() == 0


def fits(found: set[str], expected: dict[str, Any]) -> bool:
    """Whether there is at least one topic, each of those named, and none beside them."""
    return bool(found) and found <= set(expected["any"]) and not found & set(expected["never"])


async def test_a_feed_is_polled_tagged_and_alerted_once(tmp_path: Path) -> None:
    """Back catalogue alerts no one, an entry of today does; the second poll is a 304 and adds nothing."""
    now = clock.now()
    old, today = item(1, now - timedelta(days=9)), item(2, now - timedelta(minutes=5))
    async with serving() as server, Receiver() as receiver:
        server.replies["/feed.xml"] = Reply(
            body=feed(today, old), headers={"Content-Type": "application/rss+xml"}, validators=True
        )
        with RunningHouse(tmp_path, **LOOPBACK, RASID_MIN_POLL_SECONDS="0.5") as house:
            await asyncio.to_thread(house.start)
            secret = await subscribed(house, receiver.url)
            await asyncio.to_thread(house.rasid, "sources", "add", server.url("/feed.xml"))
            [got] = await receiver.wait_for(1, 30)
            await polls(server, 4)  # the look before it was added, and three polls
            articles = await asyncio.to_thread(house.articles, topic="visa_policy")
            assert [article["url"] for article in sorted(articles, key=lambda a: a["url"])] == [
                "https://news.example/1",
                "https://news.example/2",
            ]
            assert "if-none-match" in server.asked[2].headers
            assert len(receiver.got) == 1
            sent = Webhook(secret).verify(got.body, got.headers)
            assert sent["type"] == "article.tagged"
            assert sent["data"]["article"]["url"] == "https://news.example/2"
            assert sent["data"]["why"]

            server.replies["/feed.xml"] = Reply(body=feed(item(3, now), today, old), validators=True)
            await receiver.wait_for(2, 30)
            assert len(await asyncio.to_thread(house.articles)) == 3
            [source] = await asyncio.to_thread(house.rasid, "sources", "list", "--json")
            assert (source["state"], source["cause"]) in {("active", "ok"), ("active", "unchanged")}
            trace = await asyncio.to_thread(house.rasid, "trace", "https://news.example/2", "--json")
            stages = [gate["stage"] for gate in trace]
            assert {"enqueue", "fetch", "classify", "file", "match"} <= set(stages)


async def subscribed(house: RunningHouse, url: str) -> str:
    [made] = await asyncio.to_thread(house.rasid, "subscriptions", "add", url, "--topic", "visa_policy", "--json")
    secret = made["secret"]
    assert isinstance(secret, str)
    return secret


async def polls(server: Server, count: int) -> None:
    """Waits until the feed was asked for so often."""
    await asyncio.to_thread(until, lambda: len(server.asked) >= count, f"{count} polls")


def test_every_door_of_the_http_interface_answers(tmp_path: Path) -> None:
    with RunningHouse(tmp_path).start("--first-ingest", str(SEEDS)) as house:
        until(lambda: len(house.articles()) == 5, "the seeds are stored")
        atom = feedparser.parse(house.get("/feeds/trafficking.atom").raise_for_status().content)
        assert (atom.bozo, len(atom.entries)) == (False, 1)
        assert house.get("/feeds/trafficking.json").raise_for_status().json()["version"] == "https://jsonfeed.org/version/1.1"
        assert [a["topics"] for a in house.articles(topic="global_compact")]
        assert house.get("/openapi.json").raise_for_status().json()["openapi"].startswith("3.")
        assert "<html" in house.get("/docs").raise_for_status().text
        assert 'rasid_stage_messages_total{outcome="handled",stage="file"} 5.0' in house.get("/metrics").raise_for_status().text
        assert house.get("/healthz").is_success
        until(lambda: house.answers("/readyz"), "the house is ready")
        problem = house.get("/feeds/nothing.atom")
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
        refused = httpx.get(house.address + "/articles", headers={"host": "rebound.example"}, trust_env=False)
        assert refused.status_code == 403


def test_the_demo_shows_and_verifies_everything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rasid", "demo", str(SEEDS)],
        cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    delivered = [line for line in done.stdout.splitlines() if line.startswith("delivered")]
    assert len(delivered) == 5
    assert all(line.endswith("verified") for line in delivered)
    assert " is not " not in done.stdout


def test_settings_that_cannot_be_used_stop_the_house_with_every_fault(tmp_path: Path) -> None:
    house = RunningHouse(tmp_path, RASID_PROT="9", RASID_FETCH_TIMEOUT="soon")
    done = subprocess.run(
        [sys.executable, "-m", "rasid", "run"], cwd=ROOT, env=house.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "did you mean RASID_PORT?" in done.stderr
    assert "RASID_FETCH_TIMEOUT: 'soon'" in done.stderr


def test_a_second_house_over_the_same_folder_is_refused(tmp_path: Path) -> None:
    with RunningHouse(tmp_path).start() as house:
        house.rasid("run", "--port", "0", code=2)
        assert house.stop() == 0


@pytest.fixture
def sources_of_history(tmp_path: Path) -> Path:
    folder = tmp_path / "history"
    folder.mkdir()
    for number in range(40):
        text = f"إعفاء المواطنين من تأشيرة الدخول ({number})\n\n" + "قررت الحكومة إعفاء مواطني الدولة من تأشيرة الدخول. " * 40
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_full_disk_pauses_the_house_and_nothing_is_lost(tmp_path: Path, sources_of_history: Path) -> None:
    """No file of the process may grow past a limit: to SQLite that is a failed write, as of a full disk."""
    with RunningHouse(tmp_path).start() as house:
        assert house.process is not None
        before = (house.data / "rasid.db-wal").stat().st_size
        _, hard = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (before, hard))
        house.rasid("ingest", str(sources_of_history))
        until(lambda: "Waiting for the world." in house.log.read_text(encoding="utf-8"), "the house waits")
        assert house.answers("/articles")
        resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: len(house.articles()) == 40, "everything arrives when there is room")
        assert house.stop() == 0


def test_a_locked_database_pauses_the_house_and_nothing_is_lost(tmp_path: Path, sources_of_history: Path) -> None:
    with RunningHouse(tmp_path).start() as house:
        house.rasid("ingest", str(sources_of_history))
        other = sqlite3.connect(house.data / "rasid.db", isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        until(lambda: "Waiting for the world." in house.log.read_text(encoding="utf-8"), "the house waits", 60)
        assert house.answers("/articles")
        other.execute("ROLLBACK")
        other.close()
        until(lambda: len(house.articles()) == 40, "everything arrives when the lock is gone")
        assert house.stop() == 0


async def test_an_article_gets_the_text_of_its_page_and_a_page_that_hangs_holds_up_no_other(tmp_path: Path) -> None:
    now = format_datetime(clock.now() - timedelta(minutes=5))
    page = f"<html lang=ar><body><article><h1>خبر</h1><p>{STORY * 3}</p><p>{STORY * 2}</p></article></body></html>".encode()
    html = {"Content-Type": "text/html; charset=utf-8"}
    async with serving() as server:
        links = [server.url(path) for path in ("/hangs", "/page", "/none")]
        items = [f"<item><link>{link}</link><pubDate>{now}</pubDate><title>خبر {link[-4:]}</title></item>" for link in links]
        server.replies["/feed"] = Reply(body=feed(*items))
        server.replies["/page"] = Reply(body=page, headers=html)
        server.replies["/hangs"] = Reply(body=page, headers=html, drip=5.0)
        pages = {"RASID_PAGES": "short", "RASID_PAGE_TIMEOUT": "30"}
        house = await asyncio.to_thread(RunningHouse(tmp_path, **LOOPBACK, **pages).start, "--no-starters")
        with house:
            await asyncio.to_thread(house.post, "/sources", {"url": server.url("/feed")})
            seen = await asyncio.to_thread(
                until, lambda: found if len(found := {a["url"]: a for a in house.articles()}) >= 2 else None, "two are there"
            )
            assert links[0] not in seen
            assert seen[links[1]]["text"].count("إعفاء") == 5
            assert not seen[links[2]].get("text")
            await asyncio.to_thread(until, lambda: len(house.articles()) == 3 or None, "the third is given its feed's text")
            steps = await asyncio.to_thread(house.rasid, "trace", links[0], "--json")
            assert any("its page was not read within 30 s" in str(step) for step in steps)
