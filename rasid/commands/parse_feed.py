"""`rasid parse-feed`: what a feed file holds, as the crawler reads it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from rasid.home import Differs, read_settings
from services.crawler.core.feed import parse
from services.crawler.core.model import ParsedFeed
from services.crawler.settings import Settings
from shared.settings import Common
from shared.workers import WorkerFailed, Workers


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A line of input."""

    id: Any = None
    path: str
    headers: dict[str, str] = {}
    url: str | None = None


class Task(NamedTuple):
    """A file to read, or why there is none."""

    id: Any
    asked: Asked | None = None
    error: str = ""


@click.command(name="parse-feed")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True), metavar="[FILE]...")
@click.option("--jsonl", is_flag=True, help='FILEs (or stdin) hold lines {"id","path","headers"?,"url"?}.')
def parse_feed(files: tuple[str, ...], jsonl: bool) -> None:
    """Print each feed as one line of JSON: format, title, link, language, entries, and in `problems` what was repaired.

    Every file is read in a worker process with a time limit. One that a line names and that is not there, or that cannot be
    read, gives {"id","error"} and the rest goes on; the exit code is then 1. A FILE that is not there is refused at once (2).

    \b
    Example:  rasid parse-feed feed.xml
              echo '{"id": 1, "path": "feed.xml", "url": "https://example.org/feed"}' | rasid parse-feed --jsonl
    """
    if not files and not jsonl:
        raise click.UsageError("name a FILE, or read lines with --jsonl")
    if "-" in files and not jsonl:
        raise click.UsageError("- is stdin, and needs --jsonl")
    settings = read_settings()
    tasks = _lines(files) if jsonl else (Task(path, Asked(id=path, path=path)) for path in files)
    failed = asyncio.run(_parse(tasks, settings.part(Common).workers, settings.part(Settings)))
    if failed:
        raise Differs(f"{failed} could not be read")


async def _parse(tasks: Iterable[Task], size: int, settings: Settings) -> int:
    """Prints what the tasks give, in their order; how many failed."""
    workers, failed = Workers(size or os.cpu_count() or 2), 0
    try:
        async for line in _in_order(tasks, workers, settings):
            failed += "error" in line
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
            sys.stdout.buffer.flush()
    finally:
        workers.close()
    return failed


async def _in_order(tasks: Iterable[Task], workers: Workers, settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """Keeps the workers busy with some tasks ahead of the one whose result is awaited."""
    ahead: list[asyncio.Task[dict[str, Any]]] = []
    for task in tasks:
        ahead.append(asyncio.create_task(_one(task, workers, settings)))
        if len(ahead) >= workers.size * 4:
            yield await ahead.pop(0)
    for waiting in ahead:
        yield await waiting


async def _one(task: Task, workers: Workers, settings: Settings) -> dict[str, Any]:
    if task.asked is None:
        return {"id": task.id, "error": task.error}
    try:
        feed = await workers.run_within(
            settings.parse_seconds,
            read_and_parse,
            task.asked.path,
            task.asked.headers,
            task.asked.url,
            settings.fetch_max_bytes,
        )
    except (WorkerFailed, OSError, ValueError) as error:
        return {"id": task.id, "error": _said(error)}
    return {"id": task.id, **msgspec.to_builtins(feed)}


def read_and_parse(path: str, headers: dict[str, str], url: str | None, most: int) -> ParsedFeed:
    """The feed in this file. Raises OSError where it cannot be read, ValueError where it is larger than `most` bytes."""
    with Path(path).open("rb") as file:
        body = file.read(most + 1)
    if len(body) > most:
        raise ValueError(f"larger than {most} bytes (RASID_FETCH_MAX_BYTES)")
    return parse(body, headers, url)


def _lines(files: tuple[str, ...]) -> Iterator[Task]:
    """The tasks the input lines name; a bad line is a task that has failed."""
    for name in files or ("-",):
        with click.open_file(name, "rb") as file:
            for raw in file:
                if raw.strip():
                    yield _task(raw)


def _task(raw: bytes) -> Task:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Task(None, error=f"not JSON: {error}")
    known = value.get("id") if isinstance(value, dict) else None
    try:
        return Task(known, msgspec.convert(value, Asked))
    except msgspec.ValidationError as error:
        return Task(known, error=str(error))


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
