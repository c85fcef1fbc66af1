"""How a runtime ends: it lets what is under way settle, and cuts off what does not within its grace."""

import asyncio
from collections.abc import Sequence
from logging import getLogger
from typing import Any

log = getLogger(__name__)

GRACE_SECONDS = 6.0
"""How long a stop waits for batches under way. What closing takes then (clients of Kafka, workers, the database) is given
seconds of its own, so that all of it stays below the ten seconds promised."""


async def cut_off(stop: asyncio.Event, tasks: Sequence[asyncio.Task[Any]], seconds: float = GRACE_SECONDS) -> None:
    """Once `stop` is set, cancels those tasks that have not ended after `seconds`. What they were at is done again."""
    await stop.wait()
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        log.warning("Cut off in the middle of a batch; it is done again.", extra={"stage": task.get_name()})
        task.cancel()
