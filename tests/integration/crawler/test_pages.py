"""An article's page is fetched where its feed says little: politely, within limits, and never at the cost of others."""

import pytest

from services.crawler.adapters import by_hand
from services.crawler.adapters.pages import WAITS
from tests.builders import found
from tests.integration.crawler.conftest import Crawler
from tests.servers import Reply

LONG = "The ministry said on Sunday that border police had stopped a bus with forty men who had paid to reach the coast. " * 3
HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = Reply(
    body=f"<html lang=en><title>T</title><body><article><h1>T</h1><p>{LONG}</p><p>{LONG}x</p></article></body></html>".encode(),
    headers=HTML,
)


@pytest.fixture
def crawler(database, workers):
    return Crawler(database, workers, pages="short", page_timeout=8.0)


def entry(server, path="/a", number=1, **changes):
    own = {"event_id": f"found-{path}-{number}", "article_id": f"article-{path}", "url": server.url(path), "version": number}
    return found(**own | {"text": "short"} | changes)


async def only(crawler):
    [article] = await crawler.fetch()
    return article


async def test_an_article_whose_feed_says_little_gets_the_text_of_its_page(crawler, server):
    server.replies["/a"] = PAGE
    crawler.enqueue([entry(server)])
    article = await only(crawler)
    assert article.text.count("border police") == 6
    assert (article.body_from, article.body_note, article.title) == ("page", "", found().title)
    assert [asked.path for asked in server.asked] == ["/robots.txt", "/a"]
    assert "text/html" in server.asked[1].headers["accept"]
    assert await crawler.fetch() == []


@pytest.mark.parametrize(
    "changes",
    [{"text": "x" * 2000}, {"backfill": True}, {"body_from": "file"}],
    ids=["a full text", "history", "a file"],
)
async def test_no_page_is_asked_for_where_none_is_wanted(crawler, server, changes):
    crawler.enqueue([entry(server, **changes)])
    assert (await only(crawler)).body_from != "page"
    assert server.asked == []


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ({"/robots.txt": Reply(body=b"User-agent: rasid\nDisallow: /a")}, "robots.txt does not allow"),
        ({"/robots.txt": Reply(status=503)}, "robots.txt cannot be had: 503"),
        ({"/a": Reply(status=404)}, "its page answers 404"),
        ({"/a": Reply(hang_up=True)}, "cannot be had: connect"),
        ({"/a": Reply(body=b"x" * 300_000, headers=HTML)}, "too-large"),
        ({"/a": Reply(body=b"%PDF-", headers={"Content-Type": "application/pdf"})}, "application/pdf"),
        ({"/a": Reply(body=b"<html><body>x", headers=HTML)}, "no"),
        ({"/a": Reply(status=302, headers={"Location": "http://10.0.0.1/"})}, "blocked-address"),
        ({"/a": Reply(status=302, headers={"Location": "/"}), "/": PAGE}, "front page"),
        (
            {
                "/robots.txt": Reply(body=b"User-agent: *\nDisallow: /b"),
                "/a": Reply(status=302, headers={"Location": "/b"}),
                "/b": PAGE,
            },
            "robots.txt does not allow",
        ),
    ],
)  # fmt: skip
async def test_where_the_page_cannot_be_used_the_feeds_text_goes_on_and_why_is_said(database, workers, server, replies, why):
    crawler = Crawler(database, workers, pages="short", fetch_max_bytes=200_000, page_timeout=8.0)
    server.replies |= {"/a": PAGE} | replies
    crawler.enqueue([entry(server)])
    article = await only(crawler)
    assert (article.text, article.body_from) == ("short", "feed")
    assert why in article.body_note


async def test_a_page_that_never_ends_costs_its_own_time_only(database, workers, server):
    crawler = Crawler(database, workers, pages="short", page_timeout=1.0)
    server.replies["/a"] = Reply(body=b"<p>x</p>" * 9, headers=HTML, drip=0.3)
    crawler.enqueue([entry(server)])
    assert "not read within 1 s" in (await only(crawler)).body_note


async def test_a_source_may_say_otherwise_than_the_settings(crawler, server):
    server.replies["/feed"] = Reply(body=b"")
    source = crawler.add(server.url("/feed"))
    crawler.database.transact_now(lambda tx: by_hand.set_pages(tx, [source], "never"))
    ref = found().source.__class__(id=source, name="F", url=server.url("/feed"))
    server.replies["/a"] = PAGE
    crawler.enqueue([entry(server, source=ref)])
    assert (await only(crawler)).body_from == "feed"
    assert (server.asked, crawler.source(source)["pages"]) == ([], "never")


async def test_pages_of_one_host_wait_for_their_turn_without_holding_up_others(database, workers, server):
    crawler = Crawler(database, workers, pages="short", page_timeout=8.0, page_patience=100.0)
    server.replies["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 30")
    server.replies |= dict.fromkeys(("/a", "/b"), PAGE)
    crawler.enqueue([entry(server, "/a"), entry(server, "/b"), entry(server, "/c", text="x" * 2000)])
    first, waiting, whole = await crawler.fetch()
    assert (first.body_from, waiting, whole.body_from) == ("page", WAITS[0].reason, "feed")
    assert await crawler.fetch() == []
    crawler.later(seconds=31)
    assert await crawler.fetch() == [WAITS[0].reason]
    crawler.later(seconds=101)
    last = await only(crawler)
    assert (last.body_from, last.body_note) == ("feed", "its page had no turn within 100 s")


async def test_an_article_announced_again_tells_the_same_though_its_page_has_changed(crawler, server):
    server.replies["/a"] = PAGE
    crawler.enqueue([entry(server)])
    [first] = await crawler.fetch(done=False)
    server.replies["/a"] = Reply(status=404)
    crawler.later(minutes=5)
    [again] = await crawler.fetch()
    assert again == first
    assert len(server.asked) == 2
