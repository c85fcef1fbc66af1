"""The Kafka runtime: the log is Kafka, state is in the database, and every stage is idempotent.

A topic stage commits its offset last, a timer stage marks its rows done last; whatever dies in between comes again and is
answered the same (docs/decisions). Each stage has a consumer and a producer of its own, so that none waits for another.
Topics are made beforehand by `create_topics`.
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from shared import clock, metrics, points
from shared.clock import Clock
from shared.database import Database
from shared.events import Event
from shared.handlers import Context, Handler, TimerHandler, TopicHandler
from shared.handling import EFFECT_SECONDS, TRIES, TopicHandling
from shared.routing import Router
from shared.rows import FIRST_REST, Settled, TimerHandling, Unmarked
from shared.runtime.kafka_logs import quieten
from shared.runtime.kafka_publisher import Publisher
from shared.runtime.kafka_stage import REBALANCE_SECONDS, StageLoop, required
from shared.runtime.stopping import cut_off
from shared.runtime.timers import TimerLoop, first_of
from shared.topology import Stage

PUBLISH_SECONDS = 120.0
"""How long a broker may be away before a publish counts as failed; longer than any outage in which order is promised."""

STUCK_SECONDS = 300.0
"""A loop that has not turned for so long will not turn again; longer than a publish may wait."""

WATCH_SECONDS = 1.0
DOOR_BATCH = 500


class Stuck(Exception):
    """A stage's loop no longer turns; the process ends, so that whatever runs it starts it anew."""


class KafkaRuntime:
    """Carries these handlers over Kafka at `bootstrap` ("host:port,host:port"). `database`: where stages with state and
    timers keep theirs; None where there is none of them. `session_seconds`: without a sign of life for so long, a member's
    partitions go to others."""

    stage_loop: type[StageLoop] = StageLoop
    """What reads for a stage that topics feed."""

    def __init__(
        self,
        bootstrap: str,
        database: Database | None,
        handlers: Sequence[Handler],
        *,
        clock: Clock = clock.now,
        tries: int = TRIES,
        first_pause: float = 0.1,
        first_rest: float = FIRST_REST,
        effect_seconds: float = EFFECT_SECONDS,
        session_seconds: float = 10.0,
        rebalance_seconds: float = REBALANCE_SECONDS,
        publish_seconds: float = PUBLISH_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._bootstrap, self._clock = bootstrap, clock
        self._publish_seconds, self._stuck_seconds = publish_seconds, stuck_seconds
        self._doors: dict[str, Publisher] = {}
        self._topics = [
            self.stage_loop(
                TopicHandling(handler, clock, tries=tries, first_pause=first_pause, deadline=effect_seconds),
                bootstrap,
                database,
                clock,
                self._publisher(handler.stage),
                session_seconds,
                lambda stage=handler.stage: self._wake_timers(stage),  # type: ignore[misc]  # a default binds the loop's stage
                rebalance_seconds,
            )
            for handler in handlers
            if isinstance(handler, TopicHandler)
        ]
        self._timers = [
            _Timer(
                TimerHandling(handler, limit=tries, first_rest=first_rest),
                required(database, handler.stage),
                clock,
                self._publisher(handler.stage),
                effect_seconds,
            )
            for handler in handlers
            if isinstance(handler, TimerHandler)
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Runs every stage until `stop` is set; returns within 10 s of it. Raises, in a group, MapError when a stage breaks
        the map, and Stuck."""
        quieten()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop.run(stop), name=loop.stage.name) for loop in self._topics]
                tasks += [group.create_task(timer.run(stop), name=timer.handling.stage.name) for timer in self._timers]
                group.create_task(self._watch(stop), name="watch")
                group.create_task(cut_off(stop, tasks), name="stopping")
        finally:
            await self.close()

    async def publish(self, stage: Stage, events: Iterable[Event]) -> None:
        """Puts events into the log from outside, as the door `stage` of the map. The broker has them when it returns. Raises
        Retry where the broker is away (some may have arrived; the same again is harmless), Reject for one too large."""
        router, rest = Router(stage), iter(events)
        publisher = self._doors.setdefault(stage.name, self._publisher(stage))
        while batch := [router.record(event) for event in islice(rest, DOOR_BATCH)]:
            await publisher.publish(batch)

    async def close(self) -> None:
        """Closes the doors; `run` does it by itself."""
        for publisher in self._doors.values():
            await publisher.close()
        self._doors.clear()

    def _publisher(self, stage: Stage) -> Publisher:
        return Publisher(self._bootstrap, stage.name, (*stage.writes, stage.dead_letters), self._publish_seconds)

    def _wake_timers(self, stage: Stage) -> None:
        """A service's own timers look at once for the rows one of its stages wrote."""
        for timer in self._timers:
            if timer.handling.stage.service == stage.service:
                timer.loop.wake.set()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Notices a loop that no longer turns."""
        while not stop.is_set():
            await first_of(WATCH_SECONDS, stop.wait())
            now = asyncio.get_running_loop().time()
            for loop in self._topics:
                if loop.turned is not None and now - loop.turned > self._stuck_seconds:
                    raise Stuck(f"stage {loop.stage.name} has not turned for {now - loop.turned:.0f} s")


class _Timer:
    """A timer stage on Kafka: decide in one transaction, publish, mark in another."""

    def __init__(self, handling: TimerHandling, database: Database, clock: Clock, publisher: Publisher, seconds: float) -> None:
        self.handling = handling
        self.loop = TimerLoop(handling.handler, database, clock, self._settle, deadline=seconds)
        self._database, self._clock, self._publisher = database, clock, publisher

    async def run(self, stop: asyncio.Event) -> None:
        try:
            await self.loop.run(stop)
        finally:
            await self._publisher.close()

    async def _settle(self, rows: Sequence[Any], results: Sequence[Any]) -> None:
        name, handling = self.handling.stage.name, self.handling
        settled = await self._database.transact(lambda tx: self._decide(rows, results, Context(self._clock(), tx)))
        points.reached("committed", name)
        unmarked = await self._tell(settled)
        points.reached("acknowledged", name)
        if unmarked:
            await self._tell(await self._database.transact(lambda tx: handling.fail(unmarked, Context(self._clock(), tx))))

    def _decide(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> Settled:
        settled = self.handling.decide(rows, results, ctx)
        points.reached("decided", self.handling.stage.name)
        return settled

    async def _tell(self, settled: Settled) -> list[Unmarked]:
        """Publishes, then marks; those that could not be marked done."""
        name = self.handling.stage.name
        await self._publisher.publish(settled.records)
        points.reached("published", name)
        unmarked = await self._database.transact(lambda tx: self.handling.mark(settled, Context(self._clock(), tx)))
        for outcome, count in settled.counts.items():
            metrics.MESSAGES.labels(name, outcome).inc(count)
        return unmarked
