"""The embedded pipeline's articles a second, beside each of its parts alone on one core, in the same run.

The whole: articles of 3 KB put into the log, through every stage (enqueue, witness, fetch, classify, file, match, record),
until all are through, durable and searchable; two cores, workers included. The parts, one core each, are the work that cannot
be left out: decoding the messages, tagging, writing the log, writing the rows, indexing. If one core did the parts one after
another it would reach 1 / sum(1 / rate); the ratio says how far the whole is from that.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
from rich.progress import Progress
from sqlalchemy import Connection, text

from bench.measure import Rate, one_core, rate
from bench.texts import entries
from rasid.home import Home, open_home
from rasid.house import House, rules
from rasid.settings import read_settings
from services.classifier.adapters.worker import Question, decode, label
from services.classifier.core.tagging import Limits
from services.classifier.settings import Settings as ClassifierSettings
from services.store.adapters import search, shelves
from services.store.core.words import Found, words
from shared import clock, metrics
from shared.events import ArticleClassified, ArticleFetched, ArticleFiled, EntryFound, Event
from shared.handlers import Outgoing
from shared.runtime import log as embedded_log
from shared.topology import ARTICLES_CLASSIFIED, ARTICLES_FETCHED, ARTICLES_FILED, ENTRIES_FOUND, INGEST, Topic

COUNT = 4_000
PART = 1_000
BATCH = 200
ROUNDS = 3
TEXT_CHARS = 1_000_000
LOOK_SECONDS = 0.05
AWAITED = ("enqueue", "witness", "fetch", "classify", "file", "match")


E = TypeVar("E", bound=Event)


class Result(NamedTuple):
    """Articles a second of the whole, and of each part alone."""

    whole: float
    parts: list[Rate]

    @property
    def one_after_another(self) -> float:
        """What one core would reach with the parts one after another."""
        return 1 / sum(1 / part.per_second for part in self.parts)


def measure(progress: Progress) -> Result:
    """Both, in turn."""
    task = progress.add_task("embedded pipeline", total=1 + len(_PARTS))
    with _home() as home:
        whole = asyncio.run(_whole(home))
    progress.advance(task)
    with _home() as home:
        made = _messages(home)
    parts = []
    for name, part in _PARTS.items():
        with _home() as home, one_core():
            parts.append(part(name, home, made))
        progress.advance(task)
    return Result(whole, parts)


class Messages(NamedTuple):
    """What PART articles leave in the log, by topic."""

    found: list[EntryFound]
    fetched: list[ArticleFetched]
    classified: list[ArticleClassified]
    filed: list[ArticleFiled]


@contextmanager
def _home() -> Iterator[Home]:
    """A home of its own, on this disk (a memory disk would make durability free)."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        settings = read_settings(data=Path(folder), kafka="", database_url="", log_level="error")
        with open_home(settings) as home:
            yield home


async def _whole(home: Home) -> float:
    house, stop = House(home), asyncio.Event()
    running = asyncio.ensure_future(house.runtime.run(stop))
    made = list(entries(COUNT + BATCH))
    await _through(house, made[:BATCH], 0)  # workers started, rules compiled
    begin = time.perf_counter()
    await _through(house, made[BATCH:], BATCH)
    taken = time.perf_counter() - begin
    stop.set()
    await running
    await house.close()
    return COUNT / taken


async def _through(house: House, found: Sequence[EntryFound], before: int) -> None:
    """Puts these into the log, and returns when every stage is through with them."""
    for at in range(0, len(found), BATCH):
        await house.runtime.publish(INGEST, found[at : at + BATCH])
    await _counted(before + len(found))


async def _counted(count: int) -> None:
    """Returns when every stage has been through with so many; looks seldom, as a look costs half a millisecond."""
    while min(_counts().values()) < count:  # noqa: ASYNC110 - counters have no event to wait for
        await asyncio.sleep(LOOK_SECONDS)


def _counts() -> dict[str, int]:
    """How many messages each stage is through with."""
    counted = dict.fromkeys(AWAITED, 0)
    for (stage, _outcome), number in metrics.values(metrics.MESSAGES).items():
        if stage in counted:
            counted[stage] += int(number)
    return counted


def _messages(home: Home) -> Messages:
    """PART articles as they come out of a real run."""

    async def run() -> None:
        house, stop = House(home), asyncio.Event()
        running = asyncio.ensure_future(house.runtime.run(stop))
        await _through(house, list(entries(PART, seed=2)), _counts()["match"])
        stop.set()
        await running
        await house.close()

    asyncio.run(run())
    with home.database.read() as db:
        return Messages(
            _logged(db, ENTRIES_FOUND, EntryFound),
            _logged(db, ARTICLES_FETCHED, ArticleFetched),
            _logged(db, ARTICLES_CLASSIFIED, ArticleClassified),
            _logged(db, ARTICLES_FILED, ArticleFiled),
        )


def _logged(db: Connection, topic: Topic, kind: type[E]) -> list[E]:
    rows = db.execute(text("SELECT value FROM runtime_log WHERE topic = :topic ORDER BY seq"), {"topic": topic.name})
    return [msgspec.json.decode(value, type=kind) for value in rows.scalars()]


def _decoding(name: str, home: Home, made: Messages) -> Rate:
    """Every message is decoded by each stage that reads it: entries.found by two."""
    coded = [(msgspec.json.Decoder(type(events[0])), [msgspec.json.encode(event) for event in events]) for events in made]
    coded.append(coded[0])

    def work() -> None:
        for decoder, values in coded:
            for value in values:
                decoder.decode(value)

    return rate(name, PART, work, ROUNDS)


def _tagging(name: str, home: Home, made: Messages) -> Rate:
    in_force = rules(home.settings.part(ClassifierSettings))
    encoded, limits = msgspec.msgpack.encode(in_force), Limits()

    questions = [Question(article.title, article.text, article.language) for article in made.fetched]
    label(in_force.version, limits, encoded, questions[:1])

    def work() -> None:
        for at in range(0, PART, 25):
            answered = label(in_force.version, limits, None, questions[at : at + 25])
            assert answered is not None
            decode(answered)

    return rate(name, PART, work, ROUNDS)


def _log_write(name: str, home: Home, made: Messages) -> Rate:
    by_topic: dict[Topic, Sequence[Event]] = {
        ENTRIES_FOUND: made.found,
        ARTICLES_FETCHED: made.fetched,
        ARTICLES_CLASSIFIED: made.classified,
        ARTICLES_FILED: made.filed,
    }
    lines = [
        [Outgoing(topic.name, "key", msgspec.json.encode(event)) for event in events] for topic, events in by_topic.items()
    ]

    def work() -> None:
        for records in lines:
            for at in range(0, PART, BATCH):
                home.database.transact_now(partial(embedded_log.append, records=records[at : at + BATCH], now=clock.now()))

    return rate(name, PART, work, ROUNDS)


def _row_write(name: str, home: Home, made: Messages) -> Rate:
    """The store's rows with nothing to index."""
    fresh = 0

    def put(tx: Connection, events: Sequence[ArticleClassified]) -> None:
        books = shelves.books(tx, [event.article.article_id for event in events])
        for event in events:
            books.enter(event)
        shelves.put(tx, books, {event.event_id: Found("", "") for event in events}, clock.now(), TEXT_CHARS)

    def work() -> None:
        nonlocal fresh
        fresh += 1
        for at in range(0, PART, BATCH):
            renamed = [_renamed(event, fresh) for event in made.classified[at : at + BATCH]]
            home.database.transact_now(partial(put, events=renamed))

    return rate(name, PART, work, ROUNDS)


def _renamed(event: ArticleClassified, number: int) -> ArticleClassified:
    """The same, of another article."""
    other = msgspec.structs.replace(event.article, article_id=f"{event.article.article_id}-{number}")
    return msgspec.structs.replace(event, article=other)


def _index(name: str, home: Home, made: Messages) -> Rate:
    """Words, and the full-text index of them."""
    counter = 0

    def put(tx: Connection, articles: Sequence[ArticleFetched]) -> None:
        nonlocal counter
        filed = []
        for article in articles:
            counter += 1
            filed.append(search.Entry(counter, words(article.title), words(article.text)))
        search.put(tx, filed)

    def work() -> None:
        for at in range(0, PART, BATCH):
            home.database.transact_now(partial(put, articles=made.fetched[at : at + BATCH]))

    return rate(name, PART, work, ROUNDS)


_PARTS = {
    "decode": _decoding,
    "tag": _tagging,
    "log write": _log_write,
    "row write": _row_write,
    "index": _index,
}
