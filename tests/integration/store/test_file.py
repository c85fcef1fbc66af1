"""The stage that files articles."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, func, select

from services.store.adapters import reading, shelves
from services.store.adapters.tables import ARTICLES, FILINGS, REVISIONS, SUBTOPICS, TAGS, TRACES
from services.store.core.words import Found
from services.store.settings import Settings
from shared.database import Database
from shared.events import ArticleClassified, ArticleFiled
from shared.workers import Workers
from tests.builders import TEXT, classified, fetched, tag
from tests.integration.store.conftest import Stages

TABLES = (ARTICLES, FILINGS, REVISIONS, SUBTOPICS, TAGS)


def contents(database: Database, *tables: Table) -> dict[str, list[Any]]:
    with database.read() as db:
        found = {table.name: db.execute(select(table).order_by(*table.primary_key)).all() for table in tables}
        key = "rowid" if database.is_sqlite else "sequence"
        words = db.exec_driver_sql(f"SELECT {key}, title, text FROM store_search ORDER BY {key}").all()
    return {**{name: list(rows) for name, rows in found.items()}, "search": list(words)}


def revision(number: int, *, rules: int = 1, title: str = "", **changes: Any) -> ArticleClassified:
    return classified(
        fetched(revision=number, title=title or f"revision {number}", event_id=f"fetched-{number}", **changes),
        rules_seq=rules,
        rules_version=f"r{rules}",
        event_id=f"classified-{number}-{rules}",
    )


def test_a_filed_article_is_kept_with_its_tags_and_told(stages: Stages, database: Database) -> None:
    event = classified(topics=(tag(subtopics=("labour",)), tag("visa_policy", score=0.6)))
    [told] = stages.file(event)
    filed = msgspec.json.decode(told, type=ArticleFiled)
    assert (filed.classified, filed.sequence, filed.change, filed.kind) == (event, 1, 1, "new")
    with database.read() as db:
        kept = reading.one(db, "article-1")
    assert kept is not None
    assert kept.article.topics == event.topics
    assert (kept.article.title, kept.article.text) == (event.article.title, TEXT)


def test_the_same_messages_again_change_nothing_and_tell_the_same_bytes(stages: Stages, database: Database) -> None:
    events = [revision(1), revision(2), classified(fetched(article_id="other"), event_id="other"), revision(2, rules=2)]
    first = stages.file(*events)
    before = contents(database, *TABLES, TRACES)
    assert stages.file(*events) == first
    assert [stages.file(event) for event in events] == [[told] for told in first]
    assert contents(database, *TABLES, TRACES) == before


@pytest.mark.parametrize("size", [1, 2, 5])
def test_batches_of_any_size_come_to_the_same(stages: Stages, database: Database, size: int) -> None:
    events = [revision(1), revision(2), revision(2, rules=2), revision(3, rules=2), revision(1)]
    told = [value for start in range(0, len(events), size) for value in stages.file(*events[start : start + size])]
    kinds = [msgspec.json.decode(value, type=ArticleFiled).kind for value in told]
    assert kinds == ["new", "revised", "retagged", "revised", "new"]
    kept = contents(database, *TABLES)
    assert [(row[1], row[3]) for row in kept["store_articles"]] == [("article-1", 3)]
    assert [(row[1], row[2]) for row in kept["store_revisions"]] == [(1, "revision 1"), (2, "revision 2")]
    assert kept["search"] == [(1, "revision 3", kept["search"][0][2])]


def test_a_new_article_may_be_revised_within_its_first_batch(stages: Stages, database: Database) -> None:
    told = stages.at_once("file", revision(1), revision(2), revision(2, rules=2))
    assert [reply[0].kind for reply in told] == ["new", "revised", "retagged"]
    kept = contents(database, *TABLES)
    assert [(row[1], row[3]) for row in kept["store_articles"]] == [("article-1", 2)]
    assert [(row[1], row[2]) for row in kept["store_revisions"]] == [(1, "revision 1")]


def test_a_replay_of_an_older_place_does_not_turn_the_article_back(stages: Stages, database: Database) -> None:
    stages.file(revision(2, rules=2))
    before = contents(database, *TABLES)
    decided = stages.run("file", revision(1, rules=9), revision(2, rules=1))
    assert decided.counts == {"dropped": 2}
    assert decided.records == []
    assert contents(database, *TABLES) == before
    with database.read() as db:
        reasons = db.execute(select(TRACES.c.reason).where(TRACES.c.outcome == "dropped")).scalars().all()
    assert all("is not newer than revision 2 under rules 2" in reason for reason in reasons)
    assert len(reasons) == 2


def test_new_tags_take_the_place_of_old_ones(stages: Stages, database: Database) -> None:
    stages.file(classified(topics=(tag(subtopics=("labour",)),)))
    stages.file(msgspec.structs.replace(revision(1, rules=2), topics=(tag("visa_policy", subtopics=("student",)),)))
    with database.read() as db:
        assert reading.counts(db) == {"visa_policy": 1}
        assert db.execute(select(SUBTOPICS.c.subtopic)).scalars().all() == ["visa_policy/student"]


def test_a_former_revision_is_kept_with_the_topics_it_had(stages: Stages, database: Database) -> None:
    stages.file(revision(1))
    stages.file(msgspec.structs.replace(revision(2), topics=()))
    with database.read() as db:
        [row] = db.execute(select(REVISIONS)).all()
    assert (row.revision, row.title) == (1, "revision 1")
    assert [each["topic"] for each in msgspec.json.decode(row.topics)] == ["trafficking"]


def test_a_batch_undone_gives_its_numbers_to_the_next(stages: Stages, database: Database) -> None:
    stages.file_articles([1, 2])
    with pytest.raises(ZeroDivisionError):
        database.transact_now(lambda tx: (stages_file_in(stages, tx), 1 / 0))
    assert [filed.sequence for filed in stages.file_articles([3])] == [3]


def stages_file_in(stages: Stages, tx: Any) -> None:
    books = shelves.books(tx, ["article-9"])
    books.enter(classified(fetched(article_id="article-9"), event_id="nine"))
    shelves.put(tx, books, {"nine": Found("شرطة", "شرطة")}, stages.now, 1000)


def test_a_text_past_the_limit_is_cut_with_its_evidence(database: Database, workers: Workers) -> None:
    stages = Stages(database, Settings(store_text_chars=10), workers)
    hit = tag().evidence[0]
    inside, past = (msgspec.structs.replace(hit, field="text", start=end - 5, end=end) for end in (10, 11))
    stages.file(classified(topics=(tag(evidence=(inside, past, hit)),)))
    with database.read() as db:
        kept = reading.one(db, "article-1")
    assert kept is not None
    assert kept.article.text == TEXT[:10]
    assert kept.article.topics[0].evidence == (inside, hit)


def test_the_trace_of_a_filed_article_names_its_topics(stages: Stages, database: Database) -> None:
    stages.file(classified())
    with database.read() as db:
        row = db.execute(select(TRACES.c["stage", "outcome", "reason"])).one()
        assert db.execute(select(func.count()).select_from(TRACES)).scalar() == 1
    assert tuple(row) == ("file", "handled", "trafficking 0.80")
