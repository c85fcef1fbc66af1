"""`rasid dead-letters`: what was set aside, and the way back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from rasid.commands.dead_letters import dead_letters
from rasid.schema import migrate
from services.crawler.adapters import sources
from services.crawler.adapters.tables import SOURCES
from services.store.settings import Settings
from shared.database import Database
from shared.handlers import Outgoing
from shared.runtime.log import LOG, append
from shared.workers import Workers
from tests.builders import NOON, classified, dead
from tests.integration.store.conftest import Stages

Rasid = Callable[..., Result]
MESSAGE = msgspec.json.encode(classified())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("RASID_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'rasid.db'}")
    migrate(database)
    letters = [
        dead(event_id="cut", stage="file", topic="articles.classified", value=b"{", size=9_000_000, truncated=True),
        dead(event_id="whole", stage="file", topic="articles.classified", value=MESSAGE, size=len(MESSAGE), key="article-1"),
        dead(event_id="noise", stage="classify", value=b"\xff\xfe", size=2),
    ]
    records = [Outgoing(f"{each.stage}.dead-letters", each.key, msgspec.json.encode(each)) for each in letters]
    database.transact_now(lambda tx: append(tx, records, NOON))
    yield database
    database.close()


@pytest.fixture
def rasid(home: Database) -> Rasid:
    return lambda *arguments: CliRunner().invoke(dead_letters, arguments)


def lines(answer: Result) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in answer.stdout.splitlines()]


def on(home: Database, topic: str) -> list[tuple[str, bytes]]:
    with home.read() as db:
        return [
            tuple(row) for row in db.execute(select(LOG.c.key, LOG.c.value).where(LOG.c.topic == topic).order_by(LOG.c.seq))
        ]


def test_every_letter_is_listed_with_its_reason_the_oldest_first(rasid: Rasid) -> None:
    answer = rasid("list")
    assert answer.exit_code == 0
    assert [(each["id"], each["stage"], each["reason"]) for each in lines(answer)] == [
        ("cut", "file", "no title and no text"),
        ("whole", "file", "no title and no text"),
        ("noise", "classify", "no title and no text"),
    ]
    assert [each["id"] for each in lines(rasid("list", "--stage", "classify"))] == ["noise"]


def test_what_a_stage_sets_aside_is_listed(rasid: Rasid, home: Database, workers: Workers) -> None:
    decided = Stages(home, Settings(), workers).run_bytes("file", [b"not json"])
    home.transact_now(lambda tx: append(tx, decided.records, NOON))
    assert "does not decode" in lines(rasid("list", "--stage", "file"))[-1]["reason"]


def test_a_letter_is_shown_with_its_message(rasid: Rasid) -> None:
    assert lines(rasid("show", "whole"))[0]["message"] == msgspec.json.decode(MESSAGE)
    assert lines(rasid("show", "noise"))[0]["message_base64"] == "//4="
    assert lines(rasid("show", "cut"))[0]["message_text"] == "{"
    missing = rasid("show", "nothing")
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_a_retried_message_is_back_on_its_topic_as_it_came(rasid: Rasid, home: Database) -> None:
    answer = rasid("retry", "whole")
    assert (answer.exit_code, lines(answer)) == (0, [{"id": "whole", "topic": "articles.classified", "retried": True}])
    assert on(home, "articles.classified") == [("article-1", MESSAGE)]
    assert [each["id"] for each in lines(rasid("list"))] == ["cut", "noise"]
    again = rasid("retry", "whole")
    assert again.exit_code == 1
    assert len(on(home, "articles.classified")) == 1


def test_a_letter_that_was_cut_is_refused_and_stays(rasid: Rasid, home: Database) -> None:
    answer = rasid("retry", "cut")
    assert answer.exit_code == 1
    assert "1 of its 9000000 bytes" in lines(answer)[0]["error"]
    assert on(home, "articles.classified") == []
    assert len(lines(rasid("list"))) == 3


def test_all_that_can_go_back_goes_back(rasid: Rasid, home: Database) -> None:
    answer = rasid("retry", "--all", "--stage", "file")
    assert answer.exit_code == 1
    assert [("error" in each) for each in lines(answer)] == [True, False]
    assert on(home, "articles.fetched") == []
    assert on(home, "articles.classified") == [("article-1", MESSAGE)]


@pytest.mark.parametrize("arguments", [(), ("whole", "--all"), ("whole", "--stage", "file")])
def test_what_is_to_go_back_must_be_said(rasid: Rasid, arguments: tuple[str, ...]) -> None:
    assert rasid("retry", *arguments).exit_code == 2


def test_a_row_that_was_set_aside_is_made_due_again_and_its_letter_goes(rasid: Rasid, home: Database) -> None:
    [added] = home.transact_now(lambda tx: sources.add(tx, [("https://news.example/feed", "")], NOON, 300))
    letter = dead(event_id="row", stage="poll", topic="", key=added.id, value=b"", size=0, url="https://news.example/feed")
    home.transact_now(lambda tx: append(tx, [Outgoing("poll.dead-letters", added.id, msgspec.json.encode(letter))], NOON))
    assert [(each["id"], each["topic"], each["key"]) for each in lines(rasid("list", "--stage", "poll"))] == [
        ("row", None, added.id)
    ]
    refused = rasid("retry", "row")
    assert (refused.exit_code, lines(refused)) == (
        1,
        [{"id": "row", "error": f"there is no source {added.id} that is set aside"}],
    )
    assert len(lines(rasid("list", "--stage", "poll"))) == 1, "what could not go back stays"
    home.transact_now(lambda tx: tx.execute(update(SOURCES).values(state="set-aside")))
    answer = rasid("retry", "row")
    assert (answer.exit_code, lines(answer)) == (0, [{"id": "row", "topic": None, "retried": True}])
    assert lines(rasid("list", "--stage", "poll")) == []
    with home.read() as tx:
        assert sources.every(tx)[0]["state"] == "active"
