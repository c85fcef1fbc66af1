"""The pool of worker processes, with real processes that really die."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.outcomes import Retry
from shared.workers import WorkerFailed, Workers, WorkerTooSlow


@pytest.fixture
def workers() -> Iterator[Workers]:
    pool = Workers(2)
    yield pool
    pool.close()


async def test_work_runs_in_another_process(workers: Workers) -> None:
    assert await workers.run(os.getpid) != os.getpid()


async def test_an_error_comes_back_as_it_was_raised(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError):
        await workers.run(divmod, 1, 0)


async def test_a_worker_that_dies_takes_only_its_own_task_with_it(workers: Workers) -> None:
    tasks = [workers.run(divmod, n, 2) for n in range(20)]
    answers = await asyncio.gather(workers.run(os._exit, 3), *tasks, return_exceptions=True)
    assert isinstance(answers[0], WorkerFailed)
    assert answers[1:] == [divmod(n, 2) for n in range(20)]


async def test_a_worker_that_dies_while_it_has_nothing_to_do_is_replaced(workers: Workers) -> None:
    for _ in range(3):
        process = await workers.run(os.getpid)
        os.kill(process, signal.SIGKILL)
        assert ended(process, within=10)
        assert await answered(workers) == (3, 1)


async def answered(workers: Workers) -> tuple[int, int]:
    """What is asked again where there was no worker; a try is never counted against the task."""
    for _ in range(20):
        try:
            return await workers.run(divmod, 7, 2)
        except Retry:
            continue
    raise AssertionError("no worker, twenty times")


async def test_a_task_past_its_time_is_ended_with_its_process(workers: Workers) -> None:
    with pytest.raises(WorkerTooSlow, match=r"longer than 0\.5 s"):
        await workers.run_within(0.5, signal.pause)
    assert await workers.run(divmod, 7, 2) == (3, 1)


def die_unless(file: str) -> None:
    """A worker that cannot start while the file is not there."""
    if not Path(file).exists():
        os._exit(3)


async def test_where_no_worker_can_be_had_it_is_a_retry_and_later_work_goes_on(tmp_path: Path) -> None:
    there = tmp_path / "there"
    pool = Workers(1, prepare=die_unless, arguments=(str(there),))
    try:
        for _ in range(2):
            with pytest.raises(Retry, match="no worker process can be had"):
                await pool.run(divmod, 7, 2)
        there.touch()
        assert await pool.run(divmod, 7, 2) == (3, 1)
    finally:
        pool.close()


PARENT = """
import asyncio, os, sys
from shared.outcomes import Retry
from shared.workers import Workers
async def main():
    pool = Workers(1)
    print(await pool.run(os.getpid), flush=True)
    sys.stdin.read()
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    assert ended(worker, within=10)


def ended(process: int, within: float) -> bool:
    """Whether a process that is no child of ours ends in time."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], within)[0])
    finally:
        os.close(watched)
