"""Commands over many inputs: JSON Lines in, JSON Lines out, in the same order, and a bad line never ends the work.

Files are read and worked on in worker processes, each with a limit of time and memory; a file that exceeds them gives
`{"id", "error"}` and the others go on. A line is answered as soon as those before it are, so that a caller may also wait for
each answer before it sends the next line.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

from rasid.settings import Differs
from shared import jsontext
from shared.workers import WorkerFailed, Workers, limit_memory

Work = Callable[[bytes, dict[str, str], str | None], msgspec.Struct]
"""What is done with a file's bytes: they, headers, URL; a function that can be imported by name."""

T = TypeVar("T", bound=msgspec.Struct)
_AHEAD = 16
"""How many inputs a worker may be ahead of the one whose answer is awaited."""


class Limits(NamedTuple):
    """`workers` processes (0: one a core); seconds, bytes of the file, and bytes of memory of a process that it may take."""

    workers: int
    seconds: float
    file_bytes: int
    memory_bytes: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A line that names a file."""

    id: Any = None
    path: str
    headers: dict[str, str] = {}
    url: str | None = None


class Task(NamedTuple):
    """What a line asks, or why it asks nothing."""

    id: Any
    asked: Any = None
    error: str = ""


def over_files(files: tuple[str, ...], jsonl: bool, work: Work, limits: Limits) -> None:
    """Prints what `work` makes of each file. Raises Differs at the end if one failed."""
    if not files and not jsonl:
        raise click.UsageError("name a FILE, or read lines with --jsonl")
    if "-" in files and not jsonl:
        raise click.UsageError("- is stdin, and needs --jsonl")
    tasks = lines(files, Asked) if jsonl else (Task(path, Asked(id=path, path=path)) for path in files)
    failed = asyncio.run(_over_files(tasks, work, limits))
    if failed:
        raise Differs(f"{failed} could not be read")


def over_lines(files: tuple[str, ...], kind: type[T], work: Callable[[T], dict[str, Any]]) -> None:
    """Prints what `work` makes of each line. For what needs no process. Raises Differs at the end if one failed."""
    failed = 0
    for task in lines(files, kind):
        failed += bool(task.error)
        _print({"id": task.id, "error": task.error} if task.error else {"id": task.id, **work(task.asked)})
    if failed:
        raise Differs(f"{failed} could not be read")


def lines(files: tuple[str, ...], kind: type[msgspec.Struct]) -> Iterator[Task]:
    """What the lines of these files (none: stdin) ask; a bad line is a task that has failed."""
    for name in files or ("-",):
        with click.open_file(name, "rb") as file:
            for raw in file:
                if raw.strip():
                    yield _task(raw, kind)


def _task(raw: bytes, kind: type[msgspec.Struct]) -> Task:
    try:
        value = jsontext.decode(raw)
    except jsontext.NotJson as error:
        return Task(None, error=str(error))
    known = value.get("id") if isinstance(value, dict) else None
    try:
        return Task(known, msgspec.convert(value, kind))
    except msgspec.ValidationError as error:
        return Task(known, error=str(error))


async def _over_files(tasks: Iterable[Task], work: Work, limits: Limits) -> int:
    workers = Workers(limits.workers or os.cpu_count() or 2, prepare=limit_memory, arguments=(limits.memory_bytes,))
    failed = 0
    try:
        async for line in _in_order(iter(tasks), workers, work, limits):
            failed += "error" in line
            _print(line)
    finally:
        workers.close()
    return failed


async def _in_order(tasks: Iterator[Task], workers: Workers, work: Work, limits: Limits) -> AsyncIterator[dict[str, Any]]:
    started: asyncio.Queue[asyncio.Task[dict[str, Any]] | None] = asyncio.Queue(workers.size * _AHEAD)

    async def start() -> None:
        while (task := await asyncio.to_thread(next, tasks, None)) is not None:
            await started.put(asyncio.create_task(_one(task, workers, work, limits)))
        await started.put(None)

    starting = asyncio.create_task(start())
    while (answer := await started.get()) is not None:
        yield await answer
    await starting


async def _one(task: Task, workers: Workers, work: Work, limits: Limits) -> dict[str, Any]:
    if task.asked is None:
        return {"id": task.id, "error": task.error}
    asked: Asked = task.asked
    try:
        found = await workers.run_within(
            limits.seconds, read_and_work, work, asked.path, asked.headers, asked.url, limits.file_bytes
        )
    except OSError as error:
        return {"id": task.id, "error": error.strerror or type(error).__name__}
    except MemoryError:
        return {"id": task.id, "error": f"took more than {limits.memory_bytes} bytes of memory"}
    except (WorkerFailed, ValueError) as error:
        return {"id": task.id, "error": str(error)}
    return {"id": task.id, **msgspec.to_builtins(found)}


def read_and_work(work: Work, path: str, headers: dict[str, str], url: str | None, most: int) -> msgspec.Struct:
    """What `work` makes of this file. Raises OSError where it cannot be read, ValueError where it is larger than `most`."""
    with Path(path).open("rb") as file:
        body = file.read(most + 1)
    if len(body) > most:
        raise ValueError(f"larger than {most} bytes (RASID_FETCH_MAX_BYTES)")
    return work(body, headers, url)


def _print(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()
