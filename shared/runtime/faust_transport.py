"""Faust's way to Kafka, mended: what it must not do is done otherwise here, and what must be watched can be seen.

Faust finds it as `rasid://` among the entry points `faust.transports` (pyproject.toml). It stands on private names of
faust-streaming and aiokafka; tests/integration/runtime/test_faust.py fails when they go.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, Protocol

import faust
from faust.app.base import BootStrategy
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from shared.runtime.kafka_lag import count_waiting

SCHEME = "rasid"


class Owner(Protocol):
    """Who takes the batches of an app: told when partitions go and when they have come."""

    async def settle(self, consumer: "Consumer") -> None:
        """Finishes and acknowledges the batch under way, and begins none until `begin`."""

    def begin(self) -> None:
        """What is read from now on is ours."""


class Consumer(driver.Consumer):
    """Commits the longest run of acknowledged messages among those that were delivered, and finishes the batch under way before
    partitions go. Faust's own counts on from whatever is acknowledged first: with the first message of a partition slow and the
    next ones done it commits past the slow one (faust-streaming #606)."""

    app: "App"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.delivered: dict[TP, deque[int]] = defaultdict(deque)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        self.delivered[tp].append(record.offset)
        return super()._to_message(tp, record)

    def _new_offset(self, tp: TP) -> int | None:
        """Where to go on in this partition; None: no further than before."""
        delivered, acked, committed = self.delivered[tp], self._acked_index[tp], self._committed_offset[tp] or 0
        reached = None
        while delivered and (delivered[0] in acked or delivered[0] < committed):
            reached = delivered.popleft()
            acked.discard(reached)
        self._acked[tp].clear()
        return None if reached is None else reached + 1

    async def perform_seek(self) -> None:
        """Back to what is committed: all that comes now is delivered anew."""
        self.delivered.clear()
        await super().perform_seek()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """The library waits for this before it joins again."""
        await self.app.owner.settle(self)
        self.delivered.clear()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """From now on what is read is ours."""
        await super().on_partitions_assigned(assigned, generation_id)
        self.app.owner.begin()

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    @property
    def library(self) -> Any:
        """The consumer inside, which lives in a thread of its own; None before it is made."""
        return self._thread._consumer

    @property
    def has_lost_its_group(self) -> bool:
        """Whether the task that keeps this member in its group has ended: after an error on joining that cannot be tried again
        the worker looks alive and reads nothing for ever."""
        task = self.library and self.library._coordinator._coordination_task
        return task is not None and bool(task.done())

    def is_behind(self) -> bool:
        """Whether the broker is known to have messages that were not delivered yet."""
        return any((self.highwater(tp) or 0) > (self._read_offset[tp] or 0) + 1 for tp in self.assignment())

    def cut(self) -> None:
        """Closes the connections, so that whatever waits for an answer ends."""
        if self.library is not None:
            asyncio.run_coroutine_threadsafe(self.library._client.close(), self._thread.thread_loop)

    def count_waiting(self, stage: str, through: Mapping[TP, int]) -> "Future[None]":
        """Keeps `rasid_stage_lag` up to date until it is cancelled; asked where the consumer lives."""
        return asyncio.run_coroutine_threadsafe(count_waiting(self.library, stage, through), self._thread.thread_loop)

    def echo(self) -> "Future[None]":
        """Done when the thread's loop has turned."""
        return asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._thread.thread_loop)


class _Thread(driver.AIOKafkaConsumerThread):
    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """The library would print to stderr, past every log; whoever watches the worker tells."""


class Transport(driver.Transport):
    """What Faust finds under `rasid://`."""

    Consumer = Consumer


class _NoProducer(BootStrategy):
    """Publishing is done by a publisher of our own: a third less CPU, and a failure stops it (kafka_publisher.py)."""

    enable_kafka_producer = False


class App(faust.App):
    """A Faust app without a producer, and with an owner."""

    BootStrategy = _NoProducer
    owner: Owner
