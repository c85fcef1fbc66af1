"""What the embedded runtime deletes by itself: what every stage of the map is through with, whichever process runs it."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.database import Database
from shared.events import EntryFound
from shared.handlers import Context, Outgoing, Reply, TopicHandler
from shared.runtime import log
from shared.runtime.embedded import EmbeddedRuntime
from shared.topology import ENQUEUE, ENTRIES_FOUND, WITNESS, Stage
from tests.builders import NOON, found
from tests.contract.carriers import until

LATER = NOON + timedelta(hours=ENTRIES_FOUND.retention_hours, seconds=1)


def handled(events: Sequence[EntryFound], results: Sequence[Any], ctx: Context) -> Iterable[Reply]:
    return [()] * len(events)


def read(database: Database, stage: Stage) -> int:
    with database.read() as tx:
        return log.progress(tx, stage.name)


def kept(database: Database) -> int:
    with database.read() as tx:
        return int(tx.exec_driver_sql("SELECT count(*) FROM runtime_log").scalar_one())


async def test_what_a_stage_of_another_process_has_not_read_is_kept(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.embedded.KEEP_HOUSE_SECONDS", 0.05)
    message = Outgoing(ENTRIES_FOUND.name, "key", msgspec.json.encode(found()))
    await sqlite.transact(lambda tx: log.append(tx, [message], NOON))
    handler = TopicHandler(stage=ENQUEUE._replace(traced=False), decide=handled)
    stop, looks = asyncio.Event(), list[int]()
    monkeypatch.setattr("shared.runtime.log.waiting", lambda tx, stage: looks.append(1) or 0)  # once a look of the housekeeping
    running = asyncio.ensure_future(EmbeddedRuntime(sqlite, [handler], clock=lambda: LATER).run(stop))
    await until(lambda: read(sqlite, ENQUEUE) == 1, "this process through with it")
    seen = len(looks)
    await until(lambda: len(looks) > seen + 1, "the housekeeping has looked")
    assert kept(sqlite) == 1, "the store has not read it"
    await sqlite.transact(lambda tx: log.advance(tx, WITNESS.name, 1))
    await until(lambda: kept(sqlite) == 0, "read by all and past its time: deleted")
    stop.set()
    await running
