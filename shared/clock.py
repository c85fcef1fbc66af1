"""The only place that reads the real clock.

Everything that depends on time takes it from an event or from `now`; a runtime gets its clock from here, a test or a
replay brings one of its own. Times are aware, in UTC.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime | None) -> str | None:
    """`2026-11-22T10:00:00Z`, with a fraction only where there is one; None stays None."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """The moment an RFC 3339 text names, in UTC. Raises ValueError where it names none or has no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write 2026-11-22T10:00:00Z")
    return moment.astimezone(UTC)
