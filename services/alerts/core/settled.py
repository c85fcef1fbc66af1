"""What is told once a delivery is settled; made from its stored row alone, so a second telling is the same bytes."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from shared import ids
from shared.events import DeliverySettled

State = Literal["ok", "dead", "superseded"]


class Stored(Struct, frozen=True):
    """A delivery as its row tells it, without its body."""

    id: str
    webhook_id: str
    subscription_id: str
    endpoint_id: str
    kind: str
    subject: str
    url: str | None
    state: str
    lease: str | None
    attempts: int
    failures: int
    error: str
    settled_at: datetime | None


def event(row: Stored) -> DeliverySettled | None:
    """The event of a settled delivery about an article; None of any other."""
    states: dict[str, State] = {"ok": "ok", "dead": "dead", "superseded": "superseded"}
    if row.state not in states or row.settled_at is None or not row.kind.startswith("article."):
        return None
    return DeliverySettled(
        event_id=ids.event_id("deliver", [row.id, str(row.attempts)]),
        observed_at=row.settled_at,
        delivery_id=row.id,
        webhook_id=row.webhook_id,
        subscription_id=row.subscription_id,
        endpoint_id=row.endpoint_id,
        article_id=row.subject,
        state=states[row.state],
        url=row.url,
        attempts=row.attempts,
        error=row.error,
    )


def note(row: Stored) -> str:
    """A few words on a delivery that is not settled, or about no article."""
    return f"{row.kind}: {row.state} after attempt {row.attempts}" + (f", {row.error}" if row.error else "")
