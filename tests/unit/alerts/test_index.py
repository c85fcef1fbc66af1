"""Subscriptions found by what an article has: always the same as asking each of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core.index import Index, Subscription
from shared.filter import Facts, parse
from tests.unit.shared.test_filter import FACTS, FILTERS

MANY = st.lists(st.one_of(FILTERS, st.just({})), max_size=8)


def subscription(number: int, wanted: dict[str, Any]) -> Subscription:
    return Subscription(id=f"s{number}", name="", endpoint_id="e", filter=parse(wanted))


def asked_each(subscriptions: list[Subscription], known: Facts) -> set[str]:
    """Found by asking every one."""
    return {s.id for s in subscriptions if known.scores and s.filter.matches(known)}


@given(MANY, FACTS)
def test_the_index_finds_whom_asking_each_would_find(wanted: list[dict[str, Any]], known: Facts) -> None:
    every = [subscription(number, each) for number, each in enumerate(wanted)]
    found = [s.id for s in Index(every).matching(known)]
    assert len(found) == len(set(found))
    assert set(found) == asked_each(every, known)


@given(MANY, st.lists(st.tuples(st.integers(0, 7), st.one_of(st.none(), FILTERS)), max_size=12), FACTS)
def test_what_is_added_replaced_and_taken_out_leaves_no_trace(
    wanted: list[dict[str, Any]], changes: list[tuple[int, dict[str, Any] | None]], known: Facts
) -> None:
    there = {number: subscription(number, each) for number, each in enumerate(wanted)}
    index = Index(there.values())
    for number, change in changes:
        if change is None:
            there.pop(number, None)
            index.remove(f"s{number}")
        else:
            there[number] = subscription(number, change)
            index.add(there[number])
    assert {s.id for s in index.matching(known)} == asked_each(list(there.values()), known)
    for number in list(there):
        index.remove(f"s{number}")
    assert index.matching(known) == []
    assert (index.by_id, index._groups, dict(index._by_key), index._always) == ({}, {}, {}, set())


def test_a_filter_is_asked_only_where_the_article_has_what_it_cannot_do_without() -> None:
    wanted = [
        {"topics": {"any": ["trafficking"]}, "sources": {"any": ["iom"]}},
        {"topics": {"any": ["trafficking"]}, "text": "visa compact"},
        {"any": [{"countries": {"any": ["JO"]}}, {"subtopics": {"all": ["trafficking/scams"]}}]},
    ]
    keys = [{tuple(key) for key in parse(each).keys() or ()} for each in wanted]
    assert keys == [{("sources", "iom")}, {("text", "compact")}, {("countries", "JO"), ("subtopics", "trafficking/scams")}]
