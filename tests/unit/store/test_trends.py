"""What makes a spike, and what does not: outages, backlogs, sources that are new, a source that talks much."""

import random

from hypothesis import assume, given
from hypothesis import strategies as st

from services.store.core.trends import DAY, Counts, Window, before, windows

TODAY = 20_000
PAST = before(TODAY, DAY)

Source = tuple[int, int]
"""How many reports on the topic, and on other things, it has in each window."""

worlds = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)).filter(any), min_size=4, max_size=25)


def world(sources: list[Source]) -> Counts:
    """A past that was the same every day."""
    counts = Counts()
    for number in (*PAST, TODAY):
        day(counts, number, {f"s{index}": source for index, source in enumerate(sources)})
    return counts


def day(counts: Counts, number: int, sources: dict[str, Source]) -> None:
    counts.reports[number] = {name: told for name, (told, _) in sources.items() if told}
    counts.total[number] = {name: told + others for name, (told, others) in sources.items()}


def today(counts: Counts) -> Window:
    [window] = windows(counts, [TODAY], DAY)
    return window


@given(worlds)
def test_a_day_like_every_day_is_as_expected(sources: list[Source]) -> None:
    window = today(world(sources))
    assert window.expected == sum(told for told, _ in sources)
    assert (window.score, window.is_spike) == (0.0, False)


@given(worlds, st.integers(0, 2**32))
def test_an_outage_of_any_sources_makes_no_spike(sources: list[Source], seed: int) -> None:
    up = {f"s{index}": source for index, source in enumerate(sources) if random.Random(seed + index).random() < 0.5}
    assume(up)
    counts = world(sources)
    day(counts, TODAY, up)
    window = today(counts)
    assert window.score == 0.0
    assert window.alive == len(up)


@given(worlds, st.integers(2, 20))
def test_a_backlog_of_everything_makes_no_spike(sources: list[Source], times: int) -> None:
    assume(sum(others for _, others in sources) >= sum(told for told, _ in sources) > 0)
    counts = world(sources)
    day(counts, TODAY, {f"s{index}": (told * times, others * times) for index, (told, others) in enumerate(sources)})
    assert not today(counts).is_spike


@given(worlds, worlds, st.integers(1, 50))
def test_sources_that_are_new_change_no_judgement(sources: list[Source], added: list[Source], times: int) -> None:
    counts = world(sources)
    judged = today(counts)
    for index, (told, others) in enumerate(added):
        counts.reports[TODAY][f"new{index}"] = told * times
        counts.total[TODAY][f"new{index}"] = told * times + others
    window = today(counts)
    assert (window.expected, window.score, window.is_spike) == (judged.expected, judged.score, judged.is_spike)


@given(worlds, st.integers(4, 10))
def test_many_sources_that_report_much_more_of_it_are_a_spike(sources: list[Source], times: int) -> None:
    counts = world(sources)
    day(counts, TODAY, {f"s{index}": (told * times + 6, others) for index, (told, others) in enumerate(sources)})
    window = today(counts)
    assert window.is_spike
    assert window.reports == sum(told * times + 6 for told, _ in sources)


@given(worlds, st.integers(1, 1000))
def test_one_source_that_talks_much_is_no_spike(sources: list[Source], more: int) -> None:
    quiet = [(0, others) for _, others in sources if others]
    assume(quiet)
    counts = world(quiet)
    counts.reports[TODAY] = {"s0": more}
    counts.total[TODAY]["s0"] += more
    assert not today(counts).is_spike


def test_what_varies_much_by_itself_needs_more_to_be_a_spike() -> None:
    def last(past: list[int]) -> Window:
        counts = Counts()
        for number, told in zip((*PAST, TODAY), (*past, 40), strict=True):
            day(counts, number, {f"s{index}": (told // 4, 20) for index in range(4)})
        return today(counts)

    assert last([12] * 14).is_spike
    assert not last([0, 24] * 7).is_spike


def test_too_little_past_is_no_judgement() -> None:
    counts = world([(1, 1)] * 4)
    for number in PAST[:11]:
        del counts.total[number], counts.reports[number]
    window = today(counts)
    assert (window.expected, window.score, window.is_spike, window.reports) == (None, None, False, 4)


def test_windows_shorter_than_a_day_are_held_against_the_same_time_of_day() -> None:
    assert before(100, DAY // 4)[:2] == [96, 92]
    assert before(100, 2 * DAY)[:2] == [99, 98]


def test_chance_alone_makes_hardly_any_spike() -> None:
    chance, spikes = random.Random(7), 0
    for _ in range(300):
        counts = Counts()
        for number in (*PAST, TODAY):
            told = {f"s{index}": (chance.choices((0, 1, 2), (6, 3, 1))[0], chance.randrange(1, 12)) for index in range(20)}
            day(counts, number, {name: each for name, each in told.items() if chance.random() < 0.8})
        spikes += today(counts).is_spike
    assert spikes <= 1
