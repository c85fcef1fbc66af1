"""A file that is no database for a while: the runtime waits, and goes on when the file is whole again."""

import asyncio
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

STAGE = Stage("reads", "store", reads=(ARTICLES_CLASSIFIED,))


async def test_a_damaged_file_ends_no_house_and_what_waited_is_handled_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "rasid.db"
    whole = Database(f"sqlite:///{file}")
    METADATA.create_all(whole.engine)
    whole.transact_now(
        lambda tx: log.append(tx, [Outgoing(ARTICLES_CLASSIFIED.name, "key", msgspec.json.encode(classified()))], NOON)
    )
    whole.close()
    good = file.read_bytes()
    file.write_bytes(b"no database at all, whatever its name says" * 200)
    handled = asyncio.Event()

    def decide(events: Sequence[ArticleClassified], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
        handled.set()
        return [()] * len(events)

    database, stop = Database(f"sqlite:///{file}"), asyncio.Event()
    running = asyncio.ensure_future(EmbeddedRuntime(database, [TopicHandler(stage=STAGE, decide=decide)]).run(stop))
    _, still = await asyncio.wait({running}, timeout=1.5)
    assert still, "the runtime ended"
    file.write_bytes(good)
    await asyncio.wait_for(handled.wait(), 20)
    stop.set()
    await asyncio.wait_for(running, 10)
    database.close()
