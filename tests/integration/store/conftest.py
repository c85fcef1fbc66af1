"""The store over a database of its own: its stages through the kernel, its routes through HTTP."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsPlugin
from litestar.testing import TestClient

from services.store.api import routes
from services.store.app import handlers
from services.store.settings import Settings
from shared.database import Database
from shared.events import ArticleFiled, Event
from shared.handlers import Context, Record, TopicHandler
from shared.handling import Decided, TopicHandling
from shared.topology import topic_of
from shared.workers import Workers
from tests.builders import NOON, classified, fetched

TOPICS = {"trafficking": "Human trafficking", "visa_policy": "Visa policy"}


class Stages:
    """Runs batches of events through a stage of the store, as a runtime would."""

    def __init__(self, database: Database, settings: Settings, workers: Workers) -> None:
        self.database = database
        self._stages = {each.stage.name: each for each in handlers(settings, workers) if isinstance(each, TopicHandler)}
        self.now = NOON + timedelta(hours=1)

    def run(self, stage: str, *events: Event) -> Decided:
        """What the stage makes of this batch."""
        return self.run_bytes(stage, [msgspec.json.encode(event) for event in events], *map(type, events))

    def run_bytes(self, stage: str, values: Sequence[bytes], *kinds: type[Event]) -> Decided:
        """The same of messages as they come; without `kinds`, on the stage's first topic."""
        handling, items = self._prepared(stage, values, *kinds)
        return self.database.transact_now(lambda tx: handling.decide(items, Context(self.now, tx)))

    def at_once(self, stage: str, *events: Event) -> Sequence[Any]:
        """What the stage's own functions make of this batch: without the kernel, which would part one that fails."""
        handler = self._stages[stage]
        results = asyncio.run(handler.effect(events)) if handler.effect else [None] * len(events)
        return self.database.transact_now(lambda tx: list(handler.decide(events, results, Context(self.now, tx))))

    def prepared(self, stage: str, *events: Event) -> tuple[TopicHandling, Any]:
        """The stage and what its effect made of this batch; nothing is decided."""
        return self._prepared(stage, [msgspec.json.encode(event) for event in events], *map(type, events))

    def _prepared(self, stage: str, values: Sequence[bytes], *kinds: type[Event]) -> tuple[TopicHandling, Any]:
        handler = self._stages[stage]
        handling = TopicHandling(handler, lambda: self.now)
        topics = [topic_of(kind) for kind in kinds] or [handler.stage.reads[0]] * len(values)
        records = [
            Record(topic.name, 0, number, "key", value)
            for number, (topic, value) in enumerate(zip(topics, values, strict=True))
        ]
        return handling, asyncio.run(handling.prepare(records))

    def file(self, *events: Event) -> list[bytes]:
        """What the stage `file` publishes of these."""
        return [record.value for record in self.run("file", *events).records]

    def file_articles(self, numbers: Sequence[int], **changes: Any) -> list[ArticleFiled]:
        """Files articles with these numbers; `changes` to each ArticleFetched."""
        events = [
            classified(
                fetched(article_id=f"article-{number}", url=f"https://news.example/{number}", **changes),
                event_id=f"classified-{number}-{changes.get('revision', 1)}",
            )
            for number in numbers
        ]
        return [msgspec.json.decode(value, type=ArticleFiled) for value in self.file(*events)]


@pytest.fixture
def settings() -> Settings:
    return Settings(stream_interval=0.02)


@pytest.fixture
def stages(database: Database, settings: Settings, workers: Workers) -> Stages:
    return Stages(database, settings, workers)


@pytest.fixture
def application(database: Database, settings: Settings) -> Callable[..., Litestar]:
    """The store's routes as an application, as the front door mounts them."""

    def make(**options: Any) -> Litestar:
        return Litestar(
            routes(database, settings, topics=lambda: TOPICS, **options),
            plugins=[ProblemDetailsPlugin(ProblemDetailsConfig(enable_for_all_http_exceptions=True))],
            logging_config=None,
        )

    return make


@pytest.fixture
def client(application: Callable[..., Litestar]) -> Iterator[TestClient[Litestar]]:
    with TestClient(application()) as opened:
        yield opened
