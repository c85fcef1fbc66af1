"""Waiting for what will be true, never for a time."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_NEVER = Event()


def until(condition: Callable[[], T], what: str, seconds: float = 30.0) -> T:
    """What `condition` returns once that is true. Fails, naming `what`, when it does not come true in time."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        _NEVER.wait(0.02)
    return answer
