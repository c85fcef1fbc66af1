"""The kernel decides what happens to messages; these are its promises, without any runtime."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import ArticleClassified, ArticleFetched, DeadLetter, TracesRecorded
from shared.handlers import Context, Record, Reply, TopicHandler
from shared.handling import Decided, TopicHandling
from shared.outcomes import Dropped, MapError, Noted, Reject, Retry
from shared.routing import TOLD_CHARS, WRAPPED_BYTES
from shared.topology import ARTICLES_CLASSIFIED, ARTICLES_FETCHED, CLASSIFY, TRACES_RECORDED, Stage
from tests.builders import NOON, classified, fetched

STATELESS: Any = None  # a stage without state has no transaction
CTX = Context(NOON, STATELESS)
PLAIN = CLASSIFY._replace(traced=False)


def record(event: Any, offset: int = 1) -> Record:
    value = event if isinstance(event, bytes) else msgspec.json.encode(event)
    return Record(ARTICLES_FETCHED.name, 0, offset, "article-1", value)


def records(*titles: str) -> list[Record]:
    return [record(fetched(event_id=f"fetched-{n}", title=title), n) for n, title in enumerate(titles, 1)]


def tag_or_raise(faults: dict[str, Exception]) -> Any:
    """A decision that fails on the titles named, and classifies the rest."""

    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        for event in events:
            if event.title in faults:
                raise faults[event.title]
        return [[classified(event)] for event in events]

    return decide


async def carried(handling: TopicHandling, inputs: Sequence[Record]) -> Decided:
    return handling.decide(await handling.prepare(inputs), CTX)


def handling(decide: Any, *, stage: Stage = PLAIN, effect: Any = None, **options: Any) -> TopicHandling:
    return TopicHandling(TopicHandler(stage=stage, decide=decide, effect=effect), lambda: NOON, **options)


def titles(decided: Decided) -> list[str]:
    done = [r for r in decided.records if r.topic == ARTICLES_CLASSIFIED.name]
    return [msgspec.json.decode(r.value, type=ArticleClassified).article.title for r in done]


def letters(decided: Decided) -> list[DeadLetter]:
    return [msgspec.json.decode(r.value, type=DeadLetter) for r in decided.records if r.topic == "classify.dead-letters"]


async def test_an_event_is_routed_by_its_type_and_keyed_by_the_map() -> None:
    decided = await carried(handling(tag_or_raise({})), records("a"))
    assert [(r.topic, r.key) for r in decided.records] == [("articles.classified", "article-1")]
    assert (decided.done, decided.pause, decided.counts) == (1, None, {"handled": 1})


async def test_a_rejected_message_is_set_aside_with_its_reason_while_its_neighbours_pass() -> None:
    decided = await carried(handling(tag_or_raise({"bad": Reject("no body")})), records("a", "bad", "b", "c"))
    assert titles(decided) == ["a", "b", "c"]
    [letter] = letters(decided)
    assert (letter.reason, letter.kind, letter.offset, letter.article_id) == ("no body", "reject", 2, "article-1")
    assert msgspec.json.decode(letter.value, type=ArticleFetched).title == "bad"
    assert decided.counts == {"handled": 3, "set_aside": 1}


@pytest.mark.parametrize("value", [b"{not json", b'{"x":' + b"[" * 100_000], ids=["no JSON", "deep"])
async def test_bytes_that_do_not_decode_are_set_aside(value: bytes) -> None:
    decided = await carried(handling(tag_or_raise({})), [record(value), *records("a")])
    assert letters(decided)[0].reason.startswith("does not decode")
    assert titles(decided) == ["a"]


async def test_a_retry_covers_what_stands_before_it_and_keeps_the_rest_waiting() -> None:
    decided = await carried(handling(tag_or_raise({"c": Retry("busy", after=7)})), records("a", "b", "c", "d"))
    assert (titles(decided), decided.done, decided.pause) == (["a", "b"], 2, 7)


async def test_a_bug_is_tried_five_times_and_then_set_aside() -> None:
    stage = handling(tag_or_raise({"bug": KeyError("oops")}))
    pauses = []
    for _ in range(4):
        decided = await carried(stage, records("bug", "a"))
        assert decided.done == 0
        pauses.append(decided.pause)
    decided = await carried(stage, records("bug", "a"))
    assert pauses == [0.1, 0.2, 0.4, 0.8]
    assert [(letter.kind, letter.tries) for letter in letters(decided)] == [("bug", 5)]
    assert titles(decided) == ["a"]


async def test_a_message_too_large_for_its_topic_is_set_aside_where_it_is_made() -> None:
    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        return [[classified(event)] for event in events]

    small = PLAIN._replace(writes=(ARTICLES_CLASSIFIED._replace(max_bytes=3_000),))
    inputs = [*records("a"), record(fetched(title="big", text="x" * 4_000), 2), record(fetched(title="b"), 3)]
    decided = await carried(handling(decide, stage=small), inputs)
    assert titles(decided) == ["a", "b"]
    assert "more than the 3000" in letters(decided)[0].reason


async def test_a_dead_letter_cuts_what_it_wraps() -> None:
    decided = await carried(handling(tag_or_raise({"x": Reject("no")})), [record(fetched(title="x", text="y" * WRAPPED_BYTES))])
    [letter] = letters(decided)
    assert letter.truncated
    assert len(letter.value) == WRAPPED_BYTES < letter.size
    assert len(decided.records[0].value) < 1 << 20


async def test_a_reason_without_end_or_with_half_a_character_still_fits_a_dead_letter() -> None:
    decided = await carried(handling(tag_or_raise({"x": Reject("\x01" * 1_000_000 + "\ud800")})), records("x"))
    assert len(letters(decided)[0].reason) == TOLD_CHARS
    decided = await carried(handling(tag_or_raise({"x": Reject("\ud800")})), records("x"))
    assert letters(decided)[0].reason == "?"


async def test_traces_of_the_longest_urls_fit_what_a_topic_takes() -> None:
    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        return [[Dropped("\x01" * 10_000)] for _ in events]

    long = "https://news.example/" + "\x01" * 8_000
    inputs = [record(fetched(event_id=f"fetched-{n}", url=long), n) for n in range(130)]
    decided = await carried(handling(decide, stage=CLASSIFY), inputs)
    traces = [msgspec.json.decode(one.value, type=TracesRecorded) for one in decided.records]
    assert sum(len(trace.rows) for trace in traces) == 130
    assert len({trace.event_id for trace in traces}) == len(traces)
    assert max(len(one.value) for one in decided.records) <= TRACES_RECORDED.max_bytes


async def test_an_event_the_map_does_not_grant_stops_the_stage() -> None:
    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        return [[event] for event in events]

    with pytest.raises(MapError, match="ArticleFetched"):
        await carried(handling(decide), records("a"))


async def test_a_drop_is_counted_and_traced_with_its_reason() -> None:
    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        return [[Dropped("seen before")], [classified(events[1]), Noted("trafficking 0.80")]]

    decided = await carried(handling(decide, stage=CLASSIFY), records("a", "b"))
    traces = msgspec.json.decode(decided.records[-1].value, type=TracesRecorded)
    assert [(row.outcome, row.reason) for row in traces.rows] == [("dropped", "seen before"), ("handled", "trafficking 0.80")]
    assert decided.counts == {"dropped": 1, "handled": 1}


async def test_an_effect_that_fails_on_one_message_is_run_for_the_others() -> None:
    async def effect(events: Sequence[ArticleFetched]) -> list[str]:
        if any(event.title == "bad" for event in events):
            raise Reject("cannot be read")
        return [event.title.upper() for event in events]

    def decide(events: Sequence[ArticleFetched], results: Sequence[str], ctx: Context) -> Iterable[Reply]:
        return [[classified(event), Noted(result)] for event, result in zip(events, results, strict=True)]

    decided = await carried(handling(decide, effect=effect), records("a", "b", "bad", "c"))
    assert titles(decided) == ["a", "b", "c"]
    assert letters(decided)[0].reason == "cannot be read"


@given(st.lists(st.sampled_from(["fine", "reject", "drop", "broken"]), max_size=40))
def test_the_ledger_always_adds_up(kinds: list[str]) -> None:
    def decide(events: Sequence[ArticleFetched], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        if any(event.title == "reject" for event in events):
            raise Reject("no")
        return [[Dropped("on purpose")] if event.title == "drop" else [classified(event)] for event in events]

    stage = handling(decide)
    inputs = [record(b"broken" if kind == "broken" else fetched(title=kind), n) for n, kind in enumerate(kinds)]
    items = [stage._decoded(one) for one in inputs]
    decided = stage.decide(items, CTX)
    assert decided.done == len(kinds)
    assert decided.counts.get("handled", 0) == kinds.count("fine") == len(titles(decided))
    assert decided.counts.get("dropped", 0) == kinds.count("drop")
    assert decided.counts.get("set_aside", 0) == kinds.count("reject") + kinds.count("broken") == len(letters(decided))
