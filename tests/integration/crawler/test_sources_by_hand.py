"""What a person does with sources: look, poll now, hold and let go, carry lists in and out."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from rasid.cli import rasid
from services.crawler.adapters import by_hand
from services.crawler.app import poll_now
from shared.events import EntryFound, SourcePolled
from tests.integration.crawler.conftest import Crawler
from tests.servers import Reply, item, rss

FEED = "https://example.org/feed"


@pytest.fixture
def run(environment, monkeypatch):
    monkeypatch.setenv("RASID_FETCH_ALLOW_NETWORKS", "127.0.0.0/8")

    def running(*arguments, stdin=None):
        result = CliRunner().invoke(rasid, ["sources", *arguments], input=stdin)
        return result.exit_code, result.stdout, result.stderr

    return running


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


async def test_a_check_tells_every_step_and_keeps_nothing(run, server):
    server.replies["/old"] = Reply(status=301, headers={"Location": "/feed"})
    server.replies["/feed"] = Reply(
        body=rss(item("A", "/1"), title="T"), headers={"Cache-Control": "max-age=7200"}, validators=True
    )
    code, out, _ = await asyncio.to_thread(run, "check", server.url("/old"), server.url("/none"), "--json")
    good, missing = lines(out)
    assert code == 1
    assert (good["cause"], good["status"], good["title"], good["entries"]) == ("undated", 200, "T", 1)
    assert [step["step"] for step in good["steps"]] == [
        "request", "redirect", "request", "answer", "parse", "entries", "verdict", "schedule",
    ]  # fmt: skip
    assert "validators: etag" in good["steps"][3]["detail"]
    assert "7200 s" in good["steps"][-1]["detail"]
    assert (missing["cause"], missing["status"]) == ("missing", 404)
    assert (await asyncio.to_thread(run, "list", "--json"))[1] == ""


async def test_a_poll_by_hand_is_kept_and_published_by_the_stage(crawler: Crawler, server):
    server.replies["/feed"] = Reply(body=rss(item("A", "https://e.org/1")), validators=True)
    source = crawler.add(server.url("/feed"))
    [polled, unknown] = await poll_now(crawler.settings, crawler.database, [source, "none"])
    assert (polled["cause"], polled["found"], unknown) == ("undated", 1, "no such source")
    [refused] = await poll_now(crawler.settings, crawler.database, [source])
    assert "not published yet" in refused
    entry, told = await crawler.poll()
    assert isinstance(entry, EntryFound)
    assert isinstance(told, SourcePolled)
    assert len(server.asked) == 1
    [again] = await poll_now(crawler.settings, crawler.database, [source])
    assert again["cause"] == "unchanged"


def test_a_paused_source_is_not_due_until_it_is_resumed(run):
    run("add", FEED, "--no-check")
    assert run("pause", FEED)[0] == 0
    [source] = lines(run("list", "--json")[1])
    assert (source["state"], source["health"], source["next_poll"]) == ("paused", "paused", None)
    assert "resume" in source["reason"]
    assert run("resume", source["id"])[0] == 0
    [source] = lines(run("list", "--json")[1])
    assert (source["state"], source["health"]) == ("active", "new")
    assert run("pause", FEED, "none")[0] == 1


async def test_a_paused_source_is_not_polled_and_a_gone_one_is_asked_again_when_resumed(crawler: Crawler, server):
    server.replies["/feed"] = Reply(status=410)
    source = crawler.add(server.url("/feed"))
    crawler.database.transact_now(lambda tx: by_hand.pause(tx, [source]))
    assert await crawler.poll() == []
    crawler.database.transact_now(lambda tx: by_hand.resume(tx, [source], crawler.now))
    assert (await crawler.polled()).cause == "gone"
    assert crawler.source(source)["health"] == "gone"
    crawler.later(days=3)
    assert await crawler.poll() == []
    crawler.database.transact_now(lambda tx: by_hand.resume(tx, [source], crawler.now))
    server.replies["/feed"] = Reply(body=rss(item("A", "/1")))
    assert [event for event in await crawler.poll() if isinstance(event, EntryFound)]
    assert crawler.source(source)["health"] == "well"


def test_what_is_exported_is_imported_elsewhere_without_its_password(run, tmp_path):
    run("add", FEED, "--no-check", "--name", "A & B")
    run("add", "https://me:secret@example.org/own", "--no-check")
    code, out, errors = run("export")
    assert code == 0
    assert "secret" not in out + errors
    assert "1 of 2" in errors
    for source in lines(run("list", "--json")[1]):
        run("remove", source["id"])
    (tmp_path / "feeds.opml").write_text(out + '<outline xmlUrl="nonsense"/>')
    code, out, errors = run("import", "feeds.opml", "--json")
    assert code == 1
    assert [line["url"] for line in lines(out)] == [FEED, "https://example.org/own", "nonsense"]
    assert {"A & B"} <= {source["name"] for source in lines(run("list", "--json")[1])}


def test_a_source_is_told_when_its_pages_are_fetched(run):
    run("add", FEED, "--no-check")
    for mode, kept in (("never", "never"), ("default", None)):
        assert run("pages", mode, FEED)[0] == 0
        assert [source["pages"] for source in lines(run("list", "--json")[1])] == [kept]
    assert run("pages", "sometimes", FEED)[0] == 2


def test_a_file_that_names_no_feed_is_refused(run):
    code, _, errors = run("import", "-", stdin="<opml/>")
    assert code == 2
    assert "no feed is named" in errors
