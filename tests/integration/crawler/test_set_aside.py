"""A source or an entry over which rasid itself fails: the others pass, it says why, and a person has it tried again."""

import msgspec
import pytest
from sqlalchemy import update

from services.crawler.adapters import pages, sources
from services.crawler.adapters.tables import FETCH_LEASES, FETCHES, SOURCES
from services.crawler.app import handlers
from shared.events import ArticleFetched, DeadLetter
from shared.handlers import Context, Failed, TimerHandler
from shared.outcomes import Reject
from shared.rows import TimerHandling
from tests.builders import found
from tests.integration.crawler.conftest import Crawler
from tests.servers import Reply, item, rss


class Kernel:
    """A timer of the crawler turned by the kernel, as the embedded runtime does; two tries."""

    def __init__(self, crawler: Crawler, workers, stage: str) -> None:
        [handler] = [one for one in handlers(crawler.settings, workers) if one.stage.name == stage]
        assert isinstance(handler, TimerHandler)
        self.crawler, self.handler = crawler, handler
        self.handling = TimerHandling(handler, limit=2, first_rest=10)

    def take(self):
        return self.crawler.database.transact_now(lambda tx: self.handler.take(Context(self.crawler.now, tx), 100))

    async def turn(self):
        """What is published, by type: events and dead letters."""
        rows = self.take()
        results = [await self._result(row) for row in rows]
        settled = self.crawler.database.transact_now(
            lambda tx: self.handling.settle(rows, results, Context(self.crawler.now, tx))
        )
        letters = [record for record in settled.records if record.topic.endswith("dead-letters")]
        events = [record for record in settled.records if record not in letters]
        return events, [msgspec.json.decode(letter.value, type=DeadLetter) for letter in letters]

    async def _result(self, row):
        try:
            return await self.handler.effect(row) if self.handler.effect else None
        except Exception as error:  # noqa: BLE001 - as the timer's loop does
            return Failed(error)


@pytest.fixture
def poll(crawler, workers):
    return Kernel(crawler, workers, "poll")


@pytest.fixture
def fetch(crawler, workers):
    return Kernel(crawler, workers, "fetch")


def damage(crawler, source):
    crawler.database.transact_now(lambda tx: tx.execute(update(SOURCES).where(SOURCES.c.id == source).values(pending=b"{")))


async def test_a_source_that_fails_rests_and_is_then_set_aside_with_its_cause(crawler, server, poll):
    server.replies["/bad"] = server.replies["/good"] = Reply(body=rss(item("A")))
    bad, good = crawler.add(server.url("/bad")), crawler.add(server.url("/good"))
    damage(crawler, bad)
    events, letters = await poll.turn()
    assert {event.topic for event in events} == {"sources.polled", "entries.found"}, "the other source passes"
    assert letters == []
    shown = crawler.source(bad)
    assert (shown["state"], shown["cause"], shown["next_poll"]) == ("active", "internal-error", "2026-11-22T12:00:10Z")
    assert "DecodeError" in shown["detail"]
    assert "(try 1)" in shown["detail"]
    crawler.later(seconds=9)
    assert await poll.turn() == ([], []), "it rests"
    crawler.later(seconds=1)
    events, [letter] = await poll.turn()
    assert (events, letter.stage, letter.key, letter.url, letter.tries) == ([], "poll", bad, server.url("/bad"), 2)
    shown = crawler.source(bad)
    assert (shown["state"], shown["cause"], shown["next_poll"]) == ("set-aside", "internal-error", None)
    assert crawler.source(good)["cause"] == "undated"
    crawler.later(days=30)
    assert bad not in {row.id for row in poll.take()}


async def test_a_source_set_aside_is_polled_again_when_a_person_says_so(crawler, server, poll):
    server.replies["/bad"] = Reply(body=rss(item("A")))
    bad = crawler.add(server.url("/bad"))
    damage(crawler, bad)
    for _ in range(2):
        await poll.turn()
        crawler.later(seconds=10)
    repaired = update(SOURCES).values(pending=None)
    crawler.database.transact_now(lambda tx: (tx.execute(repaired), sources.revive(tx, bad, crawler.now)))
    events, letters = await poll.turn()
    assert (len(events), letters) == (2, [])
    assert (crawler.source(bad)["state"], crawler.source(bad)["cause"]) == ("active", "undated")
    with pytest.raises(Reject, match="set aside"):
        crawler.database.transact_now(lambda tx: sources.revive(tx, bad, crawler.now))


def entry(article, number):
    return found(event_id=f"found-{article}-{number}", article_id=article, text=f"text {number}")


async def test_a_damaged_entry_stops_no_other_and_once_set_aside_not_even_its_own_article(crawler, fetch):
    crawler.enqueue([entry("a", 1), entry("b", 1), entry("c", 1), entry("b", 2)])
    wrong = update(FETCHES).where(FETCHES.c.entry_id == "found-b-1").values(entry=b"{")
    crawler.database.transact_now(lambda tx: tx.execute(wrong))
    events, letters = await fetch.turn()
    assert [msgspec.json.decode(event.value)["article_id"] for event in events] == ["a", "c"]
    assert letters == []
    crawler.later(seconds=10)
    events, [letter] = await fetch.turn()
    assert (events, letter.article_id, letter.value) == ([], "b", b"{")
    events, letters = await fetch.turn()
    [later] = [msgspec.json.decode(event.value, type=ArticleFetched) for event in events]
    assert (later.article_id, later.text) == ("b", "text 2")
    with pytest.raises(Reject, match="newer text"):
        crawler.database.transact_now(lambda tx: pages.revive(tx, letter.key, crawler.now))


async def test_an_entry_set_aside_is_fetched_again_when_a_person_says_so(crawler, fetch):
    crawler.enqueue([entry("b", 1)])
    [whole] = [row.content for row in fetch.take()]
    crawler.later(seconds=61)
    crawler.database.transact_now(lambda tx: tx.execute(update(FETCHES).values(entry=b"{")))
    await fetch.turn()
    crawler.later(seconds=10)
    _, [letter] = await fetch.turn()
    crawler.database.transact_now(
        lambda tx: (tx.execute(update(FETCHES).values(entry=whole)), pages.revive(tx, letter.key, crawler.now))
    )
    [event], letters = await fetch.turn()
    assert (msgspec.json.decode(event.value, type=ArticleFetched).text, letters) == ("text 1", [])


async def test_what_a_lost_lease_marks_changes_nothing(crawler, server, poll, fetch):
    """Who was paused past the lease wakes up and marks done, or failed, what is another's by now."""
    server.replies["/a"] = Reply(body=rss(item("A")))
    crawler.add(server.url("/a"))
    crawler.enqueue([entry("a", 1)])
    for kernel, table in ((poll, SOURCES), (fetch, FETCH_LEASES)):
        late = kernel.take()
        crawler.later(days=1)
        assert [kernel.handler.ref(row).key for row in kernel.take()] == [kernel.handler.ref(row).key for row in late]
        before = _rows(crawler, table), _rows(crawler, FETCHES)
        failures = [kernel.handling._failure(row, ValueError("late"), tries, crawler.now) for row in late for tries in (0, 1)]

        def mark(tx, kernel=kernel, late=late, failures=failures):
            kernel.handler.done(late, Context(crawler.now, tx))
            kernel.handler.failed(failures, Context(crawler.now, tx))

        crawler.database.transact_now(mark)
        assert (_rows(crawler, table), _rows(crawler, FETCHES)) == before


def _rows(crawler, table):
    with crawler.database.read() as tx:
        return tx.execute(table.select()).all()


async def test_the_trace_of_a_poll_tells_what_was_found_where_and_nothing_of_what_was_seen_before(crawler, server, workers):
    written = []
    stages = handlers(crawler.settings, workers, lambda tx, rows: written.extend(rows))
    [handler] = [one for one in stages if one.stage.name == "poll"]
    poll = Kernel(crawler, workers, "poll")
    poll.handling = TimerHandling(handler)
    server.replies["/a"] = Reply(body=rss(item("A", "https://e.org/1"), item("B", "https://e.org/2")))
    crawler.add(server.url("/a"), "The desk")
    await poll.turn()
    assert sorted((row.stage, row.outcome, row.url, row.reason, row.at) for row in written) == [
        ("poll", "handled", "https://e.org/1", "found in The desk", crawler.now),
        ("poll", "handled", "https://e.org/2", "found in The desk", crawler.now),
    ]
    server.replies["/a"] = Reply(
        body=rss(item("A", "https://e.org/1"), item("B", "https://e.org/2"), item("C", "https://e.org/3"))
    )
    crawler.later(days=2)
    await poll.turn()
    assert [row.url for row in written[2:]] == ["https://e.org/3"]
