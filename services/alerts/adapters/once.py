"""Requests that carry an Idempotency-Key are done once: asked again, they get the same answer.

After draft-ietf-httpapi-idempotency-key-header.
The answer is kept in the transaction that did the work, encrypted: it may hold a secret.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, delete, select

from services.alerts.adapters.tables import IDEMPOTENCY
from services.alerts.adapters.vault import Vault
from shared import ids
from shared.database import upsert
from shared.outcomes import Retry

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
T = TypeVar("T")
K = IDEMPOTENCY.c


class AnotherRequest(ValueError):
    """The key was used for something else."""


def done_once(
    tx: Connection, vault: Vault, key: str, request: object, kind: type[T], work: Callable[[Connection], T], now: datetime
) -> T:
    """What `work(tx)` returned when this key first came with this request. Raises AnotherRequest, CannotOpen, OSError, and
    Retry where another transaction does the same now."""
    tx.execute(delete(IDEMPOTENCY).where(K.created_at < now - KEPT))
    name, fingerprint = ids.digest("idempotency", key), ids.digest(msgspec.json.encode(request, order="sorted"))
    row = tx.execute(select(IDEMPOTENCY).where(K.key == name)).one_or_none()
    if row is not None:
        if row.fingerprint != fingerprint:
            raise AnotherRequest("this Idempotency-Key came with another request before")
        return msgspec.json.decode(vault.open_bytes(name, row.answer), type=kind)
    result = work(tx)
    sealed = vault.seal_bytes(name, msgspec.json.encode(result))
    kept = {"key": name, "fingerprint": fingerprint, "answer": sealed, "created_at": now}
    written = tx.execute(upsert(tx, IDEMPOTENCY).on_conflict_do_nothing(index_elements=["key"]).values(kept))
    if not written.rowcount:
        raise Retry("the same request is being done at this moment", after=1.0)
    return result
