"""Subscriptions, deliveries and endpoints over HTTP."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from rasid.history import history
from rasid.web import app as web
from services.alerts import api
from services.alerts.adapters.tables import ENDPOINTS
from services.alerts.core.signature import key_of
from services.store.settings import Settings as StoreSettings
from shared.workers import Workers
from tests.builders import NOON, classified, fetched, tag
from tests.integration.alerts.desk import Desk, article, kept
from tests.integration.store.conftest import Stages
from tests.receivers import Receiver, answering, in_turn

TOPICS = ("trafficking", "visa_policy")
HOOK = "http://127.0.0.1:9/hook"


def client_of(desk: Desk) -> TestClient[Any]:
    routes = api.routes(
        desk.database,
        desk.settings,
        desk.vault,
        topics=lambda: TOPICS,
        history=partial(history, desk.database),
        now=lambda: desk.now,
    )
    return TestClient(web.create(routes, ready=list), base_url="http://127.0.0.1")


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient[Any]]:
    with client_of(desk) as made:
        yield made


def asked(**changes: Any) -> dict[str, Any]:
    """A subscription that can be made, with something changed."""
    sink = {"kind": "webhook", "url": HOOK} | changes.pop("sink", {})
    return {
        "name": "desk",
        "filter": {"topics": {"any": ["trafficking"]}},
        "sink": sink,
        "manner": {"kind": "at_once"},
    } | changes


async def test_a_subscription_is_made_listed_shown_and_removed(client: TestClient[Any]) -> None:
    answer = client.post("/subscriptions", json=asked(manner={"kind": "at_once", "include_backfill": True}))
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"id", "endpoint", "secret"}
    assert len(key_of(made["secret"])) == 32
    [listed] = client.get("/subscriptions").json()["items"]
    assert listed == client.get(f"/subscriptions/{made['id']}").json()
    assert listed["filter"] == {"topics": {"any": ["trafficking"]}}
    assert listed["sink"] == {"kind": "webhook", "url": HOOK}
    assert listed["manner"] == {"kind": "at_once", "include_backfill": True}
    assert listed["ownership"] == "none"
    endpoint = client.get(f"/endpoints/{made['endpoint']}").json()
    assert (endpoint["state"], endpoint["reason"], endpoint["failures"]) == ("active", "", 0)
    assert client.delete(f"/subscriptions/{made['id']}").status_code == 204
    assert client.delete(f"/subscriptions/{made['id']}").status_code == 404
    assert client.get("/subscriptions").json()["items"] == []


async def test_a_secret_is_told_once_and_kept_encrypted_under_a_key_no_one_else_reads(
    desk: Desk, client: TestClient[Any], tmp_path: Path
) -> None:
    made = client.post("/subscriptions", json=asked(sink={"headers": {"Authorization": "Bearer tell-no-one"}})).json()
    everything = client.get("/subscriptions").text + client.get(f"/endpoints/{made['endpoint']}").text
    assert made["secret"] not in everything
    with desk.database.read() as connection:
        sealed = connection.execute(select(ENDPOINTS.c.sealed)).scalar_one()
    assert made["secret"].encode() not in sealed
    everywhere = kept(desk.database)
    assert sealed in everywhere  # it looks where secrets would be
    assert key_of(made["secret"]) not in everywhere
    assert b"tell-no-one" not in everywhere
    assert (tmp_path / "alerts.key").stat().st_mode & 0o777 == 0o600
    assert desk.vault.open(made["endpoint"], sealed).headers == {"Authorization": "Bearer tell-no-one"}


async def test_a_secret_of_ones_own_is_taken(client: TestClient[Any]) -> None:
    own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert client.post("/subscriptions", json=asked(sink={"secret": own})).json()["secret"] == own


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        pytest.param({"filter": {"topic": "x"}}, ["filter.topic"], id="unknown field"),
        pytest.param({"filter": {"topics": {"any": ["weather"]}}}, ["filter.topics.any[0]"], id="unknown topic"),
        pytest.param({"filter": {"topics": {"some": ["trafficking"]}}}, ["filter.topics.some"], id="unknown operator"),
        pytest.param({"name": "two\nlines"}, ["name"], id="a name of two lines"),
        pytest.param({"sink": {"url": "ftp://example.org/"}}, ["sink.url"], id="another scheme"),
        pytest.param({"sink": {"url": "https://"}}, ["sink.url"], id="no host"),
        pytest.param({"sink": {"url": "https://me:pw@example.org/"}}, ["sink.url"], id="credentials"),
        pytest.param({"sink": {"url": "https://example.org/\r\nX: y"}}, ["sink.url"], id="a line break in the URL"),
        pytest.param({"sink": {"headers": {"X-A": "b\r\nX-C: d"}}}, ["sink.headers.X-A"], id="a line break in a header"),
        pytest.param({"sink": {"headers": {"Webhook-Id": "msg_1"}}}, ["sink.headers.Webhook-Id"], id="a reserved header"),
        pytest.param({"sink": {"headers": {"X A": "b"}}}, ["sink.headers.X A"], id="no header name"),
        pytest.param({"sink": {"secret": "short"}}, ["sink.secret"], id="no secret"),
        pytest.param(
            {"filter": {"x": 1}, "sink": {"url": "x", "secret": "y"}},
            ["filter.x", "sink.url", "sink.url", "sink.secret"],
            id="all at once",
        ),
    ],
)
async def test_what_cannot_be_had_is_refused_with_its_place(
    client: TestClient[Any], changes: dict[str, Any], places: list[str]
) -> None:
    answer = client.post("/subscriptions", json=asked(**changes))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["place"] for fault in answer.json()["faults"]] == places
    assert client.get("/subscriptions").json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"{}", id="no sink"),
        pytest.param(b'{"sink":{"kind":"pigeon","url":"https://example.org/"}}', id="another sink"),
        pytest.param(b'{"sink":{"url":"https://example.org/"},"manner":{"kind":"never"}}', id="another manner"),
        pytest.param(b'{"sink":{"url":"https://example.org/"},"filter":[]}', id="a filter that is a list"),
    ],
)
async def test_a_body_that_is_none_is_a_problem_too(client: TestClient[Any], body: bytes) -> None:
    answer = client.post("/subscriptions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_address_of_a_host_is_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def two(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    desk.settings = type(desk.settings)()
    with client_of(desk) as client:
        answer = client.post("/subscriptions", json=asked(sink={"url": "http://rebinding.example/"}))
    assert "10.0.0.7" in answer.json()["detail"]


async def test_a_test_goes_the_real_way(desk: Desk, client: TestClient[Any]) -> None:
    async with Receiver() as receiver:
        made = client.post("/subscriptions", json=asked(sink={"url": receiver.url})).json()
        receiver.secrets = [made["secret"]]
        answers = [client.post(f"/subscriptions/{made['id']}/test") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        await desk.round()
        assert [got.message_id for got in receiver.got] == [answer.json()["webhook_id"] for answer in answers]
        assert {got.message["type"] for got in receiver.got} == {"test"}
    assert client.post("/subscriptions/sub_none/test").status_code == 404


async def test_deliveries_are_listed_with_their_attempts_page_by_page(desk: Desk, client: TestClient[Any]) -> None:
    desk.settings = type(desk.settings)(delivery_page_size=2, delivery_allow_networks=("127.0.0.0/8",))
    async with Receiver(respond=in_turn(answering(500, b"why not"), answering(200))) as receiver:
        mine, other = desk.subscribe(receiver.url), desk.subscribe(HOOK, {"topics": {"any": ["visa_policy"]}})
        for n in range(3):
            desk.match(article(f"a{n}"))
            await desk.round()
        with client_of(desk) as paged:
            first = paged.get("/deliveries", params={"subscription": mine.id}).json()
            rest = paged.get("/deliveries", params={"subscription": mine.id, "cursor": first["next"]}).json()
            assert [item["article"] for item in first["items"] + rest["items"]] == ["a2", "a1", "a0"]
            assert rest["next"] is None
            assert paged.get("/deliveries", params={"subscription": other.id}).json()["items"] == []
            [waiting] = paged.get("/deliveries", params={"state": "pending"}).json()["items"]
    assert waiting["next_at"] == "2026-11-22T12:00:05Z"
    assert waiting["error"] == "HTTP 500"
    [attempt] = waiting["attempts"]
    assert (attempt["number"], attempt["status"], attempt["excerpt"]) == (1, 500, "why not")
    assert client.get("/deliveries", params={"state": "lost"}).status_code == 400
    assert client.get("/deliveries", params={"cursor": "-1"}).status_code == 400
    assert client.get("/endpoints/ep_none").status_code == 404


async def test_a_paused_endpoint_says_until_when(desk: Desk, client: TestClient[Any]) -> None:
    async with Receiver(respond=answering(503, Retry_After="60")) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(article())
        await desk.round()
    endpoint = client.get(f"/endpoints/{made.endpoint}").json()
    assert (endpoint["state"], endpoint["paused_until"]) == ("paused", "2026-11-22T12:01:00Z")
    assert desk.now == NOON


async def test_a_subscription_is_paused_and_resumed_and_an_endpoint_enabled(desk: Desk, client: TestClient[Any]) -> None:
    made = client.post("/subscriptions", json=asked()).json()
    paused = client.post(f"/subscriptions/{made['id']}/pause")
    assert (paused.status_code, paused.json()["endpoint_state"]) == (200, "paused")
    endpoint = client.get(f"/endpoints/{made['endpoint']}").json()
    assert (endpoint["state"], endpoint["reason"], endpoint["breaker"]) == ("paused", "paused by a person", "closed")
    desk.match(article("a"))
    [parked] = client.get("/deliveries", params={"state": "parked"}).json()["items"]
    assert (parked["next_at"], parked["error"]) == (None, "the endpoint is paused: paused by a person")
    assert client.post(f"/subscriptions/{made['id']}/resume").json()["endpoint_state"] == "active"
    assert [item["id"] for item in client.get("/deliveries", params={"state": "pending"}).json()["items"]] == [parked["id"]]
    client.post(f"/subscriptions/{made['id']}/pause")
    assert client.post(f"/endpoints/{made['endpoint']}/enable").json()["state"] == "active"
    assert [item["id"] for item in client.get("/endpoints").json()["items"]] == [made["endpoint"]]
    for path in ("/subscriptions/sub_none/pause", "/subscriptions/sub_none/resume", "/endpoints/ep_none/enable"):
        assert client.post(path).status_code == 404


async def test_a_secret_is_rotated_and_told_once(desk: Desk, client: TestClient[Any]) -> None:
    made = client.post("/subscriptions", json=asked()).json()
    fresh = client.post(f"/subscriptions/{made['id']}/rotate", json={"overlap_seconds": 60}).json()
    assert (fresh["id"], fresh["endpoint"]) == (made["id"], made["endpoint"])
    assert len(key_of(fresh["secret"])) == 32
    assert fresh["secret"] != made["secret"]
    assert fresh["previous_until"] == "2026-11-22T12:01:00Z"
    again = client.post(f"/subscriptions/{made['id']}/rotate", json={"secret": fresh["secret"]})
    assert (again.status_code, again.json()["detail"]) == (409, "it is in use already")
    key = client.post(f"/subscriptions/{made['id']}/rotate", json={"signature": "v1a"}).json()
    assert key["previous_until"] == "2026-11-23T12:00:00Z"
    assert "secret" not in key
    assert key["public_key"].startswith("whpk_")
    assert client.post("/subscriptions/sub_none/rotate", json={}).status_code == 404
    assert client.post(f"/subscriptions/{made['id']}/rotate", json={"overlap_seconds": -1}).status_code == 400


async def test_ownership_is_asked_for_where_it_is_wanted(client: TestClient[Any]) -> None:
    made = client.post("/subscriptions", json=asked(sink={"ownership": "challenge", "signature": "v1a"})).json()
    assert set(made) == {"id", "endpoint", "public_key"}
    endpoint = client.get(f"/endpoints/{made['endpoint']}").json()
    assert (endpoint["state"], endpoint["ownership"]) == ("paused", "challenge")
    assert endpoint["reason"] == "the receiver has not shown yet that it wants messages"
    [question] = client.get("/deliveries").json()["items"]
    assert (question["type"], question["state"]) == ("challenge", "pending")


async def test_what_people_are_told_of_an_endpoint_is_listed(desk: Desk, client: TestClient[Any]) -> None:
    async with Receiver(respond=answering(410)) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(article("a"))
        await desk.round()
    [told] = client.get("/notices").json()["items"]
    assert told == {
        "endpoint": made.endpoint,
        "kind": "endpoint.disabled",
        "message": "disabled: it answered 410 Gone",
        "at": "2026-11-22T12:00:00Z",
    }
    assert client.get("/notices", params={"cursor": "1"}).json() == {"items": [], "next": None}


async def test_an_open_breaker_is_shown_with_its_next_probe(desk: Desk, client: TestClient[Any]) -> None:
    desk.settings = type(desk.settings)(delivery_allow_networks=("127.0.0.0/8",))
    async with Receiver(respond=answering(500)) as receiver:
        made = desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(10)))
        for _ in range(3):
            await desk.round()
    shown = client.get(f"/endpoints/{made.endpoint}").json()
    assert (shown["state"], shown["breaker"], shown["next_probe"]) == ("active", "open", "2026-11-22T12:00:30Z")
    moments = {item["next_at"] for item in client.get("/deliveries").json()["items"]}
    assert moments == {"2026-11-22T12:00:30Z"}


def test_a_filter_is_tried_on_what_is_stored_before_a_subscription_is_made(
    desk: Desk, client: TestClient[Any], workers: Workers
) -> None:
    shelves = Stages(desk.database, StoreSettings(), workers)
    for number, topic in enumerate(["trafficking", "trafficking", "visa_policy"]):
        made = fetched(
            article_id=f"a{number}", url=f"https://news.example/{number}", published_at=NOON - timedelta(days=number)
        )
        shelves.file(classified(made, topics=(tag(topic),)))
    told = client.post("/subscriptions/dry-run", json={"filter": {"topics": {"any": ["trafficking"]}}, "examples": 1}).json()
    assert (told["looked_at"], told["matched"], len(told["examples"])) == (3, 2, 1)
    assert told["held_back"] == [{"name": "filter.topics", "count": 1}]
    assert client.post("/subscriptions/dry-run", json={"days": 0.5}).json()["looked_at"] == 1
    refused = client.post("/subscriptions/dry-run", json={"filter": {"topics": {"any": ["weather"]}}})
    assert (refused.status_code, refused.json()["faults"][0]["place"]) == (400, "filter.topics.any[0]")
    assert client.get("/subscriptions").json()["items"] == []
    assert desk.deliveries() == []
