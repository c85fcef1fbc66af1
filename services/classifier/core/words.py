"""Text into words, a stretch between two spaces at a time, so that what was found out of one holds wherever it comes again.

A stretch ("وبالتأشيرات،", "d'asile", "visa-free") is brought into the normal form and parted into words, with what stands
between them. Numbers are words; a character of a script without spaces is a word by itself.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from services.classifier.core.affixes import TA_MARBUTA, TO_WIDE, WIDE, word_class
from shared.text import Normal, normalise

CLAUSE, SENTENCE = 1, 2
"""What may end after a word."""

_ABBREVIATED = "".join(
    rf"(?<!\b{word})" for word in ("mr", "mrs", "ms", "dr", "st", "sr", "jr", "art", "no", "nr", "vs", "col", "gen")
)
_END = re.compile(
    rf"(?P<sentence>(?<!\b[^\W\d_]){_ABBREVIATED}[.!?…](?=[\s\"')\]]|$)|(?<=[{WIDE}])[!?]|[؟۔。！？।॥])"
    rf"|[.!?…](?=[\s\"')\]]|$)|[,;:](?=\s|$)|(?<=[{WIDE}])[,;:]|[،؛，；：、]"
)
_NUMBER = r"\d{1,3}(?:[.,٫٬]\d{3}(?!\d))+(?:[.,٫]\d+)?|\d+(?:[.,٫]\d+)?"
_WIDE = re.compile(f"[{TO_WIDE}]")
_BETWEEN = " \"'()$€£¥₹₺₽%"
_MOST_BETWEEN = 3
_STRETCH = re.compile(r"\S+")
_OTHER_LINE_ENDS = ("\x85", "\u2028", "\u2029")


class Word(NamedTuple):
    """A word of a stretch in normal form (ة as TA_MARBUTA), and where in that form it stands. `before`: what stands before it,
    of the first alone; `after`: what follows up to the next. `ends`: 0, CLAUSE or SENTENCE. Without letters and digits where
    a stretch has none but ends something or parts what stands around it."""

    text: str
    start: int
    end: int
    before: str
    after: str
    ends: int


def lines(text: str) -> list[str]:
    """The lines of a text, as long together as before."""
    for other in _OTHER_LINE_ENDS:
        if other in text:
            text = text.replace(other, "\n")
    return text.split("\n")


def stretches(line: str) -> list[tuple[str, int]]:
    """What stands between white space, and where; the same as line.split()."""
    return [(match.group(), match.start()) for match in _STRETCH.finditer(line)]


def may_be_wide(text: str) -> bool:
    """Whether its normal form may hold characters of a script without spaces."""
    return _WIDE.search(text) is not None


def marked(stretch: str) -> str:
    """The same, of the same length, its ة told apart from ه in the normal form."""
    return stretch.replace(TA_MARBUTA, "\ufffd").replace("ة", TA_MARBUTA)


def normal_form(stretch: str) -> str:
    """The normal form, the words of hashtags and compounds parted, ة told apart from ه."""
    return _parted(normalise(marked(stretch)))


def words(normal: str) -> list[Word]:
    """The words of a stretch in `normal_form`."""
    parts = split(normal)
    if len(parts) == 1:
        return [] if not normal.strip(_BETWEEN) else [Word("", 0, len(normal), normal, " ", _ends(normal))]
    if len(parts) == 3:
        before, text, after = parts
        if not (before and _ends(before)):
            end = len(before) + len(text)
            return [Word(text, len(before), end, before, after + " ", _ends(normal) if after else 0)]
    return _several(normal, parts)


@lru_cache(10_000)
def spans(stretch: str) -> list[tuple[int, int]]:
    """Where the same words stand in the stretch as it was written."""
    normal = Normal(marked(stretch))
    return [normal.span(word.start, word.end) if word.text else (0, len(stretch)) for word in words(_parted(normal.text))]


def follows(between: str) -> bool:
    """Whether two words follow each other though this stands between them: a space, a quotation mark, a sign of money."""
    return len(between) <= _MOST_BETWEEN and not between.strip(_BETWEEN)


def split(text: str) -> list[str]:
    """What stands before, between and after the words of a string, and these: at odd numbers."""
    return _word().split(text)


def plain(word: str) -> str:
    """The word in normal form."""
    return word.replace(TA_MARBUTA, "ه") if TA_MARBUTA in word else word


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"([{word_class()}]+|{_NUMBER}|[{WIDE}])")


def _parted(normal: str) -> str:
    """The words of hashtags and compounds parted."""
    return normal.replace("-", " ").replace("_", " ")


def _ends(normal: str) -> int:
    """The most that ends in it."""
    return max((SENTENCE if match["sentence"] else CLAUSE for match in _END.finditer(normal)), default=0)


def _several(normal: str, parts: list[str]) -> list[Word]:
    parts[-1] += " "
    made, at = list[Word](), len(parts[0])
    for number in range(1, len(parts), 2):
        end = at + len(parts[number])
        made.append(Word(parts[number], at, end, parts[0] if number == 1 else "", parts[number + 1], 0))
        at = end + len(parts[number + 1])
    first = 0
    for match in _END.finditer(normal):
        while first < len(made) and made[first].end <= match.start():
            first += 1
        kind = SENTENCE if match["sentence"] else CLAUSE
        if first == 0:
            made.insert(0, Word("", 0, match.end(), "", "", kind))
            made[1] = made[1]._replace(before=made[1].before[match.end() :])
            first = 1
        else:
            made[first - 1] = made[first - 1]._replace(ends=max(kind, made[first - 1].ends))
    return made
