"""By what an article is known again: the marks of its sentences, and the words that tell its event from others.

The words are those of the title and the first sentences, roughly stemmed, without the small words of the larger languages;
how rare each is only the store knows.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from services.classifier.core.small_words import SMALL
from shared.events import Fingerprint
from shared.sketch import marks_of, pack, sentences
from shared.text import Normal, normalise

LEAD = 300
"""Characters of the text whose words count beside the title's."""

LONG = 60
"""The lead begins with the first sentence of so many characters: what stands before it is a page's furniture."""

MOST_WORDS = 24
MOST_SENTENCES = 120
STEM = 6
"""Letters of a word that are kept; Arabic words lose particles and endings instead."""

_WORD = re.compile("[^\\W_][\\w\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd]*")
_NAME = re.compile("(?<=[a-z\u00df-\u00ff\u0430-\u044f\u0451,;:)] )(?:[A-Z\u00c0-\u00de\u0410-\u042f]|(?<=['’])[A-Z])[\\w'’-]+")
_PAIRED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\u3040-\u30ff]+")
_ARABIC = re.compile(r"^(?:[وف]?(?:[بك]?ال|لل)|و(?=\w{4}))?(\w{3,}?)(?:ات|ون|ين|ان|ها|هم|يه|ه|ي|ا)?$")


def fingerprint(title: str, normal: Normal) -> Fingerprint:
    """Of an article whose title and text, two line ends between them, have this normal form."""
    headline = normalise(title)
    text = normal.text[min(len(headline.rstrip()) + 1, len(normal.text)) :]
    parts = [text[span.start : span.end] for span in islice(sentences(text), MOST_SENTENCES)]
    first = next((number for number, part in enumerate(parts) if len(part) >= LONG), 0)
    lead = " ".join(parts[first:])[:LEAD]
    titled = dict.fromkeys(_words(headline))
    words = list((titled | dict.fromkeys(_words(lead))).keys())[:MOST_WORDS]
    named = _names(title, normal.original[len(title) : len(title) + 3 * LEAD])
    return Fingerprint(
        sketch=pack(marks_of(parts)),
        words=tuple(words),
        titled=min(len(titled), len(words)),
        names=tuple(word for word in words if word in named or word[0].isdigit()),
    )


def _names(*originals: str) -> set[str]:
    """The stems of words that begin with a capital inside a sentence."""
    found = {name for original in originals for name in _NAME.findall(original)}
    return {stem for name in found for stem in _words(normalise(name))}


def _words(head: str) -> Iterable[str]:
    spaced = head
    if _PAIRED.search(head):
        for run in _PAIRED.findall(head):
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        spaced = _PAIRED.sub(" ", head)
    for word in _WORD.findall(spaced):
        if (
            (len(word) > 2 or (len(word) == 2 and word.isdecimal()))
            and word not in SMALL
            and (stem := _stem(word)) not in SMALL
        ):
            yield stem


@lru_cache(20_000)
def _stem(word: str) -> str:
    if "\u0600" <= word[0] <= "\u06ff":
        match = _ARABIC.match(word)
        return match[1] if match else word
    return word[:STEM]
