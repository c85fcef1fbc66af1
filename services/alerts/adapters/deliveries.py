"""Deliveries as they are written by the match, and as they are shown."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, func, select, update

from services.alerts.adapters import backlog
from services.alerts.adapters.tables import ATTEMPTS, DELIVERIES, ENDPOINTS
from services.alerts.core.alerting import Earlier
from services.alerts.core.ownership import PROOFS
from shared import ids
from shared.database import in_turn, upsert

STATES = {"pending": ("pending", "gathering", "gathered")}
"""States of rows, by the word they are shown under."""

IN_LIMIT = 500
"""Values in one IN list: databases have a limit on parameters."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A delivery to be written; `body` has the exact bytes of every attempt."""

    subscription_id: str
    endpoint_id: str
    kind: str
    subject: str
    number: int
    url: str | None
    body: bytes
    waits_for: str | None = None
    until: datetime | None = None
    """Until then it is gathered with others."""

    @cached_property
    def webhook_id(self) -> str:
        return ids.webhook_id(self.subscription_id, self.kind, self.subject, self.number)

    @property
    def id(self) -> str:
        return "dlv_" + self.webhook_id.removeprefix("msg_")


def reserve(tx: Connection, articles: Iterable[str]) -> None:
    """Nobody else matches these articles until this transaction ends. Asked for once, before `earlier`, of all of a batch."""
    in_turn(tx, "alerts match", articles)


def earlier(tx: Connection, articles: Sequence[str]) -> dict[str, dict[str, list[Earlier]]]:
    """The deliveries there are about these articles, by article and subscription. On PostgreSQL they stay as they are
    until this transaction ends."""
    about: dict[str, dict[str, list[Earlier]]] = defaultdict(dict)
    columns = (DELIVERIES.c.subject, DELIVERIES.c.subscription_id, *(DELIVERIES.c[name] for name in _EARLIER))
    for begin in range(0, len(articles), IN_LIMIT):
        asked = select(*columns).where(DELIVERIES.c.subject.in_(articles[begin : begin + IN_LIMIT])).with_for_update()
        for row in tx.execute(asked.order_by(DELIVERIES.c.sequence)):
            there = Earlier(**{name: getattr(row, name) for name in _EARLIER})
            about[row.subject].setdefault(row.subscription_id, []).append(there)
    return about


_EARLIER = ("id", "kind", "number", "state", "attempts")


Wait = Callable[[str], timedelta]
"""How long the delivery with this id waits for its first attempt."""


def at_once(_delivery_id: str) -> timedelta:
    """Not at all."""
    return timedelta(0)


def write(
    tx: Connection,
    drafts: Sequence[Draft],
    superseded: Sequence[str],
    now: datetime,
    wait: Wait = at_once,
    backlog_max: int | None = None,
) -> None:
    """Writes these deliveries where they are not there already, and ends those whose place they take. `backlog_max`: how many
    may wait for an endpoint that takes none; the oldest give way."""
    if superseded:
        untouched = (DELIVERIES.c.state.in_(("pending", "parked", "gathering")), DELIVERIES.c.attempts == 0)
        tx.execute(
            update(DELIVERIES)
            .where(DELIVERIES.c.id.in_(superseded), *untouched)
            .values(state="superseded", error="a newer revision took its place", settled_at=now, due_at=now, waits_for=None)
        )
    if drafts:
        held = backlog.held(tx, {draft.endpoint_id for draft in drafts})
        in_turn(tx, DELIVERIES.name)  # sequences are in the order of commits: who reads page by page skips none
        rows = [_row(draft, held.get(draft.endpoint_id), now, wait) for draft in drafts]
        tx.execute(upsert(tx, DELIVERIES).on_conflict_do_nothing(index_elements=["webhook_id"]), rows)
        due = [row for row in rows if row["state"] == "pending" and row["due_at"] is not None]
        backlog.look(tx, [(row["endpoint_id"], row["due_at"]) for row in due])
        if held and backlog_max is not None:
            backlog.trim(tx, held, backlog_max, now)


def _row(draft: Draft, held: tuple[str, str] | None, now: datetime, wait: Wait) -> dict[str, Any]:
    state, reason = held or ("active", "")
    is_parked = state in backlog.PARKING and draft.kind not in PROOFS and draft.until is None
    due_at = draft.until or (None if is_parked or draft.waits_for is not None else now + wait(draft.id))
    return {
        "id": draft.id,
        "webhook_id": draft.webhook_id,
        "subscription_id": draft.subscription_id,
        "endpoint_id": draft.endpoint_id,
        "kind": draft.kind,
        "subject": draft.subject,
        "number": draft.number,
        "url": draft.url,
        "body": draft.body,
        "state": "gathering" if draft.until else "parked" if is_parked else "pending",
        "due_at": due_at,
        "waits_for": draft.waits_for if draft.until is None else None,
        "attempts": 0,
        "failures": 0,
        "error": f"the endpoint is {state}: {reason}" if is_parked else "",
        "created_at": now,
    }


def next_number(tx: Connection, subscription_id: str, kind: str) -> int:
    """One more than the largest number among this subscription's deliveries of this kind."""
    own = (DELIVERIES.c.subscription_id == subscription_id, DELIVERIES.c.kind == kind)
    return int(tx.execute(select(func.max(DELIVERIES.c.number)).where(*own)).scalar() or 0) + 1


class Sought(Struct, frozen=True, kw_only=True):
    """Which deliveries are asked for; all conditions must hold. `since` and `until`: when they were made."""

    subscription: str | None = None
    endpoint: str | None = None
    state: str | None = None
    type: str | None = None
    article: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(connection: Connection, sought: Sought, *, before: int | None, limit: int) -> list[tuple[Any, list[Row[Any]]]]:
    """Deliveries with their attempts, the newest first, from before this sequence."""
    calls = (ENDPOINTS.c.paused_until, ENDPOINTS.c.probe_at)
    asked = (
        select(*(column for column in DELIVERIES.c if column.name != "body"), *calls)
        .join(ENDPOINTS, ENDPOINTS.c.id == DELIVERIES.c.endpoint_id)
        .order_by(DELIVERIES.c.sequence.desc())
        .limit(limit)
    )
    equal = (
        (DELIVERIES.c.subscription_id, sought.subscription),
        (DELIVERIES.c.endpoint_id, sought.endpoint),
        (DELIVERIES.c.kind, sought.type),
        (DELIVERIES.c.subject, sought.article),
    )
    asked = asked.where(*(column == value for column, value in equal if value is not None))
    if sought.state is not None:
        asked = asked.where(DELIVERIES.c.state.in_(STATES.get(sought.state, (sought.state,))))
    if sought.since is not None:
        asked = asked.where(DELIVERIES.c.created_at >= sought.since)
    if sought.until is not None:
        asked = asked.where(DELIVERIES.c.created_at < sought.until)
    if before is not None:
        asked = asked.where(DELIVERIES.c.sequence < before)
    rows = connection.execute(asked).all()
    tries = _attempts(connection, [row.id for row in rows])
    return [(row, tries[row.id]) for row in rows]


def _attempts(connection: Connection, deliveries: Sequence[str]) -> dict[str, list[Row[Any]]]:
    tries: dict[str, list[Row[Any]]] = defaultdict(list)
    for begin in range(0, len(deliveries), IN_LIMIT):
        asked = select(ATTEMPTS).where(ATTEMPTS.c.delivery_id.in_(deliveries[begin : begin + IN_LIMIT]))
        for row in connection.execute(asked.order_by(ATTEMPTS.c.delivery_id, ATTEMPTS.c.number)):
            tries[row.delivery_id].append(row)
    return tries
