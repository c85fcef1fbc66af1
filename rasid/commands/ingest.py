"""`rasid ingest`: history into the live system. Tagged, stored and searchable; alerts no one unless a subscription asks."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rasid.home import Differs, Refused, open_home
from services.replay import app
from services.replay.adapters import files
from services.replay.settings import Settings
from shared import clock


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
    console = Console(stderr=True)
    articles, faults = 0, 0
    found = list(files.under(paths))
    if not found:
        raise Refused("no text file (.txt) and no JSON Lines file (.jsonl) there")
    with open_home() as home, _progress(console) as progress:
        settings = home.settings.part(Settings)
        stream = _items(found, settings, progress)
        while batch := list(islice(stream, settings.ingest_batch)):
            articles += home.publish([item.found.event for item in batch if item.found])
            faults += _tell(batch, as_json, console)
    console.print(_summary(articles, len(found), faults), highlight=False)
    if faults:
        raise Differs(f"{faults} of {articles + faults} could not be read")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _items(found: Sequence[Path], settings: Settings, progress: Progress) -> Iterator[app.Item]:
    task = progress.add_task("reading", total=len(found))
    for file in found:
        yield from app.items(file, settings, clock.now())
        progress.advance(task)


def _tell(batch: Sequence[app.Item], as_json: bool, console: Console) -> int:
    """Prints what the batch was; how many of it were faults."""
    for item in batch:
        if as_json:
            click.echo(msgspec.json.encode(_as_object(item)).decode())
        elif item.error:
            console.print(f"{_place(item)}: {item.error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return sum(bool(item.error) for item in batch)


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


def _summary(articles: int, found: int, faults: int) -> str:
    brought = f"{articles} article{'s' * (articles != 1)} from {found} file{'s' * (found != 1)} brought in as history"
    return brought + (f", {faults} could not be read" if faults else "")
