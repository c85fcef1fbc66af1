"""The embedded runtime: one process, no broker, the log a table in the same SQLite file.

For every stage, state, output and progress of a batch are one transaction: what is killed in between never happened.
A stage's progress is tested inside that transaction, so that two members over one file are safe: the slower one's batch is
left and read again.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from logging import getLogger
from typing import Any

from shared import clock, metrics, points
from shared.clock import Clock
from shared.database import Database
from shared.events import Event
from shared.handlers import Context, Handler, Outgoing, Record, TimerHandler, TopicHandler
from shared.handling import EFFECT_SECONDS, TRIES, Decided, TopicHandling
from shared.outcomes import Retry
from shared.routing import Router
from shared.rows import FIRST_REST, Settled, TimerHandling
from shared.runtime import log as store
from shared.runtime.stopping import cut_off
from shared.runtime.timers import TimerLoop, first_of
from shared.topology import STAGES, Stage, Topic

log = getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often the file is asked whether another process changed it; what this process writes wakes a stage at once."""

IDLE_SECONDS = 30.0
"""How long a stage sleeps when nothing wakes it."""

KEEP_HOUSE_SECONDS = 5.0
"""How often what waits is counted, and expired messages are deleted."""


class EmbeddedRuntime:
    """Carries these handlers over the log in `database` (SQLite). `stages`: the map; what a stage on it has not read is kept,
    whichever process runs it."""

    def __init__(
        self,
        database: Database,
        handlers: Sequence[Handler],
        *,
        clock: Clock = clock.now,
        tries: int = TRIES,
        first_pause: float = 0.1,
        first_rest: float = FIRST_REST,
        effect_seconds: float = EFFECT_SECONDS,
        stages: Sequence[Stage] = STAGES,
    ) -> None:
        if not database.is_sqlite:
            raise ValueError("the embedded log needs SQLite; with PostgreSQL set RASID_KAFKA too")
        self._database, self._clock = database, clock
        self._readers = readers_of(dict.fromkeys((*stages, *(handler.stage for handler in handlers))))
        self._topics = [
            TopicHandling(h, clock, tries=tries, first_pause=first_pause, deadline=effect_seconds)
            for h in handlers
            if isinstance(h, TopicHandler)
        ]
        self._timers = [
            _Timer(TimerHandling(h, limit=tries, first_rest=first_rest), database, clock, self._published, effect_seconds)
            for h in handlers
            if isinstance(h, TimerHandler)
        ]
        self._wakes = {handling.stage.name: asyncio.Event() for handling in self._topics}

    async def run(self, stop: asyncio.Event) -> None:
        """Runs every stage until `stop` is set, then lets what is under way settle; returns within 10 s of it. Raises MapError
        (in a group) when a stage breaks the map."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._serve(handling, stop), name=handling.stage.name) for handling in self._topics]
            tasks += [group.create_task(timer.loop.run(stop), name=timer.handling.stage.name) for timer in self._timers]
            tasks.append(group.create_task(self._keep_house(stop), name="housekeeping"))
            tasks.append(group.create_task(self._notice(stop), name="noticing"))
            group.create_task(cut_off(stop, tasks), name="stopping")

    async def publish(self, stage: Stage, events: Iterable[Event]) -> None:
        """Puts events into the log from outside, as the door `stage` of the map. Durable when it returns."""
        records = _records(stage, events)
        await self._database.transact(lambda tx: store.append(tx, records, self._clock()))
        self._published(stage, records)

    async def _serve(self, handling: TopicHandling, stop: asyncio.Event) -> None:
        """One stage's loop: read, effect, one transaction, and again."""
        stage, wake = handling.stage, self._wakes[handling.stage.name]
        while not stop.is_set():
            metrics.LAST_TURN.labels(stage.name).set(self._clock().timestamp())
            wake.clear()
            try:
                pause = await self._turn(handling)
            except Retry as world:
                log.warning("Waiting for the world.", extra={"stage": stage.name, "wait": world.after, "reason": str(world)})
                pause = world.after
            if pause is None:
                await first_of(IDLE_SECONDS, stop.wait(), wake.wait())
            elif pause > 0:
                metrics.RETRIES.labels(stage.name).inc()
                await first_of(pause, stop.wait())

    async def _notice(self, stop: asyncio.Event) -> None:
        """Wakes every stage when the file has changed: another process may have put something in."""
        while not stop.is_set():
            try:
                await self._watch(stop)
            except Retry as world:
                log.warning("Waiting for the world.", extra={"stage": "noticing", "wait": world.after, "reason": str(world)})
                await first_of(world.after, stop.wait())

    async def _watch(self, stop: asyncio.Event) -> None:
        with self._database.watch() as version:
            known = version()
            self._wake_all()  # what came while no one watched
            while not stop.is_set():
                await first_of(LOOK_SECONDS, stop.wait())
                if (found := version()) != known:
                    known = found
                    self._wake_all()

    def _wake_all(self) -> None:
        for wake in (*self._wakes.values(), *(timer.loop.wake for timer in self._timers)):
            wake.set()

    async def _turn(self, handling: TopicHandling) -> float | None:
        """Carries one batch. Seconds to wait before the next; None: nothing waits."""
        begun, records = await asyncio.to_thread(self._read, handling)
        if not records:
            return None
        points.reached("read", handling.stage.name)
        with metrics.BATCH_SECONDS.labels(handling.stage.name).time():
            items = await handling.prepare(records)
            points.reached("effect", handling.stage.name)
            decided = await self._database.transact(
                lambda tx: self._apply(handling, items, records, begun, Context(self._clock(), tx))
            )
            points.reached("committed", handling.stage.name)
        if decided is None:
            return 0.0
        for outcome, count in decided.counts.items():
            metrics.MESSAGES.labels(handling.stage.name, outcome).inc(count)
        self._published(handling.stage, decided.records)
        return decided.pause or 0.0

    def _read(self, handling: TopicHandling) -> tuple[int, list[Record]]:
        with self._database.read() as tx:
            begun = store.progress(tx, handling.stage.name)
            return begun, store.after(tx, handling.stage.reads, begun, handling.handler.batch)

    def _apply(
        self, handling: TopicHandling, items: Sequence[Any], records: Sequence[Record], begun: int, ctx: Context
    ) -> Decided | None:
        """Decides, writes and advances in this transaction; None where another member was first."""
        if store.progress(ctx.tx, handling.stage.name) != begun:
            return None
        decided = handling.decide(items, ctx)
        store.append(ctx.tx, decided.records, ctx.now)
        if decided.done:
            store.advance(ctx.tx, handling.stage.name, records[decided.done - 1].offset)
        points.reached("decided", handling.stage.name)
        return decided

    def _published(self, stage: Stage, records: Sequence[Outgoing]) -> None:
        """Counts what was published, and wakes who reads it, and the timers of the stage's own service."""
        counts = Counter(record.topic for record in records)
        for topic, count in counts.items():
            metrics.PUBLISHED.labels(topic).inc(count)
        for handling in self._topics:
            if any(topic.name in counts for topic in handling.stage.reads):
                self._wakes[handling.stage.name].set()
        for timer in self._timers:
            if timer.handling.stage.service == stage.service and timer.handling.stage is not stage:
                timer.loop.wake.set()

    async def _keep_house(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                for topic, stages in self._readers.items():
                    await self._expire(topic, stages, stop)
                await asyncio.to_thread(self._count_waiting)
            except Retry as world:
                log.warning("Waiting for the world.", extra={"stage": "housekeeping", "reason": str(world)})
            await first_of(KEEP_HOUSE_SECONDS, stop.wait())

    async def _expire(self, topic: Topic, readers: Sequence[Stage], stop: asyncio.Event) -> None:
        """Deletes what is past, a part at a time, so that others write in between."""
        while await self._database.transact(lambda tx: store.expire(tx, topic, readers, self._clock())):
            if stop.is_set():
                return

    def _count_waiting(self) -> None:
        with self._database.read() as tx:
            for handling in self._topics:
                metrics.LAG.labels(handling.stage.name).set(store.waiting(tx, handling.stage))


class _Timer:
    """A timer stage on the embedded log: decision, output and done-mark are one transaction."""

    def __init__(self, handling: TimerHandling, database: Database, clock: Clock, published: Any, seconds: float) -> None:
        self.handling = handling
        self.loop = TimerLoop(handling.handler, database, clock, self._settle, deadline=seconds)
        self._database, self._clock, self._published = database, clock, published

    async def _settle(self, rows: Sequence[Any], results: Sequence[Any]) -> None:
        settled = await self._database.transact(lambda tx: self._apply(rows, results, Context(self._clock(), tx)))
        points.reached("committed", self.handling.stage.name)
        for outcome, count in settled.counts.items():
            metrics.MESSAGES.labels(self.handling.stage.name, outcome).inc(count)
        self._published(self.handling.stage, settled.records)

    def _apply(self, rows: Sequence[Any], results: Sequence[Any], ctx: Context) -> Settled:
        settled = self.handling.settle(rows, results, ctx)
        store.append(ctx.tx, settled.records, ctx.now)
        points.reached("decided", self.handling.stage.name)
        return settled


def readers_of(stages: Iterable[Stage]) -> dict[Topic, list[Stage]]:
    """Every topic of the map with the stages that read it; dead letters have none."""
    readers: dict[Topic, list[Stage]] = {}
    for stage in stages:
        for topic in (*stage.writes, stage.dead_letters):
            readers.setdefault(topic, [])
        for topic in stage.reads:
            readers.setdefault(topic, []).append(stage)
    return readers


def _records(stage: Stage, events: Iterable[Event]) -> list[Outgoing]:
    router = Router(stage)
    return [router.record(event) for event in events]
