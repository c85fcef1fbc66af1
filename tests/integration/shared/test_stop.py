"""A house told to stop is gone within ten seconds, whoever holds the file's write lock."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shared.database import Database
from shared.events import ArticleClassified
from shared.handlers import Context, Outgoing, Reply, TopicHandler
from shared.runtime import log
from shared.runtime.embedded import EmbeddedRuntime
from shared.tables import METADATA
from shared.topology import ARTICLES_CLASSIFIED, Stage
from tests.builders import NOON, classified

READS = Stage("reads", "store", reads=(ARTICLES_CLASSIFIED,))


async def test_a_stop_is_over_in_time_while_another_process_holds_the_write_lock(tmp_path: Path) -> None:
    database, stop, begun = Database(f"sqlite:///{tmp_path / 'rasid.db'}"), asyncio.Event(), asyncio.Event()
    METADATA.create_all(database.engine)
    message = Outgoing(ARTICLES_CLASSIFIED.name, "key", msgspec.json.encode(classified()))
    await database.transact(lambda tx: log.append(tx, [message], NOON))
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def effect(events: Sequence[ArticleClassified]) -> Sequence[None]:
        begun.set()
        return [None] * len(events)

    def decide(events: Sequence[ArticleClassified], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        return [()] * len(events)

    handler = TopicHandler(stage=READS, effect=effect, decide=decide)
    running = asyncio.ensure_future(EmbeddedRuntime(database, [handler]).run(stop))
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    since = time.monotonic()
    await running
    await asyncio.to_thread(database.close)
    assert time.monotonic() - since < 9.5
    other.execute("ROLLBACK")
    assert other.execute("SELECT count(*) FROM runtime_progress").fetchone() == (0,), "nothing of it was kept"
    other.close()
