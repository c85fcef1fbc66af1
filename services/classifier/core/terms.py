"""How a term is written in a topic file, and what it matches.

    تأشيرة دخول                 words in this order; white space and hyphens in the text may be any
    (exempt|waive) (the) visa   a choice; a part that may be missing
    visa(s)                     the same inside a word
    visa~    ~safirish~         the endings, or prefixes, that the language's file declares
    traffick*    *visum         any letters after, or before
    أوقف/يوقف                   an Arabic verb, in the past and in the present
    مهرب~                       an Arabic word for a person: also feminine, and the plural before a noun
    # (euros|dollars)           a number
    =رق                         this very form: no particles before, no endings after
    تسهيل ... إقامة             up to GAP words between; `...8` up to 8; both in one sentence

An Arabic term is written without the article; it then also matches with it, with the particles و ف ب ك ل before it and with
pronouns, dual and sound plural after it. Written with the article, a word needs it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from services.classifier.core.affixes import NUMBER, Unit
from services.classifier.core.morphology import Morphology, TermError, units

GAP = 4
"""How many words may stand in a `...` without a number."""

MOST_VARIANTS = 400
"""A term that spells out to more than this is refused: it is cheaper written as two."""

Atom = tuple[Unit, ...]
"""A word: it stands where one of its units does."""

Sequence = tuple[Atom, ...]
"""Words that follow each other."""


class Piece(NamedTuple):
    """A part of a term without gap: it stands where one of its sequences does. `gap`: words that may stand before it."""

    sequences: tuple[Sequence, ...]
    gap: int


_GAP = re.compile(r"\s*\.\.\.(\d*)\s*")
_TOKEN = re.compile(r"[()|]|[^()|]+")
_DASHES = re.compile(r"[-‐‒–—−_]")


def parse(term: str, morphology: Morphology) -> tuple[Piece, ...]:
    """The pieces of a term, in order. Raises TermError."""
    parts = _GAP.split(term.strip())
    if not all(part.strip() for part in parts[::2]):
        raise TermError("there is nothing to look for" if len(parts) == 1 else "`...` needs words on both sides")
    gaps = [0] + [int(digits) if digits else GAP for digits in parts[1::2]]
    return tuple(Piece(_sequences(part, morphology), gap) for part, gap in zip(parts[::2], gaps, strict=True))


def written(term: str) -> set[str]:
    """Every word of a term as it is written, choices spelt out. Raises TermError."""
    return {one for part in _GAP.split(term)[::2] for word in _words(part) for spelt in _spelt(word) for one in spelt.split()}


@lru_cache(20_000)
def _sequences(part: str, morphology: Morphology) -> tuple[Sequence, ...]:
    written = _DASHES.sub(" ", part.replace(NUMBER, f" {NUMBER} "))
    branches: list[list[tuple[str, ...]]] = [[]]  # each a way to write the part: its words, each with its alternatives
    for word in _words(written):
        ways = _ways(_spelt(word))
        branches = [[*branch, *way] for branch in branches for way in ways]
        if len(branches) > MOST_VARIANTS:
            raise TermError(f"it spells out to more than {MOST_VARIANTS} variants")
    if not all(branches):
        raise TermError("one of its variants has no letters")
    return tuple(_sequence(branch, morphology) for branch in branches)


def _words(part: str) -> list[str]:
    """The words of a part, a choice and what is written onto it being one."""
    words, depth = [""], 0
    for char in part:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char.isspace() and depth <= 0:
            words.append("")
        else:
            words[-1] += char
    return [word for word in words if word]


def _ways(spelt: list[str]) -> list[list[tuple[str, ...]]]:
    """The ways to write one word: all that are one word together, those of none or several each by itself."""
    parted = [one.split() for one in spelt]
    single = tuple(words[0] for words in parted if len(words) == 1)
    several: list[list[tuple[str, ...]]] = [[(word,) for word in words] for words in parted if len(words) != 1]
    return [[single], *several] if single else several


def _spelt(word: str) -> list[str]:
    """Every string that the choices in `word` stand for."""
    spelt, closed = _choice(iter(_TOKEN.findall(word)), depth=0)
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


def _sequence(words: list[tuple[str, ...]], morphology: Morphology) -> Sequence:
    return tuple(_atom(alternatives, morphology, inner=number > 0) for number, alternatives in enumerate(words))


def _atom(alternatives: tuple[str, ...], morphology: Morphology, *, inner: bool) -> Atom:
    if len(alternatives) == 1:
        return _word(alternatives[0], morphology, inner=inner)
    return tuple(dict.fromkeys(unit for word in alternatives for unit in _word(word, morphology, inner=inner)))


@lru_cache(50_000)
def _word(word: str, morphology: Morphology, *, inner: bool) -> Atom:
    said = word.lstrip("=")
    return tuple(dict.fromkeys(unit._replace(spelling=said) for unit in units(word, morphology, inner=inner)))
