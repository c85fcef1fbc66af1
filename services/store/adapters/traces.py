"""The way of every article: which gates it passed or stopped at, kept once for each (article, stage, message)."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from services.store.adapters.tables import ARTICLES, TRACES, WITNESSES
from shared.database import upsert
from shared.events import TraceRow


def write(tx: Connection, rows: Sequence[TraceRow]) -> None:
    """Keeps these rows, in the caller's transaction; a row kept before stays as it was."""
    if not rows:
        return
    statement = upsert(tx, TRACES).on_conflict_do_nothing(index_elements=["article_id", "stage", "event_id"])
    tx.execute(
        statement,
        [
            {
                "article_id": row.article_id,
                "stage": row.stage,
                "event_id": row.event_id,
                "outcome": row.outcome,
                "reason": row.reason,
                "url": row.url,
                "at": row.at,
            }
            for row in rows
        ],
    )


def ways(db: Connection, names: Collection[str]) -> list[TraceRow]:
    """The gates of every article that bears one of these names (id, URL, or link as a feed gave it), in time order; first
    sight of it in each source included."""
    named = select(WITNESSES.c.article_id).where(or_(WITNESSES.c.url.in_(names), WITNESSES.c.link.in_(names)))
    ids = {*names, *db.execute(named).scalars()}
    ids |= set(db.execute(select(ARTICLES.c.article_id).where(ARTICLES.c.url.in_(names))).scalars())
    sights = [_sight(row) for row in db.execute(select(WITNESSES).where(WITNESSES.c.article_id.in_(ids)))]
    columns = [TRACES.c[name] for name in TraceRow.__struct_fields__]
    kept = db.execute(select(*columns).where(TRACES.c.article_id.in_(ids)).order_by(TRACES.c.at)).mappings()
    return sorted([*sights, *(TraceRow(**row) for row in kept)], key=lambda row: row.at)


def _sight(row: Row[Any]) -> TraceRow:
    return TraceRow(
        article_id=row.article_id,
        stage="witness",
        outcome="handled",
        at=row.first_seen_at,
        event_id=row.event_id,
        url=row.url or row.link,
        reason=f"seen in {row.source_name}",
    )
