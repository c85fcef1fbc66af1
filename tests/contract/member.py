"""A member program: a process of its own that runs the suite's stages until it is told to stop, or kills itself (-9) at a
named point. Started from a fork server, so that a start costs milliseconds."""

import asyncio
import logging
import multiprocessing
import os
import signal
from dataclasses import dataclass
from typing import Any

from shared import points
from shared.database import Database
from shared.runtime.embedded import EmbeddedRuntime
from shared.runtime.faust import FaustRuntime
from shared.runtime.kafka import KafkaRuntime
from tests.contract.house import House

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", "tests.contract.member"])


@dataclass(frozen=True, kw_only=True)
class Role:
    """What a member does. `point`, `at`, `time`: it dies when stage `at` comes to `point` for that time."""

    prefix: str
    url: str
    stages: tuple[str, ...]
    runtime: str = "embedded"
    bootstrap: str | None = None
    session_seconds: float = 10.0
    point: str | None = None
    at: str = ""
    time: int = 1


class Member:
    """A member's process, begun."""

    def __init__(self, role: Role) -> None:
        self._ready = FORKS.Event()
        self._process = FORKS.Process(target=main, args=(role, self._ready), daemon=True)
        self._process.start()

    async def ended(self, seconds: float = 20.0) -> int:
        """Its exit code, once it has ended by itself."""
        await asyncio.to_thread(self._process.join, seconds)
        assert self._process.exitcode is not None, f"still alive after {seconds} s"
        return int(self._process.exitcode)

    async def killed(self, after: float = 0.0) -> int:
        """kill -9, so many seconds from now; its exit code."""
        await asyncio.to_thread(self._process.join, after)
        self._process.kill()
        return await self.ended()

    async def stopped(self) -> int:
        """Stops it in order; its exit code."""
        assert await asyncio.to_thread(self._ready.wait, 20)
        self._process.terminate()
        return await self.ended()


def main(role: Role, ready: Any) -> None:
    """The member's life."""
    logging.basicConfig(level=logging.ERROR)
    database = Database(role.url)
    if role.point is not None:
        _die_at(role)
    handlers = House(role.prefix).handlers(*role.stages)
    runtime: KafkaRuntime | EmbeddedRuntime
    if role.bootstrap is None:
        runtime = EmbeddedRuntime(database, handlers)
    else:
        kind = FaustRuntime if role.runtime == "faust" else KafkaRuntime
        runtime = kind(role.bootstrap, database, handlers, session_seconds=role.session_seconds)
    asyncio.run(_live(runtime, ready))
    database.close()


async def _live(runtime: KafkaRuntime | EmbeddedRuntime, ready: Any) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ready.set()
    await runtime.run(stop)


def _die_at(role: Role) -> None:
    passed = 0

    def _hook(point: str, stage: str) -> None:
        nonlocal passed
        if point == role.point and stage == role.at:
            passed += 1
            if passed == role.time:
                os.kill(os.getpid(), signal.SIGKILL)

    points.install(_hook)
