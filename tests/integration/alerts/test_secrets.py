"""Secrets that change while messages flow, keys of which the receiver knows only half, and receivers that must ask for it."""

import asyncio
from asyncio import StreamWriter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.alerts.adapters import health, subscriptions
from services.alerts.adapters.subscriptions import Made
from services.alerts.adapters.testing import queue_test
from services.alerts.core.keyring import MOST, Secrets, live, rotated
from services.alerts.core.signature import verify
from tests.builders import NOON
from tests.integration.alerts.desk import Desk, article
from tests.receivers import Got, Receiver, Respond, answering, in_turn

HOUR = timedelta(hours=1)


def rotate(desk: Desk, made: Made, *, overlap: timedelta, **changes: Any) -> Made:
    """A new secret, of now as receivers know it."""
    now = datetime.now(UTC)
    asked = {"end": now + overlap, "secret": None, "scheme": "v1"} | changes
    fresh = desk.database.transact_now(lambda tx: subscriptions.rotate(tx, made.id, desk.vault, now, **asked))
    assert fresh is not None
    return fresh


def fits(secret: str, got: Got) -> bool:
    """Whether the independent library verifies it with this secret."""
    try:
        Webhook(secret).verify(got.body, got.headers)
    except WebhookVerificationError:
        return False
    return True


async def test_in_the_overlap_both_secrets_verify_and_after_it_the_new_one_alone(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        fresh = rotate(desk, made, overlap=HOUR)
        assert fresh.secret != made.secret
        desk.match(article("a"))
        await desk.round()
        desk.sender._clock = lambda: datetime.now(UTC) + 1.01 * HOUR
        desk.match(article("b"))
        await desk.round()
        during, after = receiver.got
        assert fits(made.secret, during)
        assert fits(fresh.secret, during)
        assert not fits(made.secret, after)


async def test_without_overlap_the_old_secret_signs_nothing_more(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        fresh = rotate(desk, made, overlap=timedelta(0))
        desk.match(article("a"))
        await desk.round()
        assert (fits(made.secret, receiver.got[0]), fits(fresh.secret, receiver.got[0])) == (False, True)


async def test_headers_and_secrets_of_ones_own_survive_a_rotation(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url, headers={"X-Desk": "7"})
        own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        assert rotate(desk, made, overlap=HOUR, secret=own).secret == own
        desk.match(article("a"))
        await desk.round()
        assert receiver.got[0].headers["x-desk"] == "7"


async def test_secrets_change_under_load_and_every_message_verifies_with_what_was_told_before_it_was_sent(desk: Desk) -> None:
    """A receiver that always knows the last two secrets never refuses a message."""
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        told = [made.secret]
        receiver.secrets = told
        for number in range(40):
            desk.match(*(article(f"a{number}-{n}") for n in range(4)))
            rows = desk.take()
            if number % 4 == 3:  # between the taking of a row and its attempt
                told.append(rotate(desk, made, overlap=HOUR if number % 8 == 3 else timedelta(seconds=0.05)).secret)
                del told[:-2]
            outcomes = await asyncio.gather(*(desk.attempt([row]) for row in rows))
            desk.decide(rows, [outcome for [outcome] in outcomes])
            desk.done(rows)
            desk.now += timedelta(seconds=2)
        assert len(receiver.got) == 160
        assert {got.fault for got in receiver.got} == {""}


async def test_an_ed25519_key_signs_and_only_its_public_part_is_told(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url, scheme="v1a")
        assert made.secret is msgspec.UNSET
        assert made.public_key.startswith("whpk_")
        desk.match(article("a"))
        await desk.round()
        [got] = receiver.got
        assert got.headers["webhook-signature"].startswith("v1a,")
        assert verify(made.public_key, got.headers, got.body, now=got.at) == got.headers["webhook-id"]


async def test_from_a_shared_secret_to_a_key_both_sign_while_they_overlap(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        fresh = rotate(desk, made, overlap=HOUR, scheme="v1a")
        desk.match(article("a"))
        await desk.round()
        [got] = receiver.got
        assert [part.partition(",")[0] for part in got.headers["webhook-signature"].split(" ")] == ["v1a", "v1"]
        assert fits(made.secret, got)
        assert verify(fresh.public_key, got.headers, got.body, now=got.at)


def test_no_more_secrets_sign_at_once_than_a_header_holds() -> None:
    kept = Secrets(secrets=("s0",), headers={})
    for number in range(1, MOST):
        kept = rotated(kept, f"s{number}", NOON, NOON + HOUR)
    assert live(kept, NOON) == ("s4", "s3", "s2", "s1", "s0")
    assert live(kept, NOON + HOUR) == ("s4",)
    with pytest.raises(ValueError, match="5 secrets are good already"):
        rotated(kept, "s5", NOON, NOON + HOUR)
    with pytest.raises(ValueError, match="in use"):
        rotated(kept, "s4", NOON, NOON + HOUR)
    assert live(rotated(kept, "s5", NOON, NOON), NOON) == ("s5",)
    assert rotated(kept, "s5", NOON + 2 * HOUR, NOON + 3 * HOUR).secrets == ("s5", "s4")


def test_an_overlap_that_ends_sooner_is_never_made_longer() -> None:
    kept = rotated(Secrets(secrets=("a",), headers={}), "b", NOON, NOON + HOUR)
    kept = rotated(kept, "c", NOON, NOON + 5 * HOUR)
    assert live(kept, NOON + 2 * HOUR) == ("c", "b")


def echoing(as_json: bool) -> Respond:
    """Answers a challenge with its word, and everything else with 204."""

    async def respond(got: Got, writer: StreamWriter) -> None:
        if got.message["type"] != "challenge":
            await answering(204)(got, writer)
            return
        word = got.message["data"]["challenge"]
        body = msgspec.json.encode({"challenge": word}) if as_json else word.encode()
        await answering(200, body)(got, writer)

    return respond


@pytest.mark.parametrize("as_json", [True, False], ids=["as JSON", "as text"])
async def test_nothing_is_sent_before_the_challenge_is_echoed_and_nothing_is_lost(desk: Desk, as_json: bool) -> None:
    async with Receiver(respond=echoing(as_json)) as receiver:
        made = desk.subscribe(receiver.url, ownership="challenge")
        receiver.secrets = [made.secret]
        desk.match(article("a"))
        assert {row.type: row.state for row in desk.deliveries()} == {"challenge": "pending", "article.tagged": "parked"}
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["challenge"]
        assert receiver.got[0].message_id, "the challenge is signed too"
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["challenge", "article.tagged"]
        row = desk.endpoint(made.endpoint)
        assert (row.state, row.proven_at) == ("active", NOON)


async def test_who_never_echoes_gets_nothing_and_can_be_asked_again_by_a_person(desk: Desk) -> None:
    ways = in_turn(*[answering(200, b"fine")] * 10, echoing(True))
    async with Receiver(respond=ways) as receiver:
        made = desk.subscribe(receiver.url, ownership="challenge")
        desk.match(article("a"))
        for wait in desk.settings.delivery_schedule:
            await desk.later(seconds=wait)
        assert len(receiver.got) == 10
        row = desk.endpoint(made.endpoint)
        assert row.state == "disabled"
        assert "HTTP 200, but it did not show that it wants messages" in row.reason
        assert await desk.later(days=30) == []
        rules = desk.settings.health_rules()
        desk.database.transact_now(lambda tx: health.resume(tx, made.id, rules, desk.now))
        await desk.round()
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["challenge"] * 11 + ["article.tagged"]


@pytest.mark.parametrize(
    ("allowed", "is_sent"),
    [
        pytest.param({"WebHook_Allowed_Origin": "*"}, True, id="anyone"),
        pytest.param({"WebHook_Allowed_Origin": "rasid.example"}, True, id="us"),
        pytest.param({"WebHook_Allowed_Origin": "other.example"}, False, id="another"),
        pytest.param({}, False, id="no word of it"),
    ],
)
async def test_consent_is_asked_as_cloudevents_says(desk: Desk, allowed: dict[str, str], is_sent: bool) -> None:
    desk.sender._origin = "rasid.example"
    async with Receiver(respond=answering(200, **allowed)) as receiver:
        desk.subscribe(receiver.url, ownership="consent")
        desk.match(article("a"))
        await desk.round()
        await desk.round()
        asked = receiver.got[0]
        assert (asked.method, asked.headers["webhook-request-origin"], asked.body) == ("OPTIONS", "rasid.example", b"")
        assert [got.method for got in receiver.got[1:]] == (["POST"] if is_sent else [])


async def test_a_test_message_waits_for_the_proof_like_everything_else(desk: Desk) -> None:
    async with Receiver(respond=answering(204)) as receiver:
        made = desk.subscribe(receiver.url, ownership="challenge")
        desk.database.transact_now(lambda tx: queue_test(tx, made.id, desk.now))
        await desk.round()
        await desk.round()
        assert [got.message["type"] for got in receiver.got] == ["challenge"]
