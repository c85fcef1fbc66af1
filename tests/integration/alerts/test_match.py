"""Who is alerted of an article, and why the others are not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from services.alerts.adapters import subscriptions
from services.alerts.adapters.tables import DELIVERIES
from shared.database import Database
from shared.filter import parse
from shared.handlers import Context
from shared.outcomes import Dropped, Noted
from tests.builders import NOON, tag
from tests.integration.alerts.desk import Desk, article
from tests.receivers import Receiver, answering

URL = "http://127.0.0.1:9/hook"


def bodies(desk: Desk) -> list[dict[str, Any]]:
    with desk.database.read() as connection:
        return [msgspec.json.decode(body) for body in connection.execute(select(DELIVERIES.c.body)).scalars()]


async def test_an_article_alerts_those_whose_filter_it_passes_and_says_why(desk: Desk) -> None:
    wants = desk.subscribe(URL, {"topics": {"any": ["trafficking"]}, "languages": {"any": ["ar"]}})
    desk.subscribe(URL, {"topics": {"any": ["visa_policy"]}})
    assert desk.match(article()) == [[Noted("1 delivery")]]
    [body] = bodies(desk)
    assert body["type"] == "article.tagged"
    assert body["timestamp"] == "2026-11-22T12:00:00Z"
    data = body["data"]
    assert data["subscription"] == {"id": wants.id, "name": "desk"}
    assert data["why"] == [
        {"part": "filter.topics", "matched": ["trafficking"], "found": ["trafficking 0.80 (from 0.50): تهريب"]},
        {"part": "filter.languages", "matched": ["ar"]},
    ]
    hit = data["article"]["topics"][0]["evidence"][0]
    assert data["article"]["title"][hit["start"] : hit["end"]] == hit["surface"]
    assert "cut" not in data


async def test_the_same_input_again_changes_nothing_and_answers_the_same(desk: Desk) -> None:
    desk.subscribe(URL)
    first = desk.match(article())
    assert desk.match(article()) == first == [[Noted("1 delivery")]]
    assert desk.match(article(), article()) == first * 2
    assert len(desk.deliveries()) == 1


@pytest.mark.parametrize(
    ("changes", "include_backfill", "expected"),
    [
        pytest.param({}, False, Noted("1 delivery"), id="new"),
        pytest.param({"published_at": None}, False, Noted("1 delivery"), id="undated"),
        pytest.param({"published_at": NOON - timedelta(hours=72)}, False, Noted("1 delivery"), id="72 h old"),
        pytest.param({"published_at": NOON - timedelta(hours=73)}, False, Dropped("older than 72 h"), id="older"),
        pytest.param(
            {"published_at": NOON - timedelta(hours=73)}, True, Dropped("older than 72 h"), id="older is not backfill"
        ),
        pytest.param({"backfill": True}, False, Dropped("backfill"), id="history"),
        pytest.param({"backfill": True}, True, Noted("1 delivery"), id="history, and asked for"),
        pytest.param({"backfill": True, "published_at": None}, True, Noted("1 delivery"), id="undated history, asked for"),
        pytest.param(
            {"backfill": True, "published_at": NOON - timedelta(days=900)},
            True,
            Noted("1 delivery"),
            id="old history, asked for",
        ),
        pytest.param({"kind": "retagged"}, False, Dropped("tagged again"), id="tagged again"),
        pytest.param({"kind": "enriched"}, False, Noted("1 delivery"), id="only the page's text matches"),
        pytest.param({"topics": ()}, True, Dropped("it has no topic"), id="no topic"),
        pytest.param({"topics": (tag("weather"),)}, True, Dropped("no subscription matched"), id="another topic"),
    ],
)
async def test_new_or_old(desk: Desk, changes: dict[str, Any], include_backfill: bool, expected: object) -> None:
    desk.subscribe(URL, {"topics": {"any": ["trafficking"]}}, include_backfill=include_backfill)
    assert desk.match(article(**changes)) == [[expected]]


@pytest.mark.parametrize("kind", ["retagged", "enriched", "new"])
async def test_an_article_alerts_once_however_often_it_is_filed(desk: Desk, kind: str) -> None:
    desk.subscribe(URL, include_backfill=True)
    desk.match(article())
    assert desk.match(article(kind=kind, revision=2, backfill=True)) == [[Dropped("alerted before")]]
    assert len(desk.deliveries()) == 1


async def test_a_subscription_made_or_ended_meanwhile_is_noticed(desk: Desk) -> None:
    assert desk.match(article("a")) == [[Dropped("no subscription matched")]]
    made = desk.subscribe(URL)
    assert desk.match(article("b")) == [[Noted("1 delivery")]]
    desk.database.transact_now(lambda tx: subscriptions.remove(tx, made.id, NOON))
    assert desk.match(article("c")) == [[Dropped("no subscription matched")]]
    assert [(row.state, row.error) for row in desk.deliveries()] == [("dead", "the subscription was removed")]


async def test_what_a_transaction_saw_that_was_then_undone_is_not_believed(desk: Desk) -> None:
    def seen_and_undone(tx: Any) -> None:
        subscriptions.create(tx, new, desk.vault, NOON)
        list(desk.matcher.decide([article("a")], [None], Context(NOON, tx)))
        raise ZeroDivisionError

    new = subscriptions.New(
        name="ghost", filter=parse({}), url=URL, headers={}, secret=None, include_backfill=False, ownership="none"
    )
    with pytest.raises(ZeroDivisionError):
        desk.database.transact_now(seen_and_undone)
    assert desk.match(article("b")) == [[Dropped("no subscription matched")]]
    made = desk.subscribe(URL)
    assert desk.match(article("c")) == [[Noted("1 delivery")]]
    assert {row.subscription for row in desk.deliveries()} == {made.id}


async def test_the_last_subscription_is_removed_and_others_are_still_found(desk: Desk) -> None:
    first, last = desk.subscribe(URL), desk.subscribe(URL)
    assert desk.match(article("a")) == [[Noted("2 deliveries")]]
    desk.database.transact_now(lambda tx: subscriptions.remove(tx, last.id, NOON))
    assert desk.match(article("b")) == [[Noted("1 delivery")]]
    third = desk.subscribe(URL)
    assert desk.match(article("c")) == [[Noted("2 deliveries")]]
    assert {row.subscription for row in desk.deliveries() if row.article == "c"} == {first.id, third.id}


async def test_a_revision_is_a_correction_to_exactly_those_who_got_the_original(desk: Desk) -> None:
    async with Receiver() as receiver:
        got = desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
        desk.subscribe(receiver.url, {"topics": {"any": ["visa_policy"]}})
        assert desk.match(article(kind="revised", revision=2)) == [[Noted("1 delivery")]]
        assert desk.match(article(kind="revised", revision=2)) == [[Noted("1 delivery")]]
        await desk.round()
        messages = [request.message for request in receiver.got]
        assert [message["type"] for message in messages] == ["article.tagged", "article.corrected"]
        assert {message["data"]["subscription"]["id"] for message in messages} == {got.id}


async def test_a_revision_that_is_no_longer_wanted_is_withdrawn_once(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, {"topics": {"any": ["trafficking"]}})
        desk.match(article())
        await desk.round()
        for revision in (2, 3):
            desk.match(article(kind="revised", revision=revision, topics=()))
            await desk.round()
        desk.match(article(kind="revised", revision=4))
        await desk.round()
        types = [request.message["type"] for request in receiver.got]
        assert types == ["article.tagged", "article.withdrawn", "article.tagged"]


async def test_a_correction_replaces_an_original_never_attempted(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        assert desk.match(article(kind="revised", revision=2)) == [[Noted("1 delivery"), Noted("1 replaced")]]
        replies = await desk.round()
        assert [request.message["type"] for request in receiver.got] == ["article.tagged"]
        assert [request.message["data"]["article"]["revision"] for request in receiver.got] == [2]
        assert sorted(reply[0].state for reply in replies) == ["ok", "superseded"]  # type: ignore[union-attr]  # events


async def test_a_correction_waits_for_an_original_under_way(desk: Desk) -> None:
    async with Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
        desk.match(article(kind="revised", revision=2))
        await desk.later(seconds=1)
        assert len(receiver.got) == 1
        receiver.respond = answering(200)
        await desk.later(seconds=5)
        await desk.later(seconds=1)
        assert [request.message["type"] for request in receiver.got] == [
            "article.tagged",
            "article.tagged",
            "article.corrected",
        ]


async def test_a_correction_of_what_was_never_accepted_ends_with_it(desk: Desk) -> None:
    async with Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
        desk.match(article(kind="revised", revision=2))
        receiver.respond = answering(410)
        await desk.later(seconds=5)
        assert [(row.state, row.error) for row in desk.deliveries()] == [
            ("dead", "HTTP 410"),
            ("dead", "what it corrects was never accepted"),
        ]


async def test_an_older_revision_that_comes_again_does_no_harm(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url)
        for filed in (article(), article(kind="revised", revision=2), article(kind="revised", revision=3)):
            desk.match(filed)
            await desk.round()
        desk.match(article(), article(kind="revised", revision=2))
        await desk.round()
        assert len(receiver.got) == 3


async def test_another_process_notices_subscriptions_by_the_database_alone(desk: Desk, tmp_path: Path) -> None:
    other = Desk(Database(str(desk.database.url)), tmp_path)
    assert other.match(article("a")) == [[Dropped("no subscription matched")]]
    desk.subscribe(URL)
    assert other.match(article("b")) == [[Noted("1 delivery")]]
    await other.sender.close()
    other.database.close()
