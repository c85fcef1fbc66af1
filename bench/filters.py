"""10,000 subscriptions held against an article: by the index, beside asking each of them."""

import random
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from rich.progress import Progress

from bench.texts import filed
from services.alerts.core.index import Index, Subscription
from shared.events import SourceRef
from shared.filter import Facts, facts, parse
from shared.wire import Article, Country, article

SUBSCRIPTIONS = 10_000
ARTICLES = 300
ASKED_EACH = 20
TOPICS = ("trafficking", "visa_policy", "global_compact")
LANGUAGES = ("ar", "en", "fr", "es", "zh", "fa", "ur", "tr")
COUNTRIES = tuple(f"{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ")
WORDS = ("تأشيرة", "هجرة", "العمل", "visa", "policy", "migration", '"global compact"', "اللاجئين", "الحدود", "border")


class Figures(NamedTuple):
    """Milliseconds an article: facts and match together. `matched`: subscriptions an article was for, in the mean."""

    p50: float
    p99: float
    each_p50: float
    matched: float


def wanted(chance: random.Random) -> dict[str, Any]:
    """What someone may want: one of the shapes people make."""
    topic = {"topics": {"any": chance.sample(TOPICS, chance.randint(1, 2))}}
    language = {"languages": {"any": [chance.choice(LANGUAGES)]}}
    shapes: list[dict[str, Any]] = [
        topic | language,
        topic | language | {"min_score": round(chance.uniform(0.3, 0.95), 2)},
        topic | {"countries": {"any": chance.sample(COUNTRIES, 3)}},
        topic | {"sources": {"any": [f"source-{chance.randrange(400)}"]}},
        topic | {"text": f"{chance.choice(WORDS)} w{chance.randrange(3000)}"},
        {"any": [topic | {"text": chance.choice(WORDS)}, {"sources": {"any": [f"source-{chance.randrange(400)}"]}}]},
        topic | {"not": {"any": [language, {"text": f"w{chance.randrange(3000)}"}]}},
    ]
    return chance.choices(shapes, weights=[20, 20, 20, 20, 12, 5, 3])[0]


def known(chance: random.Random, count: int) -> Iterator[Article]:
    """Articles as they leave, with topics and countries."""
    for each in filed(count, topics=TOPICS):
        source = SourceRef(id=f"source-{chance.randrange(400)}", name="source")
        countries = tuple(Country(code=code, count=1) for code in chance.sample(COUNTRIES, 3))
        yield msgspec.structs.replace(article(each), source=source, countries=countries)


def measure(progress: Progress) -> Figures:
    """Every article against all subscriptions, and some of them asking each."""
    chance = random.Random(7)  # noqa: S311 - filters to measure with, no secret
    subscriptions = [
        Subscription(id=f"s{n}", name="", endpoint_id="e", filter=parse(wanted(chance))) for n in range(SUBSCRIPTIONS)
    ]
    index, task = Index(subscriptions), progress.add_task("10,000 subscriptions", total=ARTICLES)
    took, each, matched = list[float](), list[float](), 0
    for number, leaving in enumerate(known(chance, ARTICLES)):
        begin = time.perf_counter()
        found = index.matching(facts(leaving))
        took.append(time.perf_counter() - begin)
        matched += len(found)
        if number < ASKED_EACH:
            begin = time.perf_counter()
            told: Facts = facts(leaving)
            asked = [s for s in subscriptions if s.filter.matches(told)]
            each.append(time.perf_counter() - begin)
            assert {s.id for s in asked} == {s.id for s in found}
        progress.advance(task)
    took.sort()
    each.sort()
    return Figures(
        1000 * took[len(took) // 2], 1000 * took[int(len(took) * 0.99)], 1000 * each[len(each) // 2], matched / ARTICLES
    )
