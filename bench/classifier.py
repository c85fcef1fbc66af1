"""Tagging on one core: texts a second at 3 KB of Arabic, beside a bare automaton scan for the same stems and beside the loop of
one regular expression a term that is usual elsewhere; and again with 100 topics and 50,000 terms.

Each round has other texts. One word in twenty was met in none before, as in a stream of news whose words repeat: without such
words what the engine remembers would flatter it. `tag` is all of it: normal form, matching, deciding, evidence with offsets.
"""

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick
from rich.progress import Progress

from bench.measure import Rate, one_core, seconds
from bench.texts import entries
from services.classifier.adapters.rules import load
from services.classifier.core.compiled import Compiled
from services.classifier.core.reading import rule_set
from services.classifier.core.rules import Pattern, RuleSet, Topic
from services.classifier.core.tagging import Tagger
from shared.text import normalise

TEXTS = 150
ROUNDS = 3
LOOPED = 2
"""So many texts are enough for the slow loop."""

TOPICS = 100
TERMS = 50_000
CONCEPTS = 10
UNMET = 20
"""One word in so many was never met before."""

COMMON = 20
"""One term in so many of the invented topics is made of words of the texts."""

_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"

Text = tuple[str, str]


class Result(NamedTuple):
    """Texts a second, and seconds to the first answer."""

    rates: dict[str, Rate]
    started: float
    started_many: float


def measure(progress: Progress) -> Result:
    """Every way in turn, round by round."""
    chance = random.Random(7)  # noqa: S311 - texts to measure with, no secret
    rounds = [_texts(chance, number) for number in range(ROUNDS + 1)]
    shipped = load()
    many = _many(shipped, chance, rounds[0])
    with one_core():
        taggers = {"tag": Tagger(shipped), "tag, 100 topics, 50,000 terms": Tagger(many)}
        started = [seconds(partial(tagger.tag, *rounds[0][0], "ar")) for tagger in taggers.values()]
        works: dict[str, Callable[[Sequence[Text]], object]] = {"normal form alone": _normalised, **_references(shipped)}
        works |= {name: _tagging(tagger) for name, tagger in taggers.items()}
        return Result(_rates(works, rounds, progress), *started)


def _rates(
    works: dict[str, Callable[[Sequence[Text]], object]], rounds: list[list[Text]], progress: Progress
) -> dict[str, Rate]:
    """The first round is not counted."""
    task = progress.add_task("classifier", total=len(rounds) * len(works))
    taken: dict[str, list[float]] = {name: [] for name in works}
    for texts in rounds:
        for name, work in works.items():
            some = texts[:LOOPED] if name == LOOP else texts
            if name in (BARE, LOOP):
                some = [(normalise(title), normalise(text)) for title, text in some]
            taken[name].append(seconds(partial(work, some)) / len(some))
            progress.advance(task)
    return {name: Rate(name, 1 / median(each[1:])) for name, each in taken.items()}


BARE = "bare automaton scan, normal form given"
LOOP = "a regular expression a term, normal form given"


def _references(rules: RuleSet) -> dict[str, Callable[[Sequence[Text]], object]]:
    """The scan and the loop, for the stems that Arabic texts are searched for; the normal forms are made beforehand."""
    stems = sorted({unit.pattern for unit in Compiled(rules, "ar").units()})
    automaton, patterns = AhoCorasick(stems), [re.compile(rf"\b{re.escape(stem)}\b") for stem in stems]
    return {
        BARE: lambda texts: [automaton.find_matches_as_indexes(text, overlapping=True) for _, text in texts],
        LOOP: lambda texts: [pattern.findall(text) for _, text in texts for pattern in patterns],
    }


def _normalised(texts: Sequence[Text]) -> object:
    return [normalise(f"{title}\n{text}") for title, text in texts]


def _tagging(tagger: Tagger) -> Callable[[Sequence[Text]], object]:
    return lambda texts: [tagger.tag(title, text, "ar") for title, text in texts]


def _texts(chance: random.Random, number: int) -> list[Text]:
    return [(one.title, _with_unmet(one.text, chance)) for one in entries(TEXTS, seed=number)]


def _with_unmet(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    return " ".join(_word(chance) if chance.randrange(UNMET) == 0 else word for word in words)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_LETTERS, k=chance.randrange(4, 9)))


def _many(shipped: RuleSet, chance: random.Random, texts: list[Text]) -> RuleSet:
    """The shipped topics, and as many invented ones as make TOPICS and TERMS."""
    known = sorted({word.strip(".:") for _, text in texts for word in text.split() if word.strip(".:").isalpha()})
    invented = (_invented(f"invented_{number}", chance, known) for number in range(TOPICS - len(shipped.topics)))
    return rule_set([*shipped.topics, *invented], shipped.common)


def _invented(name: str, chance: random.Random, known: list[str]) -> Topic:
    each = TERMS // TOPICS // CONCEPTS
    concepts = {f"c{number}": tuple(_term(chance, known) for _ in range(each)) for number in range(CONCEPTS)}
    patterns = tuple(
        Pattern(any=(f"@c{number}",), all=(f"@c{(number + 1) % CONCEPTS}",), within=10, weight=0.6, name=f"p{number}")
        for number in range(CONCEPTS)
    )
    return msgspec.structs.replace(Topic(topic=name, threshold=0.6), concepts={"ar": concepts}, patterns=patterns)


def _term(chance: random.Random, known: list[str]) -> str:
    """A word, two words that follow each other, or two with a gap."""
    words = [chance.choice(known) if chance.randrange(COMMON) == 0 else _word(chance) for _ in range(2)]
    return chance.choice((words[0], " ".join(words), " ... ".join(words)))
