"""What stretches of text are to the rules of one language, each found out once and remembered.

News repeats its words: of a text's stretches nine in ten were met before, so a text costs a look-up a word however many terms
there are. What is remembered is bounded: when the young half is full it becomes the old half, and the old one is forgotten.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from services.classifier.core.affixes import is_wide
from services.classifier.core.scanned import E, Token
from services.classifier.core.vocabulary import Atoms, Vocabulary
from services.classifier.core.words import Word, normal_form, words

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 60_000
"""How many stretches a half remembers."""

LONGEST = 100
"""A longer stretch is not remembered."""


class StretchLexicon(dict[str, tuple[Token[E], ...]], Generic[E]):
    """Stretches by how they are written. `entry`: what a word with these atoms is to the rules."""

    def __init__(self, vocabulary: Vocabulary, entry: Callable[[Atoms], E]) -> None:
        super().__init__()
        self._vocabulary, self._entry = vocabulary, entry
        self._old: dict[str, tuple[Token[E], ...]] = {}
        self._words: dict[str, E | None] = {}
        self._entries: dict[tuple[tuple[int, str], ...], E] = {}
        self._tokens: dict[tuple[E | None, str, str, int, bool, bool], Token[E]] = {}
        self._stretches: dict[tuple[Token[E], ...], tuple[Token[E], ...]] = {}

    def __missing__(self, stretch: str) -> tuple[Token[E], ...]:
        tokens = self._old.get(stretch)
        if tokens is None:
            tokens = tuple(map(self._token, words(normal_form(stretch))))
            if len(stretch) > LONGEST:
                return tokens
            tokens = self._stretches.setdefault(tokens, tokens)
        if len(self) >= REMEMBERED:
            self._forget()
        self[stretch] = tokens
        return tokens

    def wide(self, stretch: str) -> tuple[tuple[Token[E], ...], list[tuple[int, int, E]]]:
        """See scanned.Lexicon. Not remembered: such a stretch is a whole sentence."""
        normal = normal_form(stretch)
        parted = words(normal)
        starts = {word.start: number for number, word in enumerate(parted) if word.text}
        ends = {word.end: number for number, word in enumerate(parted, 1) if word.text}
        found = [
            (starts[start], ends[end], self._of(atoms))
            for start, end, atoms in self._vocabulary.in_stretch(normal)
            if start in starts and end in ends
        ]
        return tuple(map(self._token, parted)), found

    def _token(self, word: Word) -> Token[E]:
        text, _, _, before, after, ends = word
        wide = is_wide(text)
        key = (None if wide else self._of_word(text), before, after, ends, len(text) == 3 and text.isdecimal(), wide)
        token = self._tokens.get(key)
        if token is None:
            token = Token(*key[:4], is_thousands=key[4], is_wide=wide)
            if len(before) + len(after) < LONGEST:
                _bounded(self._tokens)[key] = token
        return token

    def _of_word(self, word: str) -> E | None:
        if word in self._words:
            return self._words[word]
        atoms = self._vocabulary.of_word(word)
        entry = self._of(atoms) if atoms else None
        if len(word) <= LONGEST:
            _bounded(self._words)[word] = entry
        return entry

    def _of(self, atoms: Atoms) -> E:
        key = tuple(sorted(atoms.items()))
        entry = self._entries.get(key)
        if entry is None:
            entry = _bounded(self._entries)[key] = self._entry(atoms)
        return entry

    def _forget(self) -> None:
        self._old = dict(self)
        for known in (self, self._words, self._tokens, self._stretches):
            known.clear()


def _bounded(known: dict[K, V]) -> dict[K, V]:
    """The same, emptied when full."""
    if len(known) >= REMEMBERED:
        known.clear()
    return known
