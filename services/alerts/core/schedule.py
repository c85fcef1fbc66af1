"""When the next attempt is made: the schedule, its jitter, and what a receiver's Retry-After adds.

The jitter is drawn from the delivery's id and the attempt's number: spread over a herd, the same at every repetition, and
never early.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b


def first_wait(schedule: Sequence[float], share: float, delivery_id: str) -> timedelta:
    """How long a new delivery waits for its first attempt."""
    return _with_jitter(schedule[0], share, delivery_id, 1)


def next_wait(schedule: Sequence[float], failures: int, share: float, delivery_id: str) -> timedelta | None:
    """How long to wait once this many attempts have failed; None at the end of the schedule."""
    if failures >= len(schedule):
        return None
    return _with_jitter(schedule[failures], share, delivery_id, failures + 1)


def _with_jitter(seconds: float, share: float, delivery_id: str, number: int) -> timedelta:
    drawn = int.from_bytes(blake2b(f"{delivery_id}.{number}".encode(), digest_size=6).digest()) / (1 << 48)
    return timedelta(seconds=seconds * (1 + share * drawn))


def retry_after(text: str | None, now: datetime, longest: float) -> timedelta | None:
    """What a Retry-After header asks for (seconds, or a date in any of HTTP's three forms), at most `longest` seconds;
    None where there is none or it means nothing."""
    if text is None or not (text := text.strip()):
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(float(text[:20]), longest) if len(text) <= 20 else longest)
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), timedelta(seconds=longest))
