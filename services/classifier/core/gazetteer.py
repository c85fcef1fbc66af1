"""What can be met by name in a text: countries, organisations, months, weekdays; and how each is written in every language.

Data, read from files by adapters/gazetteer.py. Aliases are compiled here to what one automaton looks for: a literal
beginning, what may stand before it in its word, what must come after it, and how it is spelled.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from services.classifier.core.arabic import DEFINITE_PROCLITICS, INDEFINITE_PROCLITICS, PROCLITICS, has_article
from services.classifier.core.inflection import AFTER_CONSONANT, ENDINGS, PREFIXES
from shared.text import normalise

Kind = Literal["country", "organisation", "month", "weekday", "day", "mask"]


class Entity(NamedTuple):
    """A thing with a name: ISO code, organisation's id, number of the month (1 to 12) or weekday (Monday 0), or days from
    today. `country`: a country that is meant along with it."""

    kind: Kind
    id: str
    name: str = ""
    country: str = ""


class Doubt(NamedTuple):
    """How to tell whether an ambiguous name is that country; see gazetteer/doubts.toml. Patterns are over the normal form."""

    country: str
    yes_before: re.Pattern[str] | None
    yes_after: re.Pattern[str] | None
    no_before: re.Pattern[str] | None
    no_after: re.Pattern[str] | None
    with_: tuple[str, ...]
    without: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]
    otherwise: str | None


class Alias(NamedTuple):
    """A way an entity is called. `languages`: None for every one."""

    entity: Entity
    text: str
    languages: frozenset[str] | None
    doubt: Doubt | None = None


class Spelling(Enum):
    """What the original must look like where the name begins."""

    ANY = auto()
    CAPITAL = auto()  # begins with a capital
    CAPITALS = auto()  # has no small letter


class Form(NamedTuple):
    """An alias as it is held against a text where its literal was found. `before`: what may stand before it in its word; None
    where words have no borders. `after`: what must come after the literal, a pattern that `ending` compiles when first met."""

    alias: Alias
    before: frozenset[str] | None
    after: str
    spelling: Spelling


_MARKS = "\u0300-\u036f\u0591-\u05c7\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0e31-\u0e4e"
_WORD_END = f"(?![^\\W_]|[{_MARKS}])"
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3005-\u3007\u3100-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_NOT_IN_KANA = "(?![\u30a1-\u30fa\u30fc])"
_INNER = "[^\\W\\d_]{0,4}"
_CHOICE = re.compile(r"\(([^()]*)\)")
_NOTHING = frozenset([""])


def forms(aliases: Iterable[Alias]) -> dict[str, list[Form]]:
    """By literal, the forms that begin with it; those alike but for their language become one."""
    found: dict[str, dict[tuple[object, ...], Form]] = {}
    for alias in aliases:
        for literal, form in _forms(alias):
            alike = found.setdefault(literal, {})
            key = (alias.entity, form.before, form.after, form.spelling, alias.doubt)
            alike[key] = _joined(alike[key], form) if key in alike else form
    return {literal: list(alike.values()) for literal, alike in found.items()}


def _joined(one: Form, other: Form) -> Form:
    mine, theirs = one.alias.languages, other.alias.languages
    languages = None if mine is None or theirs is None else mine | theirs
    return one._replace(alias=one.alias._replace(languages=languages))


def _forms(alias: Alias) -> Iterator[tuple[str, Form]]:
    language = min(alias.languages) if alias.languages else ""
    for text in choices(alias.text):
        literal, tilde, rest = text.partition("≈" if text.endswith("≈") else "~")
        normal = normalise(literal)
        if not normal.strip():
            continue
        before, normal = _before(language, normal, whole=not tilde)
        after = _after(language, normal, tilde, normalise(rest) if rest else "")
        yield normal, Form(alias, before, after, _spelling(literal))


def choices(text: str) -> Iterator[str]:
    """Every text that `liban(ais|és)` stands for."""
    if "(" not in text:
        yield text
        return
    parts = _CHOICE.split(text)
    for chosen in product(*(part.split("|") if number % 2 else [part] for number, part in enumerate(parts))):
        yield "".join(chosen)


def _before(language: str, normal: str, *, whole: bool) -> tuple[frozenset[str] | None, str]:
    """What may stand before the literal, and the literal without the article where that is part of it."""
    if _UNSPACED.search(normal) or _KANA.search(normal):
        return None, normal
    if language == "ar":
        if has_article(normal):
            return DEFINITE_PROCLITICS, normal[2:]
        return (INDEFINITE_PROCLITICS if whole else PROCLITICS), normal
    return PREFIXES.get(language, _NOTHING), normal


def _after(language: str, normal: str, tilde: str, rest: str) -> str:
    if _UNSPACED.search(normal):
        return ""
    if _KANA.search(normal):
        return _NOT_IN_KANA
    if not tilde:
        return _WORD_END
    endings = AFTER_CONSONANT if tilde == "≈" else ENDINGS.get(language, "")
    *inner, last = map(re.escape, rest.split("~"))
    if not inner:
        return f"{_INNER if rest else endings}{last}{_WORD_END}"
    middle = "".join(_INNER + part for part in inner)
    return f"{middle}{endings}{last}{_WORD_END}"


@lru_cache(None)
def ending(pattern: str) -> re.Pattern[str]:
    """What a form asks for after its literal."""
    return re.compile(pattern)


def _spelling(literal: str) -> Spelling:
    if not literal[:1].isupper():
        return Spelling.ANY
    return Spelling.CAPITALS if literal.isupper() and len(literal) > 1 else Spelling.CAPITAL
