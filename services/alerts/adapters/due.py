"""Deliveries that are due: taken under lease within each endpoint's limits, settled, and marked done.

An attempt is recorded before it is made and its outcome after. A lease that ends unheard is taken again: same id, same
body, and it does not spend the schedule. A settled delivery stays due until its event is published, so that the event is
told again should the process end in between.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, exists, func, insert, literal, select, update

from services.alerts.adapters.tables import ATTEMPTS, DELIVERIES, ENDPOINTS
from services.alerts.core import budget
from services.alerts.core.verdict import Answer, NoAnswer, Verdict
from shared.handlers import Failure, RowRef
from shared.outcomes import Reject
from shared.tables import Instant

SETTLED = ("ok", "dead", "superseded")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Requests open at once and requests a second, per endpoint; and how long an attempt may stay unheard of."""

    concurrency: int
    rate: float
    burst: int
    lease: timedelta


@dataclass(frozen=True, kw_only=True)
class Due:
    """A delivery under this lease: to be attempted for the `number`-th time, or, where it `is_settled`, only to be told."""

    id: str
    webhook_id: str
    endpoint_id: str
    lease: str
    number: int
    is_settled: bool
    url: str
    sealed: bytes
    body: bytes


def take(tx: Connection, limits: Limits, now: datetime, limit: int) -> list[Due]:
    """Puts up to `limit` due deliveries under lease: first those to be told, then the oldest due, fairly between endpoints."""
    rows = list(tx.execute(_with_endpoint().where(D.state.in_(SETTLED), D.due_at <= now).order_by(D.due_at).limit(limit)))
    chosen = _within_limits(tx, limits, now, limit - len(rows)) if len(rows) < limit else []
    if not rows and not chosen:
        return []
    lease = secrets.token_hex(16)
    held = {"lease": lease, "due_at": now + limits.lease}
    if rows:
        tx.execute(update(DELIVERIES).where(D.sequence.in_([row.sequence for row in rows])).values(held))
    if chosen:
        attempted = update(DELIVERIES).where(D.sequence.in_([row.sequence for row in chosen]))
        tx.execute(attempted.values(attempts=D.attempts + 1, **held))
        tx.execute(insert(ATTEMPTS), [_begun(row, now) for row in chosen])
    return [_due(row, lease, is_settled=True) for row in rows] + [_due(row, lease, is_settled=False) for row in chosen]


D = DELIVERIES.c
E = ENDPOINTS.c
_OPEN = (D.lease.is_not(None), D.state == "pending")


def _with_endpoint() -> Any:
    columns = (D.sequence, D.id, D.webhook_id, D.endpoint_id, D.attempts, D.body, E.sealed, E.busy_until)
    joined = DELIVERIES.join(ENDPOINTS, E.id == D.endpoint_id)
    found = select(*columns, E.url.label("endpoint_url")).select_from(joined)
    return found.with_for_update(skip_locked=True, of=[DELIVERIES, ENDPOINTS])


def _within_limits(tx: Connection, limits: Limits, now: datetime, limit: int) -> list[Row[Any]]:
    """The oldest due deliveries, of each endpoint no more than it may get now."""
    full = [endpoint for endpoint, count in _open_requests(tx, now).items() if count >= limits.concurrency]
    x = DELIVERIES.alias("x").c
    oldest = select(x.sequence).where(x.endpoint_id == E.id, x.state == "pending", x.due_at <= now)
    oldest = oldest.order_by(x.due_at, x.sequence).limit(limits.concurrency).correlate(ENDPOINTS)
    callable_now = (
        E.state == "active",
        E.paused_until.is_(None) | (E.paused_until <= now),
        E.busy_until.is_(None) | (E.busy_until <= budget.latest(now, limits.rate, limits.burst)),
        E.id.not_in(full),
    )
    due = _with_endpoint().where(*callable_now, D.sequence.in_(oldest), D.state == "pending", D.due_at <= now)
    rows = tx.execute(due.order_by(D.due_at, D.sequence).limit(limit)).all()
    taken = _open_requests(tx, now) if rows else Counter()  # again: now their endpoints are locked, and nobody adds to it
    chosen, busy = list[Row[Any]](), dict[str, datetime | None]()
    for row in rows:
        until = busy.setdefault(row.endpoint_id, row.busy_until)
        if taken[row.endpoint_id] < limits.concurrency and budget.room(until, now, limits.rate, limits.burst):
            busy[row.endpoint_id] = budget.spent(until, now, 1, limits.rate)
            taken[row.endpoint_id] += 1
            chosen.append(row)
    if chosen:
        spent = [{"b_id": endpoint, "busy_until": until} for endpoint, until in busy.items()]
        tx.execute(update(ENDPOINTS).where(E.id == bindparam("b_id")), spent)
    return chosen


def _open_requests(tx: Connection, now: datetime) -> Counter[str]:
    asked = select(D.endpoint_id, func.count()).where(*_OPEN, D.due_at > now).group_by(D.endpoint_id)
    return Counter({row[0]: row[1] for row in tx.execute(asked)})


def _begun(row: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": row.id, "number": row.attempts + 1, "started_at": now, "detail": "", "excerpt": "", "times": "{}"
    }  # fmt: skip


def _due(row: Row[Any], lease: str, *, is_settled: bool) -> Due:
    return Due(
        id=row.id,
        webhook_id=row.webhook_id,
        endpoint_id=row.endpoint_id,
        lease=lease,
        number=row.attempts + (not is_settled),
        is_settled=is_settled,
        url=row.endpoint_url,
        sealed=row.sealed,
        body=row.body,
    )


def current(tx: Connection, rows: Iterable[Due]) -> dict[str, Row[Any]]:
    """These deliveries as they stand, by id."""
    columns = (column for column in DELIVERIES.c if column.name != "body")
    return {row.id: row for row in tx.execute(select(*columns).where(D.id.in_([row.id for row in rows])).with_for_update())}


def heard(tx: Connection, outcomes: Sequence[tuple[Due, Answer | NoAnswer]], now: datetime) -> None:
    """Records what came of attempts; the first word on an attempt stays."""
    if not outcomes:
        return
    mine = (
        ATTEMPTS.c.delivery_id == bindparam("b_id"),
        ATTEMPTS.c.number == bindparam("b_number"),
        ATTEMPTS.c.ended_at.is_(None),
    )
    tx.execute(update(ATTEMPTS).where(*mine), [_outcome(due, outcome, now) for due, outcome in outcomes])


def _outcome(due: Due, outcome: Answer | NoAnswer, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"status": None, "cause": None, "detail": "", "excerpt": ""}
    if isinstance(outcome, Answer):
        told |= {"status": outcome.status, "excerpt": outcome.excerpt}
    else:
        told |= {"cause": outcome.cause, "detail": outcome.detail}
    times = msgspec.json.encode(outcome.times).decode()
    return {"b_id": due.id, "b_number": due.number, "ended_at": now, "address": outcome.address, "times": times, **told}


def settle(tx: Connection, verdicts: Sequence[tuple[Due, Verdict]], limits: Limits, now: datetime) -> None:
    """Writes what was decided about deliveries whose lease holds, and what follows from it for others."""
    if not verdicts:
        return
    tx.execute(update(DELIVERIES).where(D.id == bindparam("b_id")), [_verdict(due, v, limits, now) for due, v in verdicts])
    _release(tx, verdicts, now)
    _keep_health(tx, verdicts, now)


def _verdict(due: Due, verdict: Verdict, limits: Limits, now: datetime) -> dict[str, Any]:
    is_settled = verdict.state in SETTLED
    return {
        "b_id": due.id,
        "state": verdict.state,
        "failures": verdict.failures,
        "error": verdict.error,
        "lease": due.lease if is_settled else None,
        "due_at": now + limits.lease if is_settled else verdict.next_at,
        "settled_at": now if is_settled else None,
    }


def _release(tx: Connection, verdicts: Sequence[tuple[Due, Verdict]], now: datetime) -> None:
    """Corrections wait for what they correct. They follow where anything about the article was accepted, now or before, and
    end where nothing was."""
    ended = [due.id for due, verdict in verdicts if verdict.state in SETTLED]
    if not ended:
        return
    earlier = DELIVERIES.alias("earlier")
    same = (earlier.c.subscription_id == D.subscription_id, earlier.c.subject == D.subject)
    accepted = exists(select(1).where(*same, earlier.c.state == "ok")).correlate(DELIVERIES)
    waiting = update(DELIVERIES).where(D.waits_for.in_(ended))
    tx.execute(waiting.where(accepted).values(waits_for=None, due_at=now))
    over = {"state": "dead", "error": "what it corrects was never accepted", "settled_at": now}
    tx.execute(waiting.values(waits_for=None, due_at=now, **over))


def _keep_health(tx: Connection, verdicts: Sequence[tuple[Due, Verdict]], now: datetime) -> None:
    """Counts failures in a row, pauses, disables; deliveries of a disabled endpoint are parked."""
    touched = select(E.id).where(E.id.in_({due.endpoint_id for due, _ in verdicts})).order_by(E.id)
    tx.execute(touched.with_for_update(key_share=True))  # in one order, or two who settle might wait for each other
    well = {due.endpoint_id for due, verdict in verdicts if verdict.state == "ok"}
    tx.execute(update(ENDPOINTS).where(E.id.in_(well), E.failures > 0).values(failures=0, failing_since=None))
    failed = [(due, verdict) for due, verdict in verdicts if verdict.state != "ok"]
    for due, verdict in failed:
        mine = update(ENDPOINTS).where(E.id == due.endpoint_id)
        tx.execute(mine.values(failures=E.failures + 1, failing_since=func.coalesce(E.failing_since, literal(now, Instant()))))
        if verdict.pause is not None:
            longer = E.paused_until.is_(None) | (E.paused_until < verdict.pause)
            tx.execute(mine.where(longer).values(paused_until=verdict.pause))
        if verdict.disable is not None:
            tx.execute(mine.values(state="disabled", reason=verdict.disable))
    disabled = select(E.id).where(E.id.in_({due.endpoint_id for due, _ in failed}), E.state == "disabled")
    parked = update(DELIVERIES).where(D.endpoint_id.in_(disabled), D.state == "pending", D.lease.is_(None))
    tx.execute(parked.values(state="parked", due_at=None))


def done(tx: Connection, rows: Sequence[Due]) -> None:
    """Marks as told what was settled; what is still to be attempted stays as it is."""
    by_lease: dict[str, list[str]] = {}
    for row in rows:
        by_lease.setdefault(row.lease, []).append(row.id)
    for lease, deliveries in by_lease.items():
        mine = (D.id.in_(deliveries), D.lease == lease, D.state.in_(SETTLED))
        tx.execute(update(DELIVERIES).where(*mine).values(lease=None, due_at=None))


def ref(row: Due) -> RowRef:
    """Which delivery this is."""
    return RowRef(row.id, content=row.body)


def failed(tx: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """Deliveries over which rasid itself failed: they rest, or are set aside (one to be attempted is parked), and show why."""
    for failure in failures:
        row: Due = failure.row
        held = update(DELIVERIES).where(D.id == row.id, D.lease == row.lease)
        after = f"internal-error: {failure.reason}" + (f" (try {failure.tries})" if failure.tries else "")
        told = tx.execute(held.where(D.state == "pending").values(error=after)).rowcount
        if told:
            heard(tx, [(row, NoAnswer("internal-error", failure.reason))], now)
            if failure.again_at is None:
                tx.execute(held.values(state="parked"))
        tx.execute(held.values(lease=None, due_at=failure.again_at))


def revive(tx: Connection, delivery: str, now: datetime) -> None:
    """Attempts (or tells) again a delivery that was set aside. Raises Reject where it was not, or its endpoint is disabled."""
    found = select(D.state, E.state.label("endpoint")).select_from(DELIVERIES.join(ENDPOINTS, E.id == D.endpoint_id))
    row = tx.execute(found.where(D.id == delivery, D.due_at.is_(None), D.state.in_(("parked", *SETTLED)))).first()
    if row is None:
        raise Reject(f"there is no delivery {delivery} that is set aside")
    if row.state == "parked" and row.endpoint != "active":
        raise Reject(f"the endpoint of delivery {delivery} is disabled")
    state = "pending" if row.state == "parked" else row.state
    tx.execute(update(DELIVERIES).where(D.id == delivery).values(state=state, due_at=now))


def next_due(connection: Connection) -> datetime | None:
    """When the earliest row falls due."""
    moment: datetime | None = connection.execute(select(func.min(D.due_at))).scalar()
    return moment
