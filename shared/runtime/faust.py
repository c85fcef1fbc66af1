"""The Faust runtime: topic stages are carried by Faust agents, timers and doors as on the Kafka runtime.

A Faust worker loses messages in most of the shapes it is written in (docs/decisions/0035). The one that does not: one actor,
no acknowledgement but our own, one batch at a time, and of a batch first every publish, then `ack()`. What is acknowledged is
committed at once, and only as far as every message before it is acknowledged too. A worker that ends, or whose library has
stopped working while it looks alive, is taken down and begun anew.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from logging import getLogger
from tempfile import TemporaryDirectory
from typing import Any, cast

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition
from faust.types import EventT
from mode.supervisors import CrashingSupervisor

from shared import metrics, points
from shared.handlers import Record
from shared.outcomes import Retry
from shared.runtime.faust_transport import SCHEME, App, Consumer
from shared.runtime.kafka import KafkaRuntime, Stuck
from shared.runtime.kafka_stage import COMMIT_SECONDS, METADATA_SECONDS, StageLoop
from shared.runtime.timers import first_of

log = getLogger(__name__)

GAP_SECONDS = 0.001
"""A batch that is not full is begun when no message came for so long."""

WATCH_SECONDS = 0.25
REQUEST_SECONDS = 10.0
FINISH_SECONDS = 5.0
"""How long a stop waits for the batch under way; with what taking down takes it stays below the ten seconds promised."""

CLOSE_SECONDS = 1.0
"""How long a worker may take to end; then its connections are cut, and it may take as long again."""

UNWATCHED_SECONDS = 24 * 3600.0
"""The library makes a member leave that fetches nothing for so long; a batch may wait for the world longer than its default."""

LEAST_BUFFER = 200


class WorkerEnded(KafkaError):  # type: ignore[misc]  # the library has no types
    """Faust's worker ended, or must be ended, though nobody asked; says why."""


class FaustStage(StageLoop):
    """One stage's agent, in the group that bears the stage's name: the same group as on the Kafka runtime, so that a setting
    may choose between them. While the world is wrong it waits with all of its partitions unacknowledged."""

    _fault: BaseException | None = None
    _stop: asyncio.Event
    _ours: asyncio.Event
    """Set while what is read is this member's: not between losing partitions and getting new ones, nor after a stop."""

    _echo: "Future[None] | None" = None
    _counting: "Future[None] | None" = None

    async def _serve(self, stop: asyncio.Event) -> None:
        """One worker's life."""
        self._stop = stop
        with TemporaryDirectory(prefix="rasid-faust-") as folder:
            self._fault, self._echo, self._ours = None, None, asyncio.Event()
            app = self._app(folder)
            starting = asyncio.ensure_future(app.start())
            try:
                while not stop.is_set():
                    await first_of(WATCH_SECONDS, stop.wait())
                    self._look_after(app, starting)
                await self._finish()
            finally:
                starting.cancel()
                await self._take_down(app)

    def _app(self, folder: str) -> App:
        brokers = self._bootstrap.split(",")
        app = App(
            self.stage.name,
            broker=";".join(f"{SCHEME}://{broker.strip()}" for broker in brokers),
            broker_client_id=f"rasid-{self.stage.name}",
            broker_session_timeout=self._session,
            broker_heartbeat_interval=self._session / 5,
            broker_request_timeout=max(REQUEST_SECONDS, self._session),
            broker_rebalance_timeout=max(self._session, self._rebalance),
            broker_max_poll_interval=UNWATCHED_SECONDS,
            broker_commit_interval=COMMIT_SECONDS,  # every batch is committed by itself
            consumer_auto_offset_reset="earliest",
            consumer_metadata_max_age_ms=int(METADATA_SECONDS * 1000),
            key_serializer="raw",
            value_serializer="raw",  # with any other, bytes that do not decode are acknowledged and skipped
            stream_wait_empty=False,
            stream_buffer_maxsize=max(LEAST_BUFFER, 2 * self.handling.handler.batch),
            table_standby_replicas=0,  # partitions are then shared out as aiokafka does
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            datadir=folder,
            store="memory://",
        )
        app.owner = self
        source = app.topic(*[topic.name for topic in self.stage.reads])
        app.agent(source, name=self.stage.name, supervisor_strategy=CrashingSupervisor)(self._agent)
        return app

    async def _agent(self, stream: Any) -> None:
        queue, batch = stream.channel.queue, list[EventT[bytes]]()
        async for event in stream.noack().events():
            batch.append(event)
            if len(batch) < self.handling.handler.batch and not await _is_dry(queue):
                continue
            try:
                await self._through_all(batch)
            except Exception as error:
                self._fault = error
                raise
            batch.clear()

    async def _through_all(self, events: Sequence[EventT[bytes]]) -> None:
        """Takes these through the stage, however long the world needs. Those whose partitions have gone meanwhile are left, for
        they are delivered again; all others are not, and must not be left."""
        rest = list(events)
        while rest:
            await self._ours.wait()
            async with self._lock:
                if not self._ours.is_set():
                    continue
                rest = [event for event in rest if not _is_stale(event)]
                done, pause = await self._carried(rest) if rest else (0, None)
            rest = rest[done:]
            if pause is not None:
                metrics.RETRIES.labels(self.stage.name).inc()
                await first_of(pause, self._stop.wait())

    async def _carried(self, events: Sequence[EventT[bytes]]) -> tuple[int, float | None]:
        """How many of these, from the first, are acknowledged; and how long to wait before the rest is offered again."""
        name = self.stage.name
        self._turned()
        points.reached("read", name)
        with metrics.BATCH_SECONDS.labels(name).time():
            try:
                items = await self.handling.prepare([_record(event) for event in events])
                points.reached("effect", name)
                decided = await self._decide(items)
                await self._publisher.publish(decided.records)
            except Retry as world:
                log.warning("Waiting for the world.", extra={"stage": name, "wait": world.after, "reason": str(world)})
                return 0, world.after
            points.reached("published", name)
            for event in events[: decided.done]:
                event.ack()
            if decided.done:
                await self._commit(events[0].app.consumer)
        points.reached("acknowledged", name)
        self._failures = 0
        for outcome, count in decided.counts.items():
            metrics.MESSAGES.labels(name, outcome).inc(count)
        self._told()
        return decided.done, decided.pause

    async def _commit(self, consumer: Any) -> None:
        """Commits what is acknowledged, now."""
        try:
            async with asyncio.timeout(COMMIT_SECONDS):  # the library itself tries for ever
                while await consumer.maybe_wait_for_commit_to_finish():
                    pass
                if not await consumer.commit() and consumer.crashed:
                    raise KafkaError(f"the broker took no offsets: {consumer.crash_reason}")
        except TimeoutError as error:
            raise KafkaError("the broker took no offsets") from error
        committed = {TopicPartition(*tp): offset for tp, offset in consumer._committed_offset.items() if offset is not None}
        self._through.update(committed)

    async def settle(self, consumer: Consumer) -> None:
        """Partitions go: finishes and commits the batch under way, and begins none until `begin`."""
        async with self._lock:
            self._ours.clear()
            self._forget()
            with suppress(KafkaError):  # what is not committed comes again
                await self._commit(consumer)

    def begin(self) -> None:
        """Partitions have come."""
        self._ours.set()

    async def _finish(self) -> None:
        """Waits for the batch under way, and lets none begin."""
        try:
            async with asyncio.timeout(FINISH_SECONDS), self._lock:
                self._ours.clear()
        except TimeoutError:
            log.warning("Cut off in the middle of a batch; it is done again.", extra={"stage": self.stage.name})

    def _look_after(self, app: App, starting: "asyncio.Future[None]") -> None:
        """Raises what ended the worker, or WorkerEnded; notes that it turns, if it does."""
        if self._fault is not None:
            raise self._fault
        if starting.done() and (error := starting.exception()) is not None:
            raise WorkerEnded(f"it did not start: {error!r}") from error
        if app.crashed or app.should_stop:
            raise WorkerEnded(repr(app.crash_reason))
        consumer = cast(Consumer, app.consumer)
        if lost := consumer.lost:
            raise WorkerEnded(lost)
        if not starting.done():
            return
        if self._counting is None:
            self._counting = consumer.count_waiting(self.stage.name, self._through)
        if self._echo is None or self._echo.done():
            try:
                self._echo = consumer.echo()
            except RuntimeError as error:
                raise WorkerEnded("its thread has ended") from error
            if not self._lock.locked() and not consumer.is_behind():
                self._turned()

    async def _take_down(self, app: App) -> None:
        """Ends a worker, by force if need be. Raises Stuck where even that does not help: a thread that goes on would keep its
        partitions from others."""
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        stopping = asyncio.ensure_future(app.stop())
        await asyncio.wait([stopping], timeout=CLOSE_SECONDS)
        if not stopping.done():
            cast(Consumer, app.consumer).cut()
            await asyncio.wait([stopping], timeout=CLOSE_SECONDS)
        if not stopping.done() and not self._stop.is_set():
            raise Stuck(f"Faust's worker of stage {self.stage.name} does not end")
        if stopping.done():
            with suppress(Exception):
                stopping.result()


class FaustRuntime(KafkaRuntime):
    """`KafkaRuntime`, its topic stages carried by Faust."""

    stage_loop = FaustStage


async def _is_dry(queue: "asyncio.Queue[Any]") -> bool:
    """Whether nothing waits, and nothing comes. (Faust's `noack_take` always waits as long as it is given: with little, batches
    are small where much waits; with much, messages are late where little does.)"""
    if queue.empty():
        await asyncio.sleep(GAP_SECONDS)
    return queue.empty()


def _is_stale(event: EventT[bytes]) -> bool:
    """Whether this was read before partitions last went; it is delivered again, here or elsewhere."""
    return bool(event.message.generation_id != event.app.consumer_generation_id)


def _record(event: EventT[bytes]) -> Record:
    message = event.message
    key = (message.key or b"").decode("utf-8", "replace")
    return Record(message.topic, message.partition, message.offset, key, message.value or b"")
