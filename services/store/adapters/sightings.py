"""What the store keeps of sources: which carried an article, and what came of their polls."""

from collections.abc import Sequence

from sqlalchemy import Connection, case

from services.store.adapters.tables import SOURCE_HEALTH, WITNESSES
from services.store.core.health import is_well
from shared.database import upsert
from shared.events import EntryFound, SourcePolled


def witness(tx: Connection, entries: Sequence[EntryFound]) -> None:
    """Keeps the first sight of each article in each source; later ones change nothing."""
    tx.execute(
        upsert(tx, WITNESSES).on_conflict_do_nothing(index_elements=["article_id", "source_id"]),
        [
            {
                "article_id": entry.article_id,
                "source_id": entry.source.id,
                "source_name": entry.source.name,
                "source_url": entry.source.url,
                "url": entry.url,
                "link": None if entry.link == entry.url else entry.link,
                "title": entry.title,
                "published_at": entry.published_at,
                "first_seen_at": entry.observed_at,
                "event_id": entry.event_id,
            }
            for entry in entries
        ],
    )


def polled(tx: Connection, polls: Sequence[SourcePolled]) -> None:
    """Keeps what came of these polls. A poll not later than the last one kept changes nothing."""
    kept = SOURCE_HEALTH.c
    statement = upsert(tx, SOURCE_HEALTH)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["source_id"],
        set_={
            **{name: new[name] for name in ("name", "url", "cause", "status", "detail", "polled_at", "next_poll")},
            "found_at": case((new.found > 0, new.polled_at), else_=kept.found_at),
            "well_at": case((new.failures == 0, new.polled_at), else_=kept.well_at),
            "failures": case((new.failures == 0, 0), else_=kept.failures + 1),
            "polls": kept.polls + 1,
            "found": kept.found + new.found,
        },
        where=new.polled_at > kept.polled_at,
    )
    rows = []
    for poll in polls:
        well = is_well(poll.cause)
        rows.append(
            {
                "source_id": poll.source.id,
                "name": poll.source.name,
                "url": poll.source.url,
                "cause": poll.cause,
                "status": poll.status,
                "detail": poll.detail,
                "polled_at": poll.observed_at,
                "next_poll": poll.next_poll,
                "found_at": poll.observed_at if poll.found else None,
                "well_at": poll.observed_at if well else None,
                "failures": 0 if well else 1,
                "polls": 1,
                "found": poll.found,
            }
        )
    tx.execute(statement, rows)
