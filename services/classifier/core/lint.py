"""Advice on topic files: what is not wrong but probably not meant. Errors are found while reading (core.reading)."""

from collections import Counter
from collections.abc import Iterator

from services.classifier.core.affixes import is_wide
from services.classifier.core.compiled import references
from services.classifier.core.files import Fault
from services.classifier.core.parts import Part
from services.classifier.core.reading import Everything, Written
from services.classifier.core.rules import EVERY, Common
from services.classifier.core.terms import written

FEW_LETTERS = 4
"""A stem with fewer letters before `*` begins too many words."""


def advice(everything: Everything) -> list[Fault]:
    """What could be better, in the order of topics and languages."""
    return [one for topic in everything.topics for one in _of_topic(topic, everything.common)]


def _of_topic(of: Written, common: Common) -> Iterator[Fault]:
    topic = of.topic
    name = f"{topic.topic}.toml"
    used = {name for rule in (*topic.patterns, *topic.masks) for name in references(rule)}
    used |= {item.removeprefix("@") for union in topic.unions.values() for item in union}
    for concept in of.declared:
        if concept not in used:
            yield _advice(name, f"no pattern, mask or union names the concept {concept}")
    for part in of.parts:
        if part.language != EVERY:
            yield from _of_part(of, part, common)


def _of_part(of: Written, part: Part, common: Common) -> Iterator[Fault]:
    name = f"{of.topic.topic}/{part.language}.toml"
    holes = [concept for concept in of.declared if concept not in part.concepts and concept not in of.topic.unions]
    if holes and part.concepts:
        yield _advice(name, f"{len(holes)} concepts have no words here: {', '.join(holes)}")
    if not any(example.wanted for example in part.examples):
        yield _advice(name, "it has no example that must match")
    if not any(not example.wanted for example in part.examples):
        yield _advice(name, "it has no example that must not match")
    declares = {"endings": common.endings.get(part.language, ("",)), "prefixes": common.prefixes.get(part.language, ("",))}
    for concept, terms in part.concepts.items():
        for term, count in Counter(terms).items():
            yield from (_advice(name, f"{concept}: {term!r} {why}") for why in _of_term(term, count, part.language, declares))


def _of_term(term: str, count: int, language: str, declares: dict[str, tuple[str, ...]]) -> Iterator[str]:
    if count > 1:
        yield "stands here twice"
    words = written(term) if not term.startswith("@") else set()
    if language not in ("ar", "fa", "ur"):
        if any(word.endswith("~") for word in words) and len(declares["endings"]) < 2:
            yield f"has a `~`, but common/{language}.toml declares no endings"
        if any(word.startswith("~") for word in words) and len(declares["prefixes"]) < 2:
            yield f"begins with `~`, but common/{language}.toml declares no prefixes"
    for word in sorted(words):
        if word.endswith("*") and len(word.strip("*~=")) < FEW_LETTERS and not is_wide(word):
            yield f"begins too many words: {word}"


def _advice(file: str, what: str) -> Fault:
    return Fault(file, 0, what, "advice")
