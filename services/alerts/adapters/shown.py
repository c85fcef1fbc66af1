"""How subscriptions, endpoints and deliveries are shown: over HTTP and on the command line alike. No secret is among it."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from services.alerts.adapters.deliveries import STATES
from services.alerts.core.manner import Manner


class Subscription(Struct, frozen=True, kw_only=True):
    """A subscription as it stands."""

    id: str
    name: str
    filter: dict[str, Any]
    sink: dict[str, Any]
    manner: dict[str, Any]
    endpoint: str
    endpoint_state: str
    ownership: str
    created_at: datetime


class Endpoint(Struct, frozen=True, kw_only=True):
    """An endpoint: `active`, `paused` (by a person, or until it may be called again), or `disabled`. `failures` counts those in
    a row. An `open` breaker, and a disabled endpoint that was failing, are only probed: the next time at `next_probe`."""

    id: str
    kind: str
    url: str
    state: str
    reason: str
    ownership: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    breaker: str
    next_probe: datetime | None


class Notice(Struct, frozen=True, kw_only=True):
    """What people were told of an endpoint: `endpoint.failing`, `endpoint.disabled`, `endpoint.recovered`."""

    endpoint: str
    kind: str
    message: str
    at: datetime


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt. Without `ended_at`: under way, or the process ended before it heard. `address` is null where a kept-open
    connection was used; `times` in milliseconds since the start."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    status: int | None
    cause: str | None
    detail: str
    excerpt: str
    address: str | None
    times: dict[str, float]


class Delivery(Struct, frozen=True, kw_only=True):
    """A delivery with its attempts. `next_at`: when the next is due, if any; `within`: the digest it went into."""

    id: str
    subscription: str
    endpoint: str
    webhook_id: str
    type: str
    article: str | None
    url: str | None
    revision: int | None
    state: str
    within: str | None
    error: str
    next_at: datetime | None
    created_at: datetime
    settled_at: datetime | None
    attempts: list[Attempt]


def subscription(row: Row[Any], now: datetime) -> Subscription:
    """A row of `subscriptions.listed`."""
    return Subscription(
        id=row.id,
        name=row.name,
        filter=msgspec.json.decode(row.filter),
        sink={"kind": row.kind, "url": row.url},
        manner=_manner(row),
        endpoint=row.endpoint_id,
        endpoint_state=_state(row.endpoint_state, row.paused_until, now),
        ownership=row.ownership,
        created_at=row.created_at,
    )


def _manner(row: Row[Any]) -> dict[str, Any]:
    manner = msgspec.json.decode(row.manner, type=Manner)
    told: dict[str, Any] = msgspec.to_builtins(manner)
    return {"kind": manner.kind, "include_backfill": row.include_backfill} | told


def endpoint(row: Row[Any], now: datetime) -> Endpoint:
    """A row of the endpoints."""
    state = _state(row.state, row.paused_until, now)
    return Endpoint(
        id=row.id,
        kind=row.kind,
        url=row.url,
        state=state,
        reason="it asked us to wait" if (state, row.state) == ("paused", "active") else row.reason,
        ownership=row.ownership,
        failures=row.failures,
        failing_since=row.failing_since,
        paused_until=row.paused_until if row.paused_until is not None and row.paused_until > now else None,
        breaker="closed" if row.opened_at is None else "open",
        next_probe=row.probe_at,
    )


def notice(row: Row[Any]) -> Notice:
    """A row of the notices."""
    return Notice(endpoint=row.endpoint_id, kind=row.kind, message=row.message, at=row.at)


def delivery(row: Any, attempts: list[Row[Any]]) -> Delivery:
    """A row of `deliveries.page`."""
    is_article = row.kind.startswith("article.")
    return Delivery(
        id=row.id,
        subscription=row.subscription_id,
        endpoint=row.endpoint_id,
        webhook_id=row.webhook_id,
        type=row.kind,
        article=row.subject if is_article else None,
        url=row.url,
        revision=row.number if is_article else None,
        state="pending" if row.state in STATES["pending"] else row.state,
        within=row.within,
        error=row.error,
        next_at=_next_at(row),
        created_at=row.created_at,
        settled_at=row.settled_at,
        attempts=[_attempt(attempt) for attempt in attempts],
    )


def _next_at(row: Any) -> datetime | None:
    """When it is due, or its endpoint may be called, whichever is later."""
    if row.state == "gathering":
        return row.due_at  # type: ignore[no-any-return]  # a moment
    if row.state != "pending" or row.lease is not None or row.due_at is None:
        return None
    moments: list[datetime] = [moment for moment in (row.due_at, row.paused_until, row.probe_at) if moment is not None]
    return max(moments)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        number=row.number,
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        cause=row.cause,
        detail=row.detail,
        excerpt=row.excerpt,
        address=row.address,
        times=msgspec.json.decode(row.times, type=dict[str, float]),
    )


def _state(state: str, paused_until: datetime | None, now: datetime) -> str:
    if state == "unproven":
        return "paused"
    return "paused" if state == "active" and paused_until is not None and paused_until > now else state
