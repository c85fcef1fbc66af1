"""The rules of all topics made ready for one language: which terms speak in which pattern, and one automaton for them all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from services.classifier.core.affixes import Unit
from services.classifier.core.matching import Entry, Group, Matcher, Met
from services.classifier.core.morphology import Morphology
from services.classifier.core.rules import EVERY, Common, Condition, Items, Mask, Pattern, RuleSet, Terms, Topic
from services.classifier.core.scanned import Scanned
from services.classifier.core.terms import Piece, parse

STRUCTURE = ("caption", "related", "boilerplate", "discussed")
"""Concepts of `common` that tell what a line or a sentence is, whatever its topic."""

R = TypeVar("R", Pattern, Mask)


class Ready(NamedTuple, Generic[R]):
    """A pattern or a mask with its parts as groups, the anchor first."""

    topic: int
    rule: R
    parts: tuple[Group, ...]
    none: tuple[Group, ...]


class Compiled:
    """The rules under which a text of `language` is tagged; None: those of all languages together."""

    def __init__(self, rules: RuleSet, language: str | None) -> None:
        self._language, self._common = language, rules.common
        self._numbers: dict[tuple[Piece, ...], int] = {}
        self._written: dict[tuple[str, str], int] = {}
        self._morphologies: dict[str, Morphology] = {}
        self._groups: dict[frozenset[int], Group] = {}
        self._spelt: dict[Group, frozenset[tuple[Piece, ...]]] = {}
        self._of_term: defaultdict[int, list[Group]] = defaultdict(list)
        self.patterns: defaultdict[Group, list[Ready[Pattern]]] = defaultdict(list)  # by anchor
        self.masks: defaultdict[Group, list[Ready[Mask]]] = defaultdict(list)
        for index, topic in enumerate(rules.topics):
            lists = _Lists(topic, rules.common)
            for pattern in topic.patterns:
                self._add(index, pattern, lists, self.patterns)
            for mask in topic.masks:
                self._add(index, mask, lists, self.masks)
        lists = _Lists(None, rules.common)
        self.structure = {name: self._group((f"@{name}",), lists, EVERY) for name in STRUCTURE}
        self._matcher = Matcher(list(self._numbers), [self._of_term[number] for number in range(len(self._numbers))])

    def units(self) -> Iterator[Unit]:
        """Every string that is looked for."""
        return (
            unit for term in self._numbers for piece in term for words in piece.sequences for atom in words for unit in atom
        )

    def terms(self, group: Group | None) -> frozenset[tuple[Piece, ...]]:
        """The terms of a group; none of None."""
        if group is None:
            return frozenset()
        if not self._spelt:
            terms = list(self._numbers)
            self._spelt = {one: frozenset(terms[number] for number in numbers) for numbers, one in self._groups.items()}
        return self._spelt[group]

    def read(self, title: str, text: str) -> tuple[Scanned[Entry], Met]:
        """An article as words, and the groups with a term in it."""
        scanned = self._matcher.read(title, text)
        return scanned, self._matcher.find(scanned)

    def _add(self, topic: int, rule: R, lists: "_Lists", ready: defaultdict[Group, list[Ready[R]]]) -> None:
        if self._language is not None and rule.lang not in (EVERY, self._language):
            return
        parts = [self._group(_split(item), lists, rule.lang) for item in rule.parts]
        if any(part is None for part in parts):  # a concept without words in this language: the pattern never holds
            return
        none = [self._group(_split(item), lists, rule.lang) for item in rule.none]
        whole = tuple(part for part in parts if part is not None)
        ready[whole[0]].append(Ready(topic, rule, whole, tuple(group for group in none if group is not None)))

    def _group(self, items: Items, lists: "_Lists", language: str) -> Group | None:
        """The group of these items; None where they have no term in the language at hand."""
        spoken = self._spoken(language, lists)
        numbers = frozenset(self._number(term, lang) for lang in spoken for term in lists.terms(items, lang, literal=language))
        if not numbers:
            return None
        if numbers not in self._groups:
            self._groups[numbers] = len(self._groups)
            for number in sorted(numbers):
                self._of_term[number].append(self._groups[numbers])
        return self._groups[numbers]

    def _number(self, term: str, language: str) -> int:
        number = self._written.get((term, language))
        if number is None:
            number = self._numbers.setdefault(parse(term, self._morphology(language)), len(self._numbers))
            self._written[term, language] = number
        return number

    def _spoken(self, language: str, lists: "_Lists") -> list[str]:
        """The languages whose words are looked for: of a pattern of one language, and of those for all."""
        if language != EVERY:
            return [language, EVERY]
        return sorted(lists.languages | {EVERY}) if self._language is None else [self._language, EVERY]

    def _morphology(self, language: str) -> Morphology:
        if language not in self._morphologies:
            self._morphologies[language] = morphology(self._common, language)
        return self._morphologies[language]


def morphology(common: Common, language: str) -> Morphology:
    """What `common/<language>.toml` declares of how words change."""
    prefixes, endings = (side.get(language, ("",)) for side in (common.prefixes, common.endings))
    return Morphology(language, frozenset(prefixes), frozenset(endings))


class _Lists:
    """The words of a topic's concepts, and of those that topics share."""

    def __init__(self, topic: Topic | None, common: Common) -> None:
        self._unions = {**common.unions, **(topic.unions if topic else {})}
        self._own: dict[str, Terms] = topic.concepts if topic else {}
        self._shared = common.concepts
        self._names = {name for terms in self._own.values() for name in terms}
        self.languages = set(self._own) | set(self._shared)

    def terms(self, items: Iterable[str], language: str, *, literal: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The terms of these items in a language. A term written out belongs to the language `literal`."""
        for item in items:
            if not item.startswith("@"):
                if language == literal:
                    yield item
                continue
            name = item[1:]
            if name in seen:
                continue
            if name in self._unions:
                yield from self.terms(self._unions[name], language, literal=literal, seen=seen | {name})
            source = self._own if name in self._names else self._shared
            written = source.get(language, {}).get(name, ())
            yield from self.terms(written, language, literal=language, seen=seen | {name})


def _split(item: str) -> Items:
    """The alternatives of an item."""
    return tuple(part.strip() for part in item.split(" | ")) if " | " in item else (item,)


def references(condition: Condition) -> Iterator[str]:
    """Every concept a pattern or mask names, without its @."""
    for item in (*condition.any, *condition.all, *condition.none):
        yield from (part[1:] for part in _split(item) if part.startswith("@"))
