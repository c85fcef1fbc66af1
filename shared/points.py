"""The named points at which a runtime may be cut off, so that tests can kill a process exactly there.

A runtime calls `reached(point, stage)` as it passes; nothing happens unless a test has installed a hook. What each point
promises, for both runtimes (a timer passes the same points; its inputs are due rows):

- `read`: inputs are in memory (of a timer: leased, and that is durable); nothing else has happened.
- `effect`: the stage's effect has run, outside any transaction; nothing is written.
- `decided`: the decision stands in the open transaction; it is not durable. Called from the thread that runs the transaction.
- `committed`: state is durable. Embedded: output and progress too. Kafka: nothing is published, the offset stands still.
- `published`: every record is acknowledged by the broker; the offset stands still (of a timer: rows are not marked done).
- `acknowledged`: the offset is committed (of a timer: rows are marked done).

The embedded runtime publishes and acknowledges in the stage's own transaction: of a topic stage it passes the first four
points only. A stage without state has no transaction on Kafka: it passes `decided`, and `committed` means nothing there.
"""

from collections.abc import Callable
from typing import Literal, get_args

Point = Literal["read", "effect", "decided", "committed", "published", "acknowledged"]
POINTS: tuple[Point, ...] = get_args(Point)

Hook = Callable[[Point, str], None]
_hook: Hook | None = None


def install(hook: Hook | None) -> None:
    """Calls `hook(point, stage name)` at every point of this process from now on; None: no more. For tests alone."""
    global _hook
    _hook = hook


def reached(point: Point, stage: str) -> None:
    """Tells the hook, if there is one, that this stage is at this point."""
    if _hook is not None:
        _hook(point, stage)
