"""A text as the marks of its sentences: small numbers by which what two texts share word for word is found and measured.

Each sentence leaves the smallest hashes of its shingles (three words; five characters where words have no spaces), one for some
six shingles. A sentence that was copied leaves the same marks wherever it stands, a cut or added paragraph touches only its
own, and a changed word costs a few. So the share of marks two texts have in common is the share of text they have in common,
and a sentence whose marks are known is no news. Pure; classifier and store use it alike.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple
from zlib import crc32

from shared.text import Normal, Span


class Marks(NamedTuple):
    """What one sentence leaves: how many shingles it has (at most LONGEST are counted), and its marks, 32 bits each."""

    shingles: int
    marks: tuple[int, ...]


WORDS = 3
CHARACTERS = 5
EACH = 6
"""Of so many shingles one is kept, the smallest; at least FEWEST of a sentence."""
FEWEST = 2
LONGEST = 255
"""Most shingles counted of one sentence: a page without full stops is no reason for more marks."""

_END = re.compile(r"[.!?…]+(?=[\s\"')\]]|$)|[؟؛。！？；।॥۔]+|\n+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_PUNCTUATION = bytes(byte if 48 <= byte <= 57 or 97 <= byte <= 122 or byte >= 128 else 32 for byte in range(256))
_WIDE_PUNCTUATION = ("،", "؛", "؟", "۔", "…", "·", "•", "।", "‹", "›")


def sentences(normal: str) -> Iterator[Span]:
    """Where the sentences of a text in normal form stand, without the white space around them."""
    start = 0
    for match in _END.finditer(normal):
        yield from _trimmed(normal, start, match.start())
        start = match.end()
    yield from _trimmed(normal, start, len(normal))


def _trimmed(normal: str, start: int, end: int) -> Iterator[Span]:
    part = normal[start:end]
    if stripped := part.strip():
        first = start + len(part) - len(part.lstrip())
        yield Span(first, first + len(stripped))


def marks(sentence: str) -> Marks:
    """The marks of one sentence in normal form; none where it has no letter or digit."""
    hashes = sorted(_of_characters(sentence) if _UNSPACED.search(sentence) else _of_words(sentence))
    shingles = min(LONGEST, len(hashes))
    return Marks(shingles, tuple(hashes[: _kept(shingles)]))


def _kept(shingles: int) -> int:
    return min(shingles, max(FEWEST, shingles // EACH))


def _of_words(sentence: str) -> set[int]:
    if not sentence.isascii():
        for mark in _WIDE_PUNCTUATION:
            if mark in sentence:
                sentence = sentence.replace(mark, " ")
    hashed = list(map(crc32, sentence.encode("utf-8", "surrogatepass").translate(_PUNCTUATION).split()))
    if len(hashed) < WORDS:
        return {_mixed(*hashed, *[0] * (WORDS - len(hashed)))} if hashed else set()
    return set(map(_mixed, hashed, hashed[1:], hashed[2:]))


def _mixed(one: int, two: int, three: int) -> int:
    """Order counts, and the smallest of the mixed are no longer those of the smallest words."""
    mixed = (one * 0x9E3779B1 + two * 0x85EBCA77 + three * 0xC2B2AE3D) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF


def _of_characters(sentence: str) -> set[int]:
    letters = "".join(filter(str.isalnum, sentence)).encode("utf-32-le", "surrogatepass")
    size = 4 * CHARACTERS
    return {crc32(letters[at : at + size]) for at in range(0, max(len(letters) - size, 0) + 4, 4) if letters}


def pack(every: Iterable[Marks]) -> bytes:
    """Sentences' marks as bytes: for each sentence the number of its shingles, then the marks, little-endian."""
    return b"".join(struct.pack(f"<B{len(each.marks)}I", each.shingles, *each.marks) for each in every)


def unpack(packed: bytes) -> list[Marks]:
    """What `pack` was given. Raises struct.error for bytes it did not make."""
    found, at = [], 0
    while at < len(packed):
        number = _kept(packed[at])
        found.append(Marks(packed[at], struct.unpack_from(f"<{number}I", packed, at + 1)))
        at += 1 + 4 * number
    return found


def shared(text: Sequence[Marks], known: Set[int]) -> float:
    """How many shingles of `text` stand among `known` marks."""
    return sum(each.shingles * _share(each, known) for each in text if each.marks)


def length(text: Sequence[Marks]) -> int:
    """How many shingles a text has."""
    return sum(each.shingles for each in text)


def _share(sentence: Marks, known: Set[int]) -> float:
    return sum(mark in known for mark in sentence.marks) / len(sentence.marks)


def is_known(sentence: Marks, known: Set[int]) -> bool:
    """Whether at least half of a sentence's marks are known: it was said before, perhaps with a word changed."""
    return not sentence.marks or _share(sentence, known) >= 0.5


def passages(text: str, known: Set[int], fewest: int) -> Iterator[Span]:
    """Where sentences stand in `text` (code points of the original) that are not known and have at least `fewest` shingles."""
    normal = Normal(text)
    for span in sentences(normal.text):
        found = marks(normal.text[span.start : span.end])
        if found.shingles >= fewest and not is_known(found, known):
            yield normal.span(span.start, span.end)
