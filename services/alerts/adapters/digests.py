"""Alerts that wait for others: gathered, and sent in one message when their window ends.

A gathered alert is a delivery of its own, `gathering` until its window ends and `gathered` while the digest it went into is
under way (both are shown as pending); it settles with it. So a correction finds it, replaces it, or waits for it, like any
other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from services.alerts.adapters import backlog, deliveries
from services.alerts.adapters.deliveries import Draft
from services.alerts.adapters.tables import DELIVERIES, ENDPOINTS, SUBSCRIPTIONS
from services.alerts.core.manner import Manner, gather_until
from services.alerts.core.payload import SubscriptionRef, digest_body
from shared.handlers import Failure
from shared.outcomes import Reject

D, S = DELIVERIES.c, SUBSCRIPTIONS.c


def planned(tx: Connection, drafts: Sequence[Draft], manners: Mapping[str, Manner], now: datetime) -> list[Draft]:
    """These drafts, each with the moment until which it is gathered, if it is. `manners`: by subscription id."""
    gathering = {draft.subscription_id for draft in drafts if manners[draft.subscription_id].gathers}
    if not gathering:
        return list(drafts)
    windows, counts = _windows(tx, gathering)
    last, plan = _last(tx, gathering), list[Draft]()
    for draft in drafts:
        name, manner = draft.subscription_id, manners[draft.subscription_id]
        until = gather_until(manner, now, windows.get(name), last.get(name)) if manner.gathers else None
        if until is None:
            last[name] = now
        else:
            counts[name] += 1
            windows[name] = until = now if counts[name] >= manner.maximum else until
        plan.append(replace(draft, until=until))
    full = {name for name in gathering if counts[name] >= manners[name].maximum}
    if full:
        _of(tx, full, due_at=now)
    return plan


def _windows(tx: Connection, subscriptions: set[str]) -> tuple[dict[str, datetime], Counter[str]]:
    asked = select(D.subscription_id, func.min(D.due_at), func.count()).where(
        D.subscription_id.in_(subscriptions), D.state == "gathering"
    )
    rows = tx.execute(asked.group_by(D.subscription_id)).all()
    return {row[0]: row[1] for row in rows}, Counter({row[0]: row[2] for row in rows})


def _last(tx: Connection, subscriptions: set[str]) -> dict[str, datetime]:
    """When the last alert of each was sent off: gathered ones count by their digest."""
    sent = (D.subscription_id.in_(subscriptions), D.state.not_in(("gathering", "gathered", "superseded")), D.within.is_(None))
    is_alert = D.kind.like("article.%") | (D.kind == "digest")
    asked = select(D.subscription_id, func.max(D.created_at)).where(*sent, is_alert).group_by(D.subscription_id)
    return {row[0]: row[1] for row in tx.execute(asked)}


def _of(tx: Connection, subscriptions: set[str], **values: Any) -> None:
    mine = (D.subscription_id.in_(subscriptions), D.state == "gathering")
    tx.execute(update(DELIVERIES).where(*mine).values(values))


def due(tx: Connection, now: datetime, limit: int) -> list[str]:
    """Subscriptions whose window has ended."""
    asked = select(D.subscription_id).where(D.state == "gathering", D.due_at <= now).distinct().limit(limit)
    return list(tx.execute(asked).scalars())


def failed(tx: Connection, failures: Iterable[Failure]) -> None:
    """Digests over which rasid itself failed: they rest, or, having failed too often, wait until they are revived."""
    for failure in failures:
        gathered = update(DELIVERIES).where(D.subscription_id == failure.row, D.state == "gathering")
        tx.execute(gathered.values(due_at=failure.again_at, error=f"internal-error: {failure.reason}"))


def revive(tx: Connection, subscription: str, now: datetime) -> None:
    """Makes a digest that was set aside due again. Raises Reject where none was."""
    gathered = update(DELIVERIES).where(D.subscription_id == subscription, D.state == "gathering", D.due_at.is_(None))
    if not tx.execute(gathered.values(due_at=now, error="")).rowcount:
        raise Reject(f"there is no digest of {subscription} that is set aside")


def close(tx: Connection, subscription: str, now: datetime, *, most_bytes: int) -> int:
    """Sends off what was gathered for this subscription, as one message (a single alert goes as itself); how many it holds."""
    named = select(S.name, S.manner, S.endpoint_id).where(S.id == subscription, S.state == "active")
    row = tx.execute(named).one_or_none()
    if row is None:
        return 0
    manner = msgspec.json.decode(row.manner, type=Manner)
    columns = (D.sequence, D.id, D.body, D.created_at)
    waiting = select(*columns).where(D.subscription_id == subscription, D.state == "gathering").order_by(D.sequence)
    members = tx.execute(waiting.limit(manner.maximum).with_for_update()).all()
    if not members:
        return 0
    if len(members) == 1 and manner.kind != "digest":
        _let_go(tx, members[0].sequence, row.endpoint_id, now)
        return 1
    bodies = [member.body for member in members]
    ref = SubscriptionRef(id=subscription, name=row.name)
    body, count = digest_body(bodies, ref, since=members[0].created_at, at=now, most=most_bytes)
    draft = Draft(
        subscription_id=subscription,
        endpoint_id=row.endpoint_id,
        kind="digest",
        subject=subscription,
        number=deliveries.next_number(tx, subscription, "digest"),
        url=None,
        body=body,
    )
    deliveries.write(tx, [draft], (), now)
    inside = update(DELIVERIES).where(D.sequence.in_([member.sequence for member in members[:count]]))
    tx.execute(inside.values(state="gathered", within=draft.id, due_at=None))
    return count


def _let_go(tx: Connection, sequence: int, endpoint: str, now: datetime) -> None:
    state = tx.execute(select(ENDPOINTS.c.state).where(ENDPOINTS.c.id == endpoint)).scalar_one()
    is_parked = state in backlog.PARKING
    goes_on = {"state": "parked", "due_at": None} if is_parked else {"state": "pending", "due_at": now}
    tx.execute(update(DELIVERIES).where(D.sequence == sequence).values(goes_on))
    if not is_parked:
        backlog.look(tx, [(endpoint, now)])


def settle(tx: Connection, ended: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """What went into these digests ends as they did: (digest id, state, error) of each."""
    for digest, state, error in ended:
        inside = (D.within == digest, D.state.in_(("gathered", "dead")))
        members = list(tx.execute(select(D.id).where(*inside)).scalars())
        tx.execute(update(DELIVERIES).where(*inside).values(state=state, error=error, settled_at=now, due_at=now, lease=None))
        backlog.follow(tx, members, now)
