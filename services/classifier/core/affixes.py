"""What may be written onto a stem inside its word, on either side, and which characters make a word."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import NamedTuple

WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, Burmese, Khmer, kana and Han: written without spaces, so that no edge of a word can be asked for."""

TO_WIDE = WIDE + "\u2e80-\u2fdf\u3005-\u3007\u3021-\u303a\u3100-\u33ff\uff66-\uff9f\U0001b000-\U0001b2ff\U0001f200-\U0001f265"
"""These, and what their normal form is made of."""

_WIDE = re.compile(f"[{WIDE}]")
_ASTRAL_WORDS = "\U00010000-\U0001afff\U0001b300-\U0001efff"
"""Scripts beyond the basic plane (Adlam, Chakma ...), their signs included; emoji stand above."""

TA_MARBUTA = "\ufdd0"
"""Stands for ة in words that are looked up: the normal form has ه for it, but ة is never a pronoun."""


class Affix(NamedTuple):
    """What may stand on one side of a stem: one of `listed` ('' for nothing), or any letters. `free`: no edge is asked for.
    `not_marbuta`: a ه at this side does not count where the text has ة, which is part of another word."""

    listed: frozenset[str] = frozenset([""])
    letters: bool = False
    free: bool = False
    not_marbuta: bool = False


NUMBER = "#"
"""Stands for any number written in digits."""

NOTHING = Affix()
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


@cache
def word_class() -> str:
    """The characters of words in scripts with spaces, for a class of a regular expression. Vowel signs and other marks are no
    letters to Unicode, but parts of a word."""
    ranges: list[list[int]] = []
    for code in range(0x41, 0xFFFF):
        char = chr(code)
        if (char.isalnum() or unicodedata.category(char) in ("Mn", "Mc") or char == TA_MARBUTA) and not _WIDE.match(char):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges) + _ASTRAL_WORDS


def slots(written: Iterable[str | list[str]]) -> frozenset[str]:
    """The endings a language declares: a flat list is one slot; lists in a list are slots one after the other, each of which
    may be empty (plural, then case)."""
    entries = list(written)
    if all(isinstance(one, str) for one in entries):
        return frozenset(["", *map(str, entries)])
    each = [["", *one] if isinstance(one, list) else ["", one] for one in entries]
    return frozenset("".join(parts) for parts in product(*each))
