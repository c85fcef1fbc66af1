"""A text in normal form, with its sentences, clauses and lines, and distances between places."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal

from services.classifier.core.affixes import WIDE
from shared.text import Normal

Place = tuple[int, int]
"""Where something stands in the normal form: whole words, `[start, end)`."""

Scope = Literal["clause", "sentence", "paragraph", "article"]

_ABBREVIATED = "".join(
    rf"(?<!\b{word})" for word in ("mr", "mrs", "ms", "dr", "st", "sr", "jr", "art", "no", "nr", "vs", "col", "gen")
)
_SENTENCE_END = re.compile(rf"\n|(?<!\b[^\W\d_]){_ABBREVIATED}[.!?…](?=[\s\"')\]]|$)|[؟۔。！？।॥]")
_CLAUSE_END = re.compile(r"\n|[.!?…](?=[\s\"')\]]|$)|[؟۔。！？।॥]|[,;:](?=\s)|[،؛，；：、]")
_LINE_END = re.compile(r"\n")
_SPACED = str.maketrans("_-", "  ")
_NUMBER = re.compile(r"\d+(?:[.,٫٬ ]\d{3})*(?:[.,٫]\d+)?")
_WIDE = re.compile(f"[{WIDE}]")
_BETWEEN = " \"'()$€£¥₹₺₽%"
_LONGEST_WORD = 30

CHARACTERS_A_WORD = 2
"""What a word is counted as in a script without spaces."""


class Scanned:
    """A text in normal form, the words of hashtags and compounds parted; of the same length, so that places stay true."""

    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self.text = normal.text.translate(_SPACED) if "-" in normal.text or "_" in normal.text else normal.text

    @cached_property
    def _sentences(self) -> list[int]:
        return [match.end() for match in _SENTENCE_END.finditer(self.text)]

    @cached_property
    def _clauses(self) -> list[int]:
        return [match.end() for match in _CLAUSE_END.finditer(self.text)]

    @cached_property
    def _lines(self) -> list[int]:
        return [match.end() for match in _LINE_END.finditer(self.text)]

    @cached_property
    def _wide(self) -> bool:
        return _WIDE.search(self.text) is not None

    def _ends(self, scope: Scope) -> list[int]:
        match scope:
            case "sentence":
                return self._sentences
            case "clause":
                return self._clauses
            case "paragraph":
                return self._lines
        return []

    def sentence(self, index: int) -> int:
        """The number of the sentence this character stands in."""
        return bisect_right(self._sentences, index)

    def together(self, one: int, other: int, scope: Scope) -> bool:
        """Whether two characters stand in one clause, sentence or paragraph."""
        ends = self._ends(scope)
        return bisect_right(ends, one) == bisect_right(ends, other)

    def bounds(self, index: int, scope: Scope) -> Place:
        """The clause, sentence or paragraph around this character, whole."""
        ends = self._ends(scope)
        number = bisect_right(ends, index)
        return ends[number - 1] if number else 0, ends[number] if number < len(ends) else len(self.text)

    def within(self, start: int, end: int, words: int, characters: int = CHARACTERS_A_WORD) -> bool:
        """Whether no more than so many words stand between; in a script without spaces so many characters count as one."""
        if end - start > (words + 1) * _LONGEST_WORD:
            return False
        between = self.text[start:end]
        if self._wide and (wide := len(_WIDE.findall(between))):
            return wide / characters + len(_WIDE.sub(" ", between).split()) <= words
        return len(between.split()) <= words

    def follows(self, end: int, start: int) -> bool:
        """Whether a word at `start` is the next after one at `end`: between them a space, a quotation mark, a sign of money."""
        return end <= start <= end + 3 and not self.text[end:start].strip(_BETWEEN)

    def numbers(self) -> list[Place]:
        """Every number written in digits."""
        return [match.span() for match in _NUMBER.finditer(self.text)]

    def is_ta_marbuta(self, index: int) -> bool:
        """Whether the ه of the normal form was written ة: then it is part of the word, and no pronoun."""
        start, end = self._normal.span(index, index + 1)
        return "ة" in self._normal.original[start:end]
