"""The health of an endpoint: what opens its breaker, what closes it, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.alerts.core.health import (
    BY_A_PERSON,
    Health,
    after,
    asked_to_wait,
    enabled,
    failed,
    gone,
    notices,
    paused,
    succeeded,
)
from services.alerts.core.verdict import Answer, NoAnswer, Rules, judge
from services.alerts.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = Settings().health_rules()
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def failing(times: int, *, every: timedelta = SECOND, health: Health | None = None, begin: datetime = NOON) -> Health:
    """After so many failures, one every so often."""
    health = health or Health()
    for number in range(times):
        health = failed(health, RULES, begin + every * number)
    return health


def test_the_breaker_opens_at_the_tenth_failure_in_a_row_and_not_before() -> None:
    assert failing(9).opened_at is None
    assert failing(9).spends
    opened = failing(10)
    assert opened.opened_at == NOON + 9 * SECOND
    assert opened.probe_at == NOON + 39 * SECOND
    assert not opened.spends


def test_a_success_in_between_begins_the_count_anew() -> None:
    between = succeeded(failing(9), RULES, NOON + 9 * SECOND)
    assert failing(9, health=between, begin=NOON + timedelta(minutes=6)).opened_at is None


@pytest.mark.parametrize(
    ("outcomes", "minutes", "opens"),
    [
        pytest.param("++---------"[:10], 0, True, id="8 of 10 failed"),
        pytest.param("+++-------", 0, False, id="7 of 10 are not more than 70 %"),
        pytest.param("++-------", 0, False, id="9 attempts are too few"),
        pytest.param("--+-" * 5, 0, True, id="15 of 20"),
        pytest.param("+-" * 50, 0, False, id="half of them, for ever"),
        pytest.param("++--------", 1, False, id="8 of 10, but in 9 minutes"),
    ],
)
def test_the_breaker_opens_where_most_of_the_last_minutes_failed(outcomes: str, minutes: int, opens: bool) -> None:
    health, now, opened = Health(), NOON, False
    for outcome in outcomes:
        health = (succeeded if outcome == "+" else failed)(health, RULES, now)
        now += timedelta(minutes=minutes) or timedelta(milliseconds=1)
        opened = opened or health.opened_at is not None
    assert opened is opens


def test_probes_come_after_30_seconds_doubling_to_15_minutes() -> None:
    health, waits = failing(10), list[float]()
    now = health.opened_at or NOON
    for _ in range(8):
        assert health.probe_at is not None
        waits.append((health.probe_at - now).total_seconds())
        now = health.probe_at
        health = failed(health, RULES, now)
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_an_attempt_begun_before_the_breaker_opened_moves_no_probe() -> None:
    opened = failing(10)
    assert failed(opened, RULES, NOON + 12 * SECOND).probe_at == opened.probe_at


def test_the_first_success_closes_the_breaker_and_forgets_the_past() -> None:
    closed = succeeded(failing(30), RULES, NOON + timedelta(minutes=1))
    assert closed == Health()
    assert failing(9, health=closed, begin=NOON + timedelta(minutes=2)).opened_at is None


def test_five_days_of_nothing_but_failures_disable_and_people_are_told_on_the_way() -> None:
    health, told, now = Health(), list[tuple[float, str, int]](), NOON
    while health.state == "active":
        before, health = health, failed(health, RULES, now)
        told += [((now - NOON) / DAY, notice.kind, health.noticed) for notice in notices(before, health, RULES)]
        now += timedelta(minutes=15)
    assert [(kind, share) for _, kind, share in told] == [
        ("endpoint.failing", 50), ("endpoint.failing", 70), ("endpoint.failing", 90), ("endpoint.disabled", 100)
    ]  # fmt: skip
    assert [days for days, _, _ in told] == pytest.approx([2.5, 3.5, 4.5, 5.0])
    assert health.probe_at == now - timedelta(minutes=15) + DAY


def test_a_few_failures_in_weeks_are_no_reason_to_disable() -> None:
    assert failing(9, every=7 * DAY).state == "active"


def test_a_disabled_endpoint_is_probed_once_a_day_and_a_success_brings_it_back() -> None:
    disabled = failing(60, every=timedelta(hours=3))
    assert disabled.state == "disabled"
    assert not disabled.spends
    probe_at = disabled.probe_at
    assert probe_at is not None
    in_vain = failed(disabled, RULES, probe_at)
    assert (in_vain.state, in_vain.probe_at) == ("disabled", probe_at + DAY)
    back = succeeded(in_vain, RULES, probe_at + DAY)
    assert back == Health()
    assert [notice.kind for notice in notices(in_vain, back, RULES)] == ["endpoint.recovered"]


def test_what_said_gone_is_never_probed_and_no_late_success_brings_it_back() -> None:
    left = gone(failing(3), "it answered 410 Gone")
    assert left.probe_at is None
    assert succeeded(left, RULES, NOON + DAY).state == "disabled"
    assert failed(left, RULES, NOON + DAY).probe_at is None
    assert enabled(left) == Health()


def test_what_a_person_paused_stays_paused_whatever_comes_of_attempts_under_way() -> None:
    resting = paused(Health(), BY_A_PERSON)
    assert succeeded(resting, RULES, NOON).state == "paused"
    assert failed(resting, RULES, NOON).state == "paused"


def test_a_shorter_wait_never_shortens_a_longer_one() -> None:
    waiting = asked_to_wait(Health(), NOON + DAY)
    assert asked_to_wait(waiting, NOON + SECOND).paused_until == NOON + DAY


@given(st.integers(0, 9), st.sampled_from([Answer(500), Answer(400), Answer(429, "60"), NoAnswer("timeout")]))
def test_an_attempt_that_does_not_spend_changes_nothing_of_the_schedule(failures: int, outcome: Answer | NoAnswer) -> None:
    rules = Rules(schedule=(0.0, 1.0), short_schedule=(0.0,), jitter=0.0, retry_after_max=100.0)
    verdict = judge(outcome, delivery_id="dlv_a", failures=failures, rules=rules, now=NOON, spends=False)
    assert (verdict.state, verdict.failures, verdict.next_at) == ("pending", failures, NOON)


class Endpoint(RuleBasedStateMachine):
    """Whatever happens in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.health, self.now, self.row = Health(), NOON, 0

    @rule(seconds=st.one_of(st.floats(0, 60), st.floats(0, 3 * 86_400)))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _step(self, outcome: Answer | NoAnswer) -> Health:
        rules = Rules(schedule=(0.0,) * 10, short_schedule=(0.0,), jitter=0.0, retry_after_max=86_400.0)
        before = self.health
        verdict = judge(outcome, delivery_id="d", failures=0, rules=rules, now=self.now, spends=before.spends)
        assert verdict.failures == (1 if verdict.state != "ok" and (before.spends or outcome == Answer(410)) else 0)
        self.health = after(before, verdict, RULES, self.now)
        assert len(list(notices(before, self.health, RULES))) <= 1
        return before

    @rule(status=st.sampled_from([200, 204]))
    def it_accepts(self, status: int) -> None:
        before = self._step(Answer(status))
        self.row = 0
        assert self.health.state == (
            "disabled" if before.state == "disabled" and before.probe_at is None else self.health.state
        )
        assert self.health.opened_at is None

    @rule(outcome=st.sampled_from([Answer(500), Answer(404), NoAnswer("timeout"), Answer(503, "90")]), times=st.integers(1, 12))
    def it_fails(self, outcome: Answer | NoAnswer, times: int) -> None:
        for _ in range(times):
            before = self._step(outcome)
            self.row += 1
            assert self.health.failures == before.failures + 1
            assert before.opened_at is None or self.health.opened_at == before.opened_at or self.health.state == "disabled"

    @rule()
    def it_is_gone(self) -> None:
        self._step(Answer(410))
        self.row += 1
        assert (self.health.state, self.health.probe_at) == ("disabled", None)

    @precondition(lambda self: self.health.state != "active")
    @rule()
    def a_person_enables_it(self) -> None:
        self.health, self.row = enabled(self.health), 0
        assert self.health == Health()

    @invariant()
    def ten_in_a_row_are_never_called_freely(self) -> None:
        assert self.health.failures == self.row
        if self.row >= RULES.failures:
            assert not self.health.spends

    @invariant()
    def there_is_a_probe_wherever_it_may_come_back_by_itself(self) -> None:
        if self.health.opened_at is not None:
            assert self.health.probe_at is not None
            assert RULES.first_probe <= self.health.probe_wait <= RULES.longest_probe
        if self.health.state == "active" and self.health.opened_at is None:
            assert self.health.probe_at is None

    @invariant()
    def what_is_kept_is_small(self) -> None:
        assert len(self.health.recent) <= 10


TestEndpoint = Endpoint.TestCase
