"""`rasid ingest`: history into the live system. Tagged, stored and searchable; alerts no one unless a subscription asks."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rasid.home import Home, open_home
from rasid.settings import Differs, Refused
from services.replay import app
from services.replay.adapters import files
from services.replay.settings import Settings
from shared import clock

log = logging.getLogger(__name__)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One object a line for each article, or for each fault.")
def ingest(paths: tuple[Path, ...], as_json: bool) -> None:
    """Bring text files and JSON Lines into the live system, as history.

    PATH is a text file, a JSON Lines file with {"title","text","url","published"} a line, or a folder of them. The same file
    twice changes nothing. A file that cannot be read is named and the rest goes on; the exit code is then 1.

    \b
    Example:  rasid ingest tests/fixtures/seeds
              rasid ingest --json archive.jsonl
    """
    found = list(files.under(paths))
    if not found:
        raise Refused("no text file (.txt) and no JSON Lines file (.jsonl) there")
    console = Console(stderr=True)
    with open_home() as home, _progress(console) as progress:
        brought = _publish(home, found, progress, partial(_tell, as_json=as_json, console=console))
    console.print(_summary(brought), highlight=False)
    if brought.faults:
        raise Differs(f"{brought.faults} of {brought.articles + brought.faults} could not be read")


class Brought(NamedTuple):
    """What came of bringing history in."""

    files: int
    articles: int
    faults: int


def bring_in(home: Home, paths: Iterable[Path]) -> Brought:
    """Brings these files and folders in, as history; the same again changes nothing. Faults are logged."""
    found = list(files.under(paths))
    with _progress(Console(stderr=True, quiet=True)) as progress:
        return _publish(home, found, progress, _log)


def _publish(home: Home, found: Sequence[Path], progress: Progress, tell: Callable[[Sequence[app.Item]], None]) -> Brought:
    """Puts what the files hold into the log, a batch at a time, and tells each batch once it is there."""
    settings = home.settings.part(Settings)
    stream = _items(found, settings, progress)
    articles = faults = 0
    while batch := list(islice(stream, settings.ingest_batch)):
        articles += home.publish([item.found.event for item in batch if item.found])
        faults += sum(bool(item.error) for item in batch)
        tell(batch)
    return Brought(len(found), articles, faults)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _items(found: Sequence[Path], settings: Settings, progress: Progress) -> Iterator[app.Item]:
    task = progress.add_task("reading", total=len(found))
    for file in found:
        yield from app.items(file, settings, clock.now())
        progress.advance(task)


def _tell(batch: Sequence[app.Item], *, as_json: bool, console: Console) -> None:
    for item in batch:
        if as_json:
            click.echo(msgspec.json.encode(_as_object(item)).decode())
        elif item.error:
            console.print(f"{_place(item)}: {item.error}", style="red", markup=False, highlight=False, soft_wrap=True)


def _log(batch: Sequence[app.Item]) -> None:
    for item in batch:
        if item.error:
            log.warning("A file of history could not be read.", extra={"file": _place(item), "reason": item.error})


def _place(item: app.Item) -> str:
    return f"{item.path}:{item.line}" if item.line else str(item.path)


def _as_object(item: app.Item) -> dict[str, Any]:
    where: dict[str, Any] = {"path": str(item.path)} | ({"line": item.line} if item.line else {})
    if item.found is None:
        return where | {"id": None, "error": item.error}
    event = item.found.event
    return where | {
        "id": event.article_id,
        "title": event.title or None,
        "published": clock.rfc3339(event.published_at),
        "language": event.language,
        "url": event.url,
        "problems": list(item.found.problems),
    }


def _summary(brought: Brought) -> str:
    articles = f"{brought.articles} article{'s' * (brought.articles != 1)}"
    told = f"{articles} from {brought.files} file{'s' * (brought.files != 1)} brought in as history"
    return told + (f", {brought.faults} could not be read" if brought.faults else "")
