"""Pace, text, revision, unpacking and settings, each by itself."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crawler.adapters.sources import listed, normalized
from services.crawler.adapters.unpack import BadEncoding, Cut, TooLarge, Unpacking
from services.crawler.app import STARTERS
from services.crawler.core.answer import Answer
from services.crawler.core.cadence import Bounds, asked_by, pace, retry_after
from services.crawler.core.feed import parse
from services.crawler.core.language import tag
from services.crawler.core.revision import revision_key
from services.crawler.core.text import cut, plain
from services.crawler.core.verdict import Verdict, verdict
from services.crawler.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOUNDS = Bounds(300, 86400)


@pytest.mark.parametrize(
    ("seen", "interval"),
    [
        pytest.param((30, 0), 1500, id="nothing new: slower"),
        pytest.param((30, 10), 1500, id="a third new: slower"),
        pytest.param((30, 15), 1000, id="half new: as it is"),
        pytest.param((30, 21), 500, id="more than two thirds new: faster"),
        pytest.param((0, 0), 1250, id="empty: a little slower"),
    ],
)
def test_the_pace_follows_what_is_new(seen, interval):
    assert pace((1000.0, 0), Verdict("ok"), seen, 0, None, BOUNDS) == (interval, 0, interval)


@given(
    st.floats(0, 1e9),
    st.integers(0, 10_000),
    st.booleans(),
    st.integers(0, 500),
    st.floats(0, 1e12),
    st.none() | st.floats(0, 1e12),
)
def test_the_next_poll_is_always_within_bounds(interval, failures, failed, found, hint, asked):
    step = pace((interval, failures), Verdict("ok", failed=failed), (500, found), hint, asked, BOUNDS)
    assert 300 <= step.wait <= 86400
    assert step.failures == (failures + 1 if failed else 0)


@pytest.mark.parametrize(
    ("headers", "ttl", "seconds"),
    [
        ({}, None, 0),
        ({"cache-control": "public, max-age=600"}, None, 600),
        ({"cache-control": "s-maxage=9, MAX-AGE=600", "age": "100"}, None, 500),
        ({"cache-control": "max-age=10", "age": "100"}, None, 0),
        ({"cache-control": "max-age=soon"}, 60, 3600),
        ({"cache-control": "max-age=7200"}, 60, 7200),
    ],
)
def test_what_an_answer_asks_for(headers, ttl, seconds):
    assert asked_by(headers, ttl) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("Sun, 22 Nov 2026 12:05:00 GMT", 300),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text, seconds):
    assert retry_after({"retry-after": text}, NOON) == seconds


@given(st.text(), st.integers(1, 100))
def test_a_cut_text_is_a_beginning_within_its_bytes(text, most):
    text = text.encode("utf-8", "ignore").decode()
    short = cut(text, most)
    assert text.startswith(short)
    assert len(short.encode()) <= most


@given(st.text())
def test_plain_text_can_be_stored(text):
    found = plain(text)
    found.encode()
    assert "\x00" not in found
    assert found == found.strip()


@pytest.mark.parametrize(
    ("text", "is_tag"), [("AR_sa", "ar-SA"), ("zh-hant", "zh-Hant"), ("en", "en"), ("english", None), ("", None)]
)
def test_languages_are_written_one_way(text, is_tag):
    assert tag(text) == is_tag


def test_a_revision_is_another_text():
    key = revision_key("Title", "read 5 times\non Monday")
    assert key == revision_key("title ", "read 6 times on monday")
    assert key != revision_key("Title", "read 5 times on Tuesday")
    assert revision_key("12 dead", "") != revision_key("13 dead", "")


@given(st.binary(max_size=2000), st.integers(1, 50), st.sampled_from(["", "gzip", "deflate", "raw"]))
def test_what_was_packed_is_unpacked_in_any_pieces(body, step, how):
    packed = {"": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body), "raw": zlib.compress(body, wbits=-15)}[how]
    unpacking = Unpacking("deflate" if how == "raw" else how, 2000)
    for at in range(0, len(packed), step):
        unpacking.feed(packed[at : at + step])
    assert unpacking.finish() == body


@given(st.binary(min_size=1, max_size=500), st.data())
def test_a_stream_cut_anywhere_is_never_a_success(body, data):
    packed = gzip.compress(body)
    unpacking = Unpacking("gzip", 1000)
    unpacking.feed(packed[: data.draw(st.integers(1, len(packed) - 1))])
    with pytest.raises(Cut):
        unpacking.finish()


def test_a_bomb_is_stopped_before_it_is_unpacked():
    unpacking = Unpacking("gzip", 1000)
    with pytest.raises(TooLarge):
        unpacking.feed(gzip.compress(b"\x00" * 100_000_000))
    with pytest.raises(BadEncoding):
        Unpacking("gzip", 1000).feed(b"<rss>")
    with pytest.raises(BadEncoding):
        Unpacking("br", 1000)


def test_the_starter_list_names_each_feed_once():
    found = listed(STARTERS.read_text(encoding="utf-8"))
    assert len(found) > 10
    assert len({normalized(one.url) for one in found}) == len(found)
    assert all(one.url.startswith("https://") and one.name for one in found)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://e.org/x", "file:///etc/passwd", "javascript:alert(1)", "https://"])
def test_what_is_no_web_address_is_no_source(url):
    with pytest.raises(ValueError, match="no http or https address"):
        normalized(url)


@pytest.mark.parametrize(
    ("given_as", "polled"), [(" https://e.org/f#x ", "https://e.org/f"), ("feed://e.org/f", "https://e.org/f")]
)
def test_a_source_is_polled_as_it_was_given(given_as, polled):
    assert normalized(given_as) == polled


def test_networks_and_bounds_are_checked_when_settings_are_read():
    with pytest.raises(ValueError, match=r"RASID_FETCH_ALLOW_NETWORKS: '10\.0\.0\.0/99' is not a network"):
        Settings(fetch_allow_networks=("10.0.0.0/99",))
    with pytest.raises(ValueError, match="RASID_MAX_POLL_SECONDS"):
        Settings(min_poll_seconds=10, max_poll_seconds=5)


def test_an_index_of_sitemaps_is_no_feed_and_its_sitemaps_no_articles():
    body = b"<sitemapindex><sitemap><loc>https://e.org/news.xml</loc></sitemap></sitemapindex>"
    judged = verdict(Answer("https://e.org/", 200, {}, body), parse(body), same=False, known=False)
    assert (judged.cause, judged.failed) == ("not-a-feed", True)
    assert "https://e.org/news.xml" in judged.detail
