"""The way of an article, as it is kept and as `rasid trace` tells it."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner, Result

from rasid.commands.trace import trace
from services.store.adapters import traces
from services.store.settings import Settings
from shared import ids
from shared.database import Database
from shared.events import TraceRow
from shared.workers import Workers
from tests.builders import NOON, classified, fetched, found, settled, traced
from tests.integration.store.conftest import Stages

URL = "https://news.example/1"
Rasid = Callable[..., Result]


def row(**changes: object) -> TraceRow:
    return msgspec.structs.replace(traced().rows[0], **changes)


def test_a_row_is_kept_once_for_article_stage_and_message(database: Database) -> None:
    rows = [row(), row(reason="said again"), row(stage="file"), row(event_id="fetched-2"), row(article_id="other")]
    for _ in range(2):
        database.transact_now(lambda tx: traces.write(tx, rows))
    with database.read() as db:
        kept = traces.ways(db, {"article-1"})
    assert {(each.stage, each.event_id, each.reason) for each in kept} == {
        ("classify", "fetched-1", "trafficking 0.80"),
        ("classify", "fetched-2", "trafficking 0.80"),
        ("file", "fetched-1", "trafficking 0.80"),
    }


def test_no_rows_are_no_statement(database: Database) -> None:
    database.transact_now(lambda tx: traces.write(tx, []))


def test_what_came_of_a_delivery_is_part_of_the_way(stages: Stages, database: Database) -> None:
    events = [
        settled(),
        settled(event_id="s2", state="dead", attempts=8, error="410 Gone"),
        settled(event_id="s3", state="superseded", attempts=0),
    ]
    stages.run("record", *events)
    stages.run("record", traced(), *events)
    with database.read() as db:
        kept = [(each.stage, each.outcome, each.reason) for each in traces.ways(db, {"article-1"})]
    assert sorted(kept) == [
        ("classify", "handled", "trafficking 0.80"),
        ("deliver", "dropped", "superseded by a newer one to subscription subscription-1"),
        ("deliver", "handled", "delivered to subscription subscription-1"),
        ("deliver", "set_aside", "given up to subscription subscription-1 after 8 attempts: 410 Gone"),
    ]


@pytest.fixture
def rasid(environment: dict[str, str], database: Database, workers: Workers) -> Rasid:
    """`rasid trace` over a database with one article that went all the way, and one that was left."""
    stages = Stages(database, Settings(), workers)
    article_id = ids.article_id(URL)
    stages.run("witness", found(article_id=article_id))
    stages.run("record", traced(rows=(row(article_id=article_id, url=URL, at=NOON + timedelta(minutes=1)),)))
    stages.file(classified(fetched(article_id=article_id)))
    left = row(article_id="left", url=f"{URL}0", outcome="dropped", reason="robots.txt does not allow it", stage="enqueue")
    stages.run("record", traced(rows=(left,)))
    stages.run("witness", found(article_id="left", url=f"{URL}0", link=f"{URL}0"))
    return lambda *arguments: CliRunner().invoke(trace, arguments)


@pytest.mark.parametrize("name", [URL, f"{URL}?utm_source=rss", "HTTPS://NEWS.example:443/1#top", ids.article_id(URL)])
def test_any_name_of_an_article_leads_to_its_way(rasid: Rasid, name: str) -> None:
    answer = rasid(name, "--json")
    assert answer.exit_code == 0, answer.output
    rows = [msgspec.json.decode(line, type=TraceRow) for line in answer.stdout.splitlines()]
    assert [(each.stage, each.outcome) for each in rows] == [
        ("witness", "handled"),
        ("classify", "handled"),
        ("file", "handled"),
    ]


def test_where_an_article_stopped_is_told_with_the_reason(rasid: Rasid) -> None:
    answer = rasid(f"{URL}0")
    assert answer.exit_code == 0
    assert "enqueue   left      robots.txt does not allow it" in answer.stdout
    assert "seen in نشرة الهجرة" in answer.stdout


def test_a_url_no_one_carried_is_said_to_be_so(rasid: Rasid) -> None:
    answer = rasid("https://news.example/never")
    assert answer.exit_code == 1
    assert "nothing is known of https://news.example/never" in answer.stderr
    assert answer.stdout == ""
