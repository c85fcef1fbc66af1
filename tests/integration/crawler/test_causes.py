"""Whatever a server does, the poll ends in one word, and nothing that was known is lost."""

import asyncio
import gzip
import zlib
from datetime import timedelta

import pytest

from shared.handlers import Context
from tests.integration.crawler.conftest import NOON, Crawler
from tests.servers import Reply, gzipped, item, rss, self_signed, serving

FEED = rss(item("A", "https://e.org/1", published=NOON))
WALL = b"<!doctype html><html><body>Just a moment... <div id='cf-chl'></div></body></html>"
PAGE = b"<!doctype html><html><body>About us</body></html>"
PACKED = gzip.compress(FEED, mtime=0)
GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        pytest.param(Reply(body=FEED), "ok", id="a feed"),
        pytest.param(gzipped(FEED), "ok", id="gzip"),
        pytest.param(Reply(body=zlib.compress(FEED), headers={"Content-Encoding": "deflate"}), "ok", id="deflate"),
        pytest.param(Reply(body=zlib.compress(FEED)[2:-4], headers={"Content-Encoding": "deflate"}), "ok", id="raw deflate"),
        pytest.param(Reply(body=PACKED + gzip.compress(b" "), headers=GZIP), "ok", id="gzip of two members"),
        pytest.param(Reply(status=304), "unchanged", id="304"),
        pytest.param(Reply(status=410), "gone", id="410"),
        pytest.param(Reply(status=404), "missing", id="404"),
        pytest.param(Reply(status=401), "refused", id="401"),
        pytest.param(Reply(status=403, body=b"no"), "refused", id="403"),
        pytest.param(Reply(status=451), "refused", id="451"),
        pytest.param(Reply(status=429), "throttled", id="429"),
        pytest.param(Reply(status=503, headers={"Retry-After": "120"}), "throttled", id="503 with Retry-After"),
        pytest.param(Reply(status=503), "server-error", id="503"),
        pytest.param(Reply(status=500), "server-error", id="500"),
        pytest.param(Reply(body=FEED, drip=0.2), "timeout", id="drip"),
        pytest.param(Reply(hang_up=True), "connect", id="hangs up"),
        pytest.param(Reply(status=301), "bad-redirect", id="redirect to nowhere"),
        pytest.param(Reply(status=302, headers={"Location": "file:///etc/passwd"}), "bad-redirect", id="redirect to a file"),
        pytest.param(Reply(status=302, headers={"Location": "http://[::1"}), "bad-redirect", id="redirect to nonsense"),
        pytest.param(Reply(status=302, headers={"Location": "/feed"}), "redirect-loop", id="redirect to itself"),
        pytest.param(Reply(body=b"<rss>" + b"x" * 200_000), "too-large", id="large"),
        pytest.param(Reply(body=b"<rss>x", endless=True), "too-large", id="endless"),
        pytest.param(gzipped(b"<rss>" + b" " * 50_000_000), "too-large", id="gzip bomb"),
        pytest.param(Reply(body=FEED, length=10_000), "truncated", id="shorter than it says"),
        pytest.param(Reply(body=PACKED[:-30], headers=GZIP), "truncated", id="cut gzip stream"),
        pytest.param(Reply(status=206, body=FEED), "truncated", id="206"),
        pytest.param(Reply(body=FEED, headers=GZIP), "bad-encoding", id="no gzip though it says so"),
        pytest.param(Reply(body=FEED, headers={"Content-Encoding": "br"}), "bad-encoding", id="brotli not asked for"),
        pytest.param(Reply(body=WALL), "blocked-page", id="wall with 200"),
        pytest.param(Reply(status=403, body=WALL), "blocked-page", id="wall with 403"),
        pytest.param(Reply(status=503, body=WALL), "blocked-page", id="wall with 503"),
        pytest.param(Reply(body=PAGE), "not-a-feed", id="a web page"),
        pytest.param(Reply(body=b'{"hello": 1}'), "not-a-feed", id="other JSON"),
        pytest.param(Reply(body=b"\x89PNG\r\n\x1a\n" + bytes(range(256))), "not-a-feed", id="a picture"),
        pytest.param(Reply(body=FEED.replace(b"</item>", b"")), "malformed", id="ill-formed"),
        pytest.param(Reply(body=b'{"version": "https://jsonfeed.org/version/1", "items": ['), "malformed", id="cut JSON"),
        pytest.param(Reply(body=rss()), "empty", id="no entries"),
        pytest.param(Reply(body=b""), "empty", id="no bytes"),
        pytest.param(Reply(status=204), "empty", id="204"),
        pytest.param(Reply(body=rss(item("A", "https://e.org/1"))), "undated", id="undated"),
    ],
)
async def test_a_poll_ends_in_one_word(database, workers, server, reply, cause):
    seconds = 1.5 if cause == "timeout" else 30.0  # a busy machine is slow to send what is too large
    crawler = Crawler(database, workers, fetch_timeout=seconds, fetch_max_bytes=100_000)
    server.replies["/feed"] = reply
    crawler.add(server.url("/feed"))
    polled = await crawler.polled()
    assert polled.cause == cause, polled


async def test_a_gone_source_is_not_polled_again(crawler, server):
    server.replies["/feed"] = Reply(status=410)
    source = crawler.add(server.url("/feed"))
    assert (await crawler.polled()).next_poll is None
    crawler.later(days=30)
    assert await crawler.poll() == []
    assert (crawler.source(source)["state"], crawler.source(source)["cause"]) == ("paused", "gone")


async def test_failures_back_off_and_a_success_ends_that(crawler, server):
    server.replies["/feed"] = Reply(status=500)
    crawler.add(server.url("/feed"))
    waits = []
    for _ in range(10):
        polled = await crawler.polled()
        waits.append((polled.next_poll - crawler.now).total_seconds())
        crawler.now = polled.next_poll
    assert waits[:3] == [600, 1200, 2400]
    assert waits[-1] == 86400
    server.replies["/feed"] = Reply(body=FEED)
    assert ((await crawler.polled()).next_poll - crawler.now).total_seconds() == 300


@pytest.mark.parametrize(("asked", "wait"), [("0", 300), ("600", 600), ("99999999999", 86400), ("soon", 600)])
async def test_retry_after_is_followed_within_bounds(crawler, server, asked, wait):
    server.replies["/feed"] = Reply(status=429, headers={"Retry-After": asked})
    crawler.add(server.url("/feed"))
    assert ((await crawler.polled()).next_poll - NOON).total_seconds() == wait


async def test_what_a_feed_asks_for_is_the_floor_of_its_interval(crawler, server):
    server.replies["/feed"] = Reply(body=FEED, headers={"Cache-Control": "public, max-age=1800", "Age": "600"})
    crawler.add(server.url("/feed"))
    assert (await crawler.polled()).next_poll == NOON + timedelta(seconds=1200)


async def test_a_wall_keeps_what_was_known(crawler, server):
    server.replies["/feed"] = Reply(body=FEED, headers={"ETag": '"1"'})
    crawler.add(server.url("/feed"))
    await crawler.poll()
    server.replies["/feed"] = Reply(body=PAGE, headers={"ETag": '"wall"'})
    crawler.later(hours=1)
    assert (await crawler.polled()).cause == "blocked-page"
    server.replies["/feed"] = Reply(body=FEED)
    crawler.later(hours=3)
    [polled] = await crawler.poll()
    assert (polled.cause, polled.found) == ("unchanged", 0)
    assert server.asked[2].headers["if-none-match"] == '"1"'


async def test_a_connection_nobody_takes_and_a_name_nobody_has(crawler):
    crawler.add("http://127.0.0.1:9/feed")
    assert (await crawler.polled()).cause == "connect"
    crawler.later(minutes=1)
    crawler.add("http://nowhere.invalid/feed")
    assert (await crawler.polled()).cause == "dns"


async def test_a_certificate_nobody_vouches_for(crawler, tmp_path):
    async with serving(self_signed(tmp_path)) as server:
        crawler.add(server.url("/feed").replace("http:", "https:"))
        assert (await crawler.polled()).cause == "tls"
        assert server.asked == []


async def test_a_server_that_speaks_no_tls(crawler):
    async def speak(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as listener:
        crawler.add(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/feed")
        assert (await crawler.polled()).cause == "tls"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
async def test_a_private_address_is_not_fetched_however_it_is_written(database, workers, server, host):
    crawler = Crawler(database, workers, fetch_allow_networks=())
    server.replies["/feed"] = Reply(body=FEED)
    crawler.add(server.url("/feed", host))
    polled = await crawler.polled()
    assert polled.cause in ("blocked-address", "dns"), polled
    assert server.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_to_a_private_address(database, workers, server, status):
    crawler = Crawler(database, workers, fetch_allow_networks=("127.0.0.1/32",))
    server.replies["/feed"] = Reply(status=status, headers={"Location": "http://127.0.0.2:1/latest/meta-data"})
    crawler.add(server.url("/feed"))
    polled = await crawler.polled()
    assert (polled.cause, "127.0.0.2: loopback" in polled.detail) == ("blocked-address", True)


async def test_a_temporary_redirect_is_followed_and_forgotten(crawler, server):
    server.replies["/feed"] = Reply(status=302, headers={"Location": "/new"})
    server.replies["/new"] = Reply(body=FEED)
    source = crawler.add(server.url("/feed"))
    for _ in range(4):
        await crawler.poll()
        crawler.later(days=1)
    assert crawler.source(source)["url"] == server.url("/feed")


async def test_a_permanent_redirect_is_followed_for_good_once_it_has_lasted(crawler, server):
    server.replies["/feed"] = Reply(status=301, headers={"Location": "/new"})
    server.replies["/new"] = Reply(body=FEED)
    source = crawler.add(server.url("/feed"))
    causes = []
    for _ in range(4):
        causes.append((await crawler.poll())[-1].cause)
        crawler.later(days=1)
    assert causes == ["ok", "unchanged", "moved", "unchanged"]
    assert crawler.source(source)["url"] == server.url("/new")
    assert crawler.add(server.url("/feed")) == source


async def test_a_permanent_redirect_to_what_is_no_feed_is_not_followed_for_good(crawler, server):
    server.replies["/feed"] = Reply(status=301, headers={"Location": "/new"})
    server.replies["/new"] = Reply(body=PAGE)
    source = crawler.add(server.url("/feed"))
    for _ in range(5):
        await crawler.poll()
        crawler.later(days=2)
    assert crawler.source(source)["url"] == server.url("/feed")


async def test_one_slow_source_does_not_hold_up_another(crawler, server):
    server.replies["/slow"] = Reply(body=FEED, drip=1.0)
    server.replies["/fast"] = Reply(body=FEED)
    effect = crawler._poll.effect
    for path in ("/slow", "/fast"):
        crawler.add(server.url(path))
    rows = crawler.database.transact_now(lambda tx: crawler._poll.take(Context(crawler.now, tx), 10))
    tasks = [asyncio.ensure_future(effect(row)) for row in rows]
    finished, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().answer.url for task in finished] == [server.url("/fast")]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
