"""What waits for something else than its time: for an endpoint that takes nothing, or for another delivery.

`parked` is what is not sent before its endpoint takes messages again: it is disabled, paused by a person, or has not shown
that it wants them. A pause the receiver asked for, and an open breaker, have an end of their own: what waits for them stays
`pending`. What waits is capped per endpoint; the oldest give way, and can be sent again as dead letters.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select, update

from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS
from services.alerts.core.ownership import PROOFS

D, E = DELIVERIES.c, ENDPOINTS.c

PARKING = ("paused", "disabled", "unproven")
"""States of an endpoint in which its deliveries are parked."""

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
    mine = (D.endpoint_id.in_(list(endpoints)), D.state == "parked")
    tx.execute(update(DELIVERIES).where(*mine, D.waits_for.is_(None)).values(state="pending", due_at=now, error=""))
    tx.execute(update(DELIVERIES).where(*mine).values(state="pending", error=""))


def offer_to_disabled(tx: Connection, now: datetime) -> None:
    """Makes the oldest parked delivery due for each disabled endpoint that is to be probed."""
    for endpoint in tx.execute(select(E.id).where(E.state == "disabled", E.probe_at <= now)).scalars().all():
        mine = (D.endpoint_id == endpoint, D.waits_for.is_(None))
        offered = select(D.sequence).where(*mine, D.state == "pending", D.due_at.is_not(None)).limit(1)
        oldest = select(D.sequence).where(*mine, D.state == "parked").order_by(D.sequence).limit(1)
        if tx.execute(offered).first() is None and (sequence := tx.execute(oldest).scalar()) is not None:
            tx.execute(update(DELIVERIES).where(D.sequence == sequence).values(state="pending", due_at=now))


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
    if not ended:
        return
    earlier = DELIVERIES.alias("earlier")
    same = (earlier.c.subscription_id == D.subscription_id, earlier.c.subject == D.subject)
    accepted = exists(select(1).where(*same, earlier.c.state == "ok")).correlate(DELIVERIES)
    waiting = update(DELIVERIES).where(D.waits_for.in_(ended))
    tx.execute(waiting.where(accepted, D.state == "parked").values(waits_for=None))
    tx.execute(waiting.where(accepted).values(waits_for=None, due_at=now))
    over = {"state": "dead", "error": "what it corrects was never accepted", "settled_at": now}
    tx.execute(waiting.values(waits_for=None, due_at=now, **over))
