"""A source is polled: what is found, what is not found again, and what is history."""

from datetime import timedelta

import msgspec
import pytest

from services.crawler.adapters import sources
from shared.events import EntryFound, SourcePolled
from shared.handlers import Context
from tests.integration.crawler.conftest import NOON, Crawler
from tests.servers import Reply, item, rss, serving

TODAY = NOON - timedelta(hours=1)
OLD = NOON - timedelta(days=5)


def feed(*items, **more):
    return Reply(body=rss(*items, **more), headers={"Content-Type": "application/rss+xml"}, validators=True)


async def test_an_added_feed_is_polled_and_its_entries_come_out(crawler, server):
    server.replies["/feed"] = feed(
        item("تفكيك شبكة", "https://e.org/1?utm_source=rss", guid="1", published=TODAY, text="<p>أولا</p><p>ثانيا</p>")
    )
    source = crawler.add(server.url("/feed"))

    entry, polled = await crawler.poll()

    assert isinstance(entry, EntryFound)
    assert (entry.title, entry.text, entry.url) == ("تفكيك شبكة", "أولا\n\nثانيا", "https://e.org/1")
    assert (entry.link, entry.guid, entry.published_at) == ("https://e.org/1?utm_source=rss", "1", TODAY)
    assert (entry.source.id, entry.source.name, entry.observed_at) == (source, "Feed", NOON)
    assert isinstance(polled, SourcePolled)
    assert (polled.cause, polled.status, polled.entries, polled.found) == ("ok", 200, 1, 1)
    assert polled.next_poll == NOON + timedelta(seconds=150 * 2)
    assert crawler.source(source)["cause"] == "ok"


async def test_the_second_poll_is_conditional_and_adds_nothing(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1"))
    crawler.add(server.url("/feed"))
    assert len(await crawler.found()) == 1
    crawler.later(hours=1)

    [polled] = await crawler.poll()

    assert (polled.cause, polled.status, polled.found) == ("unchanged", 304, 0)
    assert server.asked[1].headers["if-none-match"].startswith('"')
    assert server.asked[1].headers["user-agent"].startswith("rasid/")


async def test_the_same_bytes_without_validators_are_unchanged_and_not_parsed(crawler, server):
    server.replies["/feed"] = Reply(body=rss(item("A", "https://e.org/1")))
    crawler.add(server.url("/feed"))
    await crawler.poll()
    crawler.later(hours=1)
    assert (await crawler.polled()).cause == "unchanged"


async def test_both_validators_are_echoed_byte_for_byte(crawler, server):
    headers = {"ETag": 'W/"a,b"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 +0000"}
    server.replies["/feed"] = Reply(body=rss(item("A", "https://e.org/1")), headers=headers)
    crawler.add(server.url("/feed"))
    await crawler.poll()
    crawler.later(hours=1)
    await crawler.poll()
    assert server.asked[1].headers["if-none-match"] == 'W/"a,b"'
    assert server.asked[1].headers["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 +0000"


@pytest.mark.parametrize(
    "second",
    [
        pytest.param([("B", 2, "b"), ("A", 1, "a")], id="reordered"),
        pytest.param([("A", 1, "new-a"), ("B", 2, "new-b")], id="guids changed"),
        pytest.param([("A", 1, "b"), ("B", 2, "a")], id="guids swapped"),
        pytest.param([("A", 1, "same"), ("B", 2, "same")], id="one guid for all"),
        pytest.param([("A", 1, None), ("B", 2, None)], id="guids gone"),
        pytest.param([("A", "1?utm_source=x", "a"), ("B", "2#top", "b")], id="links decorated"),
        pytest.param([("A", "moved-1", "a"), ("B", "moved-2", "b")], id="links changed, guids kept"),
    ],
)
async def test_entries_seen_before_are_known_again(crawler, server, second):
    def render(entries):
        return feed(*(item(t, f"https://e.org/{link}", guid=guid, published=TODAY) for t, link, guid in entries))

    server.replies["/feed"] = render([("A", 1, "a"), ("B", 2, "b")])
    crawler.add(server.url("/feed"))
    assert len(await crawler.found()) == 2
    server.replies["/feed"] = render(second)
    for _ in range(2):
        crawler.later(hours=2)
        assert await crawler.found() == []


async def test_guid_churn_has_a_cause_of_its_own(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1", guid="a"))
    crawler.add(server.url("/feed"))
    await crawler.poll()
    server.replies["/feed"] = feed(item("A", "https://e.org/1", guid="b"))
    crawler.later(hours=1)
    assert (await crawler.polled()).cause == "duplicates"


async def test_a_new_entry_under_a_guid_by_position_is_not_lost(crawler, server):
    server.replies["/feed"] = feed(item("B", "https://e.org/2", guid="1"), item("A", "https://e.org/1", guid="2"))
    crawler.add(server.url("/feed"))
    await crawler.poll()
    server.replies["/feed"] = feed(item("C", "https://e.org/3", guid="1"), item("B", "https://e.org/2", guid="2"))
    crawler.later(hours=1)
    assert [entry.title for entry in await crawler.found()] == ["C"]


async def test_entries_without_guid_link_or_date_are_not_found_twice(crawler, server):
    server.replies["/feed"] = feed(item("A", text="x"), item("B", text="y"))
    crawler.add(server.url("/feed"))
    assert len(await crawler.found()) == 2
    server.replies["/feed"] = feed(item("C", text="z"), item("A", text="x"), item("B", text="y"))
    crawler.later(hours=1)
    assert [entry.title for entry in await crawler.found()] == ["C"]


async def test_http_and_https_are_one_article(crawler, server):
    server.replies["/feed"] = feed(item("A", "http://e.org/1"))
    crawler.add(server.url("/feed"))
    [first] = await crawler.found()
    server.replies["/feed"] = feed(item("A", "https://e.org/1"))
    crawler.later(hours=1)
    assert await crawler.found() == []
    crawler.add(server.url("/other"))
    server.replies["/other"] = feed(item("A", "https://e.org/1"))
    assert [entry.article_id for entry in await crawler.found()] == [first.article_id]


async def test_an_edited_entry_is_found_again_as_the_same_article(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1", guid="a", text="one"))
    crawler.add(server.url("/feed"))
    [first] = await crawler.found()
    ids = {first.event_id}
    for text in ("two", "one"):
        server.replies["/feed"] = feed(item("A", "https://e.org/1", guid="a", text=text))
        crawler.later(hours=2)
        [again] = await crawler.found()
        assert (again.article_id, again.text) == (first.article_id, text)
        ids.add(again.event_id)
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("published", "backfill"),
    [
        pytest.param(TODAY, False, id="of today"),
        pytest.param(OLD, True, id="older than two days"),
        pytest.param(None, True, id="undated"),
        pytest.param("Mon, 01 Jan 2024 00:00:00 AST", True, id="a date that names no moment"),
        pytest.param(NOON + timedelta(days=30), True, id="from the future"),
    ],
)
async def test_on_the_first_poll_history_is_backfill(crawler, server, published, backfill):
    server.replies["/feed"] = feed(item("A", "https://e.org/1", published=published))
    crawler.add(server.url("/feed"))
    [entry] = await crawler.found()
    assert entry.backfill is backfill


async def test_on_later_polls_nothing_is_backfill(crawler, server):
    server.replies["/feed"] = Reply(status=503)
    crawler.add(server.url("/feed"))
    await crawler.poll()
    server.replies["/feed"] = feed(item("A", "https://e.org/1", published=OLD))
    crawler.later(hours=1)
    assert [entry.backfill for entry in await crawler.found()] == [True], "the first poll that is read is the first"
    server.replies["/feed"] = feed(item("B", "https://e.org/2"), item("A", "https://e.org/1", published=OLD))
    crawler.later(hours=1)
    assert [entry.backfill for entry in await crawler.found()] == [False]


async def test_a_poll_decided_but_not_done_is_announced_again_with_the_same_bytes(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1", published=TODAY))
    crawler.add(server.url("/feed"))
    before = await crawler.poll(done=False)
    assert await crawler.poll() == [], "its lease has not ended"
    server.replies["/feed"] = feed(item("B", "https://e.org/2"))
    crawler.later(minutes=10)

    again = await crawler.poll()

    assert [msgspec.json.encode(event) for event in again] == [msgspec.json.encode(event) for event in before]
    assert len(server.asked) == 1, "and nothing was fetched for it"
    assert [entry.title for entry in await crawler.found()] == ["B"]


async def test_a_poll_that_was_cut_off_is_taken_again_after_its_lease(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1"))
    crawler.add(server.url("/feed"))
    taken = crawler.database.transact_now(lambda tx: sources.take(tx, crawler.now, 10, 60))
    assert len(taken) == 1
    assert await crawler.poll() == []
    crawler.later(seconds=61)
    assert len(await crawler.found()) == 1


async def test_the_result_of_a_lost_lease_is_left(crawler, server):
    server.replies["/feed"] = feed(item("A", "https://e.org/1"))
    crawler.add(server.url("/feed"))
    handler = crawler._poll
    [late] = crawler.database.transact_now(lambda tx: sources.take(tx, crawler.now, 10, 60))
    read = await handler.effect(late)
    crawler.later(seconds=61)
    assert len(await crawler.found()) == 1
    [reply] = crawler.database.transact_now(lambda tx: list(handler.decide([late], [read], Context(crawler.now, tx))))
    assert "lease was lost" in reply[0].reason


async def test_an_article_of_two_feeds_is_one(crawler, server):
    server.replies["/a"] = feed(item("A", "https://e.org/1"))
    server.replies["/b"] = feed(item("A again", "https://e.org/1?utm_medium=b"))
    crawler.add(server.url("/a"))
    crawler.add(server.url("/b"))
    one, other = await crawler.found()
    assert one.article_id == other.article_id
    assert one.source.id != other.source.id
    assert one.event_id != other.event_id


async def test_a_source_is_kept_polled_and_removed(database, workers, server):
    crawler = Crawler(database, workers, min_poll_seconds=60.0)
    server.replies["/feed"] = feed(item("A", "https://e.org/1"))
    source = crawler.add(server.url("/feed"), "Mine")
    assert crawler.add(server.url("/feed")) == source
    assert (crawler.source(source)["name"], crawler.source(source)["cause"]) == ("Mine", None)
    await crawler.poll()
    assert crawler.source(source)["next_poll"] == "2026-11-22T12:01:00Z"
    assert database.transact_now(lambda tx: sources.remove(tx, [server.url("/feed")])) == [source]
    crawler.later(hours=1)
    assert await crawler.poll() == []


async def test_a_password_in_a_source_is_used_and_never_told(crawler, server):
    async with serving() as other:
        server.replies["/feed"] = Reply(status=301, headers={"Location": other.url("/feed")})
        other.replies["/feed"] = feed(item("A", "https://e.org/1"))
        source = crawler.add(server.url("/feed", "me:se%20cret@127.0.0.1"))
        told = await crawler.poll()
        assert len(told) == 2
        assert server.asked[0].headers["authorization"] == "Basic bWU6c2UgY3JldA=="
        assert "authorization" not in other.asked[0].headers, "a redirect takes it nowhere else"
    assert "cret" not in repr(told) + repr(crawler.source(source))
