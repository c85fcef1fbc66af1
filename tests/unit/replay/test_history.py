"""Lines of history: ids, dates, sources, and faults that name what is wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.replay.core import history
from services.replay.core.history import BadHistory
from shared import ids

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ARRIVAL = history.Arrival(history.named_source("archive"), NOON, 1000)


def found(**said: Any) -> history.Found:
    return history.of_json_line(
        json.dumps({"title": "Visa rules change", "text": "The rules change."} | said).encode(), ARRIVAL
    )


def test_a_line_is_history_observed_now_and_marked_as_such():
    event = found(url="https://Example.org/a?utm_source=x#top", published="2024-05-03T10:00:00+03:00").event
    assert event.url == "https://example.org/a"
    assert event.article_id == ids.article_id("https://example.org/a")
    assert event.published_at == datetime(2024, 5, 3, 7, tzinfo=UTC)
    assert (event.observed_at, event.backfill, event.body_from, event.source.name) == (NOON, True, "file", "archive")


def test_without_a_url_the_id_is_of_the_bytes():
    line = b'{"title":"Visa rules change"}'
    assert history.of_json_line(line + b"\n", ARRIVAL).event.article_id == ids.article_id_of_bytes(line)


def test_the_same_line_is_the_same_event_and_a_changed_text_another_of_the_same_article():
    first, again, changed = (found(url="https://example.org/a", text=text).event for text in ("One.", "One.", "Two."))
    assert first == again
    assert first.event_id != changed.event_id
    assert first.article_id == changed.article_id


def test_an_article_given_out_by_rasid_comes_in_again():
    event = found(
        lang="ar", published_at="2024-05-03T10:00:00Z", source={"id": "s1", "name": "Feed", "url": "https://example.org/f"}
    ).event
    assert (event.language, event.source.id, event.source.name) == ("ar", "s1", "Feed")
    assert event.published_at == datetime(2024, 5, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"published": "yesterday"}, "names no day"),
        ({"published": "05/06/2024"}, "names no day"),
        ({"published": "9999-99-99"}, "names no day"),
        ({"published": "0001-01-01T00:00:00+14:00"}, "names no day"),
        ({"url": "mailto:a@example.org"}, "not an http"),
        ({"text": "ب" * 501}, "cut at 1000 bytes"),
    ],
)
def test_what_is_odd_is_told_and_left_unknown(said, problem):
    event, problems = found(**said)
    assert len(problems) == 1
    assert problem in problems[0]
    assert event.published_at is None
    assert event.url is None
    assert len(event.text.encode()) <= 1000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "JSON|truncated"),
        (b"[]", "object"),
        (b'{"title": 5}', "title"),
        (b'{"url": "https://example.org/a"}', "no title and no text"),
        (b'{"title": "\xff"}', "(?i)utf-8"),
    ],
)
def test_a_line_that_is_no_article_is_refused_with_what_is_wrong(line, reason):
    with pytest.raises(BadHistory, match=reason):
        history.of_json_line(line, ARRIVAL)


def test_nul_is_removed():
    event = history.of_json_line(b'{"title":"a\\u0000b","text":"c"}', ARRIVAL).event
    assert event.title == "ab"
