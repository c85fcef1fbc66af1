"""`/stream`: articles as they are filed, as server-sent events.

The id of an event is the article's change number: a reader that comes back with `Last-Event-ID` gets what it missed. The
store is looked at once an interval by a query of one row, so it does not matter which process files the articles.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from services.store.adapters import reading
from services.store.api.asking import Shelf, problem
from services.store.core.query import Asked, Kept, Query

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Look(NamedTuple):
    """What one look at the store found: articles, the change up to which it looked, whether there is more at once."""

    kept: list[Kept]
    upto: int
    more: bool


def routes(shelf: Shelf, stopping: asyncio.Event) -> list[ControllerRouterHandler]:
    """The routes of this module. Streams end when `stopping` is set."""
    readers = Readers(shelf, stopping)

    @get("/stream", summary="Articles as they come, as server-sent events", tags=["articles"], media_type="text/event-stream")
    async def stream(
        asked: NamedDependency[Asked],
        last_event_id: Annotated[
            str | None, HeaderParameter(name="Last-Event-ID", description="the last change received")
        ] = None,
    ) -> Stream:
        if readers.open >= shelf.settings.stream_clients:
            raise problem(503, "Too many readers", f"{readers.open} streams are open, which is the most (RASID_STREAM_CLIENTS)")
        query, after = await asyncio.to_thread(readers.start, asked, last_event_id)
        return Stream(readers.events(query, after), media_type="text/event-stream", headers=HEADERS)

    return [stream]


class Readers:
    """Everyone who listens. `open`: how many there are."""

    def __init__(self, shelf: Shelf, stopping: asyncio.Event) -> None:
        self._shelf, self._stopping = shelf, stopping
        self.open = 0

    def start(self, asked: Asked, last_event_id: str | None) -> tuple[Query, int]:
        """What is wanted, and the change behind which the stream begins: the reader's last, or the store's last."""
        with self._shelf.database.read() as db:
            query = self._shelf.query(db, asked, self._shelf.settings.page_size)
            last = reading.last_change(db)
        if not last_event_id:
            return query, last
        if not (last_event_id.isascii() and last_event_id.isdigit()):
            raise problem(400, "Bad parameter", f"Last-Event-ID: is a number, not {last_event_id!r}", parameter="Last-Event-ID")
        return query, min(int(last_event_id), last)  # a number not given out yet is another store's

    async def events(self, query: Query, after: int) -> AsyncIterator[bytes]:
        """Frames for as long as the reader listens and the server runs."""
        settings, quiet = self._shelf.settings, 0.0
        self.open += 1
        try:
            yield b"retry: 3000\n: rasid\n\n"
            while not self._stopping.is_set():
                look = await asyncio.to_thread(self._look, query, after)
                after = look.upto
                for kept in look.kept:
                    yield _frame(kept)
                if look.more:
                    continue
                quiet = 0.0 if look.kept else quiet + settings.stream_interval
                if quiet >= settings.stream_heartbeat:
                    yield b": still here\nid: %d\n\n" % after
                    quiet = 0.0
                await self._pause(settings.stream_interval)
        finally:
            self.open -= 1

    def _look(self, query: Query, after: int) -> Look:
        with self._shelf.database.read() as db:
            last = reading.last_change(db)
            if last <= after:
                return Look([], after, False)
            kept, upto = reading.changed(db, query, after, self._shelf.settings.stream_backlog)
        return Look(kept, upto, upto < last) if upto > after else Look([], last, False)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _frame(kept: Kept) -> bytes:
    return b"id: %d\nevent: article\ndata: %s\n\n" % (kept.change, msgspec.json.encode(kept.article))
