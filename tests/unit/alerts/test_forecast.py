"""What a filter would have alerted of."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core.forecast import Count, Past, forecast
from shared import wire
from shared.events import SourceRef
from shared.filter import facts, parse
from tests.builders import NOON, classified, fetched, filed, tag

WEEK = timedelta(days=7)


def past(number: int, *, days: float = 0, **changes: Any) -> Past:
    """An article of so many days ago."""
    topics = {"topics": changes.pop("topics")} if "topics" in changes else {}
    article = wire.article(filed(classified(fetched(article_id=f"a{number}"), **topics)))
    return Past(article=msgspec.structs.replace(article, **changes), dated_at=NOON - timedelta(days=days))


HISTORY = [
    past(1),
    past(2, days=1, source=SourceRef(id="iom", name="IOM")),
    past(3, days=1, topics=(tag("visa_policy"),)),
    past(4, days=2, lang="en"),
    past(5, days=2, lang="en", topics=(tag("visa_policy"),)),
    past(6, days=3, topics=()),
]
WANTED = {"topics": {"any": ["trafficking"]}, "languages": {"any": ["ar"]}}


def test_it_counts_by_day_source_and_topic_and_says_what_held_back_the_rest() -> None:
    told = forecast(parse(WANTED), HISTORY, since=NOON - WEEK, now=NOON, most=100, examples=1)
    assert (told.looked_at, told.matched, told.a_day, told.is_whole) == (5, 2, 0.29, True)
    assert told.days == (Count(name="2026-11-21", count=1), Count(name="2026-11-22", count=1))
    assert {(count.name, count.count) for count in told.sources} == {("نشرة الهجرة", 1), ("IOM", 1)}
    assert told.topics == (Count(name="trafficking", count=2),)
    assert {(count.name, count.count) for count in told.held_back} == {("filter.topics", 2), ("filter.languages", 2)}
    assert {(count.name, count.count) for count in told.alone} == {("filter.topics", 1), ("filter.languages", 1)}
    [example] = told.examples
    assert (example.id, [why.part for why in example.why]) == ("a1", ["filter.topics", "filter.languages"])


def test_no_more_is_looked_at_than_may_be_and_that_is_said() -> None:
    told = forecast(parse({}), HISTORY, since=NOON - WEEK, now=NOON, most=3, examples=9)
    assert (told.looked_at, told.is_whole) == (3, False)
    assert forecast(parse({}), HISTORY[:3], since=NOON - WEEK, now=NOON, most=3, examples=9).is_whole


@given(st.lists(st.sampled_from(HISTORY)), st.sampled_from([{}, WANTED, {"not": WANTED}, {"text": "nowhere"}]))
def test_what_matched_and_what_was_held_back_is_all_there_was(history: list[Past], wanted: dict[str, Any]) -> None:
    told = forecast(parse(wanted), history, since=NOON - WEEK, now=NOON, most=1000, examples=3)
    assert sum(count.count for count in told.days) == told.matched
    assert sum(count.count for count in told.alone) <= told.looked_at - told.matched
    assert told.matched == sum(bool(p.article.topics) and parse(wanted).matches(facts(p.article)) for p in history)
