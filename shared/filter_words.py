"""The `text` of a filter: all words, in any order, quotes for a phrase, in the normal form of shared/text.py.

A word stands between word boundaries; in scripts written without spaces (Chinese, Japanese, Thai, ...) it may stand anywhere.
"""

import re
import unicodedata

from shared.text import normalise

_MOST = 100
_RUN = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def parse_words(query: str) -> tuple[str, ...]:
    """The words and phrases of a query, in normal form. Raises ValueError where there are none or a quote is left open."""
    pieces = normalise(query).replace("\n", " ").split('"')
    if len(pieces) % 2 == 0:
        raise ValueError("a quote is left open")
    words: list[str] = []
    for n, piece in enumerate(pieces):
        stripped = [word for part in piece.split() if (word := _bare(part))]
        words.extend([" ".join(stripped)] if n % 2 and stripped else stripped)
    if not words:
        raise ValueError("has no word")
    if len(words) > _MOST:
        raise ValueError(f"has more than {_MOST} words")
    return tuple(dict.fromkeys(words))


def stands_in(word: str, normal: str) -> bool:
    """Whether the word or phrase stands in this text; both in normal form, the text in one line."""
    if _UNSPACED.search(word):
        return word in normal
    start = normal.find(word)
    while start >= 0:
        end = start + len(word)
        if not _inside(normal[start - 1 : start]) and not _inside(normal[end : end + 1]):
            return True
        start = normal.find(word, start + 1)
    return False


def runs(normal: str) -> set[str]:
    """The words of a text in normal form: what stands between boundaries and holds none."""
    marks = "".join(char for char in set(normal) if unicodedata.category(char)[0] == "M")
    return set((re.compile(f"[\\w{re.escape(marks)}]+") if marks else _RUN).findall(normal))


def longest_run(word: str) -> str | None:
    """A word that is among the `runs` of every text this word or phrase stands in; None where no one can say."""
    return None if _UNSPACED.search(word) else max(runs(word), key=len, default=None)


def _bare(word: str) -> str:
    """The word without punctuation around it."""
    start, end = 0, len(word)
    while start < end and not _inside(word[start]):
        start += 1
    while end > start and not _inside(word[end - 1]):
        end -= 1
    return word[start:end]


def _inside(char: str) -> bool:
    """Whether this character (or none) continues a word."""
    return bool(char) and (char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M")
