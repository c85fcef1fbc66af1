"""Turns at hosts: never two within the gap, nobody asked who wants rest, those who come back spread out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.turns import LONGEST_REST, Later, Turns


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 4))), st.floats(0.1, 3), st.floats(0, 10))
def test_two_requests_to_one_host_are_never_closer_than_the_gap(steps, gap, patience):
    time, asked = Time(), {"a": [], "b": []}
    turns = Turns(gap, time)
    for host, passed in steps:
        time.now += passed
        turn = turns.take(host, patience)
        if not isinstance(turn, Later):
            assert turn <= patience
            asked[host].append(time.now + turn)
    for times in asked.values():
        assert all(later - earlier >= gap - 1e-6 for earlier, later in pairwise(times))


def test_a_host_asked_by_nobody_is_asked_at_once_whatever_others_wait_for():
    turns = Turns(1.0, Time())
    while not isinstance(turns.take("busy", 5.0), Later):
        pass
    assert turns.take("idle", 5.0) == 0.0


def test_those_who_are_sent_away_are_told_different_times():
    turns = Turns(1.0, Time())
    told = [turn.seconds for _ in range(20) if isinstance(turn := turns.take("e.org", 5.0), Later)]
    assert told == [float(second) for second in range(6, 6 + len(told))]
    assert len(told) == 14


def test_a_host_that_asks_for_rest_gets_it_from_all_but_not_for_ever():
    time = Time()
    turns = Turns(1.0, time)
    turns.rest("e.org", 600)
    assert turns.take("e.org", 5.0) == Later(600)
    time.now = 600
    assert turns.take("e.org", 5.0) == 0.0
    turns.rest("e.org", 10**9)
    assert turns.take("e.org", 5.0).seconds <= LONGEST_REST + 10


def test_the_gap_a_host_asks_for_counts_where_it_is_longer():
    turns = Turns(1.0, Time())
    assert [turns.take("e.org", 60.0, gap) for gap in (10.0, 0.5, 0.0)] == [0.0, 10.0, 11.0]
