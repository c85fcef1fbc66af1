"""What is to be sent again, as it is asked for."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

MOST_IDS = 1000


class Wanted(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Deliveries that ended; of more than one condition all must hold. `state`: `dead` ones, or `ok` ones whose receiver lost
    them. `since` and `until`: when they ended; `error`: words that stand in the reason."""

    subscription: str | None = None
    endpoint: str | None = None
    type: str | None = None
    article: str | None = None
    state: Literal["dead", "ok"] = "dead"
    error: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One of: these `ids`, all dead ones `since` then, or what the `filter` says."""

    ids: tuple[str, ...] | None = None
    since: datetime | None = None
    filter: Wanted | None = None


def faults(asked: Request) -> list[str]:
    """What is wrong with it; empty where it can be done."""
    found = []
    if sum(part is not None for part in (asked.ids, asked.since, asked.filter)) != 1:
        found.append('say one of {"ids": [...]}, {"since": TIME} and {"filter": {...}}')
    if asked.ids is not None and not 0 < len(asked.ids) <= MOST_IDS:
        found.append(f"ids must be 1 to {MOST_IDS}; for more, use a filter")
    wanted = asked.filter or Wanted(since=asked.since)
    if any(moment is not None and moment.tzinfo is None for moment in (wanted.since, wanted.until)):
        found.append("a time needs a zone; write 2026-11-22T10:00:00Z")
    return found
