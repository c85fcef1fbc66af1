"""Endpoints that fail: the breaker, what waits, and how they come back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.alerts.adapters import health, notices
from shared.database import Database
from shared.events import DeliverySettled
from tests.integration.alerts.desk import Desk, article, opened
from tests.receivers import Receiver, answering, hanging, in_turn

FREELY: dict[str, Any] = {"delivery_concurrency": 100, "delivery_rate": 1e6, "delivery_burst": 1000}


def states(desk: Desk) -> dict[str, int]:
    """How many deliveries are in each state."""
    found: dict[str, int] = {}
    for delivery in desk.deliveries():
        found[delivery.state] = found.get(delivery.state, 0) + 1
    return found


def failures(desk: Desk) -> list[int]:
    """How often attempts that count have failed, of each delivery."""
    with desk.database.read() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT failures FROM alerts_deliveries ORDER BY sequence")]


async def test_ten_failures_open_the_breaker_and_then_only_probes_go_out_and_spend_nothing(
    database: Database, tmp_path: Path
) -> None:
    async with opened(database, tmp_path, **FREELY) as desk, Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(10)))
        await desk.round()
        assert len(receiver.got) == 10
        spent = failures(desk)
        desk.match(*(article(f"b{n}") for n in range(40)))
        assert await desk.later(seconds=29) == []
        for number, wait in enumerate((1, 60, 120, 240, 480, 900, 900), start=1):
            if wait > 1:
                assert await desk.later(seconds=wait - 1) == []
            assert len(await desk.later(seconds=1)) == 1
            assert len(await desk.later(seconds=0)) == 0
            assert len(receiver.got) == 10 + number
        assert failures(desk)[:10] == spent == [1] * 10
        assert set(failures(desk)[10:]) == {0}
        assert states(desk) == {"pending": 50}


async def test_the_probe_that_is_accepted_lets_everything_go(database: Database, tmp_path: Path) -> None:
    ways = in_turn(*[answering(500)] * 11, answering(204))
    async with opened(database, tmp_path, **FREELY) as desk, Receiver(respond=ways) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(30)))
        rows = desk.take(10)
        desk.decide(rows, await desk.attempt(rows))
        assert desk.endpoint(made.endpoint).opened_at == desk.now
        await desk.later(seconds=30)
        await desk.later(seconds=60)
        assert desk.endpoint(made.endpoint).opened_at is None
        assert len(receiver.got) == 12
        await desk.later(seconds=0)
        assert len(receiver.got) == 31 + 10
        assert states(desk) == {"ok": 30}


async def test_while_one_probe_is_under_way_no_other_is_made(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path, **FREELY) as desk, Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(30)))
        first = desk.take(10)
        desk.decide(first, await desk.attempt(first))
        desk.now += timedelta(seconds=30)
        assert len(desk.take()) == 1
        assert desk.take() == []
        desk.now += timedelta(seconds=desk.settings.delivery_lease)
        assert len(desk.take()) == 1, "a probe that was never heard of is made again"


async def test_an_endpoint_dead_for_three_days_gets_everything_when_it_is_back(database: Database, tmp_path: Path) -> None:
    is_up = False

    async def respond(got: Any, writer: Any) -> None:
        await answering(204 if is_up else 503)(got, writer)

    async with opened(database, tmp_path, **FREELY) as desk, Receiver(respond=respond) as receiver:
        desk.subscribe(receiver.url)
        for hour in range(72):
            desk.match(article(f"a{hour}", at=desk.now))
            for _ in range(4):
                await desk.later(minutes=15)
        assert states(desk) == {"pending": 72}
        attempts = len(receiver.got)
        assert attempts < 10 + 72 * 4 + 8
        is_up = True
        await desk.later(minutes=15)
        await desk.later(seconds=0)
        assert states(desk) == {"ok": 72}
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 72


async def test_five_days_of_failures_disable_it_with_notices_and_a_daily_probe_brings_it_back(
    database: Database, tmp_path: Path
) -> None:
    is_up = False

    async def respond(got: Any, writer: Any) -> None:
        await answering(204 if is_up else 500)(got, writer)

    async with opened(database, tmp_path, **FREELY) as desk, Receiver(respond=respond) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(20)))
        begun = desk.now
        while desk.endpoint(made.endpoint).state == "active":
            await desk.later(minutes=15)
            assert desk.now - begun < timedelta(days=6)
        assert timedelta(days=5) <= desk.now - begun <= timedelta(days=5, minutes=45)
        assert states(desk) == {"parked": 20}
        with desk.database.read() as connection:
            told = [(row.kind, row.message.split(" %")[0][-2:]) for row in notices.page(connection, before=None, limit=10)]
        assert told[::-1][:3] == [("endpoint.failing", "50"), ("endpoint.failing", "70"), ("endpoint.failing", "90")]
        assert told[0][0] == "endpoint.disabled"
        desk.match(article("later"))
        attempts = len(receiver.got)
        assert await desk.later(hours=23) == []
        assert len(await desk.later(hours=1)) == 1
        assert (len(receiver.got), states(desk)) == (attempts + 1, {"parked": 21})
        is_up = True
        await desk.later(days=1)
        assert desk.endpoint(made.endpoint).state == "active"
        await desk.later(seconds=0)
        assert states(desk) == {"ok": 21}


async def test_a_person_enables_what_said_gone_and_what_was_parked_is_sent(desk: Desk) -> None:
    async with Receiver(respond=in_turn(answering(410), answering(204))) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(article("a"))
        await desk.round()
        desk.match(article("b"))
        assert await desk.later(days=30) == []
        rules = desk.settings.health_rules()
        desk.database.transact_now(lambda tx: health.resume(tx, made.id, rules, desk.now))
        [[settled]] = await desk.round()
        assert isinstance(settled, DeliverySettled)
        assert (settled.article_id, settled.state) == ("b", "ok")


async def test_a_paused_subscription_sends_nothing_and_loses_nothing(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        rules = desk.settings.health_rules()
        desk.match(article("a"))
        desk.database.transact_now(lambda tx: health.pause(tx, made.id, rules, desk.now))
        desk.match(article("b"))
        assert await desk.later(days=30) == []
        assert [(row.state, row.next_at) for row in desk.deliveries()] == [("parked", None)] * 2
        desk.database.transact_now(lambda tx: health.resume(tx, made.id, rules, desk.now))
        await desk.round()
        assert [got.message["data"]["article"]["id"] for got in receiver.got] == ["a", "b"]


async def test_an_attempt_under_way_when_a_person_pauses_is_parked_if_it_fails(desk: Desk) -> None:
    async with Receiver(respond=answering(500)) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(article("a"))
        rows = desk.take()
        rules = desk.settings.health_rules()
        desk.database.transact_now(lambda tx: health.pause(tx, made.id, rules, desk.now))
        desk.decide(rows, await desk.attempt(rows))
        assert states(desk) == {"parked": 1}


@pytest.mark.parametrize("is_paused", [True, False], ids=["paused", "its breaker is open"])
async def test_what_waits_is_capped_and_the_oldest_give_way_to_dead_letters_that_are_told(
    database: Database, tmp_path: Path, is_paused: bool
) -> None:
    settings = {**FREELY, "delivery_backlog_max": 15}
    async with opened(database, tmp_path, **settings) as desk, Receiver(respond=answering(500)) as receiver:
        made = desk.subscribe(receiver.url)
        if is_paused:
            rules = desk.settings.health_rules()
            desk.database.transact_now(lambda tx: health.pause(tx, made.id, rules, desk.now))
        desk.match(*(article(f"a{n}") for n in range(10)))
        await desk.round()
        desk.match(*(article(f"b{n}") for n in range(9)))
        ended = [row for row in desk.deliveries() if row.state == "dead"]
        assert [row.article for row in ended] == ["a0", "a1", "a2", "a3"]
        assert {row.error for row in ended} == {"gave way: more than 15 waited for its endpoint"}
        told = [event for reply in await desk.round() for event in reply if isinstance(event, DeliverySettled)]
        assert sorted(event.article_id for event in told) == ["a0", "a1", "a2", "a3"]


async def test_an_endpoint_that_hangs_is_soon_left_alone(database: Database, tmp_path: Path) -> None:
    settings = {"delivery_timeout": 0.2, "delivery_connect_timeout": 0.2, "delivery_concurrency": 4}
    async with opened(database, tmp_path, **settings) as desk, Receiver(respond=hanging) as stuck:
        desk.subscribe(stuck.url)
        desk.match(*(article(f"a{n}") for n in range(100)))
        while await desk.later(seconds=1):
            assert len(stuck.got) <= 12
        assert len(stuck.got) == 12
