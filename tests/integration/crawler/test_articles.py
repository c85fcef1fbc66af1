"""Entries become articles: queued once, given their revision, announced again until published."""

import msgspec
import pytest

from services.crawler.adapters import pages, sources
from services.crawler.adapters.pages import OLDER, UNCHANGED, WITNESS
from services.crawler.adapters.tables import FETCH_LEASES, FETCHES
from shared.events import SourceRef
from tests.builders import found
from tests.integration.crawler.conftest import Crawler
from tests.servers import Reply, item, rss


def entry(number=1, **changes):
    return found(**({"event_id": f"found-{number}", "version": number} | changes))


async def test_an_entry_becomes_the_first_revision_of_its_article(crawler):
    event = entry(backfill=True, body_from="file")
    assert crawler.enqueue([event]) == [""]
    [article] = await crawler.fetch()
    assert (article.article_id, article.revision, article.title, article.text) == ("article-1", 1, event.title, event.text)
    assert (article.backfill, article.body_from, article.observed_at) == (True, "file", event.observed_at)
    assert await crawler.fetch() == []


async def test_the_same_entry_again_changes_nothing(crawler):
    crawler.enqueue([entry(), entry()])
    assert len(await crawler.fetch()) == 1
    assert crawler.enqueue([entry()]) == [""]
    assert await crawler.fetch() == []


async def test_a_text_changed_and_changed_back_is_the_third_revision(crawler):
    for number, text in enumerate(("one", "two", "one"), start=1):
        crawler.enqueue([entry(number, text=text)])
        [article] = await crawler.fetch()
        assert (article.revision, article.text) == (number, text)


async def test_two_entries_of_one_article_in_one_batch_keep_their_order(crawler):
    crawler.enqueue([entry(1, text="one"), entry(2, text="two")])
    articles = [*await crawler.fetch(), *await crawler.fetch()]
    assert [(article.revision, article.text) for article in articles] == [(1, "one"), (2, "two")]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"text": "read  512 times\n at 12:30"}, id="numbers and space in the text"),
        pytest.param({"title": " THE Title ", "text": "read 7 times at 9:00"}, id="case and space in the title"),
    ],
)
async def test_a_change_that_says_nothing_new_is_no_revision(crawler, changes):
    crawler.enqueue([entry(title="The title", text="read 7 times at 9:00")])
    await crawler.fetch()
    crawler.enqueue([entry(2, **({"title": "The title"} | changes))])
    assert await crawler.fetch() == [UNCHANGED]


async def test_a_toll_that_rises_in_the_title_is_a_revision(crawler):
    crawler.enqueue([entry(title="12 dead")])
    await crawler.fetch()
    crawler.enqueue([entry(2, title="15 dead")])
    assert [article.revision for article in await crawler.fetch()] == [2]


async def test_another_source_is_a_witness_and_changes_no_text(crawler):
    crawler.enqueue([entry()])
    other = entry(2, source=SourceRef(id="src-2", name="Other"), text="shorter")
    assert crawler.enqueue([other]) == [WITNESS]
    assert len(await crawler.fetch()) == 1


async def test_an_older_entry_that_comes_late_changes_nothing(crawler):
    crawler.enqueue([entry(5, text="new")])
    await crawler.fetch()
    assert crawler.enqueue([entry(1, text="old")]) == [OLDER]
    assert await crawler.fetch() == []


async def test_an_article_decided_but_not_done_is_announced_again_with_the_same_bytes(crawler):
    crawler.enqueue([entry(1, text="one")])
    before = await crawler.fetch(done=False)
    crawler.enqueue([entry(2, text="two")])
    assert await crawler.fetch() == [], "what comes later waits for it"
    crawler.later(seconds=61)
    again = await crawler.fetch()
    assert [msgspec.json.encode(event) for event in again] == [msgspec.json.encode(event) for event in before]
    assert [(article.revision, article.text) for article in await crawler.fetch()] == [(2, "two")]


async def test_nothing_is_left_of_what_is_done(crawler):
    crawler.enqueue([entry(number, article_id=f"a-{number}") for number in range(1, 50)])
    assert len(await crawler.fetch()) == 49
    with crawler.database.read() as tx:
        assert tx.execute(FETCHES.select()).all() == []
        assert tx.execute(FETCH_LEASES.select()).all() == []


async def test_a_body_is_cut_at_its_limit_between_characters(database, workers):
    crawler = Crawler(database, workers, body_max_bytes=1000)
    crawler.enqueue([entry(text="هجرة" * 1000)])
    [article] = await crawler.fetch()
    assert 990 < len(article.text.encode()) <= 1000


async def test_a_result_that_comes_after_its_lease_is_left(crawler):
    crawler.enqueue([entry()])
    late = crawler.database.transact_now(lambda tx: pages.take(tx, crawler.now, 10, 60))
    crawler.later(seconds=61)
    held = crawler.database.transact_now(lambda tx: pages.take(tx, crawler.now, 10, 60))
    [[reply]] = crawler.database.transact_now(lambda tx: pages.decide(tx, late, [None], crawler.now))
    assert reply.reason == "the lease was lost"
    crawler.database.transact_now(lambda tx: pages.done(tx, late))
    [[article, _]] = crawler.database.transact_now(lambda tx: pages.decide(tx, held, [None], crawler.now))
    assert article.revision == 1


async def test_an_edit_is_a_revision_though_the_clock_was_set_back(crawler, server):
    """The source was removed and added again meanwhile: what it says now is newer all the same."""
    texts = []
    for text in ("one", "two", "three"):
        server.replies["/feed"] = Reply(body=rss(item("A", "https://e.org/1", text=text), item("B", guid="b", text=text)))
        source = crawler.add(server.url("/feed"))
        entries = await crawler.found()
        assert crawler.enqueue(entries) == ["", ""]
        assert crawler.enqueue(entries) == ["", ""], "told again, and nothing queued"
        texts += [(article.text, article.revision) for article in await crawler.fetch()]
        assert await crawler.fetch() == []
        crawler.later(hours=-1)
        crawler.database.transact_now(lambda tx, source=source: sources.remove(tx, [source]))
    assert sorted(texts, key=lambda told: told[1]) == [
        ("one", 1),
        ("one", 1),
        ("two", 2),
        ("two", 2),
        ("three", 3),
        ("three", 3),
    ]
