"""Dead letters sent again: which, how often, and what a process that ends in between leaves."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from rasid.web import app as web
from services.alerts import api, app
from services.alerts.adapters import health, redrives, subscriptions
from services.alerts.adapters.redrives import Job
from services.alerts.core.redrive import Request, Wanted
from shared.database import Database
from shared.events import DeliverySettled
from shared.handlers import Context
from shared.outcomes import Noted
from shared.tables import METADATA
from tests.builders import NOON
from tests.integration.alerts.desk import Desk, article, opened
from tests.receivers import Receiver, answering, in_turn

SHORT: dict[str, Any] = {
    "delivery_schedule": (0.0,), "delivery_concurrency": 1000, "delivery_rate": 1e6, "delivery_burst": 10_000,
    "delivery_breaker_failures": 1_000_000, "delivery_breaker_share": 1.0,
}  # fmt: skip


def create(desk: Desk, **asked: Any) -> Job:
    return desk.database.transact_now(lambda tx: redrives.create(tx, Request(**asked), desk.now))


def routes_of(desk: Desk) -> list[Any]:
    return api.routes(desk.database, desk.settings, desk.vault, topics=tuple, history=lambda _since: (), now=lambda: desk.now)


def advance(desk: Desk) -> list[Any]:
    """One turn of the stage."""
    stage = app.handlers(desk.settings, desk.sender)[2]

    def turn(tx: Any) -> list[Any]:
        rows = stage.take(Context(desk.now, tx), stage.batch)  # type: ignore[union-attr]  # the timer
        return list(stage.decide(rows, [None] * len(rows), Context(desk.now, tx)))

    return desk.database.transact_now(turn)


async def dead(desk: Desk, *names: str) -> None:
    """These articles, given up."""
    desk.match(*(article(name) for name in names))
    while await desk.round():
        pass


async def test_a_redriven_delivery_has_the_same_id_and_bytes_and_a_new_schedule(database: Database, tmp_path: Path) -> None:
    ways = in_turn(*[answering(500)] * 3, answering(204))
    settings = {**SHORT, "delivery_schedule": (0.0, 5.0)}
    async with opened(database, tmp_path, **settings) as desk, Receiver(respond=ways) as receiver:
        desk.subscribe(receiver.url)
        desk.match(article("a"))
        await desk.round()
        await desk.later(seconds=5)
        [gone] = desk.deliveries()
        assert gone.state == "dead"
        job = create(desk, ids=(gone.id,))
        assert (job.state, job.total, job.done) == ("running", 1, 0)
        advance(desk)
        await desk.round()
        assert desk.deliveries()[0].state == "pending", "its schedule begins anew"
        [[settled]] = await desk.later(seconds=5)
        assert isinstance(settled, DeliverySettled)
        assert (settled.state, settled.attempts) == ("ok", 4)
        assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1
        assert len(receiver.got) == 4


async def test_a_job_goes_on_where_a_process_ended_and_does_nothing_twice(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrives, "PART", 10)
    async with opened(database, tmp_path, **SHORT) as desk, Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        await dead(desk, *(f"a{n}" for n in range(35)))
        job = create(desk, since=NOON - timedelta(hours=1))
        assert advance(desk) == [[*advance_note(10)]]
        await desk.round()  # the first ten die again meanwhile
        assert len(receiver.got) == 45
        with pytest.raises(ZeroDivisionError):
            desk.database.transact_now(lambda tx: (redrives.advance(tx, job.id, desk.now), 1 / 0))
        with desk.database.read() as connection:
            assert redrives.found(connection, job.id).done == 10  # type: ignore[union-attr]  # it is there
        for done in (20, 30, 35):
            assert advance(desk) == [[*advance_note(done)]]
        assert advance(desk) == []
        await desk.round()
        assert len(receiver.got) == 35 + 35
        with desk.database.read() as connection:
            ended = redrives.found(connection, job.id)
        assert ended is not None
        assert (ended.state, ended.total, ended.done, ended.finished_at) == ("done", 35, 35, desk.now)


def advance_note(done: int) -> list[Any]:
    return [Noted(f"{done} of 35 are due again")]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, {"a", "b", "c"}, id="all dead ones"),
        pytest.param({"since": NOON + timedelta(hours=1)}, {"b", "c"}, id="since"),
        pytest.param({"until": NOON + timedelta(hours=1)}, {"a"}, id="until"),
        pytest.param({"since": NOON + timedelta(hours=1), "until": NOON + timedelta(hours=2)}, {"b"}, id="both"),
        pytest.param({"article": "b"}, {"b"}, id="article"),
        pytest.param({"error": "HTTP 500"}, {"a", "b", "c"}, id="error"),
        pytest.param({"error": "HTTP %"}, set(), id="no wildcards"),
        pytest.param({"type": "article.corrected"}, set(), id="type"),
        pytest.param({"state": "ok"}, {"fine"}, id="what was accepted"),
        pytest.param({"subscription": "sub_none"}, set(), id="subscription"),
        pytest.param({"endpoint": "ep_none"}, set(), id="endpoint"),
    ],
)
async def test_a_filter_says_which(database: Database, tmp_path: Path, wanted: dict[str, Any], expected: set[str]) -> None:
    ways = in_turn(*[answering(500)] * 3, answering(204))
    async with opened(database, tmp_path, **SHORT) as desk, Receiver(respond=ways) as receiver:
        desk.subscribe(receiver.url)
        for name in ("a", "b", "c", "fine"):
            await dead(desk, name)
            desk.now += timedelta(hours=1)
        assert create(desk, filter=Wanted(**wanted)).total == len(expected)
        advance(desk)
        assert {row.article for row in desk.deliveries() if row.state == "pending"} == expected


async def test_nothing_is_sent_again_for_a_subscription_that_ended_and_what_is_held_is_parked(
    database: Database, tmp_path: Path
) -> None:
    async with opened(database, tmp_path, **SHORT) as desk, Receiver(respond=answering(500)) as receiver:
        kept, ended = desk.subscribe(receiver.url), desk.subscribe(receiver.url)
        await dead(desk, "a")
        desk.database.transact_now(lambda tx: subscriptions.remove(tx, ended.id, desk.now))
        desk.database.transact_now(lambda tx: health.pause(tx, kept.id, desk.settings.health_rules(), desk.now))
        job = create(desk, since=NOON)
        assert job.total == 1
        advance(desk)
        assert sorted((row.subscription == kept.id, row.state) for row in desk.deliveries()) == [
            (False, "dead"),
            (True, "parked"),
        ]


async def test_over_http_a_redrive_is_made_once_for_its_key_and_can_be_followed(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path, **SHORT) as desk, Receiver(respond=answering(500)) as receiver:
        desk.subscribe(receiver.url)
        await dead(desk, "a", "b")
        routes = api.routes(
            desk.database, desk.settings, desk.vault, topics=tuple, history=lambda _since: (), now=lambda: desk.now
        )
        with TestClient(web.create(routes, ready=list), base_url="http://127.0.0.1") as client:
            asked = {"since": "2026-11-22T00:00:00Z"}
            answers = [client.post("/deliveries/redrive", json=asked, headers={"Idempotency-Key": "k"}) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [202] * 3
            assert len({answer.json()["id"] for answer in answers}) == 1
            other = client.post("/deliveries/redrive", json={"ids": ["dlv_x"]}, headers={"Idempotency-Key": "k"})
            assert other.status_code == 422
            assert client.post("/deliveries/redrive", json=asked, headers={"Idempotency-Key": "x" * 300}).status_code == 400
            advance(desk)
            job = client.get(f"/redrives/{answers[0].json()['id']}").json()
            assert (job["state"], job["total"], job["done"], job["request"]) == ("done", 2, 2, asked)
            assert [item["id"] for item in client.get("/redrives").json()["items"]] == [job["id"]]
            assert client.get("/redrives/rdr_none").status_code == 404
            for wrong in (
                {},
                {"ids": []},
                {"since": "2026-11-22T00:00:00Z", "ids": ["a"]},
                {"sinc": "x"},
                {"filter": {"x": 1}},
            ):
                assert client.post("/deliveries/redrive", json=wrong).status_code == 400


def _kept(database: Database) -> bytes:
    """All that the tables of alerts hold, in one run of bytes."""
    tables = [table for name, table in METADATA.tables.items() if name.startswith("alerts_")]
    with database.read() as db:
        values = [value for table in tables for row in db.execute(select(table)) for value in row]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


async def test_a_key_is_forgotten_after_a_day_and_the_answer_kept_under_it_is_encrypted(desk: Desk) -> None:
    routes = routes_of(desk)
    asked = {"sink": {"url": "http://127.0.0.1:9/"}}
    with TestClient(web.create(routes, ready=list), base_url="http://127.0.0.1") as client:
        first = client.post("/subscriptions", json=asked, headers={"Idempotency-Key": "k"})
        assert client.post("/subscriptions", json=asked, headers={"Idempotency-Key": "k"}).json() == first.json()
        assert len(client.get("/subscriptions").json()["items"]) == 1
        secret = first.json()["secret"].encode()
        assert secret not in _kept(desk.database)
        desk.now += timedelta(hours=24, seconds=1)
        assert client.post("/subscriptions", json=asked, headers={"Idempotency-Key": "k"}).json() != first.json()
        test = f"/subscriptions/{first.json()['id']}/test"
        queued = [client.post(test, headers={"Idempotency-Key": "t"}).json()["id"] for _ in range(2)]
        assert queued[0] == queued[1]
        rotate = f"/subscriptions/{first.json()['id']}/rotate"
        told = [client.post(rotate, json={}, headers={"Idempotency-Key": "r"}).json()["secret"] for _ in range(2)]
        assert told[0] == told[1]
