"""When alerts come: windows, cool-downs and quiet hours, by the clocks of people."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core.manner import AT_ONCE, Manner, Quiet, faults, gather_until

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NIGHT = Quiet(begin="22:00", end="07:00", zone="Asia/Amman")
HOUR = timedelta(hours=1)


def test_at_once_is_at_once() -> None:
    assert not AT_ONCE.gathers
    assert gather_until(AT_ONCE, NOON, None, NOON) is None


def test_a_digest_gathers_for_its_window_from_the_first_alert_on() -> None:
    hourly = Manner(kind="digest", window_seconds=3600)
    assert gather_until(hourly, NOON, None, None) == NOON + HOUR
    assert gather_until(hourly, NOON + HOUR / 2, NOON + HOUR, None) == NOON + HOUR


def test_in_a_cool_down_alerts_are_gathered_to_its_end() -> None:
    calm = Manner(cool_down_seconds=600)
    assert gather_until(calm, NOON, None, None) is None
    assert gather_until(calm, NOON, None, NOON - timedelta(seconds=599)) == NOON + timedelta(seconds=1)
    assert gather_until(calm, NOON, None, NOON - timedelta(seconds=600)) is None


def amman(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Amman"))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-11-22T21:59:59", None, id="before"),
        pytest.param("2026-11-22T22:00:00", "2026-11-23T07:00:00", id="from its first second"),
        pytest.param("2026-11-23T03:00:00", "2026-11-23T07:00:00", id="after midnight"),
        pytest.param("2026-11-23T06:59:59", "2026-11-23T07:00:00", id="to its last"),
        pytest.param("2026-11-23T07:00:00", None, id="and no longer"),
    ],
)
def test_in_quiet_hours_alerts_wait_for_the_morning(now: str, until: str | None) -> None:
    found = gather_until(Manner(quiet=NIGHT), amman(now), None, None)
    assert found == (None if until is None else amman(until))


def test_quiet_hours_follow_the_clock_when_it_is_changed() -> None:
    """In Berlin the night of 25 October 2026 has an hour more, that of 28 March 2027 one less."""
    berlin = Manner(quiet=Quiet(begin="22:00", end="07:00", zone="Europe/Berlin"))
    for evening, hours in ((datetime(2026, 10, 24, 20, tzinfo=UTC), 10), (datetime(2027, 3, 27, 21, tzinfo=UTC), 8)):
        assert gather_until(berlin, evening, None, None) == evening + timedelta(hours=hours)


def test_a_digest_that_would_end_at_night_ends_in_the_morning() -> None:
    hourly = Manner(kind="digest", window_seconds=3600, quiet=NIGHT)
    assert gather_until(hourly, amman("2026-11-22T21:30:00"), None, None) == amman("2026-11-23T07:00:00")


@given(
    st.integers(0, 366 * 24 * 3600).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.sampled_from(["22:00", "00:00", "13:00", "23:59"]),
    st.sampled_from(["07:00", "00:01", "13:01", "22:30"]),
    st.sampled_from(["Asia/Amman", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_nothing_is_sent_in_quiet_hours_and_no_one_waits_longer_than_a_night(
    now: datetime, begin: str, end: str, zone: str
) -> None:
    until = gather_until(Manner(quiet=Quiet(begin=begin, end=end, zone=zone)), now, None, None)
    sent = until or now
    local = sent.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    is_quiet = begin <= local < end if begin < end else local >= begin or local < end
    assert not is_quiet
    assert now <= sent <= now + timedelta(hours=25)


@pytest.mark.parametrize(
    ("quiet", "places"),
    [
        pytest.param({"begin": "25:00"}, ["quiet.from"], id="no such hour"),
        pytest.param({"end": "7 am"}, ["quiet.to"], id="another form"),
        pytest.param({"zone": "Jordan/Amman"}, ["quiet.zone"], id="no such zone"),
        pytest.param({"zone": "../../etc/passwd"}, ["quiet.zone"], id="a path"),
        pytest.param({"begin": "07:00"}, ["quiet.to"], id="all day"),
        pytest.param({}, [], id="good"),
    ],
)
def test_what_cannot_be_meant_is_named(quiet: dict[str, str], places: list[str]) -> None:
    asked = Quiet(**({"begin": "22:00", "end": "07:00", "zone": "Asia/Amman"} | quiet))
    assert [place for place, _ in faults(Manner(quiet=asked))] == places
