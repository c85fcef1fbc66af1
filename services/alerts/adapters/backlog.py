"""What waits for something else than its time: for an endpoint that takes nothing, or for another delivery.

`parked` is what is not sent before its endpoint takes messages again: it is disabled, paused by a person, or has not shown
that it wants them. A pause the receiver asked for, and an open breaker, have an end of their own: what waits for them stays
`pending`. What waits is capped per endpoint; the oldest give way, and can be sent again as dead letters.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS
from services.alerts.core.ownership import PROOFS
from shared.tables import Instant

D, E = DELIVERIES.c, ENDPOINTS.c

PARKING = ("paused", "disabled", "unproven")
"""States of an endpoint in which its deliveries are parked."""

_MOMENT = bindparam("moment", type_=Instant())
_LOOK = update(ENDPOINTS).where(E.id == bindparam("b_id"), E.look_at.is_(None) | (E.look_at > _MOMENT)).values(look_at=_MOMENT)
_IN_LIMIT = 500


def held(tx: Connection, endpoints: Collection[str]) -> dict[str, tuple[str, str]]:
    """Of these endpoints, those that take nothing now: state (`active` where only its breaker is open) and reason."""
    asked = select(E.id, E.state, E.reason).where(E.state.in_(PARKING) | E.opened_at.is_not(None))
    if len(endpoints) <= _IN_LIMIT:
        asked = asked.where(E.id.in_(endpoints))
    return {row.id: (row.state, row.reason) for row in tx.execute(asked)}


def park(tx: Connection, endpoints: Iterable[str]) -> None:
    """Parks what is pending for these endpoints and not under way."""
    mine = (D.endpoint_id.in_(list(endpoints)), D.state == "pending", D.lease.is_(None), D.kind.not_in(PROOFS))
    tx.execute(update(DELIVERIES).where(*mine).values(state="parked", due_at=None))


def release(tx: Connection, endpoints: Iterable[str], now: datetime) -> None:
    """What was parked for these endpoints is due again, but for what waits for another delivery."""
    freed = list(endpoints)
    if not freed:
        return
    mine = (D.endpoint_id.in_(freed), D.state == "parked")
    tx.execute(update(DELIVERIES).where(*mine, D.waits_for.is_(None)).values(state="pending", due_at=now, error=""))
    tx.execute(update(DELIVERIES).where(*mine).values(state="pending", error=""))
    look(tx, [(endpoint, now) for endpoint in freed])


def look(tx: Connection, moments: Iterable[tuple[str, datetime]]) -> None:
    """Notes that of each endpoint something is due at this moment."""
    earliest: dict[str, datetime] = {}
    for endpoint, moment in moments:
        earliest[endpoint] = min(moment, earliest.get(endpoint, moment))
    if earliest:
        tx.execute(_LOOK, [{"b_id": endpoint, "moment": moment} for endpoint, moment in earliest.items()])


def trim(tx: Connection, endpoints: Iterable[str], most: int, now: datetime) -> int:
    """Ends the oldest of what waits for each of these endpoints beyond so many; how many that were."""
    ended = 0
    for endpoint in endpoints:
        mine = (D.endpoint_id == endpoint, D.state.in_(("pending", "parked")), D.lease.is_(None), D.kind.not_in(PROOFS))
        count = int(tx.execute(select(func.count()).select_from(DELIVERIES).where(*mine)).scalar_one())
        if count > most:
            oldest = select(D.sequence, D.id).where(*mine).order_by(D.sequence).limit(count - most)
            rows = tx.execute(oldest).all()
            _end(tx, rows, f"gave way: more than {most} waited for its endpoint", now)
            ended += len(rows)
    return ended


def _end(tx: Connection, rows: Sequence[Any], error: str, now: datetime) -> None:
    for begin in range(0, len(rows), _IN_LIMIT):
        part = rows[begin : begin + _IN_LIMIT]
        mine = update(DELIVERIES).where(D.sequence.in_([row.sequence for row in part]))
        tx.execute(mine.values(state="dead", error=error, settled_at=now, due_at=now, waits_for=None))
        follow(tx, [row.id for row in part], now)


def follow(tx: Connection, ended: Sequence[str], now: datetime) -> None:
    """Corrections wait for what they correct. Once that has ended they follow where anything about the article was accepted,
    now or before, and end where nothing was."""
    waiting = tx.execute(select(D.sequence, D.endpoint_id).where(D.waits_for.in_(ended))).all() if ended else []
    if not waiting:
        return
    earlier = DELIVERIES.alias("earlier")
    same = (earlier.c.subscription_id == D.subscription_id, earlier.c.subject == D.subject)
    accepted = exists(select(1).where(*same, earlier.c.state == "ok")).correlate(DELIVERIES)
    freed = update(DELIVERIES).where(D.sequence.in_([row.sequence for row in waiting]), D.waits_for.is_not(None))
    tx.execute(freed.where(accepted, D.state == "parked").values(waits_for=None))
    tx.execute(freed.where(accepted).values(waits_for=None, due_at=now))
    over = {"state": "dead", "error": "what it corrects was never accepted", "settled_at": now}
    tx.execute(freed.values(waits_for=None, due_at=now, **over))
    look(tx, [(row.endpoint_id, now) for row in waiting])
