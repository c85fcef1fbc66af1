"""The stage `classify`: articles in, the same with their topics out. Without state; the same input gives the same bytes."""

import asyncio
from collections.abc import Sequence
from itertools import chain

import msgspec

from services.classifier.adapters.worker import Label, Question, decode, label
from services.classifier.core.rules import RuleSet
from services.classifier.core.tagging import Limits
from services.classifier.settings import Settings
from shared import ids
from shared.events import ArticleClassified, ArticleFetched, ArticleRecalled
from shared.handlers import Context, Handler, Reply, TopicHandler
from shared.outcomes import Noted, Retry
from shared.topology import CLASSIFY
from shared.workers import Workers

Asked = ArticleFetched | ArticleRecalled

OLDER_RULES_SECONDS = 5.0
"""How long an article waits that is to be tagged by rules newer than this process has."""


def handlers(workers: Workers, rules: RuleSet, rules_seq: int, settings: Settings) -> list[Handler]:
    """The classifier's stages under these rules. `rules_seq`: the number their activation gave them (adapters.tables)."""
    labelling = Labelling(workers, rules, settings)

    def decide(asked: Sequence[Asked], labels: Sequence[Label], _ctx: Context) -> list[Reply]:
        return [reply(one, given, rules.version, rules_seq) for one, given in zip(asked, labels, strict=True)]

    return [TopicHandler(stage=CLASSIFY, effect=labelling.of, decide=decide, batch=settings.classify_batch)]


def reply(asked: Asked, given: Label, rules_version: str, rules_seq: int) -> Reply:
    """The article with its topics, and what its trace says of them. Raises Retry for one that these rules are too old for."""
    if isinstance(asked, ArticleRecalled) and rules_seq < asked.rules_seq:
        raise Retry(f"rules {asked.rules_seq} are in force, this process has {rules_seq}", after=OLDER_RULES_SECONDS)
    classified = ArticleClassified(
        event_id=ids.event_id(CLASSIFY.name, [asked.event_id], 0, rules_seq),
        observed_at=asked.observed_at,
        published_at=asked.published_at,
        backfill=asked.backfill,
        article=_article(asked),
        topics=given.topics,
        near_misses=given.near_misses,
        rules_seq=rules_seq,
        rules_version=rules_version,
        language=given.language,
        language_confidence=given.confidence,
        countries=given.entities.countries,
        organisations=given.entities.organisations,
        dates=given.entities.dates,
        fingerprint=given.fingerprint,
    )
    return [classified, Noted(_told(given))]


def _article(asked: Asked) -> ArticleFetched:
    return asked.article if isinstance(asked, ArticleRecalled) else asked


def _told(given: Label) -> str:
    topics = ", ".join(f"{tag.topic} {tag.score:.2f}" for tag in given.topics)
    near = ", ".join(f"{tag.topic} {tag.score:.2f} of {tag.threshold:.2f}" for tag in given.near_misses)
    return (topics or "no topic") + (f"; near: {near}" if near else "")


class Labelling:
    """Tags batches in worker processes, a chunk a task; a process gets the rules when it first meets them."""

    def __init__(self, workers: Workers, rules: RuleSet, settings: Settings) -> None:
        self._workers, self._settings = workers, settings
        self._version, self._rules = rules.version, msgspec.msgpack.encode(rules)
        self._limits = Limits(settings.evidence_limit, settings.near_miss_limit)

    async def of(self, asked: Sequence[Asked]) -> list[Label]:
        """The label of each. Raises WorkerFailed where a process died or took too long over them."""
        articles = [_article(one) for one in asked]
        size = self._settings.classify_chunk
        chunks = [articles[at : at + size] for at in range(0, len(articles), size)]
        return list(chain.from_iterable(await asyncio.gather(*map(self._chunk, chunks))))

    async def _chunk(self, articles: Sequence[ArticleFetched]) -> list[Label]:
        questions = [
            Question(one.title, one.text, one.language, (one.published_at or one.observed_at).date()) for one in articles
        ]
        encoded = await self._run(None, questions) or await self._run(self._rules, questions)
        if encoded is None:
            raise RuntimeError("a worker process did not take the rules it was given")
        return decode(encoded)

    async def _run(self, rules: bytes | None, questions: list[Question]) -> bytes | None:
        seconds = self._settings.classify_seconds
        return await self._workers.run_within(seconds, label, self._version, self._limits, rules, questions)
