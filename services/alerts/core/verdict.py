"""What becomes of a delivery once an attempt is over. 2xx is the only success."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from services.alerts.core.schedule import next_wait, retry_after

Cause = Literal[
    "timeout",
    "dns",
    "connect",
    "tls",
    "reset",
    "bad-answer",
    "refused",
    "blocked-address",
    "bad-url",
    "bad-secret",
    "internal-error",
]
"""Why there was no answer, in one word."""

TERMINAL: frozenset[Cause] = frozenset({"blocked-address", "bad-url", "refused"})
"""Another attempt could not end otherwise."""

_GONE = 410
_MESSAGE_IS_WRONG = (400, 413, 415)
_ASKS_TO_WAIT = (429, 503)


@dataclass(frozen=True)
class Answer:
    """The receiver answered. `excerpt` is the beginning of the answer's text; `times` in milliseconds since the start.
    `is_proven`: whether it answered rightly, where it was asked whether it wants messages."""

    status: int
    retry_after: str | None = None
    excerpt: str = ""
    address: str | None = None
    times: Mapping[str, float] = field(default_factory=dict)
    is_proven: bool | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300 and self.is_proven is not False


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


def judge(
    outcome: Answer | NoAnswer, *, delivery_id: str, failures: int, rules: Rules, now: datetime, spends: bool = True
) -> Verdict:
    """The verdict on an attempt that ended `now`, after this many failed ones. Where it does not spend the schedule (a probe,
    or the endpoint was found failing meanwhile), another is due as soon as the endpoint may be called."""
    if isinstance(outcome, Answer) and outcome.is_success:
        return Verdict(state="ok", failures=failures)
    error = said(outcome)
    if not spends and not _is_terminal(outcome):
        asked = _asked(outcome, rules, now)
        return Verdict(state="pending", failures=failures, error=error, next_at=now, pause=now + asked if asked else None)
    failures += 1
    if isinstance(outcome, NoAnswer):
        if outcome.cause in TERMINAL:
            return Verdict(state="dead", failures=failures, error=error)
        return _again(error, delivery_id, failures, rules.schedule, rules.jitter, now, None)
    if outcome.status == _GONE:
        return Verdict(state="dead", failures=failures, error=error, disable="it answered 410 Gone")
    schedule = rules.short_schedule if outcome.status in _MESSAGE_IS_WRONG else rules.schedule
    return _again(error, delivery_id, failures, schedule, rules.jitter, now, _asked(outcome, rules, now))


def _is_terminal(outcome: Answer | NoAnswer) -> bool:
    return outcome.status == _GONE if isinstance(outcome, Answer) else outcome.cause in TERMINAL


def _asked(outcome: Answer | NoAnswer, rules: Rules, now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait, if it does."""
    if not isinstance(outcome, Answer) or outcome.status not in _ASKS_TO_WAIT:
        return None
    return retry_after(outcome.retry_after, now, rules.retry_after_max)


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
        if 300 <= outcome.status < 400:
            return f"HTTP {outcome.status}, a redirect, which is never followed"
        unproven = ", but it did not show that it wants messages" if outcome.is_proven is False else ""
        return f"HTTP {outcome.status}{unproven}"
    return f"{outcome.cause}: {outcome.detail}" if outcome.detail else outcome.cause
