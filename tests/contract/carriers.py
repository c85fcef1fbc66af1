"""What the suite needs of each runtime besides the runtime: a place for it, a look at its log, and a way to make it refuse."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from sqlalchemy import Connection

from shared.clock import now
from shared.database import Database
from shared.events import Event
from shared.handlers import Handler, Outgoing, Record
from shared.runtime import log
from shared.runtime.embedded import EmbeddedRuntime
from shared.runtime.faust import FaustRuntime
from shared.runtime.kafka import KafkaRuntime
from shared.runtime.kafka_topics import all_topics, create_topics
from shared.topology import Stage, Topic
from shared.world import DatabaseAway
from tests.contract.house import BATCH, PARTITIONS, TABLES, House

SESSION_SECONDS = 1.5
LARGEST = "max.message.bytes"
POINTS = {
    ("embedded", "keep"): ("read", "effect", "decided", "committed"),
    ("embedded", "echo"): ("read", "effect", "decided", "committed"),
    ("embedded", "tell"): ("read", "effect", "decided", "committed"),
    ("kafka", "keep"): ("read", "effect", "decided", "committed", "published", "acknowledged"),
    ("kafka", "echo"): ("read", "effect", "decided", "published", "acknowledged"),
    ("kafka", "tell"): ("read", "effect", "decided", "committed", "published", "acknowledged"),
    ("faust", "keep"): ("read", "effect", "decided", "committed", "published", "acknowledged"),
    ("faust", "echo"): ("read", "effect", "decided", "published", "acknowledged"),
}
"""The points each stage passes on each runtime: see shared/points.py. (A timer on Faust is that on Kafka.)"""

Runtime = EmbeddedRuntime | KafkaRuntime


async def until(condition: Callable[[], Any] | Callable[[], Awaitable[Any]], what: str, seconds: float = 20.0) -> Any:
    """What `condition` says as soon as it says something; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


class Carrier(ABC):
    """One runtime, over a database of this test."""

    name: str

    def __init__(self, url: str, house: House) -> None:
        self.house, self.url = house, url
        self.database = Database(url)
        TABLES.create_all(self.database.engine)

    @abstractmethod
    def runtime(self, handlers: Sequence[Handler], *, database: Database | None = None, **options: Any) -> Runtime:
        """A runtime of this kind."""

    @abstractmethod
    async def put(self, topic: Topic, key: str, value: bytes) -> None:
        """Puts bytes into the log, past every door."""

    @abstractmethod
    async def messages(self, topic: Topic) -> list[Record]:
        """All that is in the log, in the order of its partitions."""

    @abstractmethod
    async def refuse(self, topic: Topic) -> None:
        """From now on the log takes nothing for this topic."""

    @abstractmethod
    async def allow(self, topic: Topic) -> None:
        """The log takes everything again."""

    @abstractmethod
    async def progress(self, stage: Stage) -> int:
        """How many inputs the stage has acknowledged."""

    @abstractmethod
    def duplicates(self, kills: int) -> int:
        """The most duplicates that so many kills may cause."""

    @abstractmethod
    async def open(self) -> None:
        """Makes ready what the map needs."""

    @abstractmethod
    async def close(self) -> None:
        """Ends what the suite itself opened."""

    async def publish(self, door: Stage, events: Iterable[Event]) -> None:
        """Puts events in by a door of the map."""
        runtime = self.runtime([])
        try:
            await runtime.publish(door, events)
        finally:
            if isinstance(runtime, KafkaRuntime):
                await runtime.close()

    @asynccontextmanager
    async def running(self, handlers: Sequence[Handler], **options: Any) -> AsyncIterator[Runtime]:
        """A runtime that runs meanwhile. What ends it early is raised here."""
        stop, runtime = asyncio.Event(), self.runtime(handlers, **options)
        task = asyncio.ensure_future(runtime.run(stop))
        try:
            yield runtime
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)


class Embedded(Carrier):
    """The embedded runtime: log, state and progress in one file."""

    name = "embedded"

    async def open(self) -> None:
        """The tables are all."""

    async def close(self) -> None:
        self.database.close()

    def runtime(self, handlers: Sequence[Handler], *, database: Database | None = None, **options: Any) -> EmbeddedRuntime:
        return EmbeddedRuntime(database or self.database, handlers, **options)

    async def put(self, topic: Topic, key: str, value: bytes) -> None:
        await self.database.transact(lambda tx: log.append(tx, [Outgoing(topic.name, key, value)], now()))

    async def messages(self, topic: Topic) -> list[Record]:
        with self.database.read() as tx:
            return log.after(tx, (topic,), 0, 100_000)

    async def refuse(self, topic: Topic) -> None:
        await self.database.transact(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count = {_pages(tx)}"))

    async def allow(self, topic: Topic) -> None:
        """Asked until it holds: it may share a transaction with writers whom the limit still stops."""
        while True:
            with suppress(DatabaseAway):
                await self.database.transact(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count = {_pages(tx) + 100_000}"))
                return

    async def progress(self, stage: Stage) -> int:
        with self.database.read() as tx:
            reached = log.progress(tx, stage.name)
            return sum(record.offset <= reached for record in log.after(tx, stage.reads, 0, 100_000))

    def duplicates(self, kills: int) -> int:
        return 0


def _pages(tx: Connection) -> int:
    return int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())


class Kafka(Carrier):
    """The Kafka runtime, on a real broker."""

    name = "kafka"
    kind: type[KafkaRuntime] = KafkaRuntime
    waits_with_all_partitions = False
    """Whether a message that has to wait holds up the partitions beside its own."""

    def __init__(self, url: str, house: House, bootstrap: str) -> None:
        super().__init__(url, house)
        self.bootstrap = bootstrap
        self._read: dict[str, list[Record]] = {}
        self._readers: dict[str, AIOKafkaConsumer] = {}
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)

    def runtime(self, handlers: Sequence[Handler], *, database: Database | None = None, **options: Any) -> KafkaRuntime:
        options = {"session_seconds": SESSION_SECONDS} | options
        return self.kind(self.bootstrap, database or self.database, handlers, **options)

    async def open(self) -> None:
        await create_topics(self.bootstrap, all_topics(self.house.stages))
        await self._admin.start()

    async def close(self) -> None:
        for reader in self._readers.values():
            await reader.stop()
        await self._admin.close()
        self.database.close()

    async def put(self, topic: Topic, key: str, value: bytes) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            await producer.send_and_wait(topic.name, value, key=key.encode())
        finally:
            await producer.stop()

    async def messages(self, topic: Topic) -> list[Record]:
        reader, found = await self._reader(topic), self._read[topic.name]
        ends = await reader.end_offsets(reader.assignment())
        for partition, end in ends.items():
            while await reader.position(partition) < end:
                for messages in (await reader.getmany(partition, timeout_ms=100)).values():
                    found += [Record(m.topic, m.partition, m.offset, (m.key or b"").decode(), m.value) for m in messages]
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def refuse(self, topic: Topic) -> None:
        await self._configure(topic, "101", "100")

    async def allow(self, topic: Topic) -> None:
        await self._configure(topic, "1048576")

    async def progress(self, stage: Stage) -> int:
        offsets: dict[TopicPartition, Any] = {}

        async def _answered() -> bool:
            try:
                offsets.update(await self._admin.list_consumer_group_offsets(stage.name))
            except KafkaError as error:
                if not error.retriable:
                    raise
                return False
            return True

        await until(_answered, "an answer of the broker")
        return sum(max(0, offset.offset) for offset in offsets.values())

    def duplicates(self, kills: int) -> int:
        return kills * BATCH * PARTITIONS

    async def is_rebalancing(self, stage: Stage) -> bool:
        """Whether a member asks to join or to leave, or a second one is there."""
        [answer] = await self._admin.describe_consumer_groups([stage.name])
        [(_, _, state, _, _, members, *_)] = answer.groups
        return state != "Stable" or len(members) > 1

    async def _reader(self, topic: Topic) -> AIOKafkaConsumer:
        if topic.name not in self._readers:
            reader = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
            await reader.start()
            reader.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
            self._readers[topic.name], self._read[topic.name] = reader, []
        return self._readers[topic.name]

    async def _configure(self, topic: Topic, *largest: str) -> None:
        """Sets the largest message, one after another. The broker shows a change before it keeps to it, but keeps to it
        before it shows the next."""
        for size in largest:
            wanted = ConfigResource(ConfigResourceType.TOPIC, topic.name, {LARGEST: size})
            await self._admin.alter_configs([wanted])

            async def _shown(size: str = size) -> bool:
                [answer] = await self._admin.describe_configs(
                    [ConfigResource(ConfigResourceType.TOPIC, topic.name, {LARGEST: ""})]
                )
                return any(entry[:2] == (LARGEST, size) for *_, entries in answer.resources for entry in entries)

            await until(_shown, f"{topic.name} takes {size} bytes at most")


class Faust(Kafka):
    """The Faust runtime, on the same broker."""

    name = "faust"
    kind = FaustRuntime
    waits_with_all_partitions = True
