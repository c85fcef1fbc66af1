"""When a source is polled next: what it asks for is the floor, how much of it was new sets the pace, failures back off."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from services.crawler.core.verdict import Verdict

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")
_SLOWER, _FASTER, _STILL = 1.5, 0.5, 1.25
_MOST_FAILURES = 20


class Bounds(NamedTuple):
    """Shortest and longest time between two polls, in seconds."""

    shortest: float
    longest: float

    def clamp(self, seconds: float) -> float:
        return min(max(seconds, self.shortest), self.longest)


class Pace(NamedTuple):
    """The source's own interval, failures in a row, and how many seconds the next poll is away."""

    interval: float
    failures: int
    wait: float


def pace(
    before: tuple[float, int], judged: Verdict, seen: tuple[int, int], hint: float, asked: float | None, bounds: Bounds
) -> Pace:
    """`before`: interval and failures so far; `seen`: entries in the feed and how many of them were new; `hint`: the
    seconds the feed or its headers ask for (0: none); `asked`: Retry-After, where 0 is a value and None is none."""
    interval, failures = bounds.clamp(before[0]), before[1]
    if judged.failed:
        wait = interval * 2 ** min(failures + 1, _MOST_FAILURES) if asked is None else asked
        return Pace(interval, failures + 1, bounds.clamp(wait))
    entries, found = seen
    if judged.cause == "unchanged" or entries == 0:
        interval = bounds.clamp(interval * _STILL)
    elif found * 3 > entries * 2:
        interval = bounds.clamp(interval * _FASTER)  # more than two thirds are new: entries are being missed
    elif found * 3 <= entries:
        interval = bounds.clamp(interval * _SLOWER)
    return Pace(interval, 0, bounds.clamp(max(interval, hint)))


def asked_by(headers: Mapping[str, str], ttl: int | None) -> float:
    """The seconds for which this answer says it stays fresh; 0 where it says nothing."""
    found = _MAX_AGE.search(headers.get("cache-control", "").lower())
    age = headers.get("age", "").strip()
    fresh = int(found[1]) - (int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0) if found else 0
    return float(max(fresh, (ttl or 0) * 60, 0))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds `Retry-After` asks for, as a number or a date; None where it asks nothing that can be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
