"""How figures are taken: monotonic time, one core where one core is meant, medians of interleaved rounds."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple


class Rate(NamedTuple):
    """So many of something a second."""

    name: str
    per_second: float


@contextmanager
def one_core() -> Iterator[None]:
    """Everything this process does inside runs on one core, where the system can hold it to that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def rate(name: str, count: int, work: Callable[[], object], rounds: int = 3) -> Rate:
    """How many a second when `work` does `count` of them; the median of the rounds."""
    return Rate(name, count / median(seconds(work) for _ in range(rounds)))
