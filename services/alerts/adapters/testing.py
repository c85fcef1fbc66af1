"""Writes a `test` message for a subscription; it goes the way every alert goes."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from services.alerts.adapters import deliveries, subscriptions
from services.alerts.core.payload import SubscriptionRef, test_body


class Queued(Struct, frozen=True, kw_only=True):
    """A test that will be sent as soon as rasid runs."""

    id: str
    webhook_id: str
    subscription: str


def queue_test(tx: Connection, subscription_id: str, now: datetime) -> Queued | None:
    """Queues a test; None where there is no such subscription."""
    row = subscriptions.found(tx, subscription_id)
    if row is None:
        return None
    draft = deliveries.Draft(
        subscription_id=row.id,
        endpoint_id=row.endpoint_id,
        kind="test",
        subject=row.id,
        number=deliveries.next_number(tx, row.id, "test"),
        url=None,
        body=test_body(SubscriptionRef(id=row.id, name=row.name), at=now),
    )
    deliveries.write(tx, [draft], (), now)
    return Queued(id=draft.id, webhook_id=draft.webhook_id, subscription=row.id)
