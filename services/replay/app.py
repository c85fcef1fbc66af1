"""History on disk to events: each file, or each line of a JSON Lines file, is an article or the reason why it is none."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.replay.adapters import files
from services.replay.core import history
from services.replay.settings import Settings


class Item(NamedTuple):
    """One article of history, or `error`: why this file or line gave none. `line` counts from 1 in a JSON Lines file."""

    path: Path
    line: int | None
    found: history.Found | None
    error: str = ""


def items(file: Path, settings: Settings, now: datetime) -> Iterator[Item]:
    """What this file brings, observed `now`. A text file's source is its folder, a JSON Lines file is a source itself."""
    try:
        if files.has_lines(file):
            yield from _lines(file, settings, _arrival(file.stem, settings, now))
        else:
            yield _text(file, settings, _arrival(file.absolute().parent.name or file.name, settings, now))
    except OSError as error:
        yield Item(file, None, None, error.strerror or str(error))


def _arrival(name: str, settings: Settings, now: datetime) -> history.Arrival:
    return history.Arrival(history.named_source(name), now, settings.ingest_text_bytes)


def _text(file: Path, settings: Settings, arrival: history.Arrival) -> Item:
    try:
        return Item(file, None, history.of_text_file(files.whole(file, settings.ingest_max_bytes), file.name, arrival))
    except files.TooLarge as error:
        return Item(file, None, None, f"{error} (RASID_INGEST_MAX_BYTES)")
    except history.BadHistory as error:
        return Item(file, None, None, str(error))


def _lines(file: Path, settings: Settings, arrival: history.Arrival) -> Iterator[Item]:
    for number, body in files.lines(file, settings.ingest_max_bytes):
        if body is None:
            yield Item(file, number, None, f"larger than {settings.ingest_max_bytes} bytes (RASID_INGEST_MAX_BYTES)")
            continue
        try:
            yield Item(file, number, history.of_json_line(body.removeprefix(b"\xef\xbb\xbf"), arrival))
        except history.BadHistory as error:
            yield Item(file, number, None, str(error))
