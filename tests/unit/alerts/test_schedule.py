"""When the next attempt is made: never early, never much later, and as the receiver asks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core import budget
from services.alerts.core.schedule import first_wait, next_wait, retry_after
from services.alerts.core.verdict import Answer, NoAnswer, Rules, judge
from services.alerts.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = 86_400.0
DEFAULT = Settings()
RULES = Rules(
    schedule=DEFAULT.delivery_schedule, short_schedule=DEFAULT.delivery_short_schedule, jitter=0.2, retry_after_max=DAY
)
IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
SCHEDULES = st.lists(st.floats(0, DAY), min_size=1, max_size=12).map(tuple)


def test_the_default_schedule_is_the_contracts() -> None:
    hours = [wait / 3600 for wait in DEFAULT.delivery_schedule[3:]]
    assert DEFAULT.delivery_schedule[:3] == (0, 5, 300)
    assert hours == [0.5, 2, 5, 10, 14, 20, 24]


@given(SCHEDULES, IDS, st.floats(0, 1))
def test_every_wait_is_at_least_its_entry_and_at_most_a_share_longer(
    schedule: tuple[float, ...], name: str, share: float
) -> None:
    waits = [first_wait(schedule, share, name), *(next_wait(schedule, n, share, name) for n in range(1, len(schedule)))]
    for wait, entry in zip(waits, schedule, strict=True):
        assert wait is not None
        assert entry - 1e-6 <= wait.total_seconds() <= entry * (1 + share) + 1e-6
    assert next_wait(schedule, len(schedule), share, name) is None


@given(SCHEDULES, IDS)
def test_attempts_under_a_virtual_clock_are_never_early_and_as_many_as_entries(schedule: tuple[float, ...], name: str) -> None:
    rules = Rules(schedule=schedule, short_schedule=(0.0,), jitter=0.2, retry_after_max=DAY)
    now, attempts, failures = NOON + first_wait(schedule, 0.2, name), 0, 0
    earliest = NOON + timedelta(seconds=schedule[0])
    while True:
        assert now >= earliest - timedelta(microseconds=1)
        attempts += 1
        verdict = judge(Answer(500), delivery_id=name, failures=failures, rules=rules, now=now)
        failures = verdict.failures
        if verdict.next_at is None:
            break
        earliest, now = now + timedelta(seconds=schedule[attempts]), verdict.next_at
    assert (attempts, verdict.state) == (len(schedule), "dead")


def test_a_herd_is_spread_over_the_jitter() -> None:
    drawn = sorted(next_wait((0.0, 100.0), 1, 0.2, f"dlv_{n}").total_seconds() - 100 for n in range(10_000))  # type: ignore[union-attr]  # there is one
    assert drawn[0] < 0.1
    assert drawn[-1] > 19.9
    assert 9.5 < drawn[5000] < 10.5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param(" 7 ", 7, id="with spaces"),
        pytest.param("0", 0, id="now"),
        pytest.param("Sun, 22 Nov 2026 12:01:00 GMT", 60, id="IMF-fixdate"),
        pytest.param("Sunday, 22-Nov-26 12:01:00 GMT", 60, id="RFC 850"),
        pytest.param("Sun Nov 22 12:01:00 2026", 60, id="asctime"),
        pytest.param("Sun, 22 Nov 2026 14:01:00 +0200", 60, id="a zone"),
        pytest.param("Sun, 22 Nov 2026 11:00:00 GMT", 0, id="past"),
        pytest.param("Sun, 22 Nov 2099 11:00:00 GMT", DAY, id="a date too far"),
        pytest.param("999999999", DAY, id="seconds too many"),
        pytest.param("9" * 10_000, DAY, id="digits without end"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("soon", None, id="a word"),
        pytest.param("٣", None, id="another script's digit"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
        pytest.param("Sun, 99 Nov 2026 12:01:00 GMT", None, id="no such day"),
    ],
)
def test_retry_after_in_every_form(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOON, DAY) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text())
def test_retry_after_of_whatever_is_none_or_within_bounds(text: str) -> None:
    wait = retry_after(text, NOON.astimezone(timezone(timedelta(hours=3))), DAY)
    assert wait is None or timedelta(0) <= wait <= timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "state", "least"),
    [
        pytest.param(Answer(200), "ok", None, id="200"),
        pytest.param(Answer(299), "ok", None, id="299"),
        pytest.param(Answer(199), "pending", 5, id="199"),
        pytest.param(Answer(302), "pending", 5, id="a redirect is a failure"),
        pytest.param(Answer(404), "pending", 5, id="404"),
        pytest.param(Answer(400), "pending", 5, id="the message is wrong: tried again, on the short schedule"),
        pytest.param(Answer(410), "dead", None, id="gone"),
        pytest.param(Answer(500, "3600"), "pending", 5, id="Retry-After means nothing with 500"),
        pytest.param(Answer(503, "3600"), "pending", 3600, id="503 asks to wait"),
        pytest.param(Answer(429, "1"), "pending", 5, id="429 asks for less than the schedule"),
        pytest.param(Answer(429, "99999999"), "pending", DAY, id="429 asks for more than a day"),
        pytest.param(NoAnswer("timeout"), "pending", 5, id="timeout"),
        pytest.param(NoAnswer("blocked-address"), "dead", None, id="refused address"),
        pytest.param(NoAnswer("bad-url"), "dead", None, id="bad URL"),
    ],
)
def test_what_becomes_of_a_first_attempt(outcome: Answer | NoAnswer, state: str, least: float | None) -> None:
    verdict = judge(outcome, delivery_id="dlv_a", failures=0, rules=RULES, now=NOON)
    assert verdict.state == state
    assert (verdict.next_at is None) == (least is None)
    if verdict.next_at is not None and least is not None:
        assert timedelta(seconds=least) <= verdict.next_at - NOON <= timedelta(seconds=max(6, least))


def test_what_the_message_is_blamed_for_ends_sooner() -> None:
    verdict = judge(Answer(413), delivery_id="dlv_a", failures=2, rules=RULES, now=NOON)
    assert verdict.state == "dead"
    assert verdict.error == "HTTP 413; given up after 3 failed attempts"


def test_gone_disables_the_endpoint_and_asking_to_wait_pauses_it() -> None:
    assert judge(Answer(410), delivery_id="dlv_a", failures=0, rules=RULES, now=NOON).disable == "it answered 410 Gone"
    paused = judge(Answer(503, "60"), delivery_id="dlv_a", failures=0, rules=RULES, now=NOON)
    assert paused.pause == NOON + timedelta(seconds=60)
    assert judge(Answer(503), delivery_id="dlv_a", failures=0, rules=RULES, now=NOON).pause is None


@given(st.floats(0.1, 100), st.integers(1, 50), st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_an_endpoint_gets_no_more_than_its_burst_and_its_rate(rate: float, burst: int, steps: list[float]) -> None:
    now, busy, sent = NOON, None, 0
    for step in steps:
        now += timedelta(seconds=step)
        room = budget.room(busy, now, rate, burst)
        assert 0 <= room <= burst
        assert (busy is None or busy <= budget.latest(now, rate, burst)) == (room > 0)
        if room:
            busy, sent = budget.spent(busy, now, room, rate), sent + room
        assert sent <= burst + (now - NOON).total_seconds() * rate + 1
    assert budget.room(busy, now + timedelta(seconds=burst / rate + 1), rate, burst) == burst
