"""Faust's way to Kafka, mended: what it must not do is done otherwise here, and what must be watched can be seen.

Faust finds it as `rasid://` among the entry points `faust.transports` (pyproject.toml). It stands on private names of
faust-streaming and aiokafka; tests/integration/runtime/test_faust.py fails when they go.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

import faust
from aiokafka.errors import IllegalStateError
from faust.app.base import BootStrategy
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from mode.threads import ServiceThread, WorkerThread

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
    _thread: "_Thread"

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
    def lost(self) -> str:
        """Why this member has lost its group for good; empty while it has not. After an error on joining that cannot be tried
        again the worker looks alive and reads nothing for ever: the library waits for a user to ask, and Faust never asks."""
        if self.library is None:
            return ""
        coordinator = self.library._coordinator
        if coordinator is None:  # it is starting
            return ""
        if coordinator._coordination_task.done():
            return "the task that keeps its place has ended"
        fault = coordinator._pending_exception
        return "" if fault is None else f"{type(fault).__name__}: {fault}"

    def highwater(self, tp: TP) -> int:
        """Where this partition ends; 0 where that is not known, or the partition has just gone (the thread does not wait)."""
        try:
            return super().highwater(tp) or 0
        except (AssertionError, IllegalStateError):
            return 0

    def is_behind(self) -> bool:
        """Whether the broker is known to have messages that the library did not hand over yet."""
        assignment = self.library._subscription.subscription and self.library._subscription.subscription.assignment
        if assignment is None:
            return False
        states = [assignment.state_value(tp) for tp in assignment.tps]
        return any(state and (state.highwater or 0) > (state._position or 0) for state in states)

    def cut(self) -> None:
        """Ends the thread in whatever it does: while no broker answers, the library does not end by itself."""
        with suppress(RuntimeError):  # it has ended by itself
            asyncio.run_coroutine_threadsafe(self._thread.cut(), self._thread.thread_loop)

    def count_waiting(self, stage: str, through: Mapping[TP, int]) -> "Future[None]":
        """Keeps `rasid_stage_lag` up to date until it is cancelled; asked where the consumer lives."""
        return asyncio.run_coroutine_threadsafe(count_waiting(self.library, stage, through), self._thread.thread_loop)

    def echo(self) -> "Future[None]":
        """Done when the thread's loop has turned."""
        return asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._thread.thread_loop)


class _Daemon(WorkerThread):
    """A thread that holds up no process that has to end."""

    def __init__(self, service: ServiceThread, **kwargs: Any) -> None:
        super().__init__(service, **kwargs)
        self.daemon = True


class _Thread(driver.AIOKafkaConsumerThread):
    Worker = _Daemon

    def _start_thread(self) -> None:
        """The thread's life. What ends it is told by `crash`; here it would only be printed."""
        with suppress(Exception, asyncio.CancelledError):
            super()._start_thread()
        self.set_shutdown()

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """The library would print to stderr, past every log; whoever watches the worker tells."""

    async def cut(self) -> None:
        """Closes the connections and cancels all there is; stopping then finds nothing to wait for."""
        if self._consumer is not None:
            with suppress(Exception):
                await self._consumer._client.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()


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
