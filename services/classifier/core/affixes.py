"""What may be written onto a stem inside its word, on either side, and which characters make a word."""

import re
import sys
import unicodedata
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, kana and Han: written without spaces, so that no edge of a word can be asked for."""

_WIDE = re.compile(f"[{WIDE}\U00020000-\U0003ffff]")

MARKS = frozenset(
    char
    for char in map(chr, range(0x300, sys.maxunicode + 1))
    if unicodedata.category(char) in ("Mn", "Mc") and char < "\U00012000"
)
"""Vowel signs and other marks: no letters to Unicode, but parts of a word."""


class Affix(NamedTuple):
    """What may stand on one side of a stem: nothing, one of `listed`, any `letters`, or (`free`) no edge is asked for.
    `not_marbuta`: a ه at this side does not count where the text has ة, which is part of another word."""

    listed: frozenset[str] = frozenset([""])
    letters: bool = False
    free: bool = False
    not_marbuta: bool = False

    @property
    def longest(self) -> int:
        """How many letters it may have."""
        return LONGEST_WORD if self.letters else max(map(len, self.listed))

    @property
    def bare(self) -> bool:
        """Whether nothing may stand there."""
        return not (self.letters or self.free) and self.listed == {""}


LONGEST_WORD = 40
"""How far `*` reaches, in letters."""

NUMBER = "#"
"""Stands for any number written in digits."""

NOTHING = Affix()
ALONE = Affix(frozenset(["", NUMBER]))
"""Nothing may stand there, and the word is never looked for together with another."""

LETTERS = Affix(letters=True)
FREE = Affix(free=True)


class Unit(NamedTuple):
    """A string to look for in the normal form, what may be written onto it, and how its term spells it."""

    pattern: str
    left: Affix
    right: Affix
    spelling: str = ""


def is_wide(text: str) -> bool:
    """Whether it holds characters of a script without spaces."""
    return _WIDE.search(text) is not None


def is_word(char: str) -> bool:
    """Whether this character belongs to a word."""
    return char.isalnum() or char in MARKS


def slots(written: Iterable[str | list[str]]) -> frozenset[str]:
    """The endings a language declares: a flat list is one slot; lists in a list are slots one after the other, each of which
    may be empty (plural, then case)."""
    entries = list(written)
    if all(isinstance(one, str) for one in entries):
        return frozenset(["", *map(str, entries)])
    each = [["", *one] if isinstance(one, list) else ["", one] for one in entries]
    return frozenset("".join(parts) for parts in product(*each))
