"""`rasid classify`: tags texts and says why, without the rest of the house."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from rasid import tagging
from rasid.settings import Differs, read_settings
from rasid.tagging import BadLine, Line, lines, rules_option
from services.classifier.adapters import html
from services.classifier.adapters.worker import Question, label_one
from services.classifier.core.tagging import Tagger
from services.replay.adapters import files
from services.replay.core import textfile
from services.replay.settings import Settings as ReplaySettings
from shared import wire

Item = tuple[dict[str, Any], Question] | dict[str, Any]
"""What is told of an article besides its tags, and what is asked; or only what is told of one that cannot be read."""


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), metavar="[FILE]..."
)
@click.option(
    "--jsonl", is_flag=True, help='Input is JSON Lines: {"id","title","text","lang"?} a line; from stdin without FILE.'
)
@rules_option
def classify(paths: tuple[Path, ...], jsonl: bool, folder: Path | None) -> None:
    """Tag texts by topic, each tag with its score and its evidence, one JSON object a line.

    FILE is a text file as `rasid ingest` takes it, or an HTML page; its line also has the title and text that offsets count
    in. Nothing is stored. Exit code 1 if something could not be read; its line then has "error".

    \b
    Example:  rasid classify tests/fixtures/seeds/004_cac78034820bf73d.txt
              rasid classify --jsonl < articles.jsonl
    """
    if not paths and not jsonl:
        raise click.UsageError("name a FILE, or give --jsonl and lines on stdin")
    most = read_settings().part(ReplaySettings).ingest_max_bytes
    tagger = tagging.tagger(folder)
    faults = 0
    with _progress() as progress:
        task = progress.add_task("tagging", total=None)
        for item in map(_line, lines(paths, Line)) if jsonl else (_file(path, most) for path in paths):
            told = item if isinstance(item, dict) else item[0] | _labelled(tagger, item[1])
            faults += "error" in told
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
            progress.advance(task)
    sys.stdout.buffer.flush()
    if faults:
        raise Differs(f"{faults} could not be read")


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("tagged {task.completed}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _labelled(tagger: Tagger, question: Question) -> dict[str, Any]:
    label = label_one(tagger, question)
    return {
        "lang": label.language,
        "lang_confidence": label.confidence,
        "countries": wire.countries(label.entities.countries),
        "organisations": wire.organisations(label.entities.organisations),
        "dates": wire.dates(label.entities.dates),
        "topics": label.topics,
        "near_misses": label.near_misses,
        "rules_version": tagger.version,
    }


def _body(path: Path, most: int) -> bytes:
    """The bytes of a file, or of stdin. Raises OSError, and TooLarge beyond `most` of them."""
    if str(path) != "-":
        return files.whole(path, most)
    body = sys.stdin.buffer.read(most + 1)
    if len(body) > most:
        raise files.TooLarge(f"larger than {most} bytes")
    return body


def _file(path: Path, most: int) -> Item:
    try:
        body = _body(path, most)
        if html.is_html(body, path.name):
            page = html.read(body)
            question = Question(page.title, page.text, page.language)
        else:
            article = textfile.read(body, path.name)
            question = Question(article.title, article.text, article.language)
    except OSError as error:
        return {"id": str(path), "error": error.strerror or str(error)}
    except files.TooLarge as error:
        return {"id": str(path), "error": f"{error} (RASID_INGEST_MAX_BYTES)"}
    except (html.NotHtml, textfile.NotText) as error:
        return {"id": str(path), "error": str(error)}
    return {"id": str(path), "title": question.title, "text": question.text}, question


def _line(line: Line | BadLine) -> Item:
    return {"id": line.id, "error": line.why} if isinstance(line, BadLine) else ({"id": line.id}, line.question())
