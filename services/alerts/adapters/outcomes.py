"""What came of attempts: recorded, decided, told, and marked as told. What a lease was lost for changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from services.alerts.adapters import backlog, digests
from services.alerts.adapters.due import SETTLED, Due
from services.alerts.adapters.tables import ATTEMPTS, DELIVERIES, ENDPOINTS
from services.alerts.core.settled import Stored
from services.alerts.core.verdict import Answer, NoAnswer, Verdict
from shared.handlers import Failure, RowRef
from shared.outcomes import Reject

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
    by_lease: dict[str, list[int]] = {}
    for row in rows:
        by_lease.setdefault(row.lease, []).append(row.sequence)
    for lease, deliveries in by_lease.items():
        mine = (D.sequence.in_(deliveries), D.lease == lease, D.state.in_(SETTLED))
        tx.execute(update(DELIVERIES).where(*mine).values(lease=None, due_at=None))


def ref(row: Due) -> RowRef:
    """Which delivery this is."""
    return RowRef(row.id, content=row.body)


def failed(tx: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """Deliveries over which rasid itself failed: they rest, or are set aside (one to be attempted is parked), and show why."""
    for failure in failures:
        row: Due = failure.row
        mine = update(DELIVERIES).where(D.id == row.id, D.lease == row.lease)
        after = f"internal-error: {failure.reason}" + (f" (try {failure.tries})" if failure.tries else "")
        if tx.execute(mine.where(D.state == "pending").values(error=after)).rowcount:
            heard(tx, [(row, NoAnswer("internal-error", failure.reason))], now)
            if failure.again_at is None:
                tx.execute(mine.values(state="parked"))
        tx.execute(mine.values(lease=None, due_at=failure.again_at))
        if failure.again_at is not None:
            backlog.look(tx, [(row.endpoint_id, failure.again_at)])


def revive(tx: Connection, delivery: str, now: datetime) -> None:
    """Attempts (or tells) again a delivery that was set aside. Raises Reject where it was not, or its endpoint is disabled."""
    asked = select(D.state, D.endpoint_id, ENDPOINTS.c.state.label("endpoint"))
    found = asked.select_from(DELIVERIES.join(ENDPOINTS, ENDPOINTS.c.id == D.endpoint_id))
    row = tx.execute(found.where(D.id == delivery, D.due_at.is_(None), D.state.in_(("parked", *SETTLED)))).first()
    if row is None:
        raise Reject(f"there is no delivery {delivery} that is set aside")
    if row.state == "parked" and row.endpoint != "active":
        raise Reject(f"the endpoint of delivery {delivery} is {row.endpoint}")
    state = "pending" if row.state == "parked" else row.state
    tx.execute(update(DELIVERIES).where(D.id == delivery).values(state=state, due_at=now))
    backlog.look(tx, [(row.endpoint_id, now)])


def settled(stored: Stored, verdict: Verdict, now: datetime) -> Stored:
    """The delivery as `settle` leaves it."""
    settled_at = now if verdict.state in SETTLED else None
    changes = {"state": verdict.state, "error": verdict.error, "failures": verdict.failures, "settled_at": settled_at}
    return msgspec.structs.replace(stored, **changes)
