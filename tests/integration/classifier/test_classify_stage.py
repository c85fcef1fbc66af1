"""The stage as the runtimes carry it: workers, bytes, numbers."""

import asyncio
import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec

from services.classifier.adapters.rules import load
from services.classifier.adapters.tables import activate
from services.classifier.app import handlers
from services.classifier.core.rules import RuleSet
from services.classifier.settings import Settings
from services.replay.core import textfile
from shared.events import ArticleClassified
from shared.handlers import Context, Record
from shared.handling import TopicHandling
from shared.outcomes import Noted
from tests.builders import NOON, fetched

ROOT = Path(__file__).resolve().parents[3]
SEEDS = sorted((ROOT / "tests/fixtures/seeds").glob("*.txt"))


def seed_articles():
    for number, path in enumerate(SEEDS):
        article = textfile.read(path.read_bytes(), path.name)
        yield fetched(event_id=f"f{number}", article_id=f"a{number}", title=article.title, text=article.text, language=None)


def classify(workers, articles, **changes):
    """What the stage answers to these articles, through the real pool."""
    settings = msgspec.structs.replace(Settings(classify_chunk=2), **changes)
    [handler] = handlers(workers, load(), 7, settings)
    labels = asyncio.run(handler.effect(articles))
    return handler.decide(articles, labels, Context(now=NOON, tx=None))


def test_the_seeds_get_their_topics(workers):
    got = [{tag.topic for tag in reply[0].topics} for reply in classify(workers, list(seed_articles()))]
    assert got[0]
    assert got[0] <= {"visa_policy", "global_compact"}
    assert got[1:] == [{"visa_policy"}, {"global_compact"}, {"global_compact"}, {"trafficking"}]


def test_evidence_of_the_seeds_is_what_stands_there(workers):
    for reply in classify(workers, list(seed_articles())):
        event = reply[0]
        for tag in (*event.topics, *event.near_misses):
            for hit in tag.evidence:
                field = event.article.title if hit.field == "title" else event.article.text
                assert field[hit.start : hit.end] == hit.surface


def test_an_answer_copies_times_and_has_an_id_of_its_own(workers):
    article = fetched(backfill=True, published_at=NOON - timedelta(days=3))
    [[event, note]] = classify(workers, [article])
    assert isinstance(event, ArticleClassified)
    assert (event.observed_at, event.published_at, event.backfill) == (article.observed_at, article.published_at, True)
    assert (event.rules_seq, event.language, event.article) == (7, "ar", article)
    assert isinstance(note, Noted)
    assert note.detail.startswith("trafficking 0.")


async def test_the_kernel_carries_the_stage(workers):
    [handler] = handlers(workers, load(), 1, Settings())
    handling = TopicHandling(handler, lambda: NOON)
    record = Record("articles.fetched", 0, 0, "article-1", msgspec.json.encode(fetched()))
    decided = handling.decide(await handling.prepare([record]), Context(now=NOON, tx=None))
    assert decided.done == 1
    assert decided.records[0].topic == "articles.classified"
    assert msgspec.json.decode(decided.records[0].value, type=ArticleClassified).topics[0].topic == "trafficking"


PROGRAM = """
import hashlib, msgspec, sys
from services.classifier.adapters.rules import load
from services.classifier.adapters.worker import Question, label
from services.classifier.core.tagging import Limits
rules = load()
texts = [Question("", open(path, encoding="utf-8").read(), None) for path in sys.argv[1:]]
print(rules.version, hashlib.sha256(label(rules.version, Limits(), msgspec.msgpack.encode(rules), texts)).hexdigest())
"""


def test_the_same_bytes_come_of_every_process_whatever_its_hash_seed():
    said = set()
    for seed in ("0", "1", "4242"):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, *map(str, SEEDS)], capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        said.add(run.stdout)
    assert len(said) == 1


def test_the_same_answer_twice_is_the_same_bytes(workers):
    once, again = (
        hashlib.sha256(b"".join(msgspec.json.encode(reply[0]) for reply in classify(workers, list(seed_articles())))).digest()
        for _ in range(2)
    )
    assert once == again


def test_a_rule_set_keeps_its_number_until_another_is_activated(database):
    def number(version: str) -> int:
        return database.transact_now(lambda tx: activate(tx, RuleSet(version=version, topics=()), NOON))

    assert [number(version) for version in ("a", "a", "b", "b", "a")] == [1, 1, 2, 2, 3]
