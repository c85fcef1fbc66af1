"""The store's HTTP routes: lists, feeds and a stream of articles, all by the same filters; and the topics."""

import asyncio
from collections.abc import Callable, Mapping

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from services.store.api import feeds, lists, stream, trends, verdicts
from services.store.api.asking import Shelf, asked
from services.store.settings import Settings
from shared.clock import Clock, now
from shared.database import Database


def routes(
    database: Database,
    settings: Settings,
    *,
    topics: Callable[[], Mapping[str, str]],
    public_url: str = "",
    stopping: asyncio.Event | None = None,
    clock: Clock = now,
) -> list[ControllerRouterHandler]:
    """`topics`: id and name of every topic there is now. `public_url`: where readers reach this server; empty: as the request
    says. Open streams end when `stopping` is set."""
    shelf = Shelf(database, settings, topics, public_url.rstrip("/"), clock)
    handlers = [
        *lists.routes(shelf),
        *trends.routes(shelf),
        *verdicts.routes(shelf),
        *feeds.routes(shelf),
        *stream.routes(shelf, stopping or asyncio.Event()),
    ]
    return [Router(path="/", route_handlers=handlers, dependencies={"asked": Provide(asked, sync_to_thread=False)})]
