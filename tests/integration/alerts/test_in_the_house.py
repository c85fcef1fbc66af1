"""Both stages of alerts on the embedded runtime: what is filed arrives, whatever one of the receivers does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from standardwebhooks import Webhook

from services.alerts import app
from shared import clock
from shared.database import Database
from shared.events import DeliverySettled, TraceRow
from shared.runtime import log
from shared.runtime.embedded import EmbeddedRuntime
from shared.topology import DELIVERIES_SETTLED, FILE
from tests.integration.alerts.desk import Desk, article
from tests.receivers import Receiver, hanging


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The embedded runtime's own."""
    return sqlite


@asynccontextmanager
async def running(desk: Desk, traced: list[TraceRow]) -> AsyncIterator[EmbeddedRuntime]:
    """The runtime, stopped at the end."""
    handlers = app.handlers(desk.settings, desk.sender, trace=lambda _tx, rows: traced.extend(rows))
    runtime, stop = EmbeddedRuntime(desk.database, handlers), asyncio.Event()
    task = asyncio.ensure_future(runtime.run(stop))
    try:
        yield runtime
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def settled(database: Database, count: int) -> list[DeliverySettled]:
    """The first so many told."""
    async with asyncio.timeout(20):
        while True:
            with database.read() as connection:
                records = log.after(connection, [DELIVERIES_SETTLED], 0, 1000)
            if len(records) >= count:
                return [msgspec.json.decode(record.value, type=DeliverySettled) for record in records]
            await asyncio.sleep(0.02)


async def test_what_is_filed_arrives_signed_and_is_traced(desk: Desk) -> None:
    traced: list[TraceRow] = []
    async with Receiver() as receiver:
        made = desk.subscribe(receiver.url)
        async with running(desk, traced) as runtime:
            await runtime.publish(FILE, [article(f"a{n}", at=clock.now(), published_at=None) for n in range(20)])
            told = await settled(desk.database, 20)
        for got in receiver.got:
            Webhook(made.secret).verify(got.body, got.headers)
    assert len(receiver.got) == 20
    assert {event.state for event in told} == {"ok"}
    assert sorted(event.webhook_id for event in told) == sorted(got.headers["webhook-id"] for got in receiver.got)
    assert {(row.stage, row.outcome, row.reason) for row in traced} == {("match", "handled", "1 delivery")}
    assert {row.url for row in traced} == {f"https://news.example/a{n}" for n in range(20)}


@pytest.mark.parametrize("others", [8])
async def test_one_endpoint_hangs_among_others_and_they_are_served_at_once(desk: Desk, others: int) -> None:
    async with Receiver(respond=hanging) as stuck, Receiver() as fine:
        desk.subscribe(stuck.url)
        for _ in range(others):
            desk.subscribe(fine.url)
        async with running(desk, []) as runtime:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            await runtime.publish(FILE, [article(f"a{n}", at=clock.now(), published_at=None) for n in range(10)])
            await fine.wait_for(10 * others, 15)
            took = loop.time() - begun
        assert len(stuck.got) == desk.settings.delivery_concurrency
        assert took < desk.settings.delivery_timeout / 2
