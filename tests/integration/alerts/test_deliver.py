"""Getting it to them: attempts, their outcomes, and what a crash leaves behind."""

import asyncio
import gzip
import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from services.alerts.settings import Settings
from shared.database import Database
from shared.events import DeliverySettled
from shared.outcomes import Noted
from tests.integration.alerts.desk import Desk, article, opened
from tests.receivers import Receiver, answering, answering_raw, dripping, hanging, in_turn, resetting


async def one(desk: Desk, receiver: Receiver, **changes: Any) -> Any:
    """A subscription of this receiver, and an article for it."""
    made = desk.subscribe(receiver.url, **changes)
    receiver.secrets = [made.secret]
    desk.match(article())
    return made


async def test_a_delivery_is_signed_and_told_once_it_is_accepted(desk: Desk) -> None:
    async with Receiver() as receiver:
        made = await one(desk, receiver, headers={"X-Desk": "7"})
        [[settled]] = await desk.round()
        [got] = receiver.got
        assert got.message_id == got.headers["webhook-id"] == settled.webhook_id  # type: ignore[union-attr]  # an event
        assert Webhook(made.secret).verify(got.body, got.headers)["type"] == "article.tagged"
        assert got.headers["x-desk"] == "7"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["user-agent"] == "rasid/test"
        [row] = desk.deliveries()
        assert (row.state, row.attempts[0].status, row.attempts[0].address) == ("ok", 204, "127.0.0.1")
        assert set(row.attempts[0].times) == {"connected", "answered", "total"}
        assert await desk.later(days=1) == []


async def test_attempts_differ_in_time_and_signature_never_in_id_and_body(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path) as desk, Receiver(respond=in_turn(answering(500), answering(200))) as receiver:
        stamps = iter((1_700_000_000, 1_700_000_005))
        desk.sender._clock = lambda: datetime.fromtimestamp(next(stamps), UTC)
        await one(desk, receiver)
        assert await desk.round() == [[Noted("article.tagged: pending after attempt 1, HTTP 500")]]
        await desk.later(seconds=5)
        first, second = receiver.got
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
        assert [attempt.status for attempt in desk.deliveries()[0].attempts] == [500, 200]


async def test_the_schedule_is_kept_to_its_end_and_never_early(desk: Desk) -> None:
    async with Receiver(respond=answering(500, b"no")) as receiver:
        await one(desk, receiver)
        assert len(await desk.round()) == 1
        for number, wait in enumerate(Settings().delivery_schedule[1:], start=2):
            assert await desk.later(seconds=wait - 0.001) == []
            [[told]] = await desk.later(seconds=0.001)
            assert len(receiver.got) == number
        assert isinstance(told, DeliverySettled)
        assert (told.state, told.attempts, told.error) == ("dead", 10, "HTTP 500; given up after 10 failed attempts")
        assert await desk.later(days=30) == []
        assert {attempt.excerpt for attempt in desk.deliveries()[0].attempts} == {"no"}


async def test_retries_survive_a_restart(database: Database, tmp_path: Path) -> None:
    async with Receiver(respond=in_turn(answering(500), answering(200))) as receiver:
        async with opened(database, tmp_path) as before:
            await one(before, receiver)
            await before.round()
        async with opened(Database(database.engine.url.render_as_string()), tmp_path) as after:
            after.now = before.now
            assert await after.later(seconds=4.9) == []
            [[settled]] = await after.later(seconds=0.1)
            after.database.close()
        assert isinstance(settled, DeliverySettled)
        assert settled.state == "ok"
        assert receiver.got[0].body == receiver.got[1].body
        assert receiver.got[1].message_id == settled.webhook_id


async def test_a_process_killed_before_it_heard_makes_the_attempt_again_and_spends_nothing(desk: Desk) -> None:
    async with Receiver() as receiver:
        await one(desk, receiver)
        for _ in range(15):  # more often than the schedule has entries
            await desk.attempt(desk.take())
            assert desk.take() == []
            desk.now += timedelta(seconds=60)
        [[settled]] = await desk.round()
        assert isinstance(settled, DeliverySettled)
        assert (settled.state, settled.attempts) == ("ok", 16)
        assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1
        attempts = desk.deliveries()[0].attempts
        assert [attempt.ended_at is None for attempt in attempts] == [True] * 15 + [False]


async def test_a_process_paused_past_its_lease_changes_nothing_when_it_wakes(desk: Desk) -> None:
    async with Receiver(respond=in_turn(answering(500), answering(200))) as receiver:
        await one(desk, receiver)
        paused = desk.take()
        outcomes = await desk.attempt(paused)
        [[settled]] = await desk.later(seconds=60)
        assert desk.decide(paused, outcomes) == [[Noted("its lease was lost; whoever has it now tells")]]
        desk.done(paused)
        [row] = desk.deliveries()
        assert (row.state, [attempt.status for attempt in row.attempts]) == ("ok", [500, 200])
        assert isinstance(settled, DeliverySettled)


async def test_what_was_decided_and_not_marked_done_is_told_again_in_the_same_bytes_and_not_sent_again(desk: Desk) -> None:
    async with Receiver() as receiver:
        await one(desk, receiver)
        rows = desk.take()
        first = desk.decide(rows, await desk.attempt(rows))
        assert await desk.round() == []
        assert await desk.later(seconds=60) == first
        assert await desk.later(seconds=60) == []
        assert len(receiver.got) == 1


async def test_one_hanging_endpoint_holds_up_no_other_and_gets_no_more_than_its_share(
    database: Database, tmp_path: Path
) -> None:
    settings = {"delivery_timeout": 1.0, "delivery_connect_timeout": 1.0, "delivery_concurrency": 3}
    async with opened(database, tmp_path, **settings) as desk, Receiver(respond=hanging) as stuck, Receiver() as fine:
        stuck_at, fine_at = desk.subscribe(stuck.url), desk.subscribe(fine.url)
        desk.match(*(article(f"a{n}") for n in range(10)))
        rows = desk.take()
        shares = [sum(row.endpoint_id == made.endpoint for row in rows) for made in (stuck_at, fine_at)]
        assert shares == [3, 3]
        slow = asyncio.ensure_future(desk.attempt([row for row in rows if row.endpoint_id == stuck_at.endpoint]))
        quick = [row for row in rows if row.endpoint_id == fine_at.endpoint]
        while quick:
            desk.decide(quick, await desk.attempt(quick))
            quick = desk.take()
            assert all(row.endpoint_id == fine_at.endpoint for row in quick)
        assert len(fine.got) == 10
        assert len(stuck.got) == 3
        assert not slow.done()
        assert {outcome.cause for outcome in await slow} == {"timeout"}


async def test_an_endpoint_gets_its_burst_and_then_its_rate(database: Database, tmp_path: Path) -> None:
    limits = {"delivery_concurrency": 100, "delivery_burst": 5, "delivery_rate": 2.0}
    async with opened(database, tmp_path, **limits) as desk, Receiver() as receiver:
        desk.subscribe(receiver.url)
        desk.match(*(article(f"a{n}") for n in range(20)))
        counts = [len(await desk.round())]
        counts += [len(await desk.later(seconds=1)) for _ in range(3)]
        assert counts == [5, 2, 2, 2]


@pytest.mark.parametrize(
    ("respond", "cause"),
    [
        pytest.param(hanging, "timeout", id="hangs"),
        pytest.param(dripping(0.05), "timeout", id="drips"),
        pytest.param(resetting, "reset", id="resets"),
        pytest.param(answering_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), "bad-answer", id="breaks off"),
        pytest.param(answering_raw(b"SMTP ready\r\n\r\n"), "bad-answer", id="speaks something else"),
        pytest.param(
            answering_raw(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), "bad-answer", id="one huge header"
        ),
        pytest.param(
            answering_raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"), "bad-answer", id="headers without end"
        ),
    ],
)
async def test_hostile_answers_are_failures_in_bounded_time(
    database: Database, tmp_path: Path, respond: Any, cause: str
) -> None:
    async with opened(database, tmp_path, delivery_timeout=0.5) as desk, Receiver(respond=respond) as receiver:
        await one(desk, receiver)
        started = time.monotonic()
        await desk.round()
        assert time.monotonic() - started < 3
        [row] = desk.deliveries()
        assert (row.state, row.attempts[0].cause, row.attempts[0].status) == ("pending", cause, None)
        assert row.error.startswith(cause)


async def test_an_endless_answer_is_read_so_far_and_no_further(desk: Desk) -> None:
    async with Receiver(
        respond=answering_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"z" * 3_000_000)
    ) as receiver:
        await one(desk, receiver)
        [[settled]] = await desk.round()
        assert isinstance(settled, DeliverySettled)
        assert settled.state == "ok"
        assert desk.deliveries()[0].attempts[0].excerpt == "z" * 500


async def test_a_bomb_is_never_inflated(desk: Desk) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    async with Receiver(respond=answering(200, bomb, Content_Encoding="gzip")) as receiver:
        await one(desk, receiver)
        await desk.round()
        [attempt] = desk.deliveries()[0].attempts
        assert (attempt.status, attempt.excerpt) == (200, f"({len(bomb)} bytes, gzip)")


async def test_a_redirect_is_a_failure_and_its_target_is_never_called(desk: Desk) -> None:
    async with Receiver() as trap, Receiver(respond=answering(307, Location=trap.url)) as receiver:
        await one(desk, receiver)
        await desk.round()
        assert desk.deliveries()[0].error == "HTTP 307, a redirect, which is never followed"
        assert trap.got == []


async def test_gone_disables_the_endpoint_and_parks_what_waits(desk: Desk) -> None:
    async with Receiver(respond=answering(410)) as receiver:
        made = await one(desk, receiver)
        rows = desk.take()
        desk.match(article("article-2"))
        desk.decide(rows, await desk.attempt(rows))
        desk.match(article("article-3"))
        assert [row.state for row in desk.deliveries()] == ["dead", "parked", "parked"]
        assert (desk.endpoint(made.endpoint).state, desk.endpoint(made.endpoint).reason) == ("disabled", "it answered 410 Gone")
        desk.done(rows)
        assert await desk.later(days=2) == []
        assert len(receiver.got) == 1


async def test_asking_to_wait_pauses_the_endpoint_and_not_others(desk: Desk) -> None:
    async with Receiver(respond=answering(429, Retry_After="600")) as busy, Receiver() as other:
        desk.subscribe(busy.url)
        desk.subscribe(other.url)
        desk.match(article("a"))
        await desk.round()
        desk.match(article("b"))
        await desk.later(seconds=599)
        assert (len(busy.got), len(other.got)) == (1, 2)
        await desk.later(seconds=1)
        assert len(busy.got) == 3


async def test_health_is_kept_and_forgotten_when_all_is_well_again(desk: Desk) -> None:
    async with Receiver(respond=in_turn(answering(500), answering(502), answering(200))) as receiver:
        made = await one(desk, receiver)
        await desk.round()
        begun = desk.now
        await desk.later(seconds=5)
        assert (desk.endpoint(made.endpoint).failures, desk.endpoint(made.endpoint).failing_since) == (2, begun)
        await desk.later(seconds=300)
        assert (desk.endpoint(made.endpoint).failures, desk.endpoint(made.endpoint).failing_since) == (0, None)


async def test_nothing_listens_is_a_failure_that_is_tried_again(desk: Desk) -> None:
    async with Receiver() as receiver:
        url = receiver.url
    desk.subscribe(url)
    desk.match(article())
    await desk.round()
    [row] = desk.deliveries()
    assert (row.state, row.attempts[0].cause) == ("pending", "connect")


async def test_a_secret_sealed_with_another_key_is_a_failure_and_never_an_unsigned_message(
    database: Database, tmp_path: Path
) -> None:
    async with Receiver() as receiver:
        async with opened(database, tmp_path) as before:
            await one(before, receiver)
        (tmp_path / "alerts.key").write_bytes(b"k" * 32)
        async with opened(database, tmp_path) as after:
            await after.round()
            assert after.deliveries()[0].error.startswith("bad-secret")
        assert receiver.got == []


async def test_https_is_verified_against_the_authorities_that_are_trusted(database: Database, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    async with Receiver(tls=serving(certificate)) as receiver:
        async with opened(database, tmp_path) as wary:
            await one(wary, receiver)
            await wary.round()
            assert wary.deliveries()[0].attempts[0].cause == "tls"
        assert receiver.got == []
        async with opened(database, tmp_path, delivery_ca_file=str(certificate)) as trusting:
            await trusting.later(seconds=5)
        assert [got.fault for got in receiver.got] == [""]


def test_an_authority_file_that_cannot_be_used_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "none.pem"):
        with pytest.raises(ValueError, match="RASID_DELIVERY_CA_FILE"):
            Settings(delivery_ca_file=str(tmp_path / name))


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=3))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "receiver.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


def serving(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
