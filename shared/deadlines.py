"""How long work outside a transaction may take."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class TookTooLong(Exception):
    """It was given up at its deadline; says which. (No TimeoutError: that is an OSError, which others answer for.)"""


async def within(seconds: float, work: Awaitable[T]) -> T:
    """What `work` returns. Raises TookTooLong after so many seconds; it is cancelled then, and not waited for, so that one
    that does not heed its cancellation holds up no one."""
    task = asyncio.ensure_future(work)
    try:
        ended, _ = await asyncio.wait((task,), timeout=seconds)
    except asyncio.CancelledError:
        _give_up(task)
        raise
    if not ended:
        _give_up(task)
        raise TookTooLong(f"took longer than {seconds:g} s")
    return task.result()


def _give_up(task: "asyncio.Future[T]") -> None:
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody else will look
    task.cancel()
