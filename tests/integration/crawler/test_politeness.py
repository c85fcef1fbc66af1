"""What a host is spared: requests too close together, and requests it asked not to get for a while."""

from datetime import timedelta

from services.crawler.adapters import sources
from tests.integration.crawler.conftest import NOON, Crawler
from tests.servers import Reply, item, rss

FEED = Reply(body=rss(item("A", "https://e.org/1")))


async def test_a_host_that_asks_for_rest_is_left_alone_for_its_other_feeds_too(crawler: Crawler, server):
    server.replies["/busy"], server.replies["/other"] = Reply(status=429, headers={"Retry-After": "600"}), FEED
    crawler.add(server.url("/busy"))
    assert (await crawler.polled()).cause == "throttled"
    other = crawler.add(server.url("/other"))
    elsewhere = crawler.add(server.url("/other", host="localhost"))
    polled = await crawler.polled()
    assert polled.source.id == elsewhere
    shown = crawler.source(other)
    assert (shown["cause"], shown["failures"], shown["health"]) == (None, 0, "new")
    assert shown["next_poll"] > "2026-11-22T12:09:00Z"
    assert [asked.path for asked in server.asked] == ["/busy", "/other"]


async def test_feeds_of_one_host_that_are_due_together_are_put_off_and_none_is_lost(database, workers, server):
    crawler = Crawler(database, workers, host_interval=60.0)
    server.replies["/feed"] = FEED
    for number in range(4):
        crawler.add(server.url(f"/feed?{number}"))
    assert len(await crawler.found()) == 1
    assert len(server.asked) == 1
    assert await crawler.poll() == []
    with database.read() as tx:
        waiting = sorted(row["next_poll"] for row in sources.every(tx) if row["cause"] is None)
    assert len(set(waiting)) == 3
    assert waiting[0] >= (NOON + timedelta(seconds=55)).strftime("%Y-%m-%dT%H:%M:%SZ")
