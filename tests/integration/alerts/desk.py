"""The stages of alerts by hand, under a clock of the test's own: match articles, make one round of attempts, look."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select, update

from rasid.schema import metadata
from services.alerts import app
from services.alerts.adapters import deliveries, subscriptions
from services.alerts.adapters.due import Due
from services.alerts.adapters.shown import Delivery, delivery
from services.alerts.adapters.subscriptions import Made, New
from services.alerts.adapters.tables import ENDPOINTS
from services.alerts.settings import Settings
from shared import clock
from shared.database import Database
from shared.events import ArticleFiled
from shared.filter import parse
from shared.handlers import Context, Reply
from tests.builders import NOON, classified, fetched, filed

LOOPBACK = ("127.0.0.0/8",)


class Desk:
    """Alerts over a database; `now` is what its stages believe, signatures carry the real time."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.database, self.now = database, NOON
        self.settings = Settings(**{"delivery_allow_networks": LOOPBACK, "delivery_jitter": 0.0, **settings})
        self.vault = app.vault(self.settings, folder)
        self.sender = app.sender(self.settings, self.vault, user_agent="rasid/test", now=clock.now)
        self.matcher = app.Matcher(self.settings)
        self._deliverer = app.Deliverer(self.settings, self.sender)

    def subscribe(self, url: str, wanted: object = None, **changes: Any) -> Made:
        """A subscription, checked by no one."""
        new = New(
            name="desk", filter=parse(wanted or {}), url=url, headers={}, secret=None, include_backfill=False, ownership="none"
        )
        made = msgspec.structs.replace(new, **changes)
        return self.database.transact_now(lambda tx: subscriptions.create(tx, made, self.vault, self.now))

    def match(self, *articles: ArticleFiled) -> list[Reply]:
        """What `match` answers."""
        return self.database.transact_now(
            lambda tx: list(self.matcher.decide(articles, [None] * len(articles), Context(self.now, tx)))
        )

    def gather(self) -> list[Reply]:
        """What the stage `digest` answers: windows that have ended are closed."""
        stage: Any = app.handlers(self.settings, self.sender)[3]

        def turn(tx: Any) -> list[Reply]:
            rows = stage.take(Context(self.now, tx), stage.batch)
            return list(stage.decide(rows, [None] * len(rows), Context(self.now, tx)))

        return self.database.transact_now(turn)

    def take(self, limit: int = 200) -> list[Due]:
        """Due rows under lease, as if a process then ended if nothing more is done."""
        return self.database.transact_now(lambda tx: self._deliverer.take(Context(self.now, tx), limit))

    async def attempt(self, rows: Sequence[Due]) -> list[Any]:
        """The attempts alone."""
        return await asyncio.gather(*(self._deliverer.effect(row) for row in rows))

    def decide(self, rows: Sequence[Due], outcomes: Sequence[Any]) -> list[Reply]:
        """The decision alone."""
        return self.database.transact_now(lambda tx: list(self._deliverer.decide(rows, outcomes, Context(self.now, tx))))

    def done(self, rows: Sequence[Due]) -> None:
        """The last mark alone."""
        handler = app.handlers(self.settings, self.sender)[1]
        self.database.transact_now(lambda tx: handler.done(rows, Context(self.now, tx)))  # type: ignore[union-attr]  # the timer

    async def round(self) -> list[Reply]:
        """Takes, attempts, decides, marks done."""
        rows = self.take()
        replies = self.decide(rows, await self.attempt(rows))
        if rows:
            self.done(rows)
        return replies

    async def later(self, **time: float) -> list[Reply]:
        """A round after this much time."""
        self.now += timedelta(**time)
        return await self.round()

    def deliveries(self) -> list[Delivery]:
        """All of them, the oldest first."""
        with self.database.read() as connection:
            rows = deliveries.page(connection, deliveries.Sought(), before=None, limit=10_000)
        return [delivery(row, attempts) for row, attempts in reversed(rows)]

    def redirect(self, endpoint_id: str, url: str) -> None:
        """The endpoint is at this URL now."""
        moved = update(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id).values(url=url)
        self.database.transact_now(lambda tx: tx.execute(moved))

    def endpoint(self, endpoint_id: str) -> Any:
        """The endpoint's row."""
        with self.database.read() as connection:
            return subscriptions.endpoint(connection, endpoint_id)


@asynccontextmanager
async def opened(database: Database, folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    """A desk whose connections are closed at the end."""
    desk = Desk(database, folder, **settings)
    try:
        yield desk
    finally:
        await desk.sender.close()


def article(name: str = "article-1", *, revision: int = 1, at: datetime = NOON, **changes: Any) -> ArticleFiled:
    """An article as filed; `topics` and what an ArticleFiled has may be changed."""
    topics = {"topics": changes.pop("topics")} if "topics" in changes else {}
    made = fetched(article_id=name, revision=revision, url=f"https://news.example/{name}", observed_at=at)
    return filed(classified(made, **topics), event_id=f"filed-{name}-{revision}", **{"observed_at": at, **changes})


def kept(database: Database) -> bytes:
    """All that the tables of the database hold, in one run of bytes."""
    with database.read() as db:
        values = [value for table in metadata().sorted_tables for row in db.execute(select(table)) for value in row]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
