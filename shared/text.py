"""How text is made comparable: one normal form for tagging, searching and matching, and the way back to the original.

`normalise` gives the normal form: NFKC, case folded; Arabic, Persian and Urdu letter variants made one (alef with or without
hamza, ya, ta marbuta, kaf); short vowels, tatweel, joiners and direction marks removed; digits of every script written 0-9;
dashes and quotes made one; runs of white space made one space, or one newline where they hold one. `Normal` keeps the
original beside it and says which part of it a part of the normal form came from; the map is built when first asked for.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

_LETTERS = {
    "ا": "أإآٱٲٳ",
    "و": "ؤۄۅۆۇۈۉۋ",
    "ي": "ىئیېۍےۓ",
    "ه": "ةہھۀۂەۃ",
    "ك": "کڪ",
    "i": "ı",  # with U+0307 removed below, the Turkish İ, I, ı and i meet
    "'": "’‘ʼ`´",
    '"': "“”„«»",
    "-": "‐‒–—−",
}
_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f\u200b"
_LINE_ENDS = "\x85\u2028\u2029"
_REMOVED = (
    ("\u0640", "\u0640"),  # tatweel
    ("\u064b", "\u065f"),
    ("\u0670", "\u0670"),
    ("\u00ad", "\u00ad"),  # soft hyphen
    ("\u200c", "\u200f"),  # joiners and direction marks
    ("\u0307", "\u0307"),
    ("\u0610", "\u061a"),
    ("\u061c", "\u061c"),
    ("\u06d6", "\u06dc"),
    ("\u06df", "\u06e8"),
    ("\u06ea", "\u06ed"),
    ("\u08ca", "\u08e1"),
    ("\u08e3", "\u08ff"),
    ("\u202a", "\u202e"),
    ("\u2060", "\u2064"),
    ("\u2066", "\u2069"),
    ("\ufe00", "\ufe0f"),
    ("\ufeff", "\ufeff"),
)
_OFTEN = 4
"""The first so many ranges of _REMOVED are frequent enough to be worth a look of their own."""

_SCANNED = (range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0xD800), range(0xF900, 0x20000), range(0x2F800, 0x2FA20))
"""Where code points stand that decompose, fold or are digits; a test holds this against the whole of Unicode."""


def _scanned() -> Iterator[str]:
    return (chr(code) for codes in _SCANNED for code in codes)


def _table() -> dict[str, str]:
    table = {variant: letter for letter, variants in _LETTERS.items() for variant in variants}
    table |= dict.fromkeys(_SPACES, " ") | dict.fromkeys(_LINE_ENDS, "\n")
    for first, last in _REMOVED:
        table |= dict.fromkeys(map(chr, range(ord(first), ord(last) + 1)), "")
    for char in _scanned():
        if (digit := unicodedata.decimal(char, None)) is not None:
            table[char] = str(digit)
    return table


_TABLE = _table()
_COMMON = [
    (char, _TABLE[char])
    for char in [
        *"أإآىةئؤ٠١٢٣٤٥٦٧٨٩یکے۰۱۲۳۴۵۶۷۸۹ہھ’‘“”«»–—\t\r",
        *(chr(c) for first, last in _REMOVED[:_OFTEN] for c in range(ord(first), ord(last) + 1)),
    ]
]
_RARE = re.compile("[" + "".join(re.escape(char) for char in _TABLE.keys() - dict(_COMMON).keys() if char <= "\uffff") + "]")
_TRANSLATION = str.maketrans(_TABLE)
_RUN = re.compile(r"[ \n]{2,}")


def normalise(text: str) -> str:
    """The normal form. Normalising it again changes nothing that matters to matching; its length may differ from `text`."""
    return _collapsed(_folded(text))


def _folded(text: str) -> str:
    """The normal form but for runs of white space."""
    if text.isascii():
        return text.lower().translate(_TRANSLATION)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold()
    for char, replacement in _COMMON:  # str.replace of what is rarely there costs a tenth of str.translate
        if char in text:
            text = text.replace(char, replacement)
    return text.translate(_TRANSLATION) if _RARE.search(text) or _is_astral(text) else text


def _is_astral(text: str) -> bool:
    """Whether it leaves the basic plane; patterns over characters of both are slow, so those of the other are kept apart."""
    return len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)


def _collapsed(text: str) -> str:
    return _RUN.sub(_run, text) if _RUN.search(text) else text


def _run(match: re.Match[str]) -> str:
    return "\n" if "\n" in match.group() else " "


class Span(NamedTuple):
    """A part of the original text: `original[start:end]`, in code points."""

    start: int
    end: int


class Normal:
    """A text and its normal form; `span` leads from the second to the first."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._uncollapsed = _folded(original)
        self.text = _collapsed(self._uncollapsed)

    def span(self, start: int, end: int) -> Span:
        """The part of the original that `text[start:end]` came from: whole characters with their marks, never empty unless
        `start == end`. Grows with `start` and `end`."""
        if start >= end:
            place = self._start(start) if start < len(self.text) else len(self.original)
            return Span(place, place)
        return Span(self._start(start), self._end(end - 1))

    def _start(self, index: int) -> int:
        return self._folds.origin(self._runs.origin(index)[0])[0]

    def _end(self, index: int) -> int:
        return self._folds.origin(self._runs.origin(index)[1] - 1)[1]

    @cached_property
    def _runs(self) -> "_Map":
        return _Map([_Piece(match.start(), match.end(), 1) for match in _RUN.finditer(self._uncollapsed)])

    @cached_property
    def _folds(self) -> "_Map":
        if self.original.isascii():
            return _Map([])
        irregular, joining = _irregular()
        found = irregular[_is_astral(self.original)].finditer(self.original)
        return _Map([piece for match in found for piece in _pieces(self.original, match.start(), match.end(), joining)])


def _pieces(text: str, start: int, end: int, joining: frozenset[str]) -> Iterator["_Piece"]:
    """The pieces of a run of irregular characters: each a character with what joins it."""
    if start and text[start] in joining:
        start -= 1
    while start < end:
        stop = start + 1
        while stop < end and text[stop] in joining:
            stop += 1
        length = _length(text[start:stop])
        if length != 1 or stop - start != 1:
            yield _Piece(start, stop, length)
        start = stop


@lru_cache(4096)
def _length(piece: str) -> int:
    return len(_folded(piece))


class _Piece(NamedTuple):
    """Characters [start, end) of the source that became `length` characters."""

    start: int
    end: int
    length: int


class _Map:
    """Leads from a character of the result to the characters of the source it came from: one to one outside the pieces."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._targets: list[int] = []  # where in the result each piece begins
        self._shifts = [0]  # source minus result after so many pieces
        for piece in pieces:
            self._targets.append(piece.start - self._shifts[-1])
            self._shifts.append(self._shifts[-1] + piece.end - piece.start - piece.length)

    def origin(self, index: int) -> tuple[int, int]:
        """Start and end, in the source, of what became character `index` of the result."""
        after = bisect_right(self._targets, index)  # of pieces at one target all but the last vanished
        if after and index < self._targets[after - 1] + self._pieces[after - 1].length:
            return self._pieces[after - 1].start, self._pieces[after - 1].end
        place = index + self._shifts[after]
        return place, place + 1


@cache
def _irregular() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], frozenset[str]]:
    """Finds runs of characters that may not become exactly one each (a first pattern for texts of the basic plane, a second for
    all), and which of them join the character before. All other characters are mapped by counting."""
    joining, changing = set(), {char for char, replacement in _TABLE.items() if len(replacement) != 1}
    seconds = _composing()
    for char in _scanned():
        first = unicodedata.normalize("NFKD", char)[0]
        if unicodedata.combining(first) or first in seconds:
            joining.add(char)
        elif len(_folded(char)) != 1:
            changing.add(char)
    classes = ("".join(re.escape(c) for c in sorted(joining | changing) if c <= top) for top in ("\uffff", "\U0010ffff"))
    basic, every = (re.compile(f"[{characters}]+") for characters in classes)
    return (basic, every), frozenset(joining)


def _composing() -> set[str]:
    """Characters that may melt into the one before them though they are no marks."""
    seconds = {chr(code) for codes in (range(0x1161, 0x1176), range(0x11A8, 0x11C3)) for code in codes}
    for char in _scanned():
        parts = unicodedata.decomposition(char).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            seconds.add(chr(int(parts[1], 16)))
    return seconds
