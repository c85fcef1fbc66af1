"""What came of attempts: recorded, decided, told, and marked as told. What a lease was lost for changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from services.alerts.adapters import backlog, digests
from services.alerts.adapters.due import SETTLED, Due
from services.alerts.adapters.tables import ATTEMPTS, DELIVERIES
from services.alerts.core.settled import Stored
from services.alerts.core.verdict import Answer, NoAnswer, Verdict

D = DELIVERIES.c

_STORED = [D[field] for field in Stored.__struct_fields__]
_HEARD = update(ATTEMPTS).where(
    ATTEMPTS.c.delivery_id == bindparam("b_id"),
    ATTEMPTS.c.number == bindparam("b_number"),
    ATTEMPTS.c.ended_at.is_(None),
)
_ONE = update(DELIVERIES).where(D.sequence == bindparam("b_sequence"))


def held(tx: Connection, rows: Sequence[Due]) -> dict[str, Stored]:
    """These deliveries as they stand, by id: those whose lease holds."""
    asked = select(*_STORED).where(D.sequence.in_([row.sequence for row in rows])).with_for_update()
    lease = {row.id: row.lease for row in rows}
    stands = (Stored(*row) for row in tx.execute(asked))
    return {stored.id: stored for stored in stands if stored.lease == lease[stored.id]}


def heard(tx: Connection, outcomes: Sequence[tuple[Due, Answer | NoAnswer]], now: datetime) -> None:
    """Records what came of attempts; the first word on an attempt stays."""
    if outcomes:
        tx.execute(_HEARD, [_outcome(due, outcome, now) for due, outcome in outcomes])


def _outcome(due: Due, outcome: Answer | NoAnswer, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"status": None, "cause": None, "detail": "", "excerpt": ""}
    if isinstance(outcome, Answer):
        told |= {"status": outcome.status, "excerpt": outcome.excerpt}
    else:
        told |= {"cause": outcome.cause, "detail": outcome.detail}
    times = msgspec.json.encode(outcome.times).decode()
    return {"b_id": due.id, "b_number": due.number, "ended_at": now, "address": outcome.address, "times": times, **told}


def settle(tx: Connection, verdicts: Sequence[tuple[Due, Verdict]], now: datetime) -> None:
    """Writes what was decided about deliveries whose lease holds, and lets those go that waited for them. What is settled
    keeps its lease until it is told."""
    accepted = [due.sequence for due, verdict in verdicts if verdict.state == "ok"]
    if accepted:
        well = {"state": "ok", "error": "", "settled_at": now}
        tx.execute(update(DELIVERIES).where(D.sequence.in_(accepted)).values(well))
    dead = [(due, verdict) for due, verdict in verdicts if verdict.state == "dead"]
    if dead:
        tx.execute(
            _ONE,
            [
                {"b_sequence": due.sequence, "state": "dead", "error": v.error, "failures": v.failures, "settled_at": now}
                for due, v in dead
            ],
        )
    again = [(due, verdict) for due, verdict in verdicts if verdict.state == "pending"]
    if again:
        tx.execute(
            _ONE,
            [
                {"b_sequence": due.sequence, "error": v.error, "failures": v.failures, "due_at": v.next_at, "lease": None}
                for due, v in again
            ],
        )
        backlog.look(tx, [(due.endpoint_id, v.next_at) for due, v in again if v.next_at is not None])
    ended = [(due.id, v.state, v.error) for due, v in verdicts if due.kind == "digest" and v.state in SETTLED]
    digests.settle(tx, ended, now)
    backlog.follow(tx, [due.id for due, verdict in verdicts if verdict.state in SETTLED], now)


def done(tx: Connection, rows: Sequence[Due]) -> None:
    """Marks as told what was settled; what is still to be attempted stays as it is."""
    mine = (D.sequence.in_([row.sequence for row in rows]), D.lease.in_({row.lease for row in rows}))
    tx.execute(update(DELIVERIES).where(*mine, D.state.in_(SETTLED)).values(lease=None, due_at=None))


def settled(stored: Stored, verdict: Verdict, now: datetime) -> Stored:
    """The delivery as `settle` leaves it."""
    settled_at = now if verdict.state in SETTLED else None
    changes = {"state": verdict.state, "error": verdict.error, "failures": verdict.failures, "settled_at": settled_at}
    return msgspec.structs.replace(stored, **changes)
