"""The services wired together: all of them in one process on the embedded log, or some of them on Kafka.

The only place where services meet: what one needs of another (the trace, the names of the topics) it is given here.
"""

import asyncio
import signal
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.types import ControllerRouterHandler
from rich.console import Console
from sqlalchemy import text

from rasid import __version__, dashboard
from rasid.history import history
from rasid.home import Home
from rasid.server import address_of, serve
from rasid.settings import Refused
from rasid.web import app as web
from rasid.web import pages
from services.alerts import api as alerts_api
from services.alerts import app as alerts
from services.alerts.settings import Settings as AlertsSettings
from services.classifier import app as classifier
from services.classifier.adapters.impact import Impact
from services.classifier.adapters.rules import BadRules, load
from services.classifier.adapters.tables import activate
from services.classifier.core.rules import RuleSet
from services.classifier.settings import Settings as ClassifierSettings
from services.crawler import api as crawler_api
from services.crawler import app as crawler
from services.crawler.adapters import sources
from services.crawler.settings import Settings as CrawlerSettings
from services.store import api as store_api
from services.store import app as store
from services.store.adapters import traces
from services.store.settings import Settings as StoreSettings
from shared import clock, metrics
from shared.handlers import Handler
from shared.outcomes import Retry
from shared.runtime.embedded import EmbeddedRuntime
from shared.runtime.kafka import KafkaRuntime
from shared.settings import Common
from shared.topology import Stage
from shared.workers import Workers, collect_seldom, limit_memory

STILL_SECONDS = 120.0
"""A stage whose loop has not turned for so long does not turn any more."""


SERVICES = ("crawler", "classifier", "store", "alerts")


class House:
    """These services over one home; the runtime is Kafka's where RASID_KAFKA is set. Close it, or `run` it, which does."""

    def __init__(self, home: Home, services: Sequence[str] = SERVICES) -> None:
        self._home, self._settings = home, home.settings
        self.rules = rules(self._settings.part(ClassifierSettings))
        alerts_settings = self._settings.part(AlertsSettings)
        self.vault = alerts.vault(alerts_settings, home.common.data)
        self.sender = alerts.sender(
            alerts_settings, self.vault, user_agent=user_agent(home.common.contact), origin=_origin(home.common)
        )
        most = self._settings.part(CrawlerSettings).worker_max_bytes
        self.workers = Workers(home.common.workers, prepare=limit_memory, arguments=(most,))
        collect_seldom()
        self.handlers = [handler for service in services for handler in self._handlers(service)]
        self.runtime = _runtime(home, services, self.handlers)

    def _handlers(self, service: str) -> list[Handler]:
        part = self._settings.part
        match service:
            case "crawler":
                return crawler.handlers(part(CrawlerSettings), self.workers, traces.write)
            case "classifier":
                return self._classifier()
            case "store":
                return store.handlers(part(StoreSettings), self.workers, Impact(self.workers, part(ClassifierSettings)))
            case "alerts":
                return alerts.handlers(part(AlertsSettings), self.sender, trace=traces.write)
        raise LookupError(f"there is no service {service}")

    def _classifier(self) -> list[Handler]:
        sequence = self._home.database.transact_now(lambda tx: activate(tx, self.rules, clock.now()))
        return classifier.handlers(self.workers, self.rules, sequence, self._settings.part(ClassifierSettings))

    def application(self, stopping: asyncio.Event) -> Litestar:
        """The web application; open streams end when `stopping` is set."""
        common = self._home.common
        return web.create(
            self._routes(stopping), ready=self.faults, alive=self.still, token=common.token, public_url=common.public_url
        )

    def watched(self) -> Litestar:
        """Health and metrics alone, for a service that has no pages."""
        common = self._home.common
        return web.create([], ready=self.faults, alive=self.still, token=common.token, public_url=common.public_url)

    def _routes(self, stopping: asyncio.Event) -> Sequence[ControllerRouterHandler]:
        database, settings = self._home.database, self._settings
        return [
            *store_api.routes(
                database,
                settings.part(StoreSettings),
                topics=self.topics,
                public_url=self._home.common.public_url,
                stopping=stopping,
            ),
            *crawler_api.routes(database, settings.part(CrawlerSettings)),
            *alerts_api.routes(
                database,
                settings.part(AlertsSettings),
                self.vault,
                topics=self.topics,
                history=partial(history, database),
                now=clock.now,
            ),
            *pages.routes(),
        ]

    def topics(self) -> Mapping[str, str]:
        """Id and name of every topic there is."""
        return {topic.topic: topic.name.get("en", topic.topic) for topic in self.rules.topics}

    def faults(self) -> list[str]:
        """What keeps the house from being ready, a line each."""
        found = [f"stage {stage.name} does not turn" for stage in self._stages() if not _turns(stage.name, STILL_SECONDS)]
        try:
            with self._home.database.read() as tx:
                tx.execute(text("SELECT 1"))
        except Retry as world:
            found.append(str(world))
        return found

    def still(self) -> list[str]:
        """The stages that turned once and stand still for good, a line each."""
        seconds = self._home.common.stuck_seconds
        stages = [stage.name for stage in self._stages() if _last_turn(stage.name) and not _turns(stage.name, seconds)]
        return [f"stage {stage} has not turned for {seconds:.0f} s" for stage in stages]

    def _stages(self) -> list[Stage]:
        return [handler.stage for handler in self.handlers]

    async def run(self, listening: socket.socket | None, console: Console, monitor: socket.socket | None = None) -> None:
        """Runs until SIGTERM or Ctrl-C; then everything ends in under 10 seconds. `listening`: where the API and the pages are
        served, if at all; `monitor`: where health and metrics are."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(self.runtime.run(stop))] if self.handlers else []
                if listening is not None:
                    running.append(group.create_task(serve(web.answering_head(self.application(stop)), listening, stop)))
                    group.create_task(dashboard.show(console, address_of(listening), self._source_states, stop))
                if monitor is not None:
                    running.append(group.create_task(serve(web.answering_head(self.watched()), monitor, stop)))
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                stop.set()
        finally:
            await self.close()

    async def close(self) -> None:
        """Ends what the house holds open besides its home, and what still waits for a database that does not answer."""
        self._home.database.abandon()
        await self.sender.close()
        await asyncio.to_thread(self.workers.close)

    def _source_states(self) -> list[dashboard.SourceState]:
        with self._home.database.read() as tx:
            found = sources.every(tx)
        return [_state(source) for source in found]

    @staticmethod
    def add_starters(home: Home) -> None:
        """The starter list, where there is no source yet."""
        settings = home.settings.part(CrawlerSettings)
        home.database.transact_now(lambda tx: crawler.add_starters(tx, settings, clock.now()))


HEALTHY = frozenset({None, "ok", "unchanged", "moved", "empty"})


def _runtime(home: Home, services: Sequence[str], handlers: Sequence[Handler]) -> EmbeddedRuntime | KafkaRuntime:
    common, kind = home.common, KafkaRuntime
    limits: dict[str, Any] = {
        "tries": common.tries,
        "first_rest": common.row_rest_seconds,
        "effect_seconds": common.effect_seconds,
    }
    if not common.kafka:
        return EmbeddedRuntime(home.database, handlers, **limits)
    if tuple(services) == ("classifier",) and home.settings.part(ClassifierSettings).classifier_runtime == "faust":
        from shared.runtime.faust import FaustRuntime  # a second to load, which no other service needs

        kind = FaustRuntime
    return kind(
        common.kafka,
        home.database,
        handlers,
        session_seconds=common.kafka_session_seconds,
        stuck_seconds=common.stuck_seconds,
        **limits,
    )


def rules(settings: ClassifierSettings) -> RuleSet:
    """The topics in force: the shipped ones and the user's. Raises Refused with every fault of every file."""
    try:
        return load(Path(settings.topics_dir).expanduser() if settings.topics_dir else None)
    except BadRules as error:
        raise Refused(f"these topic files cannot be used:\n{error}") from None


def user_agent(contact: str) -> str:
    """Who we say we are to receivers."""
    return f"rasid/{__version__}" + (f" (+{contact})" if contact else "")


def _origin(common: Common) -> str:
    """The host receivers are told that we send from."""
    return urlsplit(common.public_url).hostname or socket.gethostname()


def _last_turn(stage: str) -> float | None:
    return metrics.values(metrics.LAST_TURN).get((stage,))


def _turns(stage: str, seconds: float) -> bool:
    last = _last_turn(stage)
    return last is not None and clock.now().timestamp() - last < seconds


def _state(source: Mapping[str, object]) -> dashboard.SourceState:
    cause = str(source["cause"]) if source["cause"] else None
    return dashboard.SourceState(str(source["name"] or source["url"]), cause, failing=cause not in HEALTHY)
