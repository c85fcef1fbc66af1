"""The crawler's stages turned by hand: real database, real web, real worker process, a clock the test holds."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.crawler.adapters import sources
from services.crawler.app import handlers
from services.crawler.settings import Settings
from shared.database import Database
from shared.events import EntryFound, Event, SourcePolled
from shared.handlers import Context, TimerHandler, TopicHandler
from shared.outcomes import Dropped
from shared.workers import Workers
from tests.servers import Server, serving

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Crawler:
    """Polls, queues and fetches when told; `now` is the time."""

    def __init__(self, database: Database, workers: Workers, **settings: Any) -> None:
        self.database, self.now = database, NOON
        own = {"fetch_allow_networks": ("127.0.0.0/8",), "fetch_timeout": 5.0, "host_interval": 0.0, "pages": "never"}
        self.settings = Settings(**own | settings)
        stages = {handler.stage.name: handler for handler in handlers(self.settings, workers)}
        self._poll, self._enqueue, self._fetch = stages["poll"], stages["enqueue"], stages["fetch"]

    def add(self, url: str, name: str = "") -> str:
        wanted = [(url, name)]
        return self.database.transact_now(lambda tx: sources.add(tx, wanted, self.now, self.settings.min_poll_seconds))[0].id

    def source(self, source: str) -> dict[str, Any]:
        with self.database.read() as tx:
            shown = sources.one(tx, source)
        assert shown is not None
        return shown

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def poll(self, *, done: bool = True) -> list[Event]:
        """What all sources that are due now give."""
        return [event for reply in await self._turn(self._poll, done) for event in reply if isinstance(event, Event)]

    async def polled(self) -> SourcePolled:
        """What came of the poll of the one source that is due."""
        [polled] = [event for event in await self.poll() if isinstance(event, SourcePolled)]
        return polled

    async def found(self) -> list[EntryFound]:
        """The entries a poll finds."""
        return [event for event in await self.poll() if isinstance(event, EntryFound)]

    def enqueue(self, events: Sequence[EntryFound]) -> list[str]:
        """Why each was dropped; '' where it was queued."""
        assert isinstance(self._enqueue, TopicHandler)
        handler = self._enqueue
        replies = self.database.transact_now(
            lambda tx: list(handler.decide(events, [None] * len(events), Context(self.now, tx)))
        )
        return [next((one.reason for one in reply if isinstance(one, Dropped)), "") for reply in replies]

    async def fetch(self, *, done: bool = True) -> list[Any]:
        """What the waiting entries become: events, or why none."""
        replies = await self._turn(self._fetch, done)
        return [
            one if isinstance(one, Event) else one.reason for reply in replies for one in reply if not hasattr(one, "detail")
        ]

    async def _turn(self, handler: Any, done: bool) -> list[Any]:
        assert isinstance(handler, TimerHandler)
        rows = await self.database.transact(lambda tx: handler.take(Context(self.now, tx), handler.batch))
        results = [await handler.effect(row) if handler.effect else None for row in rows]
        replies = await self.database.transact(lambda tx: list(handler.decide(rows, results, Context(self.now, tx))))
        if done:
            await self.database.transact(lambda tx: handler.done(rows, Context(self.now, tx)))
        return replies


@pytest.fixture
def crawler(database: Database, workers: Workers) -> Crawler:
    return Crawler(database, workers)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running
