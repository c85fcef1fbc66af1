"""What the parameters of a request mean."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.core.query import Asked, BadParameter, Limits, query

LIMITS = Limits(page=50, page_max=500, words=4)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "ten"),
        ("limit", ""),
        ("min_score", "1.1"),
        ("min_score", "nan"),
        ("cursor", "abc"),
        ("cursor", "-1"),
        ("cursor", "9" * 30),
        ("since", "yesterday"),
        ("until", "2026-11-22T10:00:00"),
        ("lang", ["arabic!"]),
        ("country", ["LBN"]),
        ("subtopic", ["trafficking"]),
        ("topic", [""]),
        ("q", "one two three four five"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(parameter: str, value: Any) -> None:
    with pytest.raises(BadParameter, match=parameter) as refused:
        query(Asked(**{parameter: value}), LIMITS)
    assert refused.value.parameter == parameter


def test_nothing_asked_is_the_first_page_of_everything() -> None:
    found = query(Asked(), LIMITS)
    assert (found.limit, found.before, found.phrases, found.topics) == (50, None, None, ())


@pytest.mark.parametrize("text", ["2026-11-22T10:00:00Z", "2026-11-22T13:00:00+03:00", "2026-11-22T13:00:00 03:00"])
def test_a_time_is_read_in_its_zone_even_where_the_plus_was_not_escaped(text: str) -> None:
    assert query(Asked(since=text), LIMITS).since == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_date_begins_at_midnight_in_utc() -> None:
    assert query(Asked(since="2026-11-22"), LIMITS).since == datetime(2026, 11, 22, tzinfo=UTC)


def test_an_empty_span_of_time_is_refused() -> None:
    with pytest.raises(BadParameter, match="until"):
        query(Asked(since="2026-11-22", until="2026-11-22"), LIMITS)


def test_a_search_without_a_word_is_not_a_search_for_everything() -> None:
    assert query(Asked(q="?!"), LIMITS).phrases == ()
    assert query(Asked(q="  "), LIMITS).phrases is None


@given(st.sampled_from(["since", "until", "min_score", "limit", "cursor", "q"]), st.text())
def test_any_text_is_a_query_or_a_named_fault(parameter: str, text: str) -> None:
    try:
        query(Asked(**{parameter: text}), LIMITS)
    except BadParameter as error:
        faulty = error.parameter
    else:
        faulty = parameter
    assert faulty == parameter
