"""A text as words: which stand in one clause, sentence or line, how far apart, and where in the original.

Positions are word numbers, the title's first; a place is `[start, end)` of them. In a script without spaces every character is
a word. Nothing is brought into a normal form but stretches met for the first time, and offsets are found for what is asked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, chain
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from services.classifier.core.words import CLAUSE, SENTENCE, lines, may_be_wide, spans, stretches

Place = tuple[int, int]
"""Words, `[start, end)`."""

Scope = Literal["clause", "sentence", "paragraph", "article"]

CHARACTERS_A_WORD = 2
"""What a word is counted as in a script without spaces."""

E = TypeVar("E")


class Token(Generic[E]):
    """A word as it is met in texts. `before`, `after`: what stands around it; `ends`: what ends with it. `entry`: what it is to
    the rules, None for most words. `is_thousands`: three digits, which may belong to the number before."""

    __slots__ = ("after", "before", "ends", "entry", "is_thousands", "is_wide")

    def __init__(self, entry: E | None, before: str, after: str, ends: int, *, is_thousands: bool, is_wide: bool) -> None:
        self.entry, self.before, self.after, self.ends = entry, before, after, ends
        self.is_thousands, self.is_wide = is_thousands, is_wide


class Lexicon(Protocol[E]):
    """What stretches are."""

    def __getitem__(self, stretch: str) -> tuple[Token[E], ...]: ...

    def wide(self, stretch: str) -> tuple[tuple[Token[E], ...], list[tuple[int, int, E]]]:
        """The same of a stretch in a script without spaces, and what stands in it by its own word numbers."""


class Line(NamedTuple):
    """A line without the white space around it, its words, and where in the title or the text it begins."""

    text: str
    start: int
    end: int
    offset: int


class _Stretches(NamedTuple):
    """The stretches of a line: what they are, where they begin in it, and the number of the first word of each."""

    texts: list[str]
    starts: list[int]
    firsts: list[int]


class Scanned(Generic[E]):
    """Title and text as words. `tokens`; `body`: the first of the text; `more`: what stands in scripts without spaces."""

    def __init__(self, title: str, text: str, lexicon: Lexicon[E]) -> None:
        self.title, self.text = title, text
        self.tokens: list[Token[E]] = []
        self.more: list[tuple[int, int, E]] = []
        self.is_wide = may_be_wide(title) or may_be_wide(text)
        self._lexicon = lexicon
        self._lines: list[str] = []
        self._ends: list[int] = []  # of each line, the first word after it
        self._stretches: dict[int, _Stretches] = {}
        self._read(title)
        self.body, self._title_lines = len(self.tokens), len(self._lines)
        self._read(text)

    def _read(self, text: str) -> None:
        read, look_up = self.tokens, self._lexicon.__getitem__
        for line in lines(text):
            if self.is_wide:
                self._read_wide(line)
            else:
                read.extend(chain.from_iterable(map(look_up, line.split())))
            self._lines.append(line)
            self._ends.append(len(read))

    def _read_wide(self, line: str) -> None:
        for stretch in line.split():
            if not may_be_wide(stretch):
                self.tokens.extend(self._lexicon[stretch])
                continue
            tokens, found = self._lexicon.wide(stretch)
            first = len(self.tokens)
            self.more += [(first + start, first + end, entry) for start, end, entry in found]
            self.tokens.extend(tokens)

    def between(self, index: int) -> str:
        """What stands before this word, after the one before; a line's end where a line begins."""
        if index in self.line_ends:
            return "\n"
        before = self.tokens[index - 1].after if index else ""
        return before + (self.tokens[index].before if index < len(self.tokens) else "")

    def sentence(self, index: int) -> int:
        """The number of the sentence this word stands in."""
        return bisect_right(self._sentences, index)

    def together(self, one: int, other: int, scope: Scope) -> bool:
        """Whether two words stand in one clause, sentence or line."""
        ends = self._scope(scope)
        return bisect_right(ends, one) == bisect_right(ends, other)

    def in_one_sentence(self, one: int, other: int) -> bool:
        """Whether no sentence ends from a word to one further on; cheap where both stand near each other."""
        if bisect_right(self._ends, one) != bisect_right(self._ends, other):
            return False
        return all(token.ends != SENTENCE for token in self.tokens[one:other])

    def bounds(self, index: int, scope: Scope) -> Place:
        """The clause, sentence or line around this word, whole."""
        ends = self._scope(scope)
        number = bisect_right(ends, index)
        return ends[number - 1] if number else 0, ends[number] if number < len(ends) else len(self.tokens)

    def apart(self, end: int, start: int) -> float:
        """How many words stand between; CHARACTERS_A_WORD characters count as one in a script without spaces."""
        return self._counted[start] - self._counted[end] if self.is_wide else start - end

    def line(self, index: int) -> Line:
        """The line this word stands in."""
        return self._line(self._line_number(index))

    def lines(self, index: int) -> Iterator[Line]:
        """The lines from this word on, which begins one."""
        return map(self._line, range(self._line_number(index), len(self._lines)))

    def span(self, place: Place) -> Place:
        """Where it stands in the title or the text as they were given, in code points."""
        return self._offsets(place[0])[0], self._offsets(place[1] - 1)[1]

    def offset(self, index: int) -> int:
        """About where this word stands in the title or the text: its line's words taken to be equally long."""
        number = self._line_number(index)
        first = self._ends[number - 1] if number else 0
        share = (index - first) / (self._ends[number] - first)
        return self._line_starts[number] + int(share * len(self._lines[number]))

    def word_at(self, offset: int) -> int:
        """The first word of the stretch that stands so many characters into the text, or of the next one; the
        number of all words where there is none."""
        number = bisect_right(self._line_starts, offset, self._title_lines) - 1
        within = self._of_line(number)
        at = bisect_left(within.starts, offset - self._line_starts[number])
        return within.firsts[at] if at < len(within.starts) else self._ends[number]

    def _offsets(self, index: int) -> Place:
        number = self._line_number(index)
        within = self._of_line(number)
        at = bisect_right(within.firsts, index) - 1
        while within.firsts[at] == (within.firsts[at + 1] if at + 1 < len(within.firsts) else -1):
            at += 1
        start = self._line_starts[number] + within.starts[at]
        first, last = spans(within.texts[at])[index - within.firsts[at]]
        return start + first, start + last

    def _of_line(self, number: int) -> _Stretches:
        if number not in self._stretches:
            first = self._ends[number - 1] if number else 0
            found = stretches(self._lines[number])
            texts = [text for text, _ in found]
            counts = map(len, map(self._tokens_of if self.is_wide else self._lexicon.__getitem__, texts))
            firsts = list(accumulate(counts, initial=first))[:-1]
            self._stretches[number] = _Stretches(texts, [start for _, start in found], firsts)
        return self._stretches[number]

    def _tokens_of(self, stretch: str) -> tuple[Token[E], ...]:
        return self._lexicon.wide(stretch)[0] if may_be_wide(stretch) else self._lexicon[stretch]

    def _line(self, number: int) -> Line:
        text, offset = self._lines[number], self._line_starts[number]
        start = self._ends[number - 1] if number else 0
        return Line(text.strip(), start, self._ends[number], offset + len(text) - len(text.lstrip()))

    def _line_number(self, index: int) -> int:
        return bisect_right(self._ends, index)

    def _scope(self, scope: Scope) -> list[int]:
        match scope:
            case "sentence":
                return self._sentences
            case "clause":
                return self._clauses
            case "paragraph":
                return self._ends
        return []

    @cached_property
    def _line_starts(self) -> list[int]:
        """Where each line begins in the title or the text."""
        title = accumulate((len(line) + 1 for line in self._lines[: self._title_lines]), initial=0)
        text = accumulate((len(line) + 1 for line in self._lines[self._title_lines :]), initial=0)
        return list(title)[:-1] + list(text)[:-1]

    @cached_property
    def line_ends(self) -> frozenset[int]:
        """The first word of each line, and the number of all words."""
        return frozenset(self._ends)

    @cached_property
    def _sentences(self) -> list[int]:
        return sorted(self.line_ends.union([at for at, token in enumerate(self.tokens, 1) if token.ends == SENTENCE]))

    @cached_property
    def _clauses(self) -> list[int]:
        return sorted(self.line_ends.union([at for at, token in enumerate(self.tokens, 1) if token.ends >= CLAUSE]))

    @cached_property
    def _counted(self) -> list[float]:
        each = (1 / CHARACTERS_A_WORD if token.is_wide else 1 for token in self.tokens)
        return list(accumulate(each, initial=0.0))
