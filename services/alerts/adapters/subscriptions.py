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
from sqlalchemy import Connection, Row, Select, exists, func, insert, select, update

from services.alerts.adapters import asking
from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS, SUBSCRIPTIONS
from services.alerts.adapters.vault import Vault
from services.alerts.core.index import Index, Subscription
from services.alerts.core.keyring import Secrets, rotated
from services.alerts.core.manner import Manner
from services.alerts.core.ownership import UNPROVEN, Ownership
from services.alerts.core.signature import SEED, Scheme, private_key_of, public_key_of, secret_of, signer
from services.alerts.core.sink import SECRET_URLS, Kind, shown_url
from shared.database import in_turn
from shared.filter import Filter, parse_json

SECRET_BYTES = 32
ENDABLE = ("pending", "parked", "gathering", "gathered")
"""States of deliveries that are not settled."""


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription to be made; everything in it has been checked. Without `secret`, one is made, of this scheme."""

    name: str
    filter: Filter
    url: str
    headers: dict[str, str]
    secret: str | None
    include_backfill: bool
    ownership: Ownership
    scheme: Scheme = "v1"
    manner: Manner = Manner()
    kind: Kind = "webhook"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription that was made, or given a new secret; the only time it is told. Of an ed25519 key only the public part is:
    `whpk_...`."""

    id: str
    endpoint: str
    secret: str | msgspec.UnsetType = msgspec.UNSET
    public_key: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def verifies_with(self) -> str:
        """What the receiver knows our messages by."""
        return self.secret or self.public_key or ""


def made(subscription_id: str, endpoint_id: str, secret: str) -> Made:
    """What is told of a subscription with this secret."""
    public = public_key_of(secret)
    told = {"secret": secret} if public is None else {"public_key": public}
    return Made(id=subscription_id, endpoint=endpoint_id, **told)


def new_secret(scheme: Scheme) -> str:
    """A random secret of this scheme."""
    return secret_of(secrets.token_bytes(SECRET_BYTES)) if scheme == "v1" else private_key_of(secrets.token_bytes(SEED))


def create(tx: Connection, new: New, vault: Vault, now: datetime) -> Made:
    """Makes the subscription and its endpoint, and asks the receiver where it has to show that it wants messages. Raises
    OSError where the key is not that of the other secrets: who delivers has one key alone."""
    prove(tx, vault)
    subscription_id, endpoint_id, secret = _id("sub"), _id("ep"), new.secret or new_secret(new.scheme)
    tx.execute(
        insert(ENDPOINTS).values(
            id=endpoint_id,
            kind=new.kind,
            url=shown_url(new.kind, new.url),
            sealed=vault.seal(
                endpoint_id,
                Secrets(secrets=(secret,), headers=new.headers, url=new.url if new.kind in SECRET_URLS else ""),
            ),
            ownership=new.ownership,
            state="active" if new.ownership == "none" else "unproven",
            reason="" if new.ownership == "none" else UNPROVEN,
            failures=0,
            created_at=now,
        )
    )
    tx.execute(
        insert(SUBSCRIPTIONS).values(
            id=subscription_id,
            name=new.name,
            filter=msgspec.json.encode(new.filter.source).decode(),
            include_backfill=new.include_backfill,
            manner=msgspec.json.encode(new.manner).decode(),
            endpoint_id=endpoint_id,
            state="active",
            change=_next_change(tx),
            created_at=now,
        )
    )
    if new.ownership != "none":
        asking.ask(tx, subscription_id, endpoint_id, new.ownership, now)
    if new.kind != "webhook":
        return Made(id=subscription_id, endpoint=endpoint_id)
    return made(subscription_id, endpoint_id, secret)


def rotate(
    tx: Connection, subscription_id: str, vault: Vault, now: datetime, *, end: datetime, secret: str | None, scheme: Scheme
) -> Made | None:
    """Gives the subscription's endpoint a new secret (this one, or a random one of this scheme); those it has sign too until
    `end`. None where there is no such subscription. Raises ValueError for a secret that cannot be, CannotOpen and OSError."""
    row = found(tx, subscription_id)
    if row is None:
        return None
    if row.kind != "webhook":
        raise ValueError(f"messages to {row.kind} are not signed")
    mine = ENDPOINTS.c.id == row.endpoint_id
    sealed = tx.execute(select(ENDPOINTS.c.sealed).where(mine).with_for_update()).scalar_one()
    fresh = secret or new_secret(scheme)
    signer(fresh)  # raises where nothing can be signed with it
    changed = rotated(vault.open(row.endpoint_id, sealed), fresh, now, end)
    tx.execute(update(ENDPOINTS).where(mine).values(sealed=vault.seal(row.endpoint_id, changed)))
    return made(subscription_id, row.endpoint_id, fresh)


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
        .where(DELIVERIES.c.subscription_id == subscription_id, DELIVERIES.c.state.in_(ENDABLE))
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


def of_endpoint(connection: Connection, endpoint_id: str) -> str | None:
    """The subscription whose endpoint this is."""
    mine = select(SUBSCRIPTIONS.c.id).where(SUBSCRIPTIONS.c.endpoint_id == endpoint_id, SUBSCRIPTIONS.c.state == "active")
    subscription: str | None = connection.execute(mine).scalar()
    return subscription


def endpoints(connection: Connection) -> Sequence[Row[Any]]:
    """The endpoints of the subscriptions there are, in the order they were made."""
    theirs = SUBSCRIPTIONS.c.endpoint_id == ENDPOINTS.c.id
    asked = select(ENDPOINTS).join(SUBSCRIPTIONS, theirs).where(SUBSCRIPTIONS.c.state == "active")
    return connection.execute(asked.order_by(ENDPOINTS.c.sequence)).all()


class Roster:
    """The active subscriptions, ready to be matched; what has changed is read again when a change is seen."""

    def __init__(self) -> None:
        self._latest = (0, "")
        self._index = Index()

    def index(self, tx: Connection) -> Index:
        """The index as of this transaction."""
        latest = _latest(tx)
        if latest != self._latest:
            is_there = exists(select(1).where(S.change == self._latest[0], S.id == self._latest[1]))
            if not tx.execute(select(is_there)).scalar():  # it was undone, or changed once more: begin anew
                self._latest, self._index = (0, ""), Index()
            for row in tx.execute(_listing(also_ended=True).where(S.change > self._latest[0])):
                self._take(row)
            self._latest = latest
        return self._index

    def _take(self, row: Row[Any]) -> None:
        if row.state != "active":
            self._index.remove(row.id)
            return
        self._index.add(
            Subscription(
                id=row.id,
                name=row.name,
                endpoint_id=row.endpoint_id,
                filter=parse_json(row.filter),
                include_backfill=row.include_backfill,
                manner=msgspec.json.decode(row.manner, type=Manner),
            )
        )


S = SUBSCRIPTIONS.c


def _listing(*, also_ended: bool = False) -> Select[Any]:
    columns = (
        *SUBSCRIPTIONS.c,
        ENDPOINTS.c.kind,
        ENDPOINTS.c.url,
        ENDPOINTS.c.ownership,
        ENDPOINTS.c.proven_at,
        ENDPOINTS.c.paused_until,
        ENDPOINTS.c.reason,
        ENDPOINTS.c.state.label("endpoint_state"),
    )
    joined = SUBSCRIPTIONS.join(ENDPOINTS, ENDPOINTS.c.id == SUBSCRIPTIONS.c.endpoint_id)
    every = select(*columns).select_from(joined).order_by(SUBSCRIPTIONS.c.sequence)
    return every if also_ended else every.where(SUBSCRIPTIONS.c.state == "active")


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
