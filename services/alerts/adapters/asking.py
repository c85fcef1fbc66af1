"""Asks a receiver whether it wants messages, by a message that goes before all others; and notes that it said so."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, update

from services.alerts.adapters import deliveries
from services.alerts.adapters.tables import ENDPOINTS
from services.alerts.core.ownership import Proof, question

WORD_BYTES = 24


def ask(tx: Connection, subscription_id: str, endpoint_id: str, proof: Proof, now: datetime) -> None:
    """Queues the question, with a word no one can guess."""
    draft = deliveries.Draft(
        subscription_id=subscription_id,
        endpoint_id=endpoint_id,
        kind=proof,
        subject=subscription_id,
        number=deliveries.next_number(tx, subscription_id, proof),
        url=None,
        body=question(proof, secrets.token_urlsafe(WORD_BYTES), at=now),
    )
    deliveries.write(tx, [draft], (), now)


def note(tx: Connection, endpoints: Collection[str], now: datetime) -> None:
    """These endpoints have shown it."""
    if endpoints:
        tx.execute(update(ENDPOINTS).where(ENDPOINTS.c.id.in_(endpoints)).values(proven_at=now))
