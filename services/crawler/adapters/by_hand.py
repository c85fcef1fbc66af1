"""What a person does with a source: hold it, let it go, have it polled now."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from services.crawler.adapters.sources import Due, ids_of
from services.crawler.adapters.tables import SOURCES


def pause(tx: Connection, names: Sequence[str]) -> list[str]:
    """Polls these no more until they are resumed; a poll under way still counts. The ids found, paused before or not."""
    found = ids_of(tx, names)
    tx.execute(update(SOURCES).where(SOURCES.c.id.in_(found), SOURCES.c.state == "active").values(state="paused"))
    return found


def resume(tx: Connection, names: Sequence[str], now: datetime) -> list[str]:
    """Polls again, from now on, those that were paused or are gone. The ids found; one set aside stays so."""
    found = ids_of(tx, names)
    paused = (SOURCES.c.id.in_(found), SOURCES.c.state == "paused")
    tx.execute(update(SOURCES).where(*paused).values(state="active", due_at=now, failures=0))
    return found


def hasten(tx: Connection, names: Sequence[str], now: datetime) -> list[str]:
    """Makes these due now; the ids of those that are polled at all."""
    found = ids_of(tx, names)
    active = (SOURCES.c.id.in_(found), SOURCES.c.state == "active")
    tx.execute(update(SOURCES).where(*active, SOURCES.c.due_at > now).values(due_at=now))
    return list(tx.execute(select(SOURCES.c.id).where(*active)).scalars())


def set_pages(tx: Connection, names: Sequence[str], mode: str | None) -> list[str]:
    """Says for these when their articles' pages are fetched (None: as the settings say). The ids found."""
    found = ids_of(tx, names)
    tx.execute(update(SOURCES).where(SOURCES.c.id.in_(found)).values(pages=mode))
    return found


def lease(tx: Connection, name: str, now: datetime, seconds: float) -> Due:
    """This source under lease, due or not. Raises LookupError, saying why, where it cannot be polled now."""
    row = tx.execute(select(SOURCES).where(or_(SOURCES.c.id == name, SOURCES.c.url == name)).with_for_update()).first()
    if row is None:
        raise LookupError("no such source")
    if row.pending is not None:
        raise LookupError("what its last poll found is not published yet; that is done where `rasid run` or the crawler runs")
    if row.lease_until is not None and row.lease_until > now:
        raise LookupError("it is being polled, or rests after an error; try again in a minute")
    token = secrets.token_hex(16)
    held = {"lease_until": now + timedelta(seconds=seconds), "lease_token": token}
    tx.execute(update(SOURCES).where(SOURCES.c.id == row.id).values(**held))
    return Due(**{name: getattr(row, name) for name in Due._fields if name != "lease_token"}, lease_token=token)


def release(tx: Connection, row: Due) -> None:
    """Gives the lease back; what the poll found stays, to be published by the stage."""
    ours = (SOURCES.c.id == row.id, SOURCES.c.lease_token == row.lease_token)
    tx.execute(update(SOURCES).where(*ours).values(lease_until=None, lease_token=None))
