"""Two members of a service at once on PostgreSQL, where transactions really stand beside each other: no row is worked on twice,
and no number is seen before a smaller one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select, text

from services.alerts.adapters import deliveries, due, subscriptions
from services.alerts.adapters.tables import DELIVERIES, SUBSCRIPTIONS
from services.classifier.adapters.tables import activate
from services.classifier.core.rules import RuleSet
from services.crawler.adapters import pages, sources
from services.crawler.adapters.tables import FETCHES
from services.store.adapters import reading
from services.store.core.query import Query
from services.store.settings import Settings as StoreSettings
from shared.database import Database
from shared.events import ArticleFiled
from shared.handlers import Context
from shared.workers import Workers
from tests.builders import NOON, classified, fetched, found
from tests.integration.alerts.desk import Desk, article, opened
from tests.integration.store.conftest import Stages
from tests.waiting import until

LIMITS = due.Limits(concurrency=2, rate=100.0, burst=100, lease=timedelta(seconds=60))
HOOK = "http://127.0.0.1:9/hook"
LATER = timedelta(seconds=1)


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    made = Database(postgresql_url)
    yield made
    made.close()


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(database, tmp_path) as made:
        yield made


async def behind(
    database: Database, first: Callable[[Connection], Any], second: Callable[[Connection], Any]
) -> tuple[Any, Any]:
    """What both answer, where the second is asked for while the first one's transaction is open, and has to wait for it."""
    with database.engine.begin() as tx:
        answer = first(tx)
        waiting = asyncio.ensure_future(database.transact(second))
        await asyncio.to_thread(until, lambda: waits(database), "the second to wait for the first")
    return answer, await asyncio.wait_for(waiting, 10)


def waits(database: Database) -> bool:
    """Whether some transaction waits for another's lock."""
    with database.read() as db:
        return bool(db.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first())


def test_a_due_source_is_polled_by_one(database: Database) -> None:
    named = [(f"https://news.example/{n}.xml", "") for n in range(5)]
    database.transact_now(lambda tx: sources.add(tx, named, NOON, 300.0))
    with database.engine.begin() as one, database.engine.begin() as other:
        taken = [row.id for row in sources.take(one, NOON, 3, 60.0)]
        left = [row.id for row in sources.take(other, NOON, 3, 60.0)]
    assert (len(taken), len(left)) == (3, 2)
    assert not {*taken} & {*left}


def test_a_queued_entry_is_taken_by_one_and_the_next_of_its_article_waits(database: Database) -> None:
    entries = [found(article_id=f"a{n % 4}", event_id=f"e{n}", observed_at=NOON + LATER * n) for n in range(8)]
    database.transact_now(lambda tx: pages.enqueue(tx, entries, NOON, 10_000))
    with database.engine.begin() as one, database.engine.begin() as other:
        taken = [page.entry_id for page in pages.take(one, NOON, 3, 60.0)]
        left = [page.entry_id for page in pages.take(other, NOON, 10, 60.0)]
    assert (taken, left) == (["e0", "e1", "e2"], ["e3"])
    assert database.transact_now(lambda tx: pages.take(tx, NOON, 10, 60.0)) == []


async def test_a_member_that_lost_its_partition_queues_no_entry_twice_and_none_behind_a_newer(database: Database) -> None:
    old, new = found(event_id="old"), found(event_id="new", version=2)

    def queue(*events: Any) -> Callable[[Connection], Any]:
        return lambda tx: pages.enqueue(tx, events, NOON, 10_000)

    answers = await behind(database, queue(old), queue(old, new))
    assert answers == ([[]], [[], []])
    with database.read() as db:
        assert list(db.execute(select(FETCHES.c.entry_id).order_by(FETCHES.c.seq)).scalars()) == ["old", "new"]


async def test_an_endpoint_gets_no_more_at_once_than_it_may_whoever_takes(desk: Desk) -> None:
    desk.subscribe(HOOK)
    desk.match(*[article(f"a{n}") for n in range(6)])
    with desk.database.engine.begin() as one, desk.database.engine.begin() as other:
        taken = due.take(one, LIMITS, desk.now, 10)
        beside = due.take(other, LIMITS, desk.now, 10)
    after = desk.database.transact_now(lambda tx: due.take(tx, LIMITS, desk.now, 10))
    assert (len(taken), len(beside), len(after)) == (2, 0, 0)


async def test_deliveries_are_numbered_in_the_order_of_their_commits(desk: Desk) -> None:
    desk.subscribe(HOOK)

    def match(name: str) -> Callable[[Connection], Any]:
        return lambda tx: list(desk.matcher.decide([article(name)], [None], Context(desk.now, tx)))

    await behind(desk.database, match("first"), match("second"))
    with desk.database.read() as db:
        rows = deliveries.page(db, deliveries.Sought(), before=None, limit=10)
    assert [row.subject for row, _ in rows] == ["second", "first"]


async def test_an_article_matched_by_two_is_delivered_once(desk: Desk) -> None:
    desk.subscribe(HOOK)

    def match(tx: Connection) -> Any:
        return list(desk.matcher.decide([article()], [None], Context(desk.now, tx)))

    first, second = await behind(desk.database, match, match)
    assert first == second
    with desk.database.read() as db:
        assert len(db.execute(select(DELIVERIES)).all()) == 1


async def test_a_subscription_is_seen_in_the_order_of_its_change(desk: Desk) -> None:
    made = desk.subscribe(HOOK)

    def remove(tx: Connection) -> bool:
        return subscriptions.remove(tx, made.id, NOON)

    assert await behind(desk.database, remove, remove) == (True, False)
    with desk.database.read() as db:
        assert db.execute(select(SUBSCRIPTIONS.c.change)).scalar_one() == 2


async def test_articles_are_filed_one_batch_after_another_and_a_reader_skips_none(database: Database, workers: Workers) -> None:
    stages = Stages(database, StoreSettings(), workers)
    seen: list[int] = []

    def look() -> None:
        with database.read() as db:
            kept, _ = reading.changed(db, Query(), seen[-1] if seen else 0, 100)
        seen.extend(each.change for each in kept)

    def file(name: str) -> Callable[[Connection], list[ArticleFiled]]:
        handling, items = stages.prepared("file", classified(fetched(article_id=name), event_id=name))
        return lambda tx: [
            msgspec.json.decode(record.value, type=ArticleFiled)
            for record in handling.decide(items, Context(stages.now, tx)).records
        ]

    await asyncio.to_thread(stages.file, classified(event_id="before"))
    look()
    one, other = await asyncio.to_thread(file, "one"), await asyncio.to_thread(file, "other")
    [[first], [second]] = await behind(database, lambda tx: (one(tx), look())[0], other)
    look()
    assert (first.change, second.change) == (2, 3)
    assert seen == [1, 2, 3]


async def test_members_that_start_together_give_their_rules_one_number(database: Database) -> None:
    def start(tx: Connection) -> int:
        return activate(tx, RuleSet(version="rules-1", topics=()), NOON)

    assert await behind(database, start, start) == (1, 1)
