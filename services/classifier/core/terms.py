"""How a term is written in a topic file, and what it matches.

    تأشيرة دخول                 words in this order; white space in the text may be any
    (exempt|waive) (the) visa   a choice; a part that may be missing
    visa(s)                     the same inside a word
    traffick*                   any ending
    =رق                         this very form: no particles before, no endings after
    تسهيل ... إقامة             up to GAP words between; `...8` up to 8; both in one sentence

An Arabic term is written without the article; it then also matches with it, with the particles و ف ب ك ل س before it and with
pronouns, dual and sound plural after it. Written with the article on its first word, it needs the article.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import product
from typing import NamedTuple

from services.classifier.core import arabic
from shared.text import normalise

GAP = 4
"""How many words may stand in a `...` without a number."""

MOST_VARIANTS = 512
"""A term that spells out to more than this is refused: it is cheaper written as two."""


SHORT = 2
"""An Arabic word of no more letters takes hardly anything on: too many other words look like it."""


class TermError(ValueError):
    """A term that cannot be used; says why."""


class Left(IntEnum):
    """What may stand before the pattern in its word; ANYTHING: where words are not parted."""

    NOTHING = 0
    PROCLITIC = 1
    DEFINITE = 2
    SHORT = 3
    ANYTHING = 4


class Right(IntEnum):
    """What may stand after the pattern in its word; LETTERS: any, and they belong to it."""

    NOTHING = 0
    ENDING = 1
    FEMININE = 2
    LETTERS = 3
    ANYTHING = 4


class Variant(NamedTuple):
    """A string to look for in the normal form, what may be written onto it, and which spelling of the term it stands for."""

    pattern: str
    left: Left
    right: Right
    spelling: str


class Chunk(NamedTuple):
    """A part of a term without gap: it matches where one of its variants does. `gap`: words that may stand before it."""

    variants: tuple[Variant, ...]
    gap: int


_GAP = re.compile(r"\s*\.\.\.(\d*)\s*")
_TOKEN = re.compile(r"[()|]|[^()|]+")
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def parse(term: str) -> tuple[Chunk, ...]:
    """The chunks of a term, in order. Raises TermError."""
    parts = _GAP.split(term.strip())
    if not all(part.strip() for part in parts[::2]):
        raise TermError("there is nothing to look for" if len(parts) == 1 else "`...` needs words on both sides")
    gaps = [0] + [int(digits) if digits else GAP for digits in parts[1::2]]
    return tuple(Chunk(_variants(part), gap) for part, gap in zip(parts[::2], gaps, strict=True))


def _variants(part: str) -> tuple[Variant, ...]:
    spelt = _spelt(part)
    if len(spelt) > MOST_VARIANTS:
        raise TermError(f"it spells out to {len(spelt)} variants, more than {MOST_VARIANTS}")
    return tuple(dict.fromkeys(variant for one in spelt for variant in _of(one)))


def _spelt(part: str) -> list[str]:
    """Every string that the choices in `part` stand for."""
    tokens = iter(_TOKEN.findall(part))
    spelt, closed = _choice(tokens, depth=0)
    if closed:
        raise TermError("a `)` without its `(`")
    return list(dict.fromkeys(" ".join(one.split()) for one in spelt))


def _choice(tokens: Iterator[str], depth: int) -> tuple[list[str], bool]:
    alternatives: list[list[str]] = []
    current = [""]
    for piece in tokens:
        if piece == "(":
            inner, closed = _choice(tokens, depth + 1)
            if not closed:
                raise TermError("a `(` without its `)`")
            current = [a + b for a, b in product(current, inner)]
        elif piece == ")":
            return _closed(alternatives, current), True
        elif piece == "|":
            if not depth:
                raise TermError("a `|` outside of `( )`")
            alternatives.append(current)
            current = [""]
        else:
            current = [a + piece for a in current]
        if len(current) > MOST_VARIANTS:
            raise TermError(f"it spells out to more than {MOST_VARIANTS} variants")
    return current, False


def _closed(alternatives: list[list[str]], last: list[str]) -> list[str]:
    """What `(a|b)` stands for; `(a)` also stands for nothing."""
    every = [one for alternative in [*alternatives, last] for one in alternative]
    return every if alternatives else ["", *every]


def _of(spelt: str) -> Iterator[Variant]:
    words = spelt.split()
    if not words or not any(char.isalnum() for char in spelt):
        raise TermError("one of its variants has no letters")
    first, last = words[0], words[-1]
    pattern, right = _ending(last)
    head = [normalise(word.lstrip("=")) for word in words[:-1]]
    left = _beginning(first, head[0] if head else pattern)
    if any("*" in word for word in [*head, pattern]):
        raise TermError("`*` stands only at the end of a term")
    if left is Left.DEFINITE:
        head, pattern = ([head[0].removeprefix(arabic.ARTICLE), *head[1:]], pattern) if head else ([], pattern[2:])
    forms = [[word, arabic.ARTICLE + word] if _may_be_definite(word) else [word] for word in [*head, pattern][1:]]
    for rest in product(*forms):
        yield Variant(" ".join([[*head, pattern][0], *rest]), left, right, spelt.replace("=", ""))


def _may_be_definite(word: str) -> bool:
    return bool(word) and arabic.is_arabic(word[0]) and arabic.takes_article(word)


def _beginning(written: str, normal: str) -> Left:
    if _WIDE.match(normal):
        return Left.ANYTHING
    if written.startswith("=") or not arabic.is_arabic(normal[0]):
        return Left.NOTHING
    if arabic.has_article(normal):
        return Left.DEFINITE
    return Left.PROCLITIC if len(normal) > SHORT else Left.SHORT


def _ending(written: str) -> tuple[str, Right]:
    """The last word as it is looked for, and what may follow it."""
    bare = written.lstrip("=")
    if bare.endswith("*"):
        return normalise(bare[:-1]), Right.LETTERS
    normal = normalise(bare)
    if _WIDE.search(normal[-1]):
        return normal, Right.ANYTHING
    if written.startswith("=") or not arabic.is_arabic(normal[-1]) or len(normal) <= SHORT:
        return normal, Right.NOTHING
    if bare.endswith("ة"):
        return normal[:-1], Right.FEMININE
    return normal, Right.ENDING
