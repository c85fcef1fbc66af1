"""Keeps the Kafka library from drowning the log: while a broker is away it writes some ten ERROR lines a second."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_SECONDS = 30.0
LIBRARY = "aiokafka"


class Seldom(logging.Filter):
    """Lets one line of each place in the code through in `seconds`, and tells how many it held back."""

    def __init__(self, seconds: float = EVERY_SECONDS, ticks: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds, self._ticks = seconds, ticks
        self._last: dict[tuple[str, int], float] = {}
        self._held: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is let through."""
        place, now = (record.name, record.lineno), self._ticks()
        if now - self._last.get(place, float("-inf")) < self._seconds:
            self._held[place] = self._held.get(place, 0) + 1
            return False
        self._last[place] = now
        if held := self._held.pop(place, 0):
            record.msg, record.args = f"{record.getMessage()} ({held} more like it held back)", None
        return True


_SELDOM = Seldom()


@contextmanager
def hushed() -> Iterator[None]:
    """Inside, the library logs nothing: what it has to say is in the error it raises, which the caller tells."""
    logger = logging.getLogger(LIBRARY)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def quieten() -> None:
    """Limits every logger of the library, once; a filter does not reach a logger's children, so each has its own."""
    for name in [LIBRARY, *logging.root.manager.loggerDict]:
        if name == LIBRARY or name.startswith(f"{LIBRARY}."):
            logger = logging.getLogger(name)
            if _SELDOM not in logger.filters:
                logger.addFilter(_SELDOM)
