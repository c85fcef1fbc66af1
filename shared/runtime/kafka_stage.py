"""The loop of a stage that Kafka topics feed: read, effect, transaction, publish, commit the offset, in this order.

Whatever dies in between, the input comes again, and the stage answers it the same (it is idempotent). One lock goes around
all of it, and giving partitions away takes the same lock, so that a batch in flight is committed before they go. Nothing
ever waits inside `getmany` with that lock held: during a rebalance it would wait for the assignment, the assignment for the
lock, for ever.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from logging import getLogger
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from shared import metrics, points
from shared.clock import Clock
from shared.database import Database
from shared.handlers import Context, Record
from shared.handling import Decided, TopicHandling
from shared.outcomes import Retry
from shared.runtime.kafka_lag import count_waiting
from shared.runtime.kafka_publisher import CLOSE_SECONDS, Publisher
from shared.runtime.timers import first_of
from shared.topology import Stage

log = getLogger(__name__)

POLL_SECONDS, POLL_LIMIT = 0.2, 0.3
"""How long a look at the broker may wait for messages; and when it is given up, as during a rebalance."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
REBALANCE_SECONDS = 30.0
"""How long the others wait in a rebalance for a member that is in the middle of a batch. One that is not through by then is
left behind: its partitions go to them, its commit is refused, and the batch is theirs."""

METADATA_SECONDS = 10.0
"""How soon a topic made after the start is found."""

COMMIT_SECONDS = 60.0
FETCH_WAIT_MS = 100
"""How long the broker may hold a request that finds nothing. A partition that is put back, or was busy when the request went
out, waits for its end."""


class StageLoop:
    """One stage's consumer, in the group that bears the stage's name."""

    def __init__(
        self,
        handling: TopicHandling,
        bootstrap: str,
        database: Database | None,
        clock: Clock,
        publisher: Publisher,
        session_seconds: float,
        told: Callable[[], None],
        rebalance_seconds: float = REBALANCE_SECONDS,
    ) -> None:
        self.handling, self.stage = handling, handling.stage
        if handling.stage.state:
            required(database, handling.stage)
        self._bootstrap, self._database, self._clock = bootstrap, database, clock
        self._publisher, self._session, self._told = publisher, session_seconds, told
        self._rebalance = rebalance_seconds
        self._lock = asyncio.Lock()
        self._resume_at: dict[TopicPartition, float] = {}
        self._through: dict[TopicPartition, int] = {}
        self._failures = 0
        self.turned: float | None = None
        handling.turned = self._turned

    async def run(self, stop: asyncio.Event) -> None:
        """Reads until `stop`, and joins again after whatever Kafka's client gives up on. Raises MapError, or a bug."""
        try:
            while not stop.is_set():
                try:
                    await self._serve(stop)
                except KafkaError as error:
                    pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
                    self._failures += 1
                    log.warning(
                        "Lost Kafka; joining again. If it never was there: is the address right, and user and password?",
                        extra={"stage": self.stage.name, "wait": pause, "reason": f"{type(error).__name__}: {error}"},
                    )
                    self._turned()
                    await first_of(pause, stop.wait())
        finally:
            await self._publisher.close()

    async def _serve(self, stop: asyncio.Event) -> None:
        """One membership of the group: from joining to leaving."""
        consumer = self._consumer()
        try:
            started = asyncio.ensure_future(consumer.start())
            stopped = asyncio.ensure_future(stop.wait())
            beside = [started, stopped]
            try:
                await asyncio.wait({started, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if started.done():
                    started.result()
                    beside.append(asyncio.ensure_future(count_waiting(consumer, self.stage.name, self._through)))
                while started.done() and not stop.is_set():
                    await self._turn(consumer)
            finally:
                for task in beside:
                    task.cancel()
        finally:
            with suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await consumer.stop()

    def _consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=f"rasid-{self.stage.name}",
            group_id=self.stage.name,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # the default skips everything that waited for a group's first start
            session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._session * 1000 / 5),
            rebalance_timeout_ms=int(max(self._session, self._rebalance) * 1000),
            metadata_max_age_ms=int(METADATA_SECONDS * 1000),
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        consumer.subscribe([topic.name for topic in self.stage.reads], listener=_Listener(self._lock, self._forget))
        return consumer

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        async with self._lock:
            self._resume_due(consumer)
            try:
                fetched = await asyncio.wait_for(
                    consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=self.handling.handler.batch), POLL_LIMIT
                )
            except TimeoutError:
                fetched = {}
            self._turned()
            if fetched:
                with metrics.BATCH_SECONDS.labels(self.stage.name).time():
                    await self._carry(consumer, [_record(message) for messages in fetched.values() for message in messages])
                self._failures = 0

    async def _carry(self, consumer: AIOKafkaConsumer, records: Sequence[Record]) -> None:
        """Takes a batch through the stage, as far as it gets; what it does not get to is read again."""
        name = self.stage.name
        points.reached("read", name)
        try:
            items = await self.handling.prepare(records)
            points.reached("effect", name)
            decided = await self._decide(items)
            await self._publisher.publish(decided.records)
        except Retry as world:
            log.warning("Waiting for the world.", extra={"stage": name, "wait": world.after, "reason": str(world)})
            self._put_back(consumer, records)
            self._pause(consumer, records, world.after)
            return
        points.reached("published", name)
        await self._acknowledge(consumer, records[: decided.done])
        points.reached("acknowledged", name)
        for outcome, count in decided.counts.items():
            metrics.MESSAGES.labels(name, outcome).inc(count)
        self._told()
        rest = records[decided.done :]
        self._put_back(consumer, rest)
        if decided.pause is not None:
            self._pause(consumer, rest[:1], decided.pause)

    async def _decide(self, items: Sequence[Any]) -> Decided:
        if not self.stage.state:
            ctx = Context(self._clock(), None)  # type: ignore[arg-type]  # a stage without state has no transaction
            decided = self.handling.decide(items, ctx)
            points.reached("decided", self.stage.name)
            return decided

        def _apply(tx: Any) -> Decided:
            decided = self.handling.decide(items, Context(self._clock(), tx))
            points.reached("decided", self.stage.name)
            return decided

        decided = await required(self._database, self.stage).transact(_apply)
        points.reached("committed", self.stage.name)
        return decided

    async def _acknowledge(self, consumer: AIOKafkaConsumer, records: Sequence[Record]) -> None:
        """Commits where to go on, per partition: always explicit, never whatever the consumer has read."""
        offsets = {_place(record): record.offset + 1 for record in records}
        if not offsets:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):  # the library itself tries for ever
                await consumer.commit(offsets)
        except TimeoutError as error:
            raise KafkaError("the broker took no offsets") from error
        except (CommitFailedError, IllegalStateError) as error:
            log.warning(
                "Partitions went to another member first; it does this batch again.",
                extra={"stage": self.stage.name, "reason": str(error)},
            )
            return
        self._through.update(offsets)

    def _put_back(self, consumer: AIOKafkaConsumer, records: Sequence[Record]) -> None:
        """The next read begins with these again; where the partition is gone, its new owner's does."""
        firsts: dict[TopicPartition, int] = {}
        for record in records:
            firsts.setdefault(_place(record), record.offset)
        for place, offset in firsts.items():
            with suppress(IllegalStateError):
                consumer.seek(place, offset)

    def _pause(self, consumer: AIOKafkaConsumer, records: Iterable[Record], seconds: float) -> None:
        """Leaves the partitions of these records alone for so long; others go on, and nothing is held meanwhile."""
        metrics.RETRIES.labels(self.stage.name).inc()
        due = asyncio.get_running_loop().time() + seconds
        for place in {_place(record) for record in records}:
            with suppress(IllegalStateError):
                consumer.pause(place)
                self._resume_at[place] = due

    def _resume_due(self, consumer: AIOKafkaConsumer) -> None:
        now = asyncio.get_running_loop().time()
        for place in [place for place, due in self._resume_at.items() if due <= now]:
            del self._resume_at[place]
            with suppress(IllegalStateError):
                consumer.resume(place)

    def _forget(self) -> None:
        """Partitions go: a pause goes with them, the next owner finds out for itself."""
        self._resume_at.clear()
        self._through.clear()

    def _turned(self) -> None:
        self.turned = asyncio.get_running_loop().time()
        metrics.LAST_TURN.labels(self.stage.name).set(self._clock().timestamp())


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Lets a batch in flight finish before partitions go."""

    def __init__(self, lock: asyncio.Lock, forget: Callable[[], None]) -> None:
        self._lock, self._forget = lock, forget

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """The library waits for this before it joins again."""
        async with self._lock:
            self._forget()

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing: what is raised here is swallowed, and reading goes on."""


def required(database: Database | None, stage: Stage) -> Database:
    """The database, which this stage cannot do without. Raises ValueError."""
    if database is None:
        raise ValueError(f"stage {stage.name} keeps state and was given no database")
    return database


def _place(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _record(message: Any) -> Record:
    key = (message.key or b"").decode("utf-8", "replace")
    return Record(message.topic, message.partition, message.offset, key, message.value or b"")
