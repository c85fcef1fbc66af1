"""Alerts that wait for others, and what becomes of each of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.alerts.adapters import health, redrives, subscriptions
from services.alerts.core.manner import Manner, Quiet
from services.alerts.core.redrive import Request
from shared.database import Database
from shared.events import DeliverySettled
from shared.outcomes import Noted
from tests.builders import tag
from tests.integration.alerts.desk import Desk, article, opened
from tests.receivers import Receiver, answering, in_turn

HOURLY = Manner(kind="digest", window_seconds=3600)


def settled(replies: list[Any]) -> list[tuple[str, str]]:
    """Article and state of what was told."""
    return [(event.article_id, event.state) for reply in replies for event in reply if isinstance(event, DeliverySettled)]


async def test_a_digest_holds_what_came_in_its_window_and_each_alert_settles_with_it(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url, manner=HOURLY)
        receiver.secrets = [made.secret]
        desk.match(article("a"))
        desk.now += timedelta(minutes=30)
        desk.match(article("b", at=desk.now))
        assert [row.state for row in desk.deliveries()] == ["pending", "pending"]
        assert desk.gather() == []
        assert await desk.later(minutes=29) == []
        desk.now += timedelta(minutes=1)
        assert desk.gather() == [[Noted("a digest of 2")]]
        assert desk.gather() == []
        assert settled(await desk.round()) == []
        assert settled(await desk.round()) == [("a", "ok"), ("b", "ok")]
        assert await desk.later(days=2) == []
        [got] = receiver.got
        assert got.message_id
        data = got.message["data"]
        assert (got.message["type"], data["count"], data["since"]) == ("digest", 2, "2026-11-22T12:00:00Z")
        assert [(item["type"], item["article"]["id"]) for item in data["items"]] == [
            ("article.tagged", "a"),
            ("article.tagged", "b"),
        ]
        assert data["items"][0]["why"]
        assert data["items"][0]["article"]["summary"]
        assert "text" not in data["items"][0]["article"]
        digest = next(row for row in desk.deliveries() if row.type == "digest")
        assert {row.within for row in desk.deliveries() if row.type != "digest"} == {digest.id}


async def test_a_full_window_is_sent_at_once(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, manner=Manner(kind="digest", maximum=3))
        desk.match(*(article(f"a{n}") for n in range(8)))
        for _ in range(3):
            desk.gather()
        await desk.round()
        assert [got.message["data"]["count"] for got in receiver.got] == [3, 3, 2]
        assert len(desk.deliveries()) == 8 + 3


async def test_a_correction_before_the_digest_takes_the_originals_place(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, manner=HOURLY)
        desk.match(article("a"), article("b"))
        desk.match(article("a", kind="revised", revision=2))
        desk.now += timedelta(hours=1)
        desk.gather()
        await desk.round()
        items = receiver.got[0].message["data"]["items"]
        assert [(item["article"]["id"], item["article"]["revision"], item["type"]) for item in items] == [
            ("b", 1, "article.tagged"), ("a", 2, "article.tagged"),
        ]  # fmt: skip


async def test_a_correction_after_the_digest_comes_in_the_next(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, {"topics": {"any": ["trafficking"]}}, manner=HOURLY)
        desk.match(article("a"), article("b"))
        desk.now += timedelta(hours=1)
        desk.gather()
        desk.match(article("a", kind="revised", revision=2, at=desk.now))  # the digest is under way
        await desk.round()
        desk.match(article("b", kind="revised", revision=2, topics=(tag("weather"),), at=desk.now))
        desk.now += timedelta(hours=1)
        desk.gather()
        await desk.round()
        items = receiver.got[1].message["data"]["items"]
        assert [(item["type"], item["article"]["id"]) for item in items] == [
            ("article.corrected", "a"),
            ("article.withdrawn", "b"),
        ]


async def test_the_first_alert_is_sent_and_those_in_its_cool_down_are_gathered(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, manner=Manner(cool_down_seconds=600))
        desk.match(*(article(f"a{n}") for n in range(4)))
        await desk.round()
        desk.now += timedelta(seconds=599)
        assert desk.gather() == []
        desk.now += timedelta(seconds=1)
        desk.gather()
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["article.tagged", "digest"]
        desk.match(article("later", at=desk.now))
        assert desk.gather() == []
        desk.now += timedelta(seconds=600)
        desk.gather()
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["article.tagged", "digest", "article.tagged"]


async def test_a_single_alert_of_the_night_comes_in_the_morning_as_itself(desk: Desk) -> None:
    async with Receiver() as receiver:
        quiet = Quiet(begin="14:00", end="16:00", zone="Asia/Amman")  # NOON is 15:00 there
        desk.subscribe(receiver.url, manner=Manner(quiet=quiet))
        desk.match(article("a"))
        assert await desk.later(minutes=59) == []
        assert desk.gather() == []
        desk.now += timedelta(minutes=1)
        desk.gather()
        assert settled(await desk.round()) == [("a", "ok")]
        assert receiver.got[0].message["type"] == "article.tagged"


async def test_the_same_input_again_gathers_nothing_twice(desk: Desk) -> None:
    desk.subscribe("http://127.0.0.1:9/", manner=Manner(kind="digest", maximum=2))
    first = desk.match(article("a"))
    assert desk.match(article("a")) == first
    assert len(desk.deliveries()) == 1
    assert desk.gather() == []


async def test_a_digest_that_dies_takes_its_alerts_with_it_and_is_redriven_as_one(database: Database, tmp_path: Path) -> None:
    ways = in_turn(answering(500), answering(204))
    async with opened(database, tmp_path, delivery_schedule=(0.0,)) as desk, Receiver(respond=ways) as receiver:
        desk.subscribe(receiver.url, manner=HOURLY)
        desk.match(article("a"), article("b"))
        desk.now += timedelta(hours=1)
        desk.gather()
        await desk.round()
        assert settled(await desk.round()) == [("a", "dead"), ("b", "dead")]
        job = desk.database.transact_now(lambda tx: redrives.create(tx, Request(since=desk.now), desk.now))
        assert job.total == 1
        desk.database.transact_now(lambda tx: redrives.advance(tx, job.id, desk.now))
        await desk.round()
        await desk.round()
        assert {row.state for row in desk.deliveries()} == {"ok"}
        assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "paused"])
async def test_what_is_gathered_when_a_subscription_is_paused_or_removed(desk: Desk, is_removed: bool) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url, manner=HOURLY)
        desk.match(article("a"), article("b"))
        rules = desk.settings.health_rules()
        if is_removed:
            desk.database.transact_now(lambda tx: subscriptions.remove(tx, made.id, desk.now))
        else:
            desk.database.transact_now(lambda tx: health.pause(tx, made.id, rules, desk.now))
        desk.now += timedelta(hours=2)
        desk.gather()
        await desk.round()
        assert receiver.got == []
        if not is_removed:
            desk.database.transact_now(lambda tx: health.resume(tx, made.id, rules, desk.now))
            await desk.round()
            assert receiver.got[0].message["data"]["count"] == 2
