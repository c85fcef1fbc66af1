"""Which concepts have words in which language, so that the holes are seen."""

from typing import NamedTuple

from services.classifier.core.reading import COMMON, Everything
from services.classifier.core.rules import EVERY, Items, Terms


class Coverage(NamedTuple):
    """How many terms each concept of a topic has in each language; a term of all languages counts in each."""

    topic: str
    languages: tuple[str, ...]
    terms: dict[str, dict[str, int]]
    examples: dict[str, int]

    def holes(self, language: str) -> list[str]:
        """The concepts without a word in this language."""
        return [concept for concept, counts in self.terms.items() if not counts[language]]


def coverage(everything: Everything) -> list[Coverage]:
    """The coverage of every topic, and of what topics share."""
    written = [(one.topic.topic, one.declared, one.topic.unions, one.topic.concepts, one.parts) for one in everything.topics]
    languages = {part.language for *_, parts in written for part in parts} | set(everything.common.concepts)
    spoken = tuple(sorted(languages - {EVERY}))
    shared = _of(COMMON, everything.shared, everything.common.unions, everything.common.concepts, spoken, {})
    return [
        *(
            _of(topic, declared, unions, concepts, spoken, {part.language: len(part.examples) for part in parts})
            for topic, declared, unions, concepts, parts in written
        ),
        *([shared] if everything.shared else []),
    ]


def _of(
    topic: str,
    declared: dict[str, str],
    unions: dict[str, Items],
    concepts: dict[str, Terms],
    languages: tuple[str, ...],
    examples: dict[str, int],
) -> Coverage:
    every = concepts.get(EVERY, {})
    terms = {
        concept: {lang: len(concepts.get(lang, {}).get(concept, ())) + len(every.get(concept, ())) for lang in languages}
        for concept in declared
        if concept not in unions
    }
    return Coverage(topic, languages, terms, {lang: examples.get(lang, 0) for lang in languages})
