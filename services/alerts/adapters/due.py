"""Deliveries that are due, taken under lease within each endpoint's limits.

An attempt is recorded before it is made and its outcome after (outcomes.py). A lease that ends unheard is taken again: same
id, same body, and it does not spend the schedule. A settled delivery stays due until its event is published, so that the
event is told again should the process end in between.

Each endpoint's row says when its first delivery is due at the earliest (`look_at`), so a look costs as much as it finds, not
as much as there is: endpoints with work first, then of each the first rows it may get. Statements are built once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from services.alerts.adapters.tables import ATTEMPTS, DELIVERIES, ENDPOINTS
from services.alerts.core import budget
from shared.tables import Instant

SETTLED = ("ok", "dead", "superseded")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Requests open at once and requests a second, per endpoint; and how long an attempt may stay unheard of."""

    concurrency: int
    rate: float
    burst: int
    lease: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A delivery under this lease: to be attempted for the `number`-th time, or, where it `is_settled`, only to be told."""

    sequence: int
    id: str
    webhook_id: str
    endpoint_id: str
    kind: str
    lease: str
    number: int
    is_settled: bool
    sink: str
    url: str
    sealed: bytes
    body: bytes


D, E = DELIVERIES.c, ENDPOINTS.c

_NOW = bindparam("now", type_=Instant())
_OPEN = (
    select(D.endpoint_id, func.count())
    .where(D.lease.is_not(None), D.state == "pending", D.due_at > _NOW)
    .group_by(D.endpoint_id)
)
_COLUMNS = (D.sequence, D.id, D.webhook_id, D.endpoint_id, D.kind, D.attempts, D.due_at, D.body)
_TO_BE_TOLD = (
    select(*_COLUMNS, E.url, E.sealed, E.kind.label("sink"))
    .join(ENDPOINTS, E.id == D.endpoint_id)
    .where(D.state.in_(SETTLED), D.due_at <= _NOW)
    .order_by(D.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=DELIVERIES)
)
_HEADS = (
    select(E.id, E.url, E.sealed, E.kind.label("sink"), E.state, E.opened_at, E.busy_until)
    .where(
        E.look_at <= _NOW,
        (E.opened_at.is_(None) & E.state.in_(("active", "unproven")))
        | ((E.probe_at <= _NOW) & E.state.in_(("active", "disabled"))),
        E.paused_until.is_(None) | (E.paused_until <= _NOW),
        E.busy_until.is_(None) | (E.busy_until <= bindparam("latest", type_=Instant())),
    )
    .order_by(E.look_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_OF_ENDPOINT = select(*_COLUMNS).where(D.endpoint_id == bindparam("endpoint")).limit(bindparam("most"))
_PENDING = _OF_ENDPOINT.where(D.state == "pending", D.due_at.is_not(None)).order_by(D.due_at, D.sequence)
_PARKED = _OF_ENDPOINT.where(D.state == "parked", D.waits_for.is_(None)).order_by(D.sequence)
_PASSED = update(ENDPOINTS).where(E.id == bindparam("b_id"))
_RECORD = insert(ATTEMPTS)


def take(tx: Connection, limits: Limits, now: datetime, limit: int) -> list[Due]:
    """Puts up to `limit` due deliveries under lease: first those to be told, then of each endpoint what is oldest due."""
    lease = secrets.token_hex(16)
    told = [_due(row, row, lease, is_settled=True) for row in tx.execute(_TO_BE_TOLD, {"now": now, "most": limit})]
    chosen = _within_limits(tx, limits, lease, now, limit - len(told)) if len(told) < limit else []
    held = {"lease": lease, "due_at": now + limits.lease}
    if told:
        tx.execute(update(DELIVERIES).where(D.sequence.in_([due.sequence for due in told])).values(held))
    if chosen:
        attempted = update(DELIVERIES).where(D.sequence.in_([due.sequence for due in chosen]))
        tx.execute(attempted.values(attempts=D.attempts + 1, state="pending", **held))
        tx.execute(_RECORD, [_begun(due, now) for due in chosen])
    return told + chosen


def _within_limits(tx: Connection, limits: Limits, lease: str, now: datetime, limit: int) -> list[Due]:
    """The oldest due deliveries, of each endpoint no more than it may get now: of one that is probed a single one, and only
    while no other is under way. Notes what that leaves of each endpoint's limits, and when it is to be looked at next."""
    open_requests: dict[str, int] = {row[0]: row[1] for row in tx.execute(_OPEN, {"now": now})}
    latest = budget.latest(now, limits.rate, limits.burst)
    full = sum(count >= limits.concurrency for count in open_requests.values())
    heads = tx.execute(_HEADS, {"now": now, "latest": latest, "most": limit + full}).all()
    chosen, passed = list[Due](), list[dict[str, Any]]()
    for head in heads:
        is_probed = head.opened_at is not None or head.state == "disabled"
        under_way = open_requests.get(head.id, 0)
        free = (0 if under_way else 1) if is_probed else limits.concurrency - under_way
        room = min(free, budget.room(head.busy_until, now, limits.rate, limits.burst), limit - len(chosen))
        if room <= 0:
            continue
        first, look_at = _first(tx, head, room, now)
        chosen += [_due(row, head, lease, is_settled=False) for row in first]
        if first:
            expiry = now + limits.lease
            look_at = min(look_at, expiry) if look_at is not None else expiry
        spent = budget.spent(head.busy_until, now, len(first), limits.rate) if first else head.busy_until
        passed.append({"b_id": head.id, "busy_until": spent, "look_at": look_at})
    if passed:
        tx.execute(_PASSED, passed)
    return chosen


def _first(tx: Connection, head: Any, room: int, now: datetime) -> tuple[Sequence[Any], datetime | None]:
    """Up to so many due deliveries of this endpoint; and when the next is due, None where there is none. A disabled one is
    offered what is parked."""
    if head.state == "disabled":
        pending = tx.execute(_PENDING, {"endpoint": head.id, "most": 1}).all()
        first = pending[:1] if pending and pending[0].due_at <= now else []
        return first or (tx.execute(_PARKED, {"endpoint": head.id, "most": 1}).all() if not pending else []), now
    rows = tx.execute(_PENDING, {"endpoint": head.id, "most": room + 1}).all()
    due = [row for row in rows[:room] if row.due_at <= now]
    return due, rows[len(due)].due_at if len(rows) > len(due) else None


def _begun(due: Due, now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": due.id, "number": due.number, "started_at": now, "detail": "", "excerpt": "", "times": "{}"
    }  # fmt: skip


def _due(row: Any, endpoint: Any, lease: str, *, is_settled: bool) -> Due:
    return Due(
        sequence=row.sequence,
        id=row.id,
        webhook_id=row.webhook_id,
        endpoint_id=row.endpoint_id,
        kind=row.kind,
        lease=lease,
        number=row.attempts + (not is_settled),
        is_settled=is_settled,
        sink=endpoint.sink,
        url=endpoint.url,
        sealed=endpoint.sealed,
        body=row.body,
    )


def next_due(connection: Connection) -> datetime | None:
    """When the earliest row falls due."""
    moment: datetime | None = connection.execute(select(func.min(D.due_at))).scalar()
    return moment
