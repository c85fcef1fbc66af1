"""What the commands that tag without a house share: the rules in force, a tagger, what is to be tagged, and a console."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import click
import msgspec
from rich.console import Console

from rasid.settings import Refused, read_settings
from services.classifier.adapters import html
from services.classifier.adapters.rules import BadRules, load
from services.classifier.adapters.worker import Question
from services.classifier.core.rules import RuleSet
from services.classifier.core.tagging import Limits, Tagger
from services.classifier.settings import Settings
from services.replay.core import textfile
from shared import jsontext

WIDTH = 200

rules_option = click.option(
    "--rules",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Use the topic files of this folder instead of the shipped ones and those of RASID_TOPICS_DIR.",
)


class Line(msgspec.Struct):
    """One article of a JSON Lines input."""

    id: str | int | None = None
    title: str | None = None
    text: str | None = None
    lang: str | None = None

    def question(self) -> Question:
        """What is to be tagged; '' for what is not there."""
        title, text = ((part or "").replace("\0", "") for part in (self.title, self.text))
        return Question(title, text, self.lang)


class BadLine(NamedTuple):
    """A line that holds no article."""

    id: Any
    why: str


L = TypeVar("L", bound=Line)


def lines(paths: tuple[Path, ...], kind: type[L]) -> Iterator[L | BadLine]:
    """The articles of these files (`-`: stdin; none: stdin), in order."""
    with ExitStack() as stack:
        for path in paths or (Path("-"),):
            stream: BinaryIO = sys.stdin.buffer if str(path) == "-" else stack.enter_context(path.open("rb"))
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    yield _line(raw, number, kind)


def _line(raw: bytes, number: int, kind: type[L]) -> L | BadLine:
    try:
        line = jsontext.decode(raw, kind)
    except jsontext.NotJson as error:
        return BadLine(_id(raw), f"line {number}: {error}")
    question = line.question()
    if not (question.title.strip() or question.text.strip()):
        return BadLine(line.id, f"line {number}: neither title nor text")
    return line


def _id(raw: bytes) -> Any:
    """The id of a line whose rest is wrong, where it can be read."""
    try:
        found = jsontext.decode(raw)
    except jsontext.NotJson:
        return None
    return found.get("id") if isinstance(found, dict) else None


def rules(folder: Path | None, settings: Settings) -> RuleSet:
    """The rules of this folder alone, or those in force. Raises Refused with every fault."""
    try:
        if folder is not None:
            return load(folder, shipped=None)
        return load(Path(settings.topics_dir).expanduser() if settings.topics_dir else None)
    except BadRules as error:
        raise Refused(f"these topic files cannot be used:\n{error}") from None


def tagger(folder: Path | None) -> Tagger:
    """A tagger of these rules under the settings in force. Raises Refused."""
    settings = read_settings().part(Settings)
    return Tagger(rules(folder, settings), Limits(settings.evidence_limit, settings.near_miss_limit))


def article(source: str) -> tuple[str, str, str | None]:
    """Title, text and declared language of a file, of stdin, or of a page on the web."""
    body = _body(source)
    try:
        if html.is_html(body, source):
            return html.read(body)
        read = textfile.read(body, source)
    except (html.NotHtml, textfile.NotText) as error:
        raise Refused(f"{source}: {error}") from None
    return read.title, read.text, read.language


def _body(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    if source.startswith(("http://", "https://")):
        from rasid.fetched import fetched  # brings two HTTP libraries: only where there is something to fetch

        return fetched(source)
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise Refused(f"{source}: {error.strerror}") from None


def console() -> Console:
    """Where tables and evidence are printed: as wide as they are, unless a terminal says how wide it is."""
    found = Console(soft_wrap=True)
    return found if found.is_terminal else Console(width=WIDTH, soft_wrap=True)
