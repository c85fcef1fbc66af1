"""The laws of the filter language over very many cases: some thousands in every run, 100,000 of each with RASID_TEST_SOAK=1.

Drawn by a plain generator, which is fast; what hypothesis finds beside it is in test_filter.py.
"""

import os
import random
from typing import Any

import pytest

from services.alerts.core.index import Index, Subscription
from shared.filter import LISTS, Facts, parse

COUNT = 100_000 if os.environ.get("RASID_TEST_SOAK") else 3_000
VALUES: dict[str, list[str]] = {
    "topics": ["global_compact", "trafficking", "visa_policy"],
    "subtopics": ["trafficking/scams", "trafficking/children", "visa_policy/waivers"],
    "languages": ["ar", "en", "zh", "zh-hant"],
    "countries": ["JO", "LB", "EG"],
    "organisations": ["IOM", "ILO", "UNHCR"],
    "sources": ["un", "iom", "https://news.example/feed"],
}
TEXTS = ["visa", '"global compact"', "هجرة", "الهجرة visa", "签证", "well-known", "हिन्दी", "nowhere"]
WORDS = ["The Global Compact", "a visa, twice", "عن الهجرة و هجرة", "新签证政策", "well-known हिन्दी", "visas"]


def leaf(chance: random.Random, field: str) -> Any:
    """A condition on this field."""
    if field == "min_score":
        return chance.choice([0, 0.25, 0.5, 0.75, 1])
    if field == "text":
        return chance.choice(TEXTS)
    operators = chance.choice([["any"], ["all"], ["any", "all"]])
    return {operator: chance.sample(VALUES[field], chance.randint(1, 3)) for operator in operators}


FIELDS = [*LISTS, "min_score", "text"]


def some_filter(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    """A filter that is understood."""
    made = {field: leaf(chance, field) for field in chance.sample(FIELDS, chance.randint(0 if depth == 0 else 1, 2))}
    if depth < 3 and chance.random() < 0.5:
        group = chance.choice(["all", "any", "not"])
        inner = [some_filter(chance, depth + 1) for _ in range(chance.randint(1, 3))]
        made[group] = inner[0] if group == "not" else inner
    return made


def some_facts(chance: random.Random, without: str = "") -> Facts:
    """An article; of `without` it has nothing."""
    scores = {topic: chance.choice([0.2, 0.5, 0.9]) for topic in VALUES["topics"] if chance.random() < 0.5}
    values = {field: frozenset(v for v in VALUES[field] if chance.random() < 0.4) for field in LISTS[1:] if field != without}
    words = "" if without == "text" else " ".join(chance.sample(WORDS, chance.randrange(4)))
    return Facts({} if without in ("topics", "min_score") else scores, values, words)


@pytest.fixture
def chance() -> random.Random:
    """Drawn anew in every run; RASID_TEST_SEED repeats one."""
    seed = int(os.environ.get("RASID_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(f"RASID_TEST_SEED={seed}")
    return random.Random(seed)


def test_not_is_the_exact_complement_in_every_case(chance: random.Random) -> None:
    for _ in range(COUNT):
        wanted, known = some_filter(chance, 1), some_facts(chance)
        assert parse({"not": wanted}).matches(known) is not parse(wanted).matches(known), (wanted, known)


def test_another_condition_never_widens_in_any_case(chance: random.Random) -> None:
    widths = [0, 0]
    for _ in range(COUNT):
        wanted, known, field = some_filter(chance), some_facts(chance), chance.choice([*FIELDS, "all", "any", "not"])
        without = {name: value for name, value in wanted.items() if name != field}
        group = [some_filter(chance, 2)]
        more = without | {field: group if field in ("all", "any") else group[0] if field == "not" else leaf(chance, field)}
        before, after = parse(without).matches(known), parse(more).matches(known)
        assert before or not after, (without, field, more, known)
        widths[0] += before
        widths[1] += after
    assert widths[0] > widths[1] > COUNT / 50, "both outcomes were met often"


def test_a_missing_field_never_matches_in_any_case(chance: random.Random) -> None:
    for _ in range(COUNT):
        field = chance.choice(FIELDS)
        wanted, known = {field: leaf(chance, field)}, some_facts(chance, without=field)
        assert not parse(wanted).matches(known), (wanted, known)
        assert parse({"not": wanted}).matches(known), (wanted, known)


def test_the_index_finds_the_same_in_every_case(chance: random.Random) -> None:
    for _ in range(COUNT // 100):
        every = [Subscription(id=str(n), name="", endpoint_id="", filter=parse(some_filter(chance))) for n in range(20)]
        index = Index(every)
        for _ in range(5):
            known = some_facts(chance)
            expected = {s.id for s in every if known.scores and s.filter.matches(known)}
            assert {s.id for s in index.matching(known)} == expected
