"""When rules change, the articles the change can touch are tagged again: those alone, once, whatever dies in between."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from services.alerts.core import alerting
from services.alerts.core.index import Index, Subscription
from services.classifier.adapters.impact import Impact
from services.classifier.adapters.tables import RULE_SETS, activate
from services.classifier.app import handlers as classifying
from services.classifier.core.rules import RuleSet
from services.classifier.settings import Settings as ClassifierSettings
from services.store.adapters import retags
from services.store.adapters.tables import ARTICLES
from services.store.app import handlers
from services.store.core.retagging import Part
from services.store.settings import Settings
from shared.database import Database
from shared.events import ArticleClassified, ArticleFetched, ArticleFiled, ArticleRecalled
from shared.filter import parse
from shared.handlers import Context, TimerHandler, TopicHandler
from shared.outcomes import Retry
from shared.rows import Settled, TimerHandling
from shared.workers import Workers
from tests.builders import NOON, fetched, recalled
from tests.integration.store.conftest import Stages
from tests.unit.classifier.rules import pattern, rules, topic

VISA, DAM = pattern("en", 0.8, "visa"), pattern("ar", 0.8, "تأشيرة")
OLD = rules(topic("watched", VISA, DAM))
NEW = rules(topic("watched", VISA, DAM, pattern("en", 0.8, "permit")))
NEWER = rules(topic("watched", VISA, DAM, pattern("en", 0.8, "permit"), pattern("en", 0.8, "quota")))


def english(number: int, said: str, **changes: Any) -> ArticleFetched:
    given: dict[str, Any] = {"event_id": f"f{number}", "article_id": f"a{number}", "url": f"https://news.example/{number}"}
    given |= {"title": said, "text": f"The government said on Monday that this is how it will be. {said}.", "language": "en"}
    return fetched(**given | changes)


def arabic(number: int) -> ArticleFetched:
    return english(number, "قررت الحكومة permit يوم الاثنين أن يكون ذلك كذلك", text="قالت الحكومة ذلك", language="ar")


class Desk:
    """Classifier and store over one database, stepped by hand."""

    def __init__(self, database: Database, stages: Stages, workers: Workers, **changes: Any) -> None:
        self.database, self.stages, self.workers = database, stages, workers
        self.settings, self.now = Settings(**changes), NOON + timedelta(hours=2)
        self.active: tuple[RuleSet, int] = (OLD, 0)
        self.renew()

    def renew(self) -> None:
        """A process of its own, knowing nothing."""
        impact = Impact(self.workers, ClassifierSettings())
        made = [each for each in handlers(self.settings, self.workers, impact) if isinstance(each, TimerHandler)]
        [self.handler], self.impact = made, impact
        self.handling = TimerHandling(self.handler)

    def activate(self, new: RuleSet) -> None:
        self.active = new, self.database.transact_now(lambda tx: activate(tx, new, NOON))

    def classify(self, *asked: ArticleFetched | ArticleRecalled) -> list[ArticleClassified]:
        [handler] = classifying(self.workers, *self.active, ClassifierSettings())
        assert isinstance(handler, TopicHandler)
        assert handler.effect is not None
        labels = asyncio.run(_awaited(handler.effect(asked)))
        replies = handler.decide(asked, labels, Context(self.now, None))  # type: ignore[arg-type]
        return [event for reply in replies for event in reply if isinstance(event, ArticleClassified)]

    def file(self, *asked: ArticleFetched | ArticleRecalled) -> list[ArticleFiled]:
        return [msgspec.json.decode(value, type=ArticleFiled) for value in self.stages.file(*self.classify(*asked))]

    def take(self) -> list[Part]:
        return list(self.database.transact_now(lambda tx: self.handler.take(Context(self.now, tx), 1)))

    def look(self, parts: Sequence[Part]) -> list[None]:
        assert self.handler.effect is not None
        return [asyncio.run(_awaited(self.handler.effect(part))) for part in parts]

    def settle(self, parts: Sequence[Part]) -> list[ArticleRecalled]:
        """Looks at these parts, and marks them, as the embedded log does."""
        results = self.look(parts)
        return _recalled(self.database.transact_now(lambda tx: self.handling.settle(parts, results, Context(self.now, tx))))

    def decide(self, parts: Sequence[Part]) -> list[ArticleRecalled]:
        """The same without a mark: what is published before a process on Kafka dies."""
        results = self.look(parts)
        return _recalled(self.database.transact_now(lambda tx: self.handling.decide(parts, results, Context(self.now, tx))))

    def through(self) -> list[str]:
        """Everything that is tagged again, until nothing is left to do."""
        again = []
        while parts := self.take():
            events = self.settle(parts)
            again += [event.article.article_id for event in events]
            if events:
                self.file(*events)
        return again

    def state(self) -> retags.Retag:
        with self.database.read() as db:
            found = retags.newest(db)
        assert found is not None
        return found

    def kept(self) -> dict[str, tuple[int, str]]:
        with self.database.read() as db:
            return {row.article_id: (row.rules_seq, row.language) for row in db.execute(select(ARTICLES))}


async def _awaited(effect: Any) -> Any:
    return await effect


def _recalled(settled: Settled) -> list[ArticleRecalled]:
    assert not settled.failures
    return [msgspec.json.decode(record.value, type=ArticleRecalled) for record in settled.records]


@pytest.fixture
def desk(database: Database, stages: Stages, workers: Workers) -> Desk:
    made = Desk(database, stages, workers, retag_batch=2)
    made.activate(OLD)
    return made


def test_only_what_the_change_can_touch_is_tagged_again(desk: Desk) -> None:
    desk.file(english(1, "A visa"), english(2, "A permit"), english(3, "A dam"), arabic(4), english(5, "Another permit"))
    assert desk.through() == []
    desk.activate(NEW)
    assert desk.through() == ["a2", "a5"]
    assert {name: seq for name, (seq, _) in desk.kept().items()} == {"a1": 1, "a2": 2, "a3": 1, "a4": 1, "a5": 2}
    state = desk.state()
    assert (state.state, state.looked_at, state.recalled, state.languages) == ("done", 4, 2, ("en",))
    assert state.changes == ("watched/en: pattern +permit",)


def test_tagged_again_it_bears_the_new_topic_and_is_as_it_was_otherwise(desk: Desk) -> None:
    [before] = desk.file(english(2, "A permit", published_at=NOON - timedelta(days=1)))
    desk.activate(NEW)
    [after] = desk.file(*desk.settle(desk.take()))
    assert [tag.topic for tag in before.classified.topics] == []
    assert [tag.topic for tag in after.classified.topics] == ["watched"]
    assert (after.kind, after.sequence, after.classified.rules_seq, after.backfill) == ("retagged", before.sequence, 2, True)
    same = {"event_id": "", "backfill": False}
    assert msgspec.structs.replace(after.classified.article, **same) == msgspec.structs.replace(
        before.classified.article, **same
    )
    with desk.database.read() as db:
        assert db.execute(select(ARTICLES.c.backfill)).scalars().all() == [False]


def test_no_one_is_alerted_of_it_who_did_not_ask_for_history(desk: Desk) -> None:
    desk.file(english(2, "A permit"))
    desk.activate(NEW)
    [filed] = desk.file(*desk.settle(desk.take()))
    for asks, alerts in ((False, 0), (True, 1)):
        wanted = parse({"topics": {"any": ["watched"]}})
        subscription = Subscription(id="s", name="s", endpoint_id="e", filter=wanted, include_backfill=asks)
        finding = alerting.find(filed, [subscription], {}, Index([subscription]), timedelta(days=3))
        assert len(finding.alerts) == alerts
        assert asks or finding.reasons == ("tagged again",)


def test_a_part_whose_process_died_is_another_s_after_its_lease_and_tells_the_same(desk: Desk) -> None:
    desk.file(english(1, "A permit"), english(2, "A permit"), english(3, "A permit"))
    desk.activate(NEW)
    told = desk.decide(desk.take())  # published; then kill -9
    desk.renew()
    assert desk.take() == []
    desk.now += timedelta(seconds=desk.settings.retag_lease + 1)
    parts = desk.take()
    assert desk.decide(parts) == told
    desk.file(*told)
    assert desk.settle(parts) == told
    assert desk.through() == ["a3"]
    assert desk.state().recalled == 3


def test_who_lost_the_lease_tells_and_marks_nothing(desk: Desk) -> None:
    desk.file(english(1, "A permit"))
    desk.activate(NEW)
    late = desk.take()
    desk.now += timedelta(seconds=desk.settings.retag_lease + 1)
    mine = desk.take()
    assert desk.settle(late) == []
    assert len(desk.settle(mine)) == 1
    assert desk.state().recalled == 1


def test_news_waits_for_no_more_than_one_part_of_old_articles(desk: Desk) -> None:
    desk.file(*(english(number, "A permit") for number in range(4)))
    desk.activate(NEW)
    first = desk.settle(desk.take())
    assert desk.take() == []
    desk.file(*first)
    assert len(desk.take()) == 1


def test_a_part_that_never_comes_back_holds_up_the_next_for_a_while_only(desk: Desk) -> None:
    desk.file(*(english(number, "A permit") for number in range(4)))
    desk.activate(NEW)
    desk.settle(desk.take())
    desk.now += retags.WAIT + timedelta(seconds=1)
    assert len(desk.take()) == 1


def test_what_is_filed_late_under_the_old_rules_is_tagged_again_too(desk: Desk) -> None:
    late = desk.classify(english(2, "A permit"))
    desk.file(english(1, "A permit"))
    desk.activate(NEW)
    assert desk.through() == ["a1"]
    desk.stages.file(*late)
    assert desk.through() == ["a2"]
    assert desk.through() == []


def test_rules_that_change_again_meanwhile_leave_nothing_out(desk: Desk) -> None:
    desk.file(english(1, "A permit"), english(2, "A permit"), english(3, "A permit"), english(4, "A quota"))
    desk.activate(NEW)
    desk.file(*desk.settle(desk.take()))
    desk.activate(NEWER)
    assert set(desk.through()) >= {"a3", "a4"}
    assert desk.state().base == 1
    assert all(desk.kept()[name][0] == 3 for name in ("a3", "a4"))


def test_where_the_rules_of_before_are_not_known_every_article_is_tagged_again(desk: Desk) -> None:
    desk.file(english(1, "A visa"), arabic(2))
    desk.database.transact_now(lambda tx: tx.execute(update(RULE_SETS).values(content=None)))
    desk.activate(NEW)
    assert set(desk.through()) == {"a1", "a2"}


def test_articles_of_before_their_language_was_kept_are_looked_at_in_any(desk: Desk) -> None:
    desk.file(english(1, "A permit"), arabic(2))
    desk.database.transact_now(lambda tx: tx.execute(update(ARTICLES).values(detected=None, declared=None)))
    desk.activate(NEW)
    assert set(desk.through()) == {"a1", "a2"}


def test_an_article_revised_meanwhile_keeps_its_newer_text(desk: Desk) -> None:
    desk.file(english(1, "A permit"))
    desk.activate(NEW)
    told = desk.settle(desk.take())
    desk.file(english(1, "A permit, corrected", event_id="f1b", revision=2))
    assert desk.file(*told) == []


def test_a_classifier_with_older_rules_lets_it_wait(desk: Desk) -> None:
    with pytest.raises(Retry, match="rules 2"):
        desk.classify(recalled(rules_seq=2))
