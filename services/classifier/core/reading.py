"""A topic file's text, read into a Topic; every fault is named with its line, none stops the reading."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from services.classifier.core.rules import Mask, Places, RuleSet, TermGroup, Topic
from services.classifier.core.terms import TermError, parse
from shared.ids import digest

ENGINE = "1"
"""Grows when the same files would give other tags: part of the version of every rule set."""

_KEYS = {"topic", "threshold", "name", "about", "places", "words", "terms", "masks"}
_LISTS = ("any", "near", "unless")
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
S = TypeVar("S", bound=msgspec.Struct)
G = TypeVar("G", TermGroup, Mask)


class RuleFile(NamedTuple):
    """A topic file as it lies there. `own`: the user's, not a shipped one."""

    name: str
    text: str
    own: bool = False


class Fault(NamedTuple):
    """What is wrong with a topic file, and where; line 0: with the file as a whole."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


class _Lists(NamedTuple):
    """The word lists of a file, by language and name."""

    words: dict[str, dict[str, list[str]]]

    def spelt(self, language: str, terms: Sequence[str]) -> Iterator[str]:
        """The terms with `@name` replaced. Raises TermError."""
        for term in terms:
            if not term.startswith("@"):
                yield term
            elif (words := self.words.get(language, {}).get(term[1:])) is None:
                raise TermError(f"there is no list {term[1:]} in [words.{language}]")
            else:
                yield from words


def rule_set(topics: Sequence[Topic]) -> RuleSet:
    """These topics as one, with their version."""
    ordered = tuple(sorted(topics, key=lambda topic: topic.topic))
    version = digest("rules", ENGINE, *(msgspec.json.encode(topic, order="sorted") for topic in ordered))[:12]
    return RuleSet(version=version, topics=ordered)


def read(file: RuleFile, faults: list[Fault]) -> Topic | None:
    """The topic of a file, or None where it has faults, which are added to `faults`."""
    try:
        table = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        position = _POSITION.search(str(error))
        line = int(position[1]) if position and position[1] else file.text.count("\n") + 1
        faults.append(Fault(file.name, line, f"this is not TOML: {_POSITION.sub('', str(error))}"))
        return None
    before = len(faults)
    reader = _Reader(file, table, faults)
    topic = reader.topic()
    return topic if len(faults) == before else None


class _Reader:
    def __init__(self, file: RuleFile, table: dict[str, Any], faults: list[Fault]) -> None:
        self._file, self._table, self._faults = file, table, faults

    def topic(self) -> Topic | None:
        for key in sorted(self._table.keys() - _KEYS):
            self._fault(self._line(rf"^\[*{re.escape(key)}\b"), f"{key} is not known; there are {', '.join(sorted(_KEYS))}")
        lists = _Lists(self._words())
        groups = self._tables("terms", TermGroup, lists)
        masks = self._tables("masks", Mask, lists)
        places = self._convert(self._table.get("places", {}), Places, self._line(r"^\[places\]"))
        head = {key: self._table[key] for key in ("topic", "threshold", "name", "about") if key in self._table}
        topic = self._convert({"terms": [], **head}, Topic, 1)
        if not self._table.get("terms"):
            self._fault(1, "it has no [[terms]]")
        if topic is None or places is None:
            return None
        return msgspec.structs.replace(topic, terms=tuple(groups), masks=tuple(masks), places=places)

    def _words(self) -> dict[str, dict[str, list[str]]]:
        words: dict[str, dict[str, list[str]]] = {}
        try:
            words = msgspec.convert(self._table.get("words", {}), dict[str, dict[str, list[str]]])
        except msgspec.ValidationError as error:
            self._fault(self._line(r"^\[words"), f"words: {error}")
        for language, lists in words.items():
            for name, terms in lists.items():
                self._check(terms, f"words.{language}.{name}", self._line(rf"^\[words\.{re.escape(language)}\]"))
        return words

    def _tables(self, key: str, kind: type[G], lists: _Lists) -> list[G]:
        """Each `[[key]]` of the file, its lists spelt out."""
        tables = self._table.get(key, [])
        if not isinstance(tables, list):
            self._fault(self._line(rf"^\[*{key}\b"), f"write [[{key}]], with two brackets, once for each group")
            return []
        read = []
        for number, table in enumerate(tables):
            line, path = self._line(rf"^\[\[{key}\]\]", number), f"{key}[{number + 1}]"
            self._check_lists(table, path, line)
            if (group := self._convert(table, kind, line)) is not None:
                read.append(self._spelt(group, path, line, lists))
        return read

    def _check_lists(self, table: Any, path: str, line: int) -> None:
        """Every term of a table, whatever else is wrong with it."""
        for name in _LISTS:
            terms = table.get(name) if isinstance(table, dict) else None
            if isinstance(terms, list):
                self._check([term for term in terms if isinstance(term, str) and term[:1] != "@"], f"{path}.{name}", line)
                if not terms and name == "any":
                    self._fault(line, f"{path}.any is empty")

    def _spelt(self, group: G, path: str, line: int, lists: _Lists) -> G:
        """The group with the lists it names written out."""
        spelt = {}
        for name in _LISTS:
            if hasattr(group, name):
                try:
                    spelt[name] = tuple(dict.fromkeys(lists.spelt(group.lang, getattr(group, name))))
                except TermError as error:
                    self._fault(line, f"{path}.{name}: {error}")
        return msgspec.structs.replace(group, **spelt)

    def _check(self, terms: Sequence[str], path: str, line: int) -> None:
        for number, term in enumerate(terms, 1):
            try:
                parse(term)
            except TermError as error:
                self._fault(self._line_of(term, line), f"{path}[{number}] {term!r}: {error}")

    def _convert(self, table: Any, kind: type[S], line: int) -> S | None:
        """The struct, each key tried by itself so that all faults are found."""
        if not isinstance(table, dict):
            self._fault(line, f"a table is meant here, not {table!r}")
            return None
        before = len(self._faults)
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        for key, value in table.items():
            if key not in fields:
                self._fault(line, f"{key} is not known here; there are {', '.join(sorted(fields))}")
                continue
            try:
                msgspec.convert(value, fields[key].type)
            except msgspec.ValidationError as error:
                self._fault(line, f"{key}: {error}")
        for name, field in fields.items():
            if field.required and name not in table:
                self._fault(line, f"{name} is missing")
        return msgspec.convert(table, kind) if len(self._faults) == before else None

    def _line(self, pattern: str, number: int = 0) -> int:
        """The line of the (number+1)-th match, or 1."""
        found = list(re.finditer(pattern, self._file.text, re.MULTILINE))
        return self._file.text.count("\n", 0, found[number].start()) + 1 if number < len(found) else 1

    def _line_of(self, term: str, after: int) -> int:
        """The line at or below `after` that holds this term as written, or `after`."""
        lines = self._file.text.split("\n")
        return next((number for number, line in enumerate(lines[after - 1 :], after) if term in line), after)

    def _fault(self, line: int, what: str) -> None:
        self._faults.append(Fault(self._file.name, line, what))
