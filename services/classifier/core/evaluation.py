"""How well tags agree with labels: precision, recall and F1, each with the interval that chance alone could explain.

A label set is one person's judgement of one text. Figures are micro (every tag counts the same) and macro (every topic, or
every language, counts the same). Intervals are bootstrap percentiles over texts: texts are drawn again with replacement, so
that they say how much the figure hangs on which texts happened to be in the file. The same input gives the same figures.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

Part = Literal["all", "odd", "even"]

ROUNDS = 1_000
SEED = 20_261_101
COVERED = 0.95


class Judged(NamedTuple):
    """One text: what it should have, and what it got. `borderline`: even people would disagree about the whole text, or about
    these topics of it."""

    id: str
    language: str
    wanted: frozenset[str]
    got: frozenset[str]
    borderline: bool | frozenset[str] = False

    @property
    def clear(self) -> "Judged | None":
        """What is left of it without what is borderline."""
        if isinstance(self.borderline, bool):
            return None if self.borderline else self
        return self._replace(wanted=self.wanted - self.borderline, got=self.got - self.borderline)


class Counts(NamedTuple):
    """Tags that are right, wrong, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Of the tags given, how many were right; None where none was given."""
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """Of the tags wanted, how many were given; None where none was wanted."""
        return _ratio(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """Their harmonic mean; None where there was nothing to give and nothing given."""
        return _ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)


class Figure(NamedTuple):
    """The counts of some texts, and the interval their F1 lies in; `untagged`: texts without a topic, and those of them that
    got none."""

    texts: int
    counts: Counts
    interval: tuple[float, float] | None
    untagged: tuple[int, int]


class Report(NamedTuple):
    """Everything that is told of an evaluation."""

    overall: Figure
    clear: Figure
    topics: dict[str, Figure]
    languages: dict[str, Figure]
    cells: dict[tuple[str, str], Counts]

    @property
    def macro_topics(self) -> float | None:
        """The mean F1 of the topics."""
        return _mean(figure.counts.f1 for figure in self.topics.values())

    @property
    def macro_languages(self) -> float | None:
        """The mean F1 of the languages."""
        return _mean(figure.counts.f1 for figure in self.languages.values())


def part(languages: Sequence[str], which: Part) -> list[bool]:
    """Which texts belong to this part, by their position (first = 1) among the texts of their language."""
    seen: defaultdict[str, int] = defaultdict(int)
    chosen = []
    for language in languages:
        seen[language] += 1
        chosen.append(which == "all" or (seen[language] % 2 == 1) == (which == "odd"))
    return chosen


def report(judged: Sequence[Judged]) -> Report:
    """The figures of these texts."""
    topics = sorted({topic for one in judged for topic in one.wanted | one.got})
    languages = sorted({one.language for one in judged})
    return Report(
        overall=figure(judged),
        clear=figure([clear for one in judged if (clear := one.clear) is not None]),
        topics={topic: figure(judged, topic) for topic in topics},
        languages={language: figure([one for one in judged if one.language == language]) for language in languages},
        cells={
            (topic, language): counts((one for one in judged if one.language == language), topic)
            for topic in topics
            for language in languages
        },
    )


def figure(judged: Sequence[Judged], topic: str | None = None) -> Figure:
    """The counts and the interval; of one topic, or of all together."""
    alone = [one for one in judged if not one.wanted]
    return Figure(
        texts=len(judged),
        counts=counts(judged, topic),
        interval=_interval([_counted(one, topic) for one in judged], lambda total: total.f1),
        untagged=(len(alone), sum(not one.got for one in alone)),
    )


def counts(judged: Iterable[Judged], topic: str | None = None) -> Counts:
    """Right, wrong and missed tags; of one topic, or of all together."""
    return _sum(_counted(one, topic) for one in judged)


def _counted(one: Judged, topic: str | None) -> Counts:
    wanted, got = (one.wanted, one.got) if topic is None else (one.wanted & {topic}, one.got & {topic})
    return Counts(len(wanted & got), len(got - wanted), len(wanted - got))


def _sum(parts: Iterable[Counts]) -> Counts:
    right = wrong = missed = 0
    for one in parts:
        right, wrong, missed = right + one.right, wrong + one.wrong, missed + one.missed
    return Counts(right, wrong, missed)


def _interval(parts: list[Counts], value: Callable[[Counts], float | None]) -> tuple[float, float] | None:
    """The bootstrap percentiles that cover COVERED of what comes of drawing the texts again."""
    chance = random.Random(SEED)  # noqa: S311 - figures, no secret
    drawn = (value(_sum(chance.choices(parts, k=len(parts)))) for _ in range(ROUNDS if parts else 0))
    found = sorted(one for one in drawn if one is not None)
    if not found:
        return None
    outside = (1 - COVERED) / 2
    return found[int(outside * len(found))], found[min(len(found) - 1, int((1 - outside) * len(found)))]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
