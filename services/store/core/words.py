"""The words by which an article is found, the same way for what is kept and for what is asked.

On top of the normal form of shared/text.py: everything but letters, marks and digits parts words; scripts that put no space
between words become overlapping pairs of characters; the Arabic article goes, with the letters written on to it (و ف ب ك ل),
where at least three letters remain, so that المهاجرين, والمهاجرين and للمهاجرين are all found by مهاجرين.
A bare و or ف stays: too many words begin with one.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from shared.text import normalise

Phrase = tuple[str, ...]
"""Words that stand side by side; a last word ending in `*` is the beginning of one."""


class Found(NamedTuple):
    """By what an article is found: the words of its title and those of its text."""

    title: str
    text: str


LONGEST = 255
"""Letters of a word that count; whoever writes longer ones is no reader. (PostgreSQL takes 2,046 bytes.)"""

_PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
_RUN = re.compile(f"[{_PAIRED}]+")
_ARTICLE = "(?:[وف]?(?:[بك]?ال|لل)(?=[ء-ي]{3}))?"
_PARTING = re.compile(rf"[\W_]+{_ARTICLE}")
"""What stands between words, with the Arabic article of the next."""

_LONG = re.compile(rf"(?<!\S)(\S{{{LONGEST}}})\S+")

_UNUSUAL = re.compile(
    f"[{_PAIRED}\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0711-\u085b\u0900-\u0dff\u1700-\u1dff\u20d0-\u20ff\ua800-\uabff"
    "\U00010a00-\U00016fff]"
)
"""Paired scripts, and those whose words hold marks that \\w leaves out: rare, and slower."""


def words(text: str) -> str:
    """The text as words with a space between, as it is kept in the index."""
    return _words(normalise(text), last=True)


def words_of(articles: Sequence[tuple[str, str]]) -> list[Found]:
    """The words of each title and text; for a worker process, where whole batches go."""
    return [Found(words(title), words(text)) for title, text in articles]


def phrases(query: str) -> list[Phrase]:
    """What must all be found: each word of the query, and each part in quotes as a whole. A quote without its second is none.
    Empty where the query holds no letter or digit."""
    parts = normalise(query).split('"')
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
    found: dict[Phrase, None] = {}
    for number, part in enumerate(parts):
        for piece in [part] if number % 2 else part.split():
            if phrase := _phrase(piece):
                found[phrase] = None
    return list(found)


def _phrase(piece: str) -> Phrase:
    terms = _words(piece, last=False).split()
    if len(terms) == 1 and len(terms[0]) == 1 and _RUN.fullmatch(terms[0]):
        return (f"{terms[0]}*",)  # one character: the beginning of a pair
    return tuple(terms)


def _words(normal: str, *, last: bool) -> str:
    text, parting = normal, _PARTING
    if _UNUSUAL.search(text):
        text = _RUN.sub(lambda run: f" {_pairs(run.group(), last=last)} ", text)
        parting = _parting_marked()
    return _LONG.sub(r"\1", parting.sub(" ", f" {text}").strip())


def _pairs(run: str, *, last: bool) -> str:
    """Overlapping pairs; with `last`, the last character too, so that each character begins a word."""
    pairs = [run[n : n + 2] for n in range(len(run) - 1)]
    return " ".join([*pairs, run[-1]] if last or not pairs else pairs)


@cache
def _parting_marked() -> re.Pattern[str]:
    """The same as _PARTING, where marks (the vowel signs of Hindi, Thai and others) are."""
    marks = "".join(char for char in map(chr, range(0x300, 0x1E944)) if unicodedata.category(char)[0] == "M")
    return re.compile(f"(?:[^\\w{marks}]|_)+{_ARTICLE}")
