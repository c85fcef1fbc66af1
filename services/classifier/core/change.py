"""What a change of rules can do to articles: which languages it concerns, and whether it can touch a text at all.

A text is touched where a pattern or mask that came, went or changed is met in it; where only the words of its parts changed,
one of these words must be there too. That is more than what gets other tags, never less, and costs a scan for the changed
words alone (decision 0062).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from services.classifier.core.compiled import Compiled, Ready
from services.classifier.core.matching import Group, Matcher
from services.classifier.core.rules import EVERY, Common, Condition, RuleSet, Terms, Topic
from services.classifier.core.tagging import Tagger
from services.classifier.core.terms import Piece

Term = tuple[Piece, ...]
Spelt = frozenset[Term]


class Changed(NamedTuple):
    """A difference, for a person: where it stands, and what it is. `language`: EVERY where all are concerned."""

    topic: str
    language: str
    what: str


def changes(old: RuleSet, new: RuleSet) -> list[Changed]:
    """What differs between these rules, in order."""
    found = list(_of_common(old.common, new.common))
    before, after = ({topic.topic: topic for topic in rules.topics} for rules in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after:
            found += _of_topic(before[name], after[name])
        else:
            found.append(Changed(name, EVERY, "new topic" if name in after else "topic removed"))
    return found


def languages(found: Iterable[Changed]) -> frozenset[str] | None:
    """The languages concerned; None: all of them."""
    named = frozenset(one.language for one in found)
    return None if EVERY in named else named


def _of_common(old: Common, new: Common) -> Iterator[Changed]:
    if old.unions != new.unions:
        yield Changed("common", EVERY, "concepts made of others")
    yield from _of_concepts("common", old.concepts, new.concepts)
    for name in ("prefixes", "endings"):
        before, after = getattr(old, name), getattr(new, name)
        for language in sorted(before.keys() | after.keys()):
            if set(before.get(language, ("",))) != set(after.get(language, ("",))):
                yield Changed("common", language, name)


def _of_topic(old: Topic, new: Topic) -> Iterator[Changed]:
    for name in ("threshold", "fields", "unions"):
        if getattr(old, name) != getattr(new, name):
            yield Changed(new.topic, EVERY, name)
    yield from _of_concepts(new.topic, old.concepts, new.concepts)
    for kind, before, after in (("pattern", old.patterns, new.patterns), ("mask", old.masks, new.masks)):
        yield from _of_conditions(new.topic, kind, before, after)


def _of_concepts(topic: str, old: Mapping[str, Terms], new: Mapping[str, Terms]) -> Iterator[Changed]:
    for language in sorted(old.keys() | new.keys()):
        before, after = old.get(language, {}), new.get(language, {})
        for name in sorted(before.keys() | after.keys()):
            words, now = set(before.get(name, ())), set(after.get(name, ()))
            if words != now:
                yield Changed(topic, language, f"{name} +{len(now - words)} -{len(words - now)}")
    own_before, own_after = ({name for terms in each.values() for name in terms} for each in (old, new))
    for name in sorted(own_before ^ own_after):
        yield Changed(topic, EVERY, f"concept {name}")  # a topic's own word list takes the place of the shared one


def _of_conditions(topic: str, kind: str, old: Iterable[Condition], new: Iterable[Condition]) -> Iterator[Changed]:
    before, after = Counter(map(_key, old)), Counter(map(_key, new))
    for sign, rest in (("-", before - after), ("+", after - before)):
        for _, rule in sorted(rest, key=str):
            yield Changed(topic, rule.lang, f"{kind} {sign}{rule.name or ' + '.join(rule.parts)}")


def _key(rule: Condition) -> tuple[str, Condition]:
    return type(rule).__name__, rule


class _Spoken(NamedTuple):
    """A pattern or mask with the terms of its parts, as they are in one language."""

    parts: tuple[Spelt, ...]
    none: tuple[Spelt, ...]


class Probe:
    """Whether a text of one language can get other tags under the `new` rules than under the `old` ones."""

    def __init__(self, old: Compiled, new: Compiled, heads: tuple[Mapping[int, Any], Mapping[int, Any]]) -> None:
        self._groups: dict[Spelt, Group] = {}
        self._watched: set[tuple[frozenset[Group], Group | None]] = set()
        before, after = _spoken(old, heads[0]), _spoken(new, heads[1])
        for key in before.keys() | after.keys():
            self._compare(before.get(key), after.get(key))
        for name in old.structure:
            told, tells = old.terms(old.structure[name]), new.terms(new.structure[name])
            if told != tells:
                self._watched.add((frozenset([self._group(told ^ tells)]), None))
        terms = sorted({term for spelt in self._groups for term in spelt}, key=str)
        self._matcher = Matcher(terms, [[group for spelt, group in self._groups.items() if term in spelt] for term in terms])

    @property
    def is_idle(self) -> bool:
        """Whether nothing changed in this language."""
        return not self._watched

    def touches(self, title: str, text: str) -> bool:
        """Whether the change can matter to this text."""
        if not self._watched:
            return False
        met = self._matcher.find(self._matcher.read(title, text)).groups
        return any(parts <= met and (news is None or news in met) for parts, news in self._watched)

    def _compare(self, old: _Spoken | None, new: _Spoken | None) -> None:
        if old == new:
            return
        if old is None or new is None:
            self._watched.update((frozenset(map(self._group, one.parts)), None) for one in (old, new) if one is not None)
            return
        pairs = [*zip(old.parts, new.parts, strict=True)]
        news = frozenset[Term]().union(*(a ^ b for a, b in pairs))
        if old.none != new.none:
            news = news.union(*old.none, *new.none)
        self._watched.add((frozenset(self._group(a | b) for a, b in pairs), self._group(news)))

    def _group(self, terms: Spelt) -> Group:
        return self._groups.setdefault(terms, len(self._groups))


class Change:
    """From each of the `old` rules to the `new` ones; `touches` is the whole of it. Each language is made ready when met."""

    def __init__(self, old: Iterable[RuleSet], new: RuleSet) -> None:
        self._old, self._new = [(rules, Tagger(rules)) for rules in old], (new, Tagger(new))
        self._probes: dict[str | None, list[Probe]] = {}

    def touches(self, title: str, text: str, language: str | None) -> bool:
        """Whether this article, tagged as `language` (None: unknown), can get other tags."""
        return any(probe.touches(title, text) for probe in self._of(language))

    def _of(self, language: str | None) -> list[Probe]:
        primary = language.split("-")[0].lower() if language else None
        if primary not in self._probes:
            new, tagger = self._new
            made = [
                Probe(before.compiled(language), tagger.compiled(language), (_heads(old), _heads(new)))
                for old, before in self._old
            ]
            self._probes[primary] = [probe for probe in made if not probe.is_idle]
        return self._probes[primary]


def _heads(rules: RuleSet) -> dict[int, tuple[Any, ...]]:
    """What of a topic every one of its patterns depends on, by the topic's number."""
    return {number: (topic.topic, topic.threshold, topic.fields) for number, topic in enumerate(rules.topics)}


def _spoken(compiled: Compiled, heads: Mapping[int, tuple[Any, ...]]) -> dict[tuple[Any, ...], _Spoken]:
    found: dict[tuple[Any, ...], _Spoken] = {}
    ready: list[Ready[Any]] = [one for rules in compiled.patterns.values() for one in rules]
    ready += [one for rules in compiled.masks.values() for one in rules]
    for one in ready:
        key: tuple[Any, ...] = (*heads[one.topic], *_key(one.rule))
        while key in found:
            key = (*key, "again")
        found[key] = _Spoken(tuple(map(compiled.terms, one.parts)), tuple(map(compiled.terms, one.none)))
    return found
