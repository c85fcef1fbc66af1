"""What is sent: whole where it fits, smaller and honest about it where not, never beyond the cap."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.core import payload, sink
from services.alerts.core.payload import SubscriptionRef, Why
from shared import wire
from shared.events import Evidence, SourceRef
from tests.builders import NOON, classified, fetched, filed, tag

TARGET, MOST = 20 * 1024, 256 * 1024
DESK = SubscriptionRef(id="sub_1", name="desk")


def body(article: wire.Article, reasons: tuple[Why, ...] = ()) -> bytes:
    return payload.article_body("article.tagged", article, DESK, reasons, at=NOON, target=TARGET, most=MOST)


def hits(count: int) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(term=f"t{n}", field="text", start=n, end=n + 2, surface="xx", weight=float(n), context="c" * 80)
        for n in range(count)
    )


def article(text: str, **changes: Any) -> wire.Article:
    return wire.article(filed(classified(fetched(text=text, **changes), topics=(tag(evidence=hits(changes.pop("count", 5))),))))


def test_what_fits_is_whole() -> None:
    sent = msgspec.json.decode(body(article("نص " * 2_000)))
    assert sent["data"]["article"]["text"] == "نص " * 2_000
    assert "cut" not in sent["data"]


def test_a_long_text_becomes_a_summary_and_says_how_long_it_is() -> None:
    raw = body(article("نص طويل " * 5_000))
    data = msgspec.json.decode(raw)["data"]
    assert len(raw) <= TARGET
    assert "text" not in data["article"]
    assert data["article"]["summary"].endswith("…")
    assert data["cut"] == {"text_chars": 40_000}
    assert len(data["article"]["topics"][0]["evidence"]) == 5


def test_too_much_evidence_keeps_the_weightiest_in_the_text_s_order() -> None:
    many = msgspec.structs.replace(article("x" * 30_000), topics=(tag(evidence=hits(500)),))
    raw = body(many)
    data = msgspec.json.decode(raw)["data"]
    assert len(raw) <= TARGET
    assert [hit["start"] for hit in data["article"]["topics"][0]["evidence"]] == list(range(490, 500))
    assert data["cut"] == {"text_chars": 30_000, "evidence": 500}


LONG = st.sampled_from(["", "x", "ش" * 3_000, "\x00\x01" * 50_000])
COUNTS = st.sampled_from([0, 1, 60])


@settings(max_examples=60, deadline=None)
@given(LONG, LONG, LONG, COUNTS, COUNTS, COUNTS)
def test_whatever_the_article_a_body_stays_below_the_cap(
    title: str, text: str, name: str, authors: int, topics: int, count: int
) -> None:
    big = msgspec.structs.replace(
        article(text, title=title, authors=(name,) * authors),
        topics=tuple(tag(f"t{n}", evidence=hits(count), subtopics=("s" * 50,) * count) for n in range(topics)),
        source=SourceRef(id="s", name=name, url="https://news.example/"),
    )
    raw = body(big, tuple(Why(part="filter.text", matched=(text,) * count) for _ in range(count)))
    assert len(raw) <= MOST
    assert msgspec.json.decode(raw)["data"]["article"]["id"] == "article-1"


def test_the_same_article_gives_the_same_bytes() -> None:
    assert body(article("x" * 50_000)) == body(article("x" * 50_000))


def test_what_cannot_be_made_small_enough_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 4096"):
        payload.article_body(
            "article.tagged", article("x", url="https://news.example/" + "u" * 8_000), DESK, (), at=NOON, target=2048, most=4096
        )


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://example.org/hook?a=b", True),
        ("http://example.org:8443/", True),
        ("https://[2606:2800:220::1]/", True),
        ("https://مثال.إختبار/", True),
        ("gopher://example.org/", False),
        ("//example.org/", False),
        ("https:///hook", False),
        ("https://example.org:99999/", False),
        ("https://example.org:0/", False),
        ("https://user@example.org/", False),
        ("https://example.org/#part", False),
        ("https://example.org/a b", False),
        ("https://example.org\\@127.0.0.1/", False),
        ("https://example.org/\x00", False),
        ("https://[::1/", False),
        ("https://example.org/" + "a" * 3000, False),
        ("", False),
    ],
)
def test_which_urls_are_taken(url: str, is_taken: bool) -> None:
    assert (sink.url_faults(url) == []) is is_taken


@pytest.mark.parametrize(
    ("headers", "places"),
    [
        pytest.param({"Authorization": "Bearer x", "X-Id": "7\t8"}, [], id="good"),
        pytest.param({"x": "a\nb"}, ["x"], id="line feed"),
        pytest.param({"x": "a\rb"}, ["x"], id="carriage return"),
        pytest.param({"x": "a\x00"}, ["x"], id="NUL"),
        pytest.param({"x": "é"}, ["x"], id="not ASCII"),
        pytest.param({"x:y": "a"}, ["x:y"], id="a colon in the name"),
        pytest.param({"": "a"}, [""], id="no name"),
        pytest.param({"Content-Length": "1"}, ["Content-Length"], id="reserved"),
        pytest.param({"WEBHOOK-SIGNATURE": "1"}, ["WEBHOOK-SIGNATURE"], id="reserved, in capitals"),
        pytest.param({"x": "a" * 5000}, ["x"], id="too long"),
        pytest.param({"x": "a", "X": "b"}, [""], id="twice"),
        pytest.param({f"x{n}": "a" for n in range(21)}, [""], id="too many"),
    ],
)
def test_which_headers_are_taken(headers: dict[str, str], places: list[str]) -> None:
    assert [name for name, _ in sink.header_faults(headers)] == places
