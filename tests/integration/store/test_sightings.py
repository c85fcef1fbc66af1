"""What the store keeps of sources: witnesses and health."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from services.store.adapters.tables import SOURCE_HEALTH, WITNESSES
from shared.database import Database
from shared.events import SourceRef
from tests.builders import NOON, found, polled
from tests.integration.store.conftest import Stages

OTHER = SourceRef(id="src-2", name="Other", url=None)


def health(database: Database) -> Row[Any]:
    with database.read() as db:
        return db.execute(select(SOURCE_HEALTH)).one()


def test_each_source_that_carries_an_article_is_kept_once(stages: Stages, database: Database) -> None:
    first, other = found(), found(source=OTHER, event_id="found-2", link=None)
    later = found(observed_at=NOON + timedelta(days=1), title="new title", event_id="found-3")
    for _ in range(2):
        stages.run("witness", first, other, later)
    with database.read() as db:
        rows = db.execute(select(WITNESSES).order_by(WITNESSES.c.source_id)).all()
    assert [(row.source_id, row.first_seen_at, row.title) for row in rows] == [
        ("src-1", NOON, first.title),
        ("src-2", NOON, first.title),
    ]


def test_health_counts_each_poll_once_whatever_is_repeated(stages: Stages, database: Database) -> None:
    minute = timedelta(minutes=1)
    polls = [
        polled(),
        polled(event_id="p2", observed_at=NOON + minute, cause="timeout", status=None, found=0),
        polled(event_id="p3", observed_at=NOON + 2 * minute, cause="dns", status=None, found=0, detail="no such host"),
    ]
    stages.run("health", *polls)
    stages.run("health", *polls)
    stages.run("health", polls[0])
    row = health(database)
    assert (row.polls, row.found, row.failures, row.cause, row.detail) == (3, 2, 2, "dns", "no such host")
    assert (row.well_at, row.found_at, row.polled_at) == (NOON, NOON, NOON + 2 * minute)


def test_a_source_that_answers_again_is_well(stages: Stages, database: Database) -> None:
    stages.run("health", polled(cause="timeout", found=0))
    stages.run("health", polled(event_id="p2", observed_at=NOON + timedelta(hours=1), cause="unchanged", status=304, found=0))
    row = health(database)
    assert (row.failures, row.well_at, row.found_at) == (0, NOON + timedelta(hours=1), None)
