"""The gazetteer, read from its files (services/classifier/gazetteer): what may be met by name, in every language."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from services.classifier.core.entities import Finder
from services.classifier.core.gazetteer import Alias, Doubt, Entity
from services.classifier.core.inflection import nisba, stems
from shared.text import normalise

FOLDER = Path(__file__).parents[1] / "gazetteer"
ROMANCE = frozenset(["fr", "es", "pt", "it", "ro"])
MASK = Entity("mask", "")
_NUMBERS = range(12)


@cache
def finder() -> Finder:
    """The shipped gazetteer, compiled; once a process."""
    return Finder(aliases())


def aliases() -> list[Alias]:
    """Every alias of every file."""
    cldr = json.loads((FOLDER / "cldr.json").read_text(encoding="utf-8"))
    calendar, organised, doubted = (_toml(name) for name in ("calendar", "organisations", "doubts"))
    return [
        *_countries(cldr["countries"]),
        *_called((FOLDER / "countries.txt").read_text(encoding="utf-8")),
        *_organisations(organised["organisations"]),
        *_months(cldr["months"], calendar["months"]),
        *_weekdays(cldr["weekdays"], calendar["weekdays"]),
        *_days(calendar["days"]),
        *_doubts(doubted["doubts"]),
        *(Alias(MASK, text, frozenset([lang])) for mask in doubted["masks"] for lang in mask["lang"] for text in mask["any"]),
    ]


def _toml(name: str) -> dict[str, Any]:
    return tomli.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _countries(named: Mapping[str, Mapping[str, str]]) -> Iterator[Alias]:
    for language, names in named.items():
        primary = language.split("-")[0]
        for code, name in names.items():
            entity, languages = Entity("country", code), frozenset([primary])
            yield from (Alias(entity, alias, languages) for alias in stems(primary, name))
            if primary == "ar" and (adjective := nisba(normalise(name))):
                yield Alias(entity, adjective, languages)


def _called(text: str) -> Iterator[Alias]:
    for line in text.splitlines():
        code, _, rest = line.partition("  ")
        if not rest or line.startswith("#"):
            continue
        for part in rest.split(";"):
            language, colon, names = part.strip().partition(": ")
            if colon:
                languages = ROMANCE if language == "r" else frozenset([language])
                yield from (
                    Alias(Entity("country", code), name.strip(), languages) for name in names.split(",") if name.strip()
                )


def _organisations(every: Iterable[Mapping[str, Any]]) -> Iterator[Alias]:
    for one in every:
        entity = Entity("organisation", one["id"], one["name"], one.get("country", ""))
        for language, names in one["called"].items():
            languages = None if language == "any" else frozenset([language])
            yield from (Alias(entity, name, languages) for name in names)


def _months(named: Mapping[str, list[list[str]]], more: Mapping[str, list[list[str]]]) -> Iterator[Alias]:
    for language, number, name in _spelled(named, more):
        yield Alias(Entity("month", str(number + 1)), name.lower(), frozenset([language]))


def _weekdays(named: Mapping[str, list[list[str]]], more: Mapping[str, list[list[str]]]) -> Iterator[Alias]:
    for language, number, name in _spelled(named, more):
        yield Alias(Entity("weekday", str(number)), name, frozenset([language]))


def _spelled(*tables: Mapping[str, list[list[str]]]) -> Iterator[tuple[str, int, str]]:
    """Language, number and name; without names that are figures (月 and 월 are read by core/dates.py)."""
    for table in tables:
        for language, numbered in table.items():
            for number, names in enumerate(numbered):
                yield from ((language, number, name) for name in names if not name[:1].isdigit())


def _days(days: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Alias]:
    for day, called in days.items():
        for language, names in called.items():
            yield from (Alias(Entity("day", day), name, frozenset([language])) for name in names)


def _doubts(every: Iterable[Mapping[str, Any]]) -> Iterator[Alias]:
    for one in every:
        doubt = Doubt(
            country=one["country"],
            yes_before=_any(one.get("yes_before"), "(?:%s)$"),
            yes_after=_any(one.get("yes_after"), "(?:%s)"),
            no_before=_any(one.get("no_before"), "(?:%s)$"),
            no_after=_any(one.get("no_after"), "(?:%s)"),
            with_=tuple(one.get("with", ())),
            without=tuple(one.get("without", ())),
            marks=tuple(one.get("marks", {}).items()),
            otherwise=one.get("otherwise"),
        )
        entity = Entity("country", one["country"])
        yield from (Alias(entity, text, frozenset([language]), doubt) for language in one["lang"] for text in one["any"])


def _any(patterns: list[str] | None, around: str) -> re.Pattern[str] | None:
    return re.compile(around % "|".join(patterns)) if patterns else None
