"""The health of endpoints in their rows: read together, stepped by the core, written where it changed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from services.alerts.adapters import asking, backlog, notices, subscriptions
from services.alerts.adapters.tables import ENDPOINTS
from services.alerts.core import health as core
from services.alerts.core.health import Health, HealthRules, Notice, Slot

log = getLogger(__name__)

E = ENDPOINTS.c
_COLUMNS = (
    E.id, E.state, E.reason, E.failures, E.failing_since, E.paused_until, E.opened_at, E.probe_at, E.probe_wait, E.recent,
    E.noticed,
)  # fmt: skip


def of(row: Any) -> Health:
    """The health a row of the endpoints tells."""
    return Health(
        state=row.state,
        reason=row.reason,
        failures=row.failures,
        failing_since=row.failing_since,
        paused_until=row.paused_until,
        opened_at=row.opened_at,
        probe_at=row.probe_at,
        probe_wait=timedelta(seconds=row.probe_wait),
        recent=msgspec.json.decode(row.recent, type=tuple[Slot, ...]),
        noticed=row.noticed,
    )


def read(tx: Connection, endpoints: Iterable[str]) -> dict[str, Health]:
    """The health of these endpoints, by id; on PostgreSQL no other transaction changes it meanwhile."""
    asked = select(*_COLUMNS).where(E.id.in_(set(endpoints))).order_by(E.id).with_for_update()
    return {row.id: of(row) for row in tx.execute(asked)}


def write(tx: Connection, before: Mapping[str, Health], after: Mapping[str, Health], rules: HealthRules, now: datetime) -> None:
    """Writes what has changed, tells people what they are to know, and parks or lets go what waits."""
    changed = {endpoint: health for endpoint, health in after.items() if health != before[endpoint]}
    if changed:
        tx.execute(
            update(ENDPOINTS).where(E.id == bindparam("b_id")),
            [{"b_id": endpoint, **_values(health)} for endpoint, health in changed.items()],
        )
    for endpoint, health in changed.items():
        _tell(tx, endpoint, list(core.notices(before[endpoint], health, rules)), now)
    backlog.look(tx, [(name, h.probe_at) for name, h in changed.items() if h.probe_at is not None])
    if parking := [endpoint for endpoint, health in after.items() if health.state in backlog.PARKING]:
        backlog.park(tx, parking)
    backlog.release(tx, [name for name, h in changed.items() if h.state == "active" and before[name].state != "active"], now)


def pause(tx: Connection, subscription: str, rules: HealthRules, now: datetime) -> Any | None:
    """Sends nothing for this subscription until it is resumed; its row then, None where there is none."""
    row = subscriptions.found(tx, subscription)
    if row is None:
        return None
    _change(tx, row.endpoint_id, lambda known: core.paused(known, core.BY_A_PERSON), rules, now)
    return subscriptions.found(tx, subscription)


def resume(tx: Connection, subscription: str, rules: HealthRules, now: datetime) -> Any | None:
    """Calls its endpoint again, whatever was wrong: what was parked is sent. One that has yet to show that it wants messages
    is asked again first. The subscription's row then, None where there is none."""
    row = subscriptions.found(tx, subscription)
    if row is None:
        return None
    if row.ownership == "none" or row.proven_at is not None:
        _change(tx, row.endpoint_id, core.enabled, rules, now)
    elif row.endpoint_state != "unproven":
        _change(tx, row.endpoint_id, core.unproven, rules, now)
        asking.ask(tx, row.id, row.endpoint_id, row.ownership, now)
    return subscriptions.found(tx, subscription)


def _change(tx: Connection, endpoint: str, step: Callable[[Health], Health], rules: HealthRules, now: datetime) -> None:
    """Takes this step because a person says so."""
    before = read(tx, [endpoint])
    write(tx, before, {endpoint: step(before[endpoint])}, rules, now)


def _values(health: Health) -> dict[str, Any]:
    return {
        "state": health.state,
        "reason": health.reason,
        "failures": health.failures,
        "failing_since": health.failing_since,
        "paused_until": health.paused_until,
        "opened_at": health.opened_at,
        "probe_at": health.probe_at,
        "probe_wait": health.probe_wait.total_seconds(),
        "recent": msgspec.json.encode(health.recent).decode(),
        "noticed": health.noticed,
    }


def _tell(tx: Connection, endpoint: str, told: list[Notice], now: datetime) -> None:
    for notice in told:
        notices.write(tx, endpoint, notice, now)
        facts = {"endpoint": endpoint, "reason": notice.message}
        if notice.is_urgent:
            log.error("An endpoint was disabled; its alerts wait.", extra=facts)
        else:
            log.warning("An endpoint's health changed.", extra=facts)
