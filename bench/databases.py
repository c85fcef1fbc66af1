"""The store on PostgreSQL beside the store on SQLite, in the same run: articles filed a second, answers to a search, size.

Both are durable: SQLite with `synchronous=FULL`, PostgreSQL with `fsync` on, each on this machine's disk; one client, batches
of 200 articles of 3 KB. The index's words are parted beforehand, as worker processes do.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.progress import Progress

from bench.measure import seconds
from bench.texts import entries
from infra.postgres.server import server
from rasid import schema
from services.crawler.core.fulltext import Body, fetched
from services.store.adapters import reading, shelves
from services.store.core.query import Asked, Limits, Query, query
from services.store.core.words import Found, words
from services.store.settings import Settings
from shared import clock
from shared.database import Database
from shared.events import ArticleClassified

COUNT, BATCH = 4_000, 200
SEARCHES = {"a rare word": "نواكشوط مستشفى", "a common word": "الوزير", "a phrase": '"سعر الفائدة دون تغيير"'}
ASKED = 20


class Side(NamedTuple):
    """One database: articles filed a second, milliseconds of each search, bytes an article."""

    name: str
    filed: float
    searched: dict[str, float]
    bytes: float


def measure(progress: Progress) -> list[Side]:
    """SQLite, then PostgreSQL. Raises Missing where there is no PostgreSQL."""
    task = progress.add_task("databases", total=2)
    events = list(_events())
    found = {event.event_id: Found(words(event.article.title), words(event.article.text)) for event in events}
    sides = []
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with opened() as database:
            sides.append(_side(name, database, events, found))
        progress.advance(task)
    return sides


@contextmanager
def _sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        database = Database(f"sqlite:///{folder}/rasid.db")
        yield database
        database.close()


@contextmanager
def _postgresql() -> Iterator[Database]:
    with server(fsync="on", full_page_writes="on", shared_buffers="256MB") as node:
        database = Database(node.url())
        yield database
        database.close()


def _size(database: Database) -> int:
    asked = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    if not database.is_sqlite:
        asked = "SELECT pg_database_size(current_database())"
    with database.read() as db:
        return int(db.exec_driver_sql(asked).scalar_one())


def _side(name: str, database: Database, events: list[ArticleClassified], found: dict[str, Found]) -> Side:
    schema.migrate(database)
    empty = _size(database)
    took = seconds(lambda: _file(database, events, found))
    if not database.is_sqlite:  # what autovacuum does within a minute or so
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    weight = (_size(database) - empty) / len(events)
    searched = {what: _searched(database, text) for what, text in SEARCHES.items()}
    return Side(name, len(events) / took, searched, weight)


def _file(database: Database, events: list[ArticleClassified], found: dict[str, Found]) -> None:
    for at in range(0, len(events), BATCH):
        batch = events[at : at + BATCH]

        def work(tx, batch=batch):  # type: ignore[no-untyped-def]  # a default binds the batch
            books = shelves.books(tx, [event.article.article_id for event in batch])
            for event in batch:
                books.enter(event)
            shelves.put(tx, books, found, clock.now(), Settings().store_text_chars)

        database.transact_now(work)


def _searched(database: Database, text: str) -> float:
    """Milliseconds to the first page, the median."""
    settings = Settings()
    asked: Query = query(Asked(q=text), Limits(settings.page_size, settings.page_size_max, settings.search_words))

    def once() -> None:
        with database.read() as db:
            reading.newest(db, asked)

    once()
    return 1_000 * median(seconds(once) for _ in range(ASKED))


def _events() -> Iterator[ArticleClassified]:
    for entry in entries(COUNT):
        article = fetched(Body(entry), 1)
        yield ArticleClassified(
            event_id=f"classified-{article.article_id}",
            observed_at=article.observed_at,
            published_at=article.published_at,
            article=article,
            topics=(),
            rules_seq=1,
            rules_version="bench",
            language="ar",
        )
