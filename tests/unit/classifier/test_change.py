"""A change of rules: what it is, which languages and which texts it can touch."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.adapters.rules import load
from services.classifier.core.change import Change, changes, languages
from services.classifier.core.reading import rule_set
from services.classifier.core.rules import RuleSet, Topic
from services.classifier.core.tagging import Tagged, Tagger
from tests.unit.classifier.rules import mask, pattern, rules, topic

SHIPPED = load()
TEXTS = [
    (text.partition("\n")[0], text.partition("\n")[2], language)
    for path in sorted(Path("services/classifier/topics").glob("*/*.toml"))
    if path.stem in ("ar", "en", "zh", "tr")
    for language in [path.stem]
    for example in [msgspec.toml.decode(path.read_bytes()).get("examples", {})]
    for text in [*example.get("match", []), *example.get("no_match", [])]
]


def watched(*tables: str, head: str = "") -> RuleSet:
    return rules(topic("watched", *tables, head=head))


def test_a_new_word_concerns_its_language_and_the_texts_that_hold_it() -> None:
    old, new = watched(pattern("en", 0.8, "visa")), watched(pattern("en", 0.8, "visa"), pattern("en", 0.8, "permit"))
    change = Change([old], new)
    assert languages(changes(old, new)) == {"en"}
    assert change.touches("A permit", "", "en")
    assert not change.touches("A visa", "", "en")
    assert not change.touches("A permit", "", "fr")


def test_a_word_added_to_a_concept_leaves_texts_alone_that_hold_only_its_other_words() -> None:
    def of(*words: str) -> RuleSet:
        concept = f"[languages.en.concepts]\npaper = {list(words)}\nentry = ['entry']".replace("'", '"')
        return rules(
            'topic = "watched"\nthreshold = 0.6\n[concepts]\npaper = "p"\nentry = "e"\n'
            '[[patterns]]\nall = ["@paper", "@entry"]\nweight = 0.8\n' + concept + "\n"
        )

    change = Change([of("visa")], of("visa", "permit"))
    assert not change.touches("Visa for entry", "", "en")
    assert not change.touches("A permit", "", "en"), "the pattern's other part is not there"
    assert change.touches("Permit for entry", "", "en")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([pattern("en", 0.8, "visa")], [pattern("en", 0.7, "visa")]),
        ([pattern("en", 0.8, "visa")], []),
        ([], [pattern("en", 0.8, "visa")]),
        ([pattern("en", 0.8, "visa")], [pattern("en", 0.8, "visa"), mask("en", "visa card")]),
    ],
    ids=["weight", "gone", "new", "mask"],
)
def test_what_changed_of_a_pattern_touches_the_texts_it_holds_in(old: list[str], new: list[str]) -> None:
    other = pattern("en", 0.8, "dam")
    change = Change([watched(other, *old)], watched(other, *new))
    assert change.touches("A visa card", "", "en")
    assert not change.touches("A dam", "", "en")


def test_a_threshold_concerns_all_languages_but_only_texts_that_something_speaks_in() -> None:
    old = watched(pattern("en", 0.8, "visa"))
    new = rule_set([msgspec.structs.replace(old.topics[0], threshold=0.9)])
    assert languages(changes(old, new)) is None
    assert Change([old], new).touches("A visa", "", "en")
    assert not Change([old], new).touches("A dam", "", "en")


def test_the_same_rules_touch_nothing() -> None:
    assert changes(SHIPPED, SHIPPED) == []
    change = Change([SHIPPED], SHIPPED)
    assert not any(change.touches(*text) for text in TEXTS)


def test_a_text_of_unknown_language_is_looked_at_in_all_of_them() -> None:
    visa = pattern("en", 0.8, "visa")
    assert Change([watched(visa)], watched(visa, pattern("fr", 0.8, "dam"))).touches("dam", "", None)


def _without_words(one: Topic, chance: random.Random) -> Topic:
    language = chance.choice([name for name in one.concepts if name in ("ar", "en", "zh", "tr")])
    kept = {name: tuple(term for term in terms if chance.random() < 0.9) for name, terms in one.concepts[language].items()}
    spoken = {name: terms for name, terms in kept.items() if terms}
    return msgspec.structs.replace(one, concepts={**one.concepts, language: spoken})


def _without_patterns(one: Topic, chance: random.Random) -> Topic:
    return msgspec.structs.replace(one, patterns=tuple(rule for rule in one.patterns if chance.random() < 0.9))


def _without_masks(one: Topic, chance: random.Random) -> Topic:
    return msgspec.structs.replace(one, masks=tuple(rule for rule in one.masks if chance.random() < 0.7))


def _lower(one: Topic, chance: random.Random) -> Topic:
    return msgspec.structs.replace(one, threshold=round(chance.uniform(0.3, 0.9), 2))


EDITS: list[Callable[[Topic, random.Random], Topic]] = [_without_words, _without_patterns, _without_masks, _lower]


def _told(tagged: Tagged) -> list[tuple[object, ...]]:
    return [(tag.topic, tag.score, tag.threshold, tag.subtopics) for tag in (*tagged.topics, *tagged.near_misses)]


@settings(max_examples=4)
@given(st.integers(0, 2**32), st.booleans())
def test_a_text_that_no_change_touches_keeps_its_tags(seed: int, turned: bool) -> None:
    chance = random.Random(seed)
    edit, at = chance.choice(EDITS), chance.randrange(len(SHIPPED.topics))
    topics = [edit(one, chance) if number == at else one for number, one in enumerate(SHIPPED.topics)]
    old, new = SHIPPED, rule_set(topics, SHIPPED.common)
    if turned:
        old, new = new, old
    change, before, after = Change([old], new), Tagger(old), Tagger(new)
    language = chance.choice(["ar", "en", "zh", "tr"])
    for title, text, spoken in TEXTS:
        if spoken == language and not change.touches(title, text, language):
            assert _told(before.tag(title, text, language)) == _told(after.tag(title, text, language)), title
