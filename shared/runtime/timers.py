"""The loop of a stage fed by a timer, the same for every runtime.

Rows are taken under lease in a transaction of their own, each row's effect runs by itself with bounded concurrency, and
what is ready is settled together: one slow row holds up no other. The runtime brings `settle`, which decides, publishes
and marks done in its own way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from logging import getLogger
from typing import Any

from shared import metrics, points
from shared.clock import Clock
from shared.database import Database
from shared.deadlines import within
from shared.handlers import Context, Failed, TimerHandler
from shared.handling import EFFECT_SECONDS
from shared.outcomes import MapError, Retry

log = getLogger(__name__)

GRACE_SECONDS = 5.0
"""How long a stop waits for effects under way; what is cut off then is taken again after its lease."""

FAILED_SECONDS = 5.0
"""How long a timer rests after a bug in taking rows or in marking them done."""

Settle = Callable[[Sequence[Any], Sequence[Any]], Awaitable[None]]
"""`settle(rows, results)`: decides, publishes, marks done or failed; the result of an effect that raised, or ran past its
deadline, is a `Failed`. Raises Retry where the world failed; nothing is then kept."""


class GivenUp(Exception):
    """An effect was cancelled, and not by us."""


class TimerLoop:
    """Runs one timer stage until told to stop. `wake` may be set at any time to look for due rows at once."""

    def __init__(
        self, handler: TimerHandler, database: Database, clock: Clock, settle: Settle, *, deadline: float = EFFECT_SECONDS
    ) -> None:
        self._deadline = handler.deadline or deadline
        self._handler, self._database, self._clock, self._settle = handler, database, clock, settle
        self._name = handler.stage.name
        self._running: dict[asyncio.Task[Any], Any] = {}
        self._ready: list[tuple[Any, Any]] = []
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Takes and settles until `stop`, then settles what is under way for GRACE_SECONDS."""
        while not stop.is_set():
            metrics.LAST_TURN.labels(self._name).set(self._clock().timestamp())
            try:
                await self._turn(stop)
            except Retry as world:
                metrics.RETRIES.labels(self._name).inc()
                log.warning("Waiting for the world.", extra={"stage": self._name, "wait": world.after, "reason": str(world)})
                await first_of(world.after, stop.wait())
            except MapError:
                raise
            except Exception as error:
                log.error("A timer failed; it looks again later.", extra={"stage": self._name}, exc_info=error)
                await first_of(FAILED_SECONDS, stop.wait())
        await self._finish()

    async def _turn(self, stop: asyncio.Event) -> None:
        self.wake.clear()
        room = self._handler.batch
        if self._handler.effect is not None:
            room = min(room, self._handler.concurrency - len(self._running))
        taken = 0
        if self._ready:
            taking = [self._take(room)] if room > 0 and len(self._ready) <= self._handler.batch else []
            taken = await _together(self._settle_ready(), *taking)
        elif room > 0:
            taken = await self._take(room)
            if self._ready:  # no effect: at once
                await self._settle_ready()
        if self._running or not (taken or self._ready):
            await self._wait(stop)

    async def _take(self, room: int) -> int:
        """Takes up to so many rows and begins their effects; how many they were."""
        rows = await self._database.transact(lambda tx: self._handler.take(Context(self._clock(), tx), room))
        if rows:
            points.reached("read", self._name)
        for row in rows:
            if self._handler.effect is None:
                self._ready.append((row, None))
            else:
                self._running[asyncio.ensure_future(within(self._deadline, self._effect(row)))] = row
        return len(rows)

    async def _effect(self, row: Any) -> Any:
        if self._handler.effect is None:
            return None
        return await self._handler.effect(row)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Until an effect ends, someone wakes the timer, it is told to stop, or it is time to look again."""
        await first_of(self._handler.every, stop.wait(), self.wake.wait(), *self._running)
        self._collect()

    def _collect(self) -> None:
        for task in [task for task in self._running if task.done()]:
            row = self._running.pop(task)
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            if error is None:
                self._ready.append((row, task.result()))
            else:
                self._ready.append((row, Failed(error if isinstance(error, Exception) else GivenUp())))

    async def _settle_ready(self) -> None:
        points.reached("effect", self._name)
        ready = self._ready[: self._handler.batch]
        await self._settle([row for row, _ in ready], [result for _, result in ready])
        del self._ready[: len(ready)]

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE_SECONDS)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running = {task: row for task, row in self._running.items() if not task.cancelled()}
        self._collect()
        try:
            while self._ready:
                await self._settle_ready()
        except Retry as world:
            log.warning("Stopped before all was settled; it is taken again.", extra={"stage": self._name, "reason": str(world)})


async def _together(settling: Awaitable[None], *taking: Awaitable[int]) -> int:
    """Both at once, which on SQLite is one commit; how many were taken. What one raises does not undo the other."""
    first, *rest = await asyncio.gather(settling, *taking, return_exceptions=True)
    for outcome in (first, *rest):
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(rest)  # type: ignore[arg-type]  # what was raised was raised


async def first_of(seconds: float, *waits: Coroutine[Any, Any, Any] | asyncio.Task[Any]) -> None:
    """Returns when the first of these is through, or after `seconds`. Tasks go on; coroutines given here end with it."""
    tasks = [wait if isinstance(wait, asyncio.Task) else asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, wait in zip(tasks, waits, strict=True):
            if task is not wait:
                task.cancel()
