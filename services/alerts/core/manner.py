"""When alerts come: at once, gathered into digests, not again within a cool-down, not at night.

What may not be sent now is gathered, never dropped: into one message at the end of the window. A window is opened by the
first alert that waits, and closed early when it is full.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct, field

DAY = 86_400.0


class Quiet(Struct, frozen=True, kw_only=True):
    """Hours in which nothing is sent, by the clock of a time zone: from `22:00` to `07:00`, `Asia/Amman`."""

    begin: str = field(name="from")
    end: str = field(name="to")
    zone: str


class Manner(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How alerts come. `include_backfill`: of history too. A digest gathers for `window_seconds` and holds `maximum` alerts at
    most. Within `cool_down_seconds` of an alert, and in `quiet` hours, others are gathered too."""

    kind: Literal["at_once", "digest"] = "at_once"
    include_backfill: bool = False
    window_seconds: Annotated[float, Meta(ge=1, le=31 * DAY)] = 3600.0
    maximum: Annotated[int, Meta(ge=1, le=200)] = 50
    cool_down_seconds: Annotated[float, Meta(ge=0, le=31 * DAY)] = 0.0
    quiet: Quiet | None = None

    @property
    def gathers(self) -> bool:
        """Whether an alert may have to wait for others."""
        return self.kind == "digest" or self.cool_down_seconds > 0 or self.quiet is not None


AT_ONCE = Manner()


def faults(manner: Manner) -> Iterator[tuple[str, str]]:
    """What cannot be meant, with its place."""
    if manner.quiet is None:
        return
    for name, text in (("from", manner.quiet.begin), ("to", manner.quiet.end)):
        if _clock(text) is None:
            yield f"quiet.{name}", f"{text!r} is no time of day; write 22:00"
    if manner.quiet.begin == manner.quiet.end:
        yield "quiet.to", "is the same as `from`; pause the subscription instead"
    try:
        ZoneInfo(manner.quiet.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "quiet.zone", f"there is no time zone {manner.quiet.zone!r}; write Asia/Amman"


def gather_until(manner: Manner, now: datetime, window: datetime | None, last: datetime | None) -> datetime | None:
    """Until when an alert of now is gathered; None: it is sent at once. `window`: when the open window ends; `last`: when the
    last alert before it was made."""
    if window is not None:
        return window
    until = None
    if manner.kind == "digest":
        until = now + timedelta(seconds=manner.window_seconds)
    elif last is not None and now < last + timedelta(seconds=manner.cool_down_seconds):
        until = last + timedelta(seconds=manner.cool_down_seconds)
    return _after_quiet(manner.quiet, until or now) or until


def _after_quiet(quiet: Quiet | None, moment: datetime) -> datetime | None:
    """When the quiet hours this moment is in end, in UTC; None where it is in none."""
    if quiet is None:
        return None
    begin, end, zone = _clock(quiet.begin), _clock(quiet.end), ZoneInfo(quiet.zone)
    if begin is None or end is None:
        return None
    local = moment.astimezone(zone)
    days = (-1, 0)  # the night that began yesterday, and the one of today
    for day in days:
        date = local.date() + timedelta(days=day)
        over = date + timedelta(days=1) if end <= begin else date
        begins, ends = (datetime.combine(date, begin, zone), datetime.combine(over, end, zone))
        if begins.astimezone(UTC) <= moment.astimezone(UTC) < ends.astimezone(UTC):
            return ends.astimezone(UTC)
    return None


def _clock(text: str) -> time | None:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        return None
