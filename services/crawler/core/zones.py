"""Time zones as feeds name them. A name that means different times in different places (AST, IST, GST) means nothing here."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = {
    "z ut utc gmt wet": 0,
    "west bst cet met mez wat": 1,
    "cest mest mesz eet sast cat": 2,
    "eest msk trt eat idt": 3,
    "irst": 3.5,
    "msd": 4,
    "irdt aft": 4.5,
    "pkt uzt yekt": 5,
    "npt": 5.75,
    "ict wib": 7,
    "wita hkt sgt myt pht awst": 8,
    "wit jst kst": 9,
    "acst": 9.5,
    "aest chst": 10,
    "acdt": 10.5,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "brst": -2,
    "ndt": -2.5,
    "adt brt art clst": -3,
    "nst": -3.5,
    "edt clt vet": -4,
    "est cdt cot pet": -5,
    "cst mdt": -6,
    "mst pdt": -7,
    "pst akdt": -8,
    "akst": -9,
    "hst": -10,
}
_MINUTES = {name: int(hours * 60) for names, hours in _HOURS.items() for name in names.split()}
_OFFSET = re.compile(r"(?P<name>[a-z]*)\s?(?P<sign>[+\-−])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?::?\d{2})?")


@lru_cache(maxsize=512)
def offset(zone: str | None) -> int | Callable[[datetime], datetime] | None:
    """Minutes east of UTC (0 for no zone at all), or what gives a time its zone; None for a name that does not say."""
    if not zone:
        return 0
    text = zone.lower()
    if "/" in text:
        return _place(zone)
    if found := _OFFSET.fullmatch(text):
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours > 14 or minutes > 59:
            return None
        return (hours * 60 + minutes) * (1 if found["sign"] == "+" else -1)
    if len(text) == 1:
        return 0
    return _MINUTES.get(text)


def _place(zone: str) -> Callable[[datetime], datetime] | None:
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return lambda at: at.replace(tzinfo=info)
