"""How many requests an endpoint may be sent now: a token bucket, kept as one moment (GCRA).

`busy_until` is when a bucket refilled at `rate` a second would be full again; an endpoint may borrow up to `burst` requests
ahead of it. None: never used.
"""

from datetime import datetime, timedelta


def latest(now: datetime, rate: float, burst: int) -> datetime:
    """An endpoint that is busy until later than this has nothing left."""
    return now + timedelta(seconds=(burst - 1) / rate)


def room(busy_until: datetime | None, now: datetime, rate: float, burst: int) -> int:
    """How many requests it may be sent at once, now."""
    begin = max(busy_until or now, now)
    left = (latest(now, rate, burst) - begin).total_seconds()
    return 0 if left < 0 else int((left + 1e-6) * rate + 1e-9) + 1  # moments are whole microseconds


def spent(busy_until: datetime | None, now: datetime, requests: int, rate: float) -> datetime:
    """`busy_until` after this many."""
    return max(busy_until or now, now) + timedelta(seconds=requests / rate)
