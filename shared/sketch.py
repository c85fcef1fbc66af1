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
ANCHOR = 3
"""Only shingles whose first word ends in certain letters are hashed, one in four, unless that leaves too few: it costs less."""
LONGEST = 255
"""Most shingles counted of one sentence: a page without full stops is no reason for more marks."""

_STOPS = re.compile("[.!?…؟؛。！？；।॥۔\n]+")
_ASCII_STOPS = frozenset(".!?…")
_AFTER_STOP = frozenset(" \n\"')]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_PUNCTUATION = bytes(byte if byte == 10 or 48 <= byte <= 57 or 97 <= byte <= 122 or byte >= 128 else 32 for byte in range(256))
"""Everything of ASCII but small letters, digits and line ends becomes a space."""
_WIDE_PUNCTUATION = ("،", "؛", "؟", "۔", "…", "·", "•", "।", "‹", "›")


def sentences(normal: str) -> Iterator[Span]:
    """Where the sentences of a text in normal form stand, without the white space around them."""
    start = 0
    for match in _STOPS.finditer(normal):
        end = match.end()
        if end < len(normal) and normal[end] not in _AFTER_STOP and _ASCII_STOPS.issuperset(match.group()):
            continue  # inside a figure, a name, an address
        yield from _trimmed(normal, start, match.start())
        start = end
    yield from _trimmed(normal, start, len(normal))


def _trimmed(normal: str, start: int, end: int) -> Iterator[Span]:
    part = normal[start:end]
    if stripped := part.strip():
        first = start + len(part) - len(part.lstrip())
        yield Span(first, first + len(stripped))


def marks_of(parts: Sequence[str]) -> list[Marks]:
    """The marks of each of a text's sentences in normal form; none where one has no letter or digit. No sentence holds a line
    end."""
    whole = "\n".join(parts)
    if _UNSPACED.search(whole):
        return [_mixed(part) for part in parts]
    return list(map(_of_words, _words(whole))) if parts else []


def marks(sentence: str) -> Marks:
    """The marks of one."""
    return marks_of([sentence])[0]


def _mixed(sentence: str) -> Marks:
    if not _UNSPACED.search(sentence):
        return _of_words(_words(sentence)[0])
    shingles = _of_characters(sentence)
    return Marks(min(LONGEST, len(shingles)), _smallest(set(map(crc32, shingles)), len(shingles)))


def _of_words(words: list[bytes]) -> Marks:
    number = len(words) - WORDS + 1
    if number < 1:
        return Marks(1, (crc32(b" ".join(words)),)) if words else Marks(0, ())
    starts: Sequence[int] = [at for at in range(number) if words[at][-1] & ANCHOR == 1]
    if len(starts) < _kept(number):
        starts = range(number)
    return Marks(min(LONGEST, number), _smallest({crc32(b" ".join(words[at : at + WORDS])) for at in starts}, number))


def _words(lines: str) -> list[list[bytes]]:
    """The words of each line."""
    if not lines.isascii():
        for mark in _WIDE_PUNCTUATION:
            if mark in lines:
                lines = lines.replace(mark, " ")
    coded = lines.encode("utf-8", "surrogatepass").translate(_PUNCTUATION)
    return [line.split() for line in coded.split(b"\n")]


def _smallest(hashes: Set[int], shingles: int) -> tuple[int, ...]:
    return tuple(sorted(hashes)[: _kept(shingles)])


def _kept(shingles: int) -> int:
    return min(LONGEST // EACH, max(FEWEST, shingles // EACH))


def _of_characters(sentence: str) -> list[bytes]:
    letters = "".join(filter(str.isalnum, sentence)).encode("utf-32-le", "surrogatepass")
    size = 4 * CHARACTERS
    return [letters[at : at + size] for at in range(0, max(len(letters) - size, 0) + 4, 4) if letters]


def pack(every: Iterable[Marks]) -> bytes:
    """Sentences' marks as bytes: how many sentences; of each the number of its shingles, then of each that of its marks; then
    all marks, little-endian."""
    kept = list(every)[:LONGEST]
    head = bytes([len(kept), *(each.shingles for each in kept), *(len(each.marks) for each in kept)])
    all_marks = [mark for each in kept for mark in each.marks]
    return head + struct.pack(f"<{len(all_marks)}I", *all_marks)


def unpack(packed: bytes) -> list[Marks]:
    """What `pack` was given. Raises struct.error for bytes it did not make."""
    if not packed:
        return []
    number, every, at, found = packed[0], unpack_marks(packed), 0, []
    for shingles, count in zip(packed[1 : 1 + number], packed[1 + number : 1 + 2 * number], strict=True):
        found.append(Marks(shingles, every[at : at + count]))
        at += count
    return found


def unpack_marks(packed: bytes) -> tuple[int, ...]:
    """All marks of what `pack` was given, in order. Raises struct.error for bytes it did not make."""
    start = 1 + 2 * packed[0] if packed else 0
    return struct.unpack(f"<{(len(packed) - start) // 4}I", packed[start:])


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
