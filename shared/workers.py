"""The pool of worker processes for CPU work: parse, extract, classify.

A function run here must be importable by name. A worker that dies or runs past its time takes only its own task with it:
`WorkerFailed` counts as a try of that message, and the others go on.
"""

import asyncio
import gc
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TaskTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from logging import getLogger
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from shared.deadlines import TookTooLong
from shared.outcomes import Retry

log = getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

RENEW_SECONDS = 1.0
"""How long to wait before a pool that broke is tried again, made anew."""

COLLECT_AFTER = (50_000, 20, 100)
"""Objects made before the youngest are looked through, and how many such looks before the older ones are."""


class WorkerFailed(Exception):
    """A worker process died, or its task ran past its time; says which."""


class WorkerTooSlow(WorkerFailed, TookTooLong):
    """The task ran past its time, and was ended with its process."""


class Workers:
    """`size` processes, started at the first task, each prepared by `prepare(*arguments)`; close it when done."""

    def __init__(self, size: int = 0, *, prepare: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()) -> None:
        self.size = size or max(1, (os.cpu_count() or 2) - 1)
        self._prepare = (prepare, arguments)
        self._pool = self._new_pool()
        self._closed = False

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self.size,
            initializer=_begin,
            initargs=self._prepare,
            context=multiprocessing.get_context("spawn"),
        )

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, or raises. Raises WorkerFailed where the process died over it, Retry where no process can be
        had at all (no memory, no more processes)."""
        return await self.run_within(None, work, *args, **kwargs)

    async def run_within(self, seconds: float | None, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`run`, ended with its process after `seconds`."""
        pool = self._pool
        try:
            result: T = await asyncio.wrap_future(_scheduled(pool, seconds, partial(work, *args, **kwargs)))
        except BrokenProcessPool as error:
            self._renew(pool)
            raise Retry(f"no worker process can be had: {error}", after=RENEW_SECONDS) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise WorkerFailed(f"{work.__name__} was given up with the pool it waited in") from error
        except ProcessExpired as error:
            raise WorkerFailed(f"the worker process ended with {error.exitcode} while it ran {work.__name__}") from error
        except (TaskTimeout, TimeoutError) as error:
            raise WorkerTooSlow(f"{work.__name__} took longer than {seconds} s") from error
        return result

    def _renew(self, broken: ProcessPool) -> None:
        """Puts a new pool in the place of this one, unless someone has done so, or it is over."""
        if self._pool is broken and not self._closed:
            log.warning("The pool of worker processes broke; made anew.")
            self._pool = self._new_pool()

    def close(self) -> None:
        """Ends the workers; tasks not begun are cancelled."""
        self._closed = True
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates no method without arguments
        self._pool.join()


def _scheduled(pool: ProcessPool, seconds: float | None, work: Callable[[], T]) -> "Future[T]":
    """The task's future. Raises BrokenProcessPool where the pool takes none any more."""
    try:
        future: Future[T] = pool.schedule(work, timeout=seconds)
    except RuntimeError as error:  # what pebble says of a pool that broke or is closed
        raise BrokenProcessPool(str(error)) from error
    return future


def collect_seldom() -> None:
    """Has this process look for garbage seldom, and never among what is there now. A batch makes many objects that die
    together, most of them without the collector; looking each time through all of them costs a sixth of the throughput."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def limit_memory(most: int) -> None:
    """`prepare` for a pool: no process of it takes more than `most` bytes of address space; what would raises MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _begin(prepare: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    collect_seldom()
    if prepare is not None:
        prepare(*arguments)
