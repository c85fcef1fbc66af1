"""A topic file as it lies there: its TOML, the lines things stand on, and what is wrong with it."""

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
import tomli

_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
S = TypeVar("S", bound=msgspec.Struct)


class RuleFile(NamedTuple):
    """A file of a topic. `topic`: its name by its place; `language`: of a part of it, None for the topic itself. `own`: the
    user's, not a shipped one."""

    name: str
    text: str
    topic: str
    language: str | None = None
    own: bool = False


class Fault(NamedTuple):
    """What is wrong with a file, and where; line 0: with the file as a whole. `kind`: an error stops rasid from using it,
    advice does not."""

    file: str
    line: int
    what: str
    kind: Literal["error", "advice"] = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {'advice: ' if self.kind == 'advice' else ''}{self.what}"


class Source:
    """A file being read; faults are gathered in `faults`. `thorough`: every term is tried, which takes most of the time; what
    ships with rasid is tried by its tests instead of at every start."""

    def __init__(self, file: RuleFile, faults: list[Fault], *, thorough: bool) -> None:
        self.file, self.faults, self.thorough = file, faults, thorough
        self._lines = file.text.split("\n")
        self._found: dict[str, list[int]] = {}
        self.table = self._parsed()

    def fault(self, line: int, what: str, kind: Literal["error", "advice"] = "error") -> None:
        """Something is wrong on this line."""
        self.faults.append(Fault(self.file.name, line, what, kind))

    def unknown(self, table: dict[str, Any], known: Iterable[str]) -> None:
        """A fault for every key that means nothing here."""
        names = sorted(known)
        for key in sorted(table.keys() - set(names)):
            self.fault(self.line(rf"^\s*\[*{re.escape(key)}\b"), f"{key} is not known here; there are {', '.join(names)}")

    def convert(self, table: Any, kind: type[S], line: int) -> S | None:
        """The struct, each key tried by itself so that all faults are found."""
        if not isinstance(table, dict):
            self.fault(line, f"a table is meant here, not {table!r}")
            return None
        before = len(self.faults)
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        for key, value in table.items():
            if key not in fields:
                self.fault(line, f"{key} is not known here; there are {', '.join(sorted(fields))}")
                continue
            self._tried(value, fields[key].type, key, line)
        for name, field in fields.items():
            if field.required and name not in table:
                self.fault(line, f"{name} is missing")
        return msgspec.convert(table, kind) if len(self.faults) == before else None

    def _tried(self, value: Any, kind: Any, key: str, line: int) -> None:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.fault(line, f"{key}: {error}")

    def line(self, pattern: str) -> int:
        """The first line this is found in, or 1."""
        return self.nth(pattern, 0)

    def nth(self, pattern: str, number: int) -> int:
        """The (number+1)-th line this is found in, or 1."""
        if pattern not in self._found:
            compiled = re.compile(pattern)
            self._found[pattern] = [at for at, line in enumerate(self._lines, 1) if compiled.search(line)]
        found = self._found[pattern]
        return found[number] if number < len(found) else 1

    def line_of(self, written: str, after: int) -> int:
        """The line at or below `after` that holds this as written, or `after`."""
        lines = enumerate(self._lines[max(after - 1, 0) :], max(after, 1))
        return next((number for number, line in lines if written in line), after)

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomli.loads(self.file.text)
        except tomli.TOMLDecodeError as error:
            position = _POSITION.search(str(error))
            line = int(position[1]) if position and position[1] else len(self._lines)
            self.fault(line, f"this is not TOML: {_POSITION.sub('', str(error))}")
            return {}
