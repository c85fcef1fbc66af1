"""Subscriptions and their endpoints in the database.

Every write takes the next `change`, in order, so a matcher in another process notices by one look at the largest. A removed
subscription stays as a row: its deliveries still say whose they were.
"""

import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS, SUBSCRIPTIONS
from services.alerts.adapters.vault import Secrets, Vault
from services.alerts.core.alerting import Index, Subscription
from services.alerts.core.signature import secret_of
from shared.database import in_turn
from shared.filter import Filter, parse_json

SECRET_BYTES = 32


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription to be made; everything in it has been checked. Without `secret`, one is made."""

    name: str
    filter: Filter
    url: str
    headers: dict[str, str]
    secret: str | None
    include_backfill: bool
    ownership: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription that was made; the only time its secret is told."""

    id: str
    endpoint: str
    secret: str


def create(tx: Connection, new: New, vault: Vault, now: datetime) -> Made:
    """Makes the subscription and its endpoint. Raises OSError where the key is not that of the other secrets: who delivers has
    one key alone."""
    prove(tx, vault)
    made = Made(id=_id("sub"), endpoint=_id("ep"), secret=new.secret or secret_of(secrets.token_bytes(SECRET_BYTES)))
    tx.execute(
        insert(ENDPOINTS).values(
            id=made.endpoint,
            url=new.url,
            sealed=vault.seal(made.endpoint, Secrets(secrets=(made.secret,), headers=new.headers)),
            ownership=new.ownership,
            state="active",
            reason="",
            failures=0,
            created_at=now,
        )
    )
    tx.execute(
        insert(SUBSCRIPTIONS).values(
            id=made.id,
            name=new.name,
            filter=msgspec.json.encode(new.filter.source).decode(),
            include_backfill=new.include_backfill,
            endpoint_id=made.endpoint,
            state="active",
            change=_next_change(tx),
            created_at=now,
        )
    )
    return made


def prove(connection: Connection, vault: Vault) -> None:
    """Raises OSError where the vault's key does not open the secrets that are in use."""
    columns = select(ENDPOINTS.c.id, ENDPOINTS.c.sealed).join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.endpoint_id == ENDPOINTS.c.id)
    newest = columns.where(SUBSCRIPTIONS.c.state == "active").order_by(SUBSCRIPTIONS.c.sequence.desc()).limit(1)
    if (row := connection.execute(newest).first()) is not None:
        vault.prove(row.id, row.sealed)


def remove(tx: Connection, subscription_id: str, now: datetime) -> bool:
    """Ends the subscription: nothing more is sent, what was still to be sent is dead. False where there is none."""
    ended = tx.execute(
        update(SUBSCRIPTIONS)
        .where(SUBSCRIPTIONS.c.id == subscription_id, SUBSCRIPTIONS.c.state != "removed")
        .values(state="removed", change=_next_change(tx))
    )
    if not ended.rowcount:
        return False
    tx.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.subscription_id == subscription_id, DELIVERIES.c.state.in_(("pending", "parked")))
        .values(state="dead", error="the subscription was removed", settled_at=now, due_at=now, lease=None, waits_for=None)
    )
    return True


def listed(connection: Connection, after: int = 0, limit: int = 1_000_000) -> Sequence[Row[Any]]:
    """The subscriptions there are, with their endpoints, in the order they were made, from behind `after`."""
    return connection.execute(_listing().where(SUBSCRIPTIONS.c.sequence > after).limit(limit)).all()


def found(connection: Connection, subscription_id: str) -> Row[Any] | None:
    """One subscription with its endpoint."""
    return connection.execute(_listing().where(SUBSCRIPTIONS.c.id == subscription_id)).one_or_none()


def endpoint(connection: Connection, endpoint_id: str) -> Row[Any] | None:
    """One endpoint."""
    return connection.execute(select(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id)).one_or_none()


class Roster:
    """The active subscriptions, ready to be matched; read again when a change is seen."""

    def __init__(self) -> None:
        self._latest: tuple[int, str] | None = None
        self._index = Index(())

    def index(self, tx: Connection) -> Index:
        """The index as of this transaction."""
        latest = _latest(tx)
        if latest != self._latest:
            rows = tx.execute(_listing()).all()
            self._index = Index(
                Subscription(
                    id=row.id,
                    name=row.name,
                    endpoint_id=row.endpoint_id,
                    filter=parse_json(row.filter),
                    include_backfill=row.include_backfill,
                )
                for row in rows
            )
            self._latest = latest
        return self._index


def _listing() -> Select[Any]:
    columns = (
        *SUBSCRIPTIONS.c,
        ENDPOINTS.c.url,
        ENDPOINTS.c.ownership,
        ENDPOINTS.c.paused_until,
        ENDPOINTS.c.reason,
        ENDPOINTS.c.state.label("endpoint_state"),
    )
    joined = SUBSCRIPTIONS.join(ENDPOINTS, ENDPOINTS.c.id == SUBSCRIPTIONS.c.endpoint_id)
    return select(*columns).select_from(joined).where(SUBSCRIPTIONS.c.state == "active").order_by(SUBSCRIPTIONS.c.sequence)


def _largest_change(tx: Connection) -> int:
    return int(tx.execute(select(func.max(SUBSCRIPTIONS.c.change))).scalar() or 0)


def _latest(tx: Connection) -> tuple[int, str]:
    """The last write: its change and whose. The id tells it from one with the same change that was seen and then undone."""
    row = tx.execute(
        select(SUBSCRIPTIONS.c.change, SUBSCRIPTIONS.c.id).order_by(SUBSCRIPTIONS.c.change.desc()).limit(1)
    ).first()
    return (row.change, row.id) if row is not None else (0, "")


def _next_change(tx: Connection) -> int:
    in_turn(tx, SUBSCRIPTIONS.name)  # so that changes, and sequences, are in the order of commits
    return _largest_change(tx) + 1


def _id(kind: str) -> str:
    return f"{kind}_{b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"
