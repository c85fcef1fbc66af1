"""What people are told of endpoints, kept for the page and the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from services.alerts.adapters.tables import NOTICES
from services.alerts.core.health import Notice


def write(tx: Connection, endpoint: str, notice: Notice, now: datetime) -> None:
    """Keeps a notice."""
    tx.execute(insert(NOTICES).values(endpoint_id=endpoint, kind=notice.kind, message=notice.message, at=now))


def page(connection: Connection, *, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Notices, the newest first, from before this sequence."""
    asked = select(NOTICES).order_by(NOTICES.c.sequence.desc()).limit(limit)
    return connection.execute(asked if before is None else asked.where(NOTICES.c.sequence < before)).all()
