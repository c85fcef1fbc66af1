"""Chats and mail go the way every alert goes: the same queue, retries and guard, in their own shapes."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import select

from services.alerts.adapters import creation
from services.alerts.adapters.tables import ENDPOINTS
from services.alerts.core.manner import Manner
from services.alerts.core.telling import FSI, PDI
from shared.database import Database
from tests.builders import TITLE
from tests.integration.alerts.desk import Desk, article, opened
from tests.receivers import Receiver, answering, in_turn

KINDS = ("slack", "discord", "teams", "ntfy")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_chat_gets_its_own_shape_unsigned_and_tried_again_in_the_same_bytes(desk: Desk, kind: str) -> None:
    async with Receiver(respond=in_turn(answering(500), answering(200, b"ok"))) as receiver:
        desk.subscribe(receiver.url, kind=kind)
        desk.match(article("a"))
        await desk.round()
        await desk.later(seconds=5)
        first, second = receiver.got
        assert first.body == second.body
        assert not any(name.startswith("webhook-") for name in first.headers)
        assert first.path == {"ntfy": "/", "discord": "/hook?wait=true"}.get(kind, "/hook")
        assert f"{FSI}{TITLE}{PDI}" in first.body.decode()
        assert desk.deliveries()[0].state == "ok"


async def test_a_digest_comes_to_a_chat_as_one_message(desk: Desk) -> None:
    async with Receiver() as receiver:
        desk.subscribe(receiver.url, kind="slack", manner=Manner(kind="digest"))
        desk.match(*(article(f"a{n}") for n in range(3)))
        desk.now += timedelta(hours=1)
        desk.gather()
        await desk.round()
        [got] = receiver.got
        assert len(got.message["blocks"]) == 1 + 3


async def test_a_chats_address_is_a_secret_and_kept_and_shown_as_one(desk: Desk, tmp_path: Path) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(f"{receiver.url}/T000/B000/verysecret", kind="slack")
        assert not made.verifies_with
        with desk.database.read() as connection:
            shown = connection.execute(select(ENDPOINTS.c.url)).scalar_one()
        assert shown == "http://127.0.0.1/…"
        assert all(b"verysecret" not in (tmp_path / name).read_bytes() for name in ("rasid.db", "rasid.db-wal"))
        desk.match(article("a"))
        await desk.round()
        assert receiver.got[0].path.endswith("/verysecret")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_guard_stands_before_chats_too(database: Database, tmp_path: Path, kind: str) -> None:
    async with opened(database, tmp_path, delivery_allow_networks=()) as desk, Receiver() as receiver:
        desk.subscribe(receiver.url, kind=kind)
        desk.match(article("a"))
        await desk.round()
        assert (desk.deliveries()[0].attempts[0].cause, receiver.got) == ("blocked-address", [])


class Mailbox:
    """Takes mail; `answers` are given in turn, the last one stays."""

    def __init__(self) -> None:
        self.answers = ["250 OK"]
        self.got: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.got.append(envelope)
        return answer


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, int]]:
    """A mail server on loopback, and its port."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="mail.example"), "127.0.0.1", 0)
    yield box, server.sockets[0].getsockname()[1]
    server.close()


def smtp(port: int, **changes: Any) -> dict[str, Any]:
    return {"smtp_url": f"smtp://127.0.0.1:{port}", "smtp_from": "rasid <rasid@example.org>", **changes}


async def test_mail_arrives_whole_and_under_one_id(database: Database, tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.answers = ["451 try later", "250 OK"]
    async with opened(database, tmp_path, **smtp(port)) as desk:
        desk.subscribe("desk@example.org", kind="email")
        desk.match(article("a"))
        await desk.round()
        await desk.later(seconds=5)
        [row] = desk.deliveries()
        assert (row.state, [attempt.status for attempt in row.attempts]) == ("ok", [451, 250])
        assert row.attempts[0].address == "127.0.0.1"
        first, second = box.got
        assert first.content == second.content
        assert (first.mail_from, first.rcpt_tos) == ("rasid@example.org", ["desk@example.org"])
        read = email.message_from_bytes(first.content, policy=email.policy.default)
        assert read["Subject"] == TITLE
        assert read["Message-ID"] == f"<{row.webhook_id}@example.org>"


@pytest.mark.parametrize(
    ("answer", "state", "cause"),
    [
        pytest.param("550 no such user", "dead", "refused", id="refused for good"),
        pytest.param("552 too large", "dead", "refused", id="too large"),
        pytest.param("535 who are you", "pending", "bad-secret", id="our own fault: tried again"),
        pytest.param("421 closing", "pending", None, id="busy"),
    ],
)
async def test_what_a_mail_server_says_is_heard(
    database: Database, tmp_path: Path, mailbox: tuple[Mailbox, int], answer: str, state: str, cause: str | None
) -> None:
    box, port = mailbox
    box.answers = [answer]
    async with opened(database, tmp_path, **smtp(port)) as desk:
        desk.subscribe("desk@example.org", kind="email")
        desk.match(article("a"))
        await desk.round()
        [row] = desk.deliveries()
        assert (row.state, row.attempts[0].cause) == (state, cause), row.error


async def test_a_mail_server_at_an_inner_address_is_refused_and_one_that_is_not_there_tried_again(
    database: Database, tmp_path: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    async with opened(database, tmp_path, **smtp(port, delivery_allow_networks=())) as desk:
        desk.subscribe("desk@example.org", kind="email")
        desk.match(article("a"))
        await desk.round()
        assert (desk.deliveries()[0].attempts[0].cause, box.got) == ("blocked-address", [])
    async with opened(database, tmp_path, **smtp(9)) as desk:
        desk.match(article("b"))
        await desk.round()
        assert (desk.deliveries()[-1].state, desk.deliveries()[-1].attempts[0].cause) == ("pending", "reset")


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        pytest.param({"kind": "email", "url": "desk@example.org"}, ["sink.kind"], id="no mail server"),
        pytest.param({"kind": "email", "url": "Desk <desk@example.org>", "can_mail": True}, ["sink.url"], id="a name"),
        pytest.param({"kind": "email", "url": "a@b.c\r\nBcc: x@y.z", "can_mail": True}, ["sink.url"], id="two lines"),
        pytest.param({"kind": "slack", "url": "http://127.0.0.1/"}, ["sink.url"], id="an inner address"),
        pytest.param(
            {"kind": "slack", "url": "https://93.184.215.14/", "ownership": "challenge"}, ["sink.kind"], id="no proof"
        ),
        pytest.param({"kind": "email", "url": "desk@example.org", "can_mail": True}, [], id="good"),
    ],
)
def test_a_sink_that_cannot_be_is_refused(asked: dict[str, Any], places: list[str]) -> None:
    common: dict[str, Any] = {
        "name": "", "wanted": {}, "headers": {}, "secret": None, "include_backfill": False, "topics": None, "allowed": ()
    }  # fmt: skip
    try:
        creation.checked(**common, **asked)
        found: list[str] = []
    except creation.Refused as refused:
        found = [fault.place for fault in refused.faults]
    assert found == places
