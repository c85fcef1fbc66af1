"""`rasid migrate`: the schema brought up to date, and an embedded database moved into PostgreSQL."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import CliRunner, Result
from filelock import FileLock
from sqlalchemy import Table, insert, select, text

from infra.kafka.broker import Broker
from rasid import schema
from rasid.cli import rasid
from rasid.moving import NOT_MOVED, ROWS_AT_ONCE
from services.alerts.adapters.tables import DELIVERIES
from services.crawler.adapters import pages, sources
from services.crawler.adapters.tables import ALIASES, SOURCES
from services.store.adapters import search
from services.store.core.words import phrases
from services.store.settings import Settings as StoreSettings
from shared.database import Database
from shared.handlers import Outgoing
from shared.runtime import log
from shared.topology import ENQUEUE, ENTRIES_FOUND, FILE, TRACES_RECORDED, WITNESS, Topic
from shared.workers import Workers
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.builders import NOON, classified, dead, fetched, found, traced
from tests.databases import Databases
from tests.integration.alerts.desk import article, opened
from tests.integration.store.conftest import Stages

Rasid = Callable[..., Result]
HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
async def embedded(sqlite: Database, tmp_path: Path, workers: Workers) -> Database:
    """A database in which every service has kept something, and more of one thing than goes in a batch."""
    stages = Stages(sqlite, StoreSettings(), workers)
    await asyncio.to_thread(stages.file, classified(), classified(fetched(revision=2, title="تصحيح"), event_id="c2"))
    await asyncio.to_thread(stages.run, "witness", found())
    await asyncio.to_thread(stages.run, "record", traced())
    async with opened(sqlite, tmp_path) as desk:
        desk.subscribe(HOOK)
        desk.match(article("a"), article("b"))
        desk.take()  # an attempt under way
    aliases = [{"url_key": f"url-{n}", "article_id": f"article-{n}"} for n in range(2 * ROWS_AT_ONCE + 7)]

    def fill(tx: Any) -> None:
        sources.add(tx, [("https://news.example/feed.xml", "a\x00b")], NOON, 300.0)
        pages.enqueue(tx, [found()], NOON, 10_000)
        tx.execute(insert(ALIASES), aliases)

    sqlite.transact_now(fill)
    return sqlite


@pytest.fixture
def target(postgresql: Databases) -> Iterator[Database]:
    """An empty database without a table."""
    with postgresql.empty() as url:
        made = Database(url)
        yield made
        made.close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rasid:
    monkeypatch.setenv("RASID_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **env: CliRunner().invoke(rasid, ["migrate", *arguments], env=env)


def url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def rows(database: Database, table: Table) -> list[Any]:
    with database.read() as db:
        return [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key))]


def contents(database: Database) -> dict[str, list[Any]]:
    """Every row of every table that is moved."""
    return {table.name: rows(database, table) for table in schema.metadata().sorted_tables if table not in NOT_MOVED}


def dump(folder: Path) -> list[str]:
    """All that is in the embedded database, as text."""
    with sqlite3.connect(folder / "rasid.db") as connection:
        return [line.replace("\x00", "NUL") for line in connection.iterdump()]


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def without_nul(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        name: [tuple(one.replace("\x00", "") if isinstance(one, str) else one for one in row) for row in found]
        for name, found in tables.items()
    }


def test_everything_is_moved_and_the_source_stays_as_it_was(
    embedded: Database, target: Database, run: Rasid, tmp_path: Path
) -> None:
    before = dump(tmp_path)
    result = run("--to", url(target))
    assert result.exit_code == 0, result.output
    moved = contents(target)
    assert all(moved[f"crawler_{name}"] for name in ("sources", "fetches", "pages", "aliases"))
    assert all(moved[f"store_{name}"] for name in ("articles", "revisions", "tags", "witnesses", "traces"))
    assert all(moved[f"alerts_{name}"] for name in ("subscriptions", "endpoints", "deliveries", "attempts"))
    assert moved == without_nul(contents(embedded))
    assert rows(target, SOURCES)[0][2] == "ab"
    assert dump(tmp_path) == before
    counted = lines(result)
    assert all(line["source"] == line["target"] for line in counted)
    assert {line["part"] for line in counted} == {*moved, "store_search", "runtime_log"}
    assert f"{tmp_path}/alerts.key" in result.stderr


def test_what_was_moved_is_found_and_numbered_on(embedded: Database, target: Database, run: Rasid) -> None:
    assert run("--to", url(target)).exit_code == 0
    with target.read() as db:
        assert db.execute(search.matching("postgresql", phrases("تصحيح"))).all() == [(1,)]
        deliveries = db.execute(select(DELIVERIES)).mappings().all()
    another = {**deliveries[0], "id": "new", "webhook_id": "new"}
    del another["sequence"]
    adding = insert(DELIVERIES).returning(DELIVERIES.c.sequence)
    number = target.transact_now(lambda tx: tx.execute(adding, another).scalar_one())
    assert number == max(row["sequence"] for row in deliveries) + 1


def test_a_move_that_is_cut_off_goes_on_where_it_was_and_no_one_uses_it_before(
    embedded: Database, target: Database, run: Rasid
) -> None:
    schema.migrate(target)
    target.transact_now(lambda tx: tx.execute(text(REFUSING)))
    result = run("--to", url(target))
    assert result.exit_code == 3, result.output
    early = CliRunner().invoke(
        rasid, ["sources", "list"], env={"RASID_DATABASE_URL": url(target), "RASID_KAFKA": "127.0.0.1:9"}
    )
    assert early.exit_code == 2
    assert "is not finished" in str(early.output)
    with target.read() as db:
        assert db.execute(text("SELECT count(*) FROM crawler_aliases")).scalar_one() == ROWS_AT_ONCE
    target.transact_now(lambda tx: tx.execute(text("DROP TRIGGER refuse ON crawler_aliases")))
    assert run("--to", url(target)).exit_code == 0
    assert contents(target) == without_nul(contents(embedded))


REFUSING = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) FROM crawler_aliases) >= {ROWS_AT_ONCE} THEN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON crawler_aliases FOR EACH STATEMENT EXECUTE FUNCTION refuse();
"""
"""No room for a second batch."""


def test_a_database_that_is_in_use_or_was_moved_into_is_refused(embedded: Database, target: Database, run: Rasid) -> None:
    assert run("--to", url(target)).exit_code == 0
    again = run("--to", url(target))
    assert again.exit_code == 2
    assert "was moved into this database before" in again.stderr


def test_a_database_with_something_in_it_is_refused(embedded: Database, target: Database, run: Rasid) -> None:
    schema.migrate(target)
    target.transact_now(lambda tx: tx.execute(insert(ALIASES), {"url_key": "a", "article_id": "b"}))
    refused = run("--to", url(target))
    assert refused.exit_code == 2
    assert "crawler_aliases is not empty" in refused.stderr


def test_a_house_that_runs_is_not_moved(embedded: Database, target: Database, run: Rasid, tmp_path: Path) -> None:
    with FileLock(tmp_path / "rasid.lock"):
        refused = run("--to", url(target))
    assert (refused.exit_code, "end it first" in refused.stderr) == (2, True)


def test_messages_that_wait_are_not_left_behind_silently(embedded: Database, target: Database, run: Rasid) -> None:
    put(embedded, ENTRIES_FOUND, b"waits")
    refused = run("--to", url(target))
    assert refused.exit_code == 2
    assert "1 messages wait for a stage" in refused.stderr


@pytest.mark.parametrize(
    ("to", "code", "why"),
    [
        ("sqlite:///other.db", 2, "goes to PostgreSQL"),
        ("mysql://host/name", 2, "not supported"),
        ("nonsense", 2, "no URL"),
        ("postgresql://me:hunter2@127.0.0.1:9/none", 3, "refused"),
    ],
)
def test_a_target_that_cannot_be_used_is_told(embedded: Database, run: Rasid, to: str, code: int, why: str) -> None:
    result = run("--to", to)
    assert result.exit_code == code, result.output
    assert why in result.stderr
    assert "hunter2" not in result.output


def test_without_a_database_there_is_nothing_to_move(target: Database, run: Rasid, tmp_path: Path) -> None:
    refused = run("--to", url(target))
    assert refused.exit_code == 2
    assert f"no embedded database at {tmp_path}/rasid.db" in refused.stderr
    assert not (tmp_path / "rasid.db").exists()


def test_the_schema_alone_is_brought_up_to_date_on_either_database(target: Database, run: Rasid) -> None:
    for env in ({}, {"RASID_DATABASE_URL": url(target)}):
        [first], [again] = lines(run(**env)), lines(run(**env))
        assert (first["from"], first["to"]) == (None, schema.head())
        assert (again["from"], again["to"]) == (schema.head(), schema.head())


def put(database: Database, topic: Topic, *values: bytes) -> None:
    """Puts messages of one key into the embedded log."""
    database.transact_now(lambda tx: log.append(tx, [Outgoing(topic.name, KEY, value) for value in values], NOON))


KEY = "article-1"


async def last(bootstrap: str, topic: Topic, count: int) -> list[bytes]:
    """The last messages of that key, in the order of their partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(places)
        values: list[bytes] = []
        for place, end in (await consumer.end_offsets(places)).items():
            while await consumer.position(place) < end:
                messages = (await consumer.getmany(place, timeout_ms=200)).get(place, ())
                values += [message.value for message in messages if message.key == KEY.encode()]
        return values[-count:]
    finally:
        await consumer.stop()


async def test_messages_that_wait_go_to_kafka_in_order_and_those_read_by_all_do_not(
    embedded: Database,
    target: Database,
    run: Rasid,
    kafka: Broker,  # noqa: F811 - the fixture above
) -> None:
    put(embedded, ENTRIES_FOUND, b"read by all", b"read by one")
    for stage, through in ((ENQUEUE, 2), (WITNESS, 1)):
        embedded.transact_now(lambda tx, name=stage.name, seq=through: log.advance(tx, name, seq))
    put(embedded, TRACES_RECORDED, b"trace")
    put(embedded, ENTRIES_FOUND, b"read by none", b"nor this")
    put(embedded, FILE.dead_letters, letter := msgspec.json.encode(dead(stage="file", event_id=f"moved-{os.getpid()}")))
    result = await asyncio.to_thread(run, "--to", url(target), RASID_KAFKA=kafka.bootstrap)
    assert result.exit_code == 0, result.output
    assert lines(result)[-1] == {"part": "runtime_log", "source": 5, "target": 5}
    found_there = await last(kafka.bootstrap, ENTRIES_FOUND, 4)
    assert found_there[-3:] == [b"read by one", b"read by none", b"nor this"]
    assert b"read by all" not in found_there
    assert await last(kafka.bootstrap, TRACES_RECORDED, 1) == [b"trace"]
    assert await last(kafka.bootstrap, FILE.dead_letters, 1) == [letter]
