"""The filter language: which articles someone wants (docs/interfaces.md, Filter).

`parse` turns a JSON object into a `Filter` and refuses what it does not understand, naming every fault with its place;
`Filter.matches(facts)` is pure. A field an article lacks never matches at the leaf, so its `not` does; `not` is the exact
complement; another condition at the top level never widens. Subscriptions use it; lists and streams may.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from shared.filter_parts import Either, Every, Facts, Key, Keys, Not, Part, Reason, Text, Topics, Values, facts
from shared.filter_words import parse_words

__all__ = ["Facts", "Fault", "Filter", "FilterError", "Key", "Keys", "Reason", "facts", "parse", "parse_json"]

DEEPEST = 16
"""How many groups may stand inside each other."""

MOST_VALUES = 1000
"""How many values one list may hold, and how many parts one filter may have."""

LISTS = ("topics", "subtopics", "languages", "countries", "organisations", "sources")
"""Fields whose values are lists."""

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
COUNTRY = re.compile(r"[A-Za-z]{2}")


class Fault(NamedTuple):
    """What is wrong, and where: `filter.any[1].topics.any[0]`."""

    place: str
    message: str


class FilterError(ValueError):
    """A filter that cannot be used; `faults` has every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Filter:
    """A filter that was understood. `source` is the object it was made from."""

    source: Mapping[str, Any]
    root: Every

    @cached_property
    def canonical(self) -> str:
        """Its source as text; two filters with the same are the same."""
        return msgspec.json.encode(self.source, order="sorted").decode()

    def matches(self, facts: Facts) -> bool:
        """Whether the article with these facts is wanted. `{}` wants every one."""
        return self.root.matches(facts)

    def reasons(self, facts: Facts) -> list[Reason]:
        """Which parts held, and by what; of an article that matches."""
        return list(self.root.reasons(facts))

    def misses(self, facts: Facts) -> list[str]:
        """The places of the parts at the top that do not hold for this article; empty where it is wanted."""
        return [part.place for part in self.root.parts if not part.matches(facts)]

    def keys(self) -> Keys | None:
        """Of these an article that matches always has at least one (`Facts.keys`), so that filters can be found by what an
        article has; None where no such set is known."""
        return self.root.keys()


def parse(source: object, *, topics: Collection[str] | None = None) -> Filter:
    """The filter this JSON value stands for. `topics`: the names there are (None: any name will do). Raises FilterError."""
    parser = _Parser(topics)
    root = parser.group(source, "filter", 0)
    if parser.faults:
        raise FilterError(parser.faults)
    assert isinstance(source, dict)  # noqa: S101 - tells the type checker what a filter without faults is
    return Filter(source, root)


def parse_json(text: str | bytes, *, topics: Collection[str] | None = None) -> Filter:
    """`parse`, of JSON text. Raises FilterError."""
    try:
        source = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FilterError([Fault("filter", f"is not JSON: {error}")]) from error
    return parse(source, topics=topics)


class _Parser:
    """Reads one filter and gathers its faults; what it returns is only good where there are none."""

    def __init__(self, topics: Collection[str] | None) -> None:
        self.faults: list[Fault] = []
        self._topics = None if topics is None else frozenset(topics)
        self._parts = 0

    def group(self, source: object, place: str, depth: int) -> Every:
        """A FILTER object: its fields and groups, joined by and."""
        self._parts += 1
        if not isinstance(source, dict):
            return self._fault(place, f"must be an object, not {_kind(source)}")
        if not source and depth:
            return self._fault(place, "is empty")
        if depth > DEEPEST or self._parts > MOST_VALUES:
            return self._fault(place, f"is more than {DEEPEST} levels deep or has more than {MOST_VALUES} parts")
        parts: list[Part] = []
        for name, value in source.items():
            parts.extend(self._field(name, value, source, f"{place}.{name}", depth))
        return Every(place, tuple(parts))

    def _field(self, name: str, value: object, source: dict[str, Any], place: str, depth: int) -> list[Part]:
        if name in ("all", "any"):
            groups = tuple(self.group(item, f"{place}[{n}]", depth + 1) for n, item in enumerate(self._list(value, place)))
            return [Every(place, groups) if name == "all" else Either(place, groups)]
        if name == "not":
            return [Not(place, self.group(value, place, depth + 1))]
        if name == "topics":
            lists = self._lists(name, value, place)
            return [Topics(place, **lists, min_score=self._score(source.get("min_score"), ""))]
        if name == "min_score":
            score = self._score(value, place)
            return [] if "topics" in source else [Topics(place, min_score=score)]
        if name in LISTS:
            return [Values(place, name, **self._lists(name, value, place))]
        if name == "text":
            return [Text(place, self._words(value, place))]
        self._fault(place, "there is no such field; there are topics, subtopics, languages, countries, organisations, sources, "
                    "min_score, text, all, any, not")  # fmt: skip
        return []

    def _lists(self, field: str, value: object, place: str) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, dict) or not value:
            self._fault(place, 'must be {"any": [...]}, {"all": [...]} or both' + _instead(value))
            return {}
        for operator in value.keys() - {"any", "all"}:
            self._fault(f"{place}.{operator}", "there is no such operator; there are any, all")
        return {
            operator: tuple(self._value(field, item, f"{place}.{operator}[{n}]") for n, item in enumerate(items))
            for operator in ("any", "all")
            if operator in value and (items := self._list(value[operator], f"{place}.{operator}"))
        }

    def _list(self, value: object, place: str) -> list[Any]:
        if not isinstance(value, list):
            self._fault(place, f"must be a list, not {_kind(value)}")
        elif not value:
            self._fault(place, "is an empty list")
        elif len(value) > MOST_VALUES:
            self._fault(place, f"has more than {MOST_VALUES} values")
        else:
            return value
        return []

    def _value(self, field: str, value: object, place: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self._fault(place, f"must be a string that is not empty, not {_kind(value)}")
            return ""
        if field in ("topics", "subtopics"):
            self._check_topic(field, value, place)
        if field == "languages":
            if not LANGUAGE.fullmatch(value):
                self._fault(place, f"{value!r} is not a language tag; write ar or zh-Hant")
            return value.lower()
        if field == "countries":
            if not COUNTRY.fullmatch(value):
                self._fault(place, f"{value!r} is not a country code; write JO")
            return value.upper()
        return value.lower() if field == "organisations" else value

    def _check_topic(self, field: str, value: str, place: str) -> None:
        topic, slash, sub = value.partition("/")
        if field == "subtopics" and not (slash and sub):
            self._fault(place, f"{value!r} is not a subtopic; write topic/subtopic")
        elif self._topics is not None and topic not in self._topics:
            self._fault(place, f"there is no topic {topic!r}; there are {', '.join(sorted(self._topics)) or 'none'}")

    def _score(self, value: object, place: str) -> float | None:
        """The score; a fault is named only where there is a place."""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1:
            return float(value)
        if place:
            self._fault(place, f"must be a number from 0 to 1, not {_kind(value)}")
        return None

    def _words(self, value: object, place: str) -> tuple[str, ...]:
        if not isinstance(value, str):
            self._fault(place, f"must be a string, not {_kind(value)}")
            return ()
        try:
            return parse_words(value)
        except ValueError as error:
            self._fault(place, str(error))
            return ()

    def _fault(self, place: str, message: str) -> Every:
        self.faults.append(Fault(place, message))
        return Every(place, ())


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"the number {value}")


def _instead(value: object) -> str:
    return ", not an empty object" if value == {} else f", not {_kind(value)}"
