"""Files of history on disk: which there are under a path, and their bytes, never more than the limit at a time."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

TEXT = frozenset({".txt", ".text"})
LINES = frozenset({".jsonl", ".ndjson"})


class TooLarge(Exception):
    """A file or a line is larger than the limit."""


class Line(NamedTuple):
    """A line of a file, counted from 1; `body` is None where it is larger than the limit."""

    number: int
    body: bytes | None


def under(paths: Iterable[Path]) -> Iterator[Path]:
    """The files these paths name, each once: a file as given whatever its name, of a folder the text and JSON Lines files in
    it and below, in the order of their names, hidden ones left out."""
    seen: set[Path] = set()
    for path in paths:
        for file in _in_folder(path) if path.is_dir() else (path,):
            if file.absolute() not in seen:
                seen.add(file.absolute())
                yield file


def has_lines(file: Path) -> bool:
    """Whether the file's name says that it holds an article a line."""
    return file.suffix.lower() in LINES


def whole(file: Path, most: int) -> bytes:
    """The file's bytes. Raises TooLarge, or OSError where it cannot be read."""
    with file.open("rb") as stream:
        body = stream.read(most + 1)
    if len(body) > most:
        raise TooLarge(f"larger than {most} bytes")
    return body


def lines(file: Path, most: int) -> Iterator[Line]:
    """The lines of the file that are not blank. Raises OSError where it cannot be read."""
    with file.open("rb") as stream:
        number = 0
        while chunk := stream.readline(most + 1):
            number += 1
            if len(chunk) <= most:
                if chunk.strip():
                    yield Line(number, chunk)
                continue
            while chunk and not chunk.endswith(b"\n"):  # the rest of a line that is too long
                chunk = stream.readline(most + 1)
            yield Line(number, None)


def _in_folder(folder: Path) -> list[Path]:
    wanted = TEXT | LINES
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in wanted
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and file.is_file()
    )
