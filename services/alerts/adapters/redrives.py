"""Deliveries that ended are sent again, in jobs that outlive the process: a part of the rows in each transaction.

A job looks at the rows there were when it was made, in their order, and keeps how far it came; so it goes on where it was,
and does nothing twice. A delivery keeps its id, its `webhook-id` and its bytes, and begins its schedule anew.
"""

import secrets
from base64 import b32encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, exists, func, insert, select, update

from services.alerts.adapters import backlog
from services.alerts.adapters.tables import DELIVERIES, REDRIVES, SUBSCRIPTIONS
from services.alerts.core.redrive import Request, Wanted
from shared.handlers import Failure
from shared.outcomes import Reject

D, J = DELIVERIES.c, REDRIVES.c

PART = 500
"""Rows in one transaction."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A redrive, `running`, `done`, or `failed` where a bug met it too often: of `total` deliveries, `done` are due again so
    far. `finished_at`: when the last of them was, or when it failed."""

    id: str
    state: str
    request: Request
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None


def create(tx: Connection, asked: Request, now: datetime) -> Job:
    """Makes a job of it; it is done by the stage `redrive`, or by `advance`."""
    count, last = tx.execute(select(func.count(), func.max(D.sequence)).select_from(DELIVERIES).where(_which(asked))).one()
    job_id = "rdr_" + b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    tx.execute(
        insert(REDRIVES).values(
            id=job_id,
            request=msgspec.json.encode(asked).decode(),
            state="running" if count else "done",
            reached=0,
            last=last or 0,
            total=count,
            done=0,
            created_at=now,
            finished_at=None if count else now,
        )
    )
    return shown(tx.execute(select(REDRIVES).where(J.id == job_id)).one())


def running(tx: Connection, limit: int) -> Sequence[Row[Any]]:
    """Jobs that are not through, the oldest first."""
    return tx.execute(select(REDRIVES).where(J.state == "running").order_by(J.sequence).limit(limit)).all()


def found(connection: Connection, job_id: str) -> Job | None:
    """One job."""
    row = connection.execute(select(REDRIVES).where(J.id == job_id)).one_or_none()
    return shown(row) if row is not None else None


def page(connection: Connection, *, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Jobs, the newest first, from before this sequence."""
    asked = select(REDRIVES).order_by(J.sequence.desc()).limit(limit)
    return connection.execute(asked if before is None else asked.where(J.sequence < before)).all()


def shown(row: Any) -> Job:
    """A job's row as it is told."""
    return Job(
        id=row.id,
        state=row.state,
        request=msgspec.json.decode(row.request, type=Request),
        total=row.total,
        done=row.done,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def advance(tx: Connection, job_id: str, now: datetime) -> Job:
    """Makes the next part of the job's deliveries due again; the job as it stands then."""
    mine = J.id == job_id
    row = tx.execute(select(REDRIVES).where(mine).with_for_update()).one()
    if row.state == "running":
        ahead = _ahead(row).with_for_update(of=DELIVERIES)
        rows = tx.execute(ahead).all()
        _send_again(tx, rows, now)
        is_through = len(rows) < PART
        told = {"reached": rows[-1].sequence if rows else row.last, "done": row.done + len(rows)}
        ended = {"state": "done", "finished_at": now} if is_through else {}
        tx.execute(update(REDRIVES).where(mine).values(**told, **ended))
    return shown(tx.execute(select(REDRIVES).where(mine)).one())


def failed(tx: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """Jobs over which rasid itself failed: one that failed too often goes on no more until it is revived."""
    for failure in failures:
        if failure.again_at is None:
            mine = update(REDRIVES).where(J.id == failure.row.id, J.state == "running")
            tx.execute(mine.values(state="failed", finished_at=now))


def revive(tx: Connection, job_id: str, _now: datetime) -> None:
    """Goes on with a job that failed, where it was. Raises Reject where it did not."""
    mine = update(REDRIVES).where(J.id == job_id, J.state == "failed")
    if not tx.execute(mine.values(state="running", finished_at=None)).rowcount:
        raise Reject(f"there is no redrive {job_id} that failed")


def _ahead(job: Row[Any]) -> Select[Any]:
    which = _which(msgspec.json.decode(job.request, type=Request))
    ahead = select(D.sequence, D.endpoint_id).where(which, D.sequence > job.reached, D.sequence <= job.last)
    return ahead.order_by(D.sequence).limit(PART)


def _which(asked: Request) -> Any:
    """The rows meant: ended, and of subscriptions there are."""
    wanted = asked.filter or Wanted(since=asked.since)
    conditions = [
        D.state == wanted.state,
        exists(select(1).where(SUBSCRIPTIONS.c.id == D.subscription_id, SUBSCRIPTIONS.c.state == "active")),
    ]
    equal = ((D.subscription_id, wanted.subscription), (D.endpoint_id, wanted.endpoint), (D.kind, wanted.type))
    conditions += [column == value for column, value in (*equal, (D.subject, wanted.article)) if value is not None]
    if asked.ids is not None:
        conditions.append(D.id.in_(asked.ids))
    else:
        conditions.append(D.within.is_(None))  # what went into a digest is sent again with it
    if wanted.error is not None:
        conditions.append(D.error.contains(wanted.error, autoescape=True))
    if wanted.since is not None:
        conditions.append(D.settled_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(D.settled_at < wanted.until)
    return and_(*conditions)


def _send_again(tx: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
    if not rows:
        return
    held = backlog.held(tx, {row.endpoint_id for row in rows})
    parked = {endpoint for endpoint, (state, _) in held.items() if state in backlog.PARKING}
    fresh = {"failures": 0, "error": "", "lease": None, "settled_at": None}
    for is_parked in (True, False):
        those = [row.sequence for row in rows if (row.endpoint_id in parked) is is_parked]
        goes_on = {"state": "parked", "due_at": None} if is_parked else {"state": "pending", "due_at": now}
        if those:
            tx.execute(update(DELIVERIES).where(D.sequence.in_(those)).values(**fresh, **goes_on))
    backlog.look(tx, [(row.endpoint_id, now) for row in rows])
