"""What becomes of a delivery once an attempt is over. 2xx is the only success."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from services.alerts.core.schedule import next_wait, retry_after

Cause = Literal[
    "timeout", "dns", "connect", "tls", "reset", "bad-answer", "blocked-address", "bad-url", "bad-secret", "internal-error"
]
"""Why there was no answer, in one word."""

TERMINAL: frozenset[Cause] = frozenset({"blocked-address", "bad-url"})
"""Another attempt could not end otherwise."""

_GONE = 410
_MESSAGE_IS_WRONG = (400, 413, 415)
_ASKS_TO_WAIT = (429, 503)


@dataclass(frozen=True)
class Answer:
    """The receiver answered. `excerpt` is the beginning of the answer's text; `times` in milliseconds since the start."""

    status: int
    retry_after: str | None = None
    excerpt: str = ""
    address: str | None = None
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class NoAnswer:
    """It did not, or not wholly."""

    cause: Cause
    detail: str = ""
    address: str | None = None
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The schedules in seconds, the share of jitter, and the longest Retry-After that is obeyed."""

    schedule: tuple[float, ...]
    short_schedule: tuple[float, ...]
    jitter: float
    retry_after_max: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`failures` counts those that spend the schedule. `pause`: the endpoint rests until then. `disable`: it is not called any
    more, for this reason."""

    state: Literal["ok", "pending", "dead"]
    failures: int
    error: str = ""
    next_at: datetime | None = None
    pause: datetime | None = None
    disable: str | None = None


def judge(outcome: Answer | NoAnswer, *, delivery_id: str, failures: int, rules: Rules, now: datetime) -> Verdict:
    """The verdict on an attempt that ended `now`, after this many failed ones."""
    if isinstance(outcome, Answer) and 200 <= outcome.status < 300:
        return Verdict(state="ok", failures=failures)
    failures, error = failures + 1, said(outcome)
    if isinstance(outcome, NoAnswer):
        if outcome.cause in TERMINAL:
            return Verdict(state="dead", failures=failures, error=error)
        return _again(error, delivery_id, failures, rules.schedule, rules.jitter, now, None)
    if outcome.status == _GONE:
        return Verdict(state="dead", failures=failures, error=error, disable="it answered 410 Gone")
    asked = None
    if outcome.status in _ASKS_TO_WAIT:
        asked = retry_after(outcome.retry_after, now, rules.retry_after_max)
    schedule = rules.short_schedule if outcome.status in _MESSAGE_IS_WRONG else rules.schedule
    return _again(error, delivery_id, failures, schedule, rules.jitter, now, asked)


def _again(
    error: str,
    delivery_id: str,
    failures: int,
    schedule: tuple[float, ...],
    jitter: float,
    now: datetime,
    asked: timedelta | None,
) -> Verdict:
    pause = now + asked if asked else None
    wait = next_wait(schedule, failures, jitter, delivery_id)
    if wait is None:
        ended = f"{error}; given up after {failures} failed attempts"
        return Verdict(state="dead", failures=failures, error=ended, pause=pause)
    return Verdict(state="pending", failures=failures, error=error, next_at=now + max(wait, asked or timedelta(0)), pause=pause)


def said(outcome: Answer | NoAnswer) -> str:
    """The outcome in a few words: `HTTP 503`, `timeout: no answer within 15 s`."""
    if isinstance(outcome, Answer):
        redirect = ", a redirect, which is never followed" if 300 <= outcome.status < 400 else ""
        return f"HTTP {outcome.status}{redirect}"
    return f"{outcome.cause}: {outcome.detail}" if outcome.detail else outcome.cause
