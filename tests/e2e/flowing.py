"""Articles flow in and webhooks out while a test disturbs the services; in the end nothing may be lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from shared import ids
from shared.events import EntryFound
from shared.outcomes import Retry
from shared.runtime.kafka import KafkaRuntime
from shared.topology import INGEST
from tests.e2e import test_kill
from tests.e2e.services import RunningServices
from tests.receivers import Receiver
from tests.waiting import until

EVERY = 0.1
"""Seconds between two handfuls of articles."""

EDITS = 7
"""One article in so many is edited while the next come."""

Disturb = Callable[[RunningServices], Awaitable[int]]
"""Does what it does, and returns how many times something was cut off."""


async def endured(services: RunningServices, bootstrap: str, disturb: Disturb, *, handful: int = 2) -> None:
    """Starts the services, lets `handful` articles in ten times a second while `disturb` runs, and holds what came of it
    against the promises: every article filed in its last revision, each told, no more repeated than the bound."""
    async with Receiver() as receiver:
        await asyncio.to_thread(services.start)
        add = ("subscriptions", "add", receiver.url, "--topic", "visa_policy", "--json")
        [made] = await asyncio.to_thread(services.rasid, *add)
        receiver.secrets = [made["secret"]]
        sent: list[EntryFound] = []
        over = asyncio.Event()
        flowing = asyncio.ensure_future(_flow(bootstrap, sent, over, handful))
        cuts = await disturb(services)
        over.set()
        await flowing
        await _all_are_told(receiver, made["id"], sent)
        revisions = {event.article_id: 1 + _is_edited(number) for number, event in enumerate(sent)}
        await asyncio.to_thread(until, lambda: _filed(services).items() >= revisions.items(), "all are filed", 60.0)
        assert await asyncio.to_thread(services.stop) == 0
    assert all(got.message_id for got in receiver.got), "a message did not verify"
    test_kill.assert_repeats_within_bound(receiver.got, cuts)


async def _all_are_told(receiver: Receiver, subscription: str, sent: Sequence[EntryFound]) -> None:
    """Waits until each article was told: as it came, or, where its edit overtook the message, as it was edited."""
    places = [("article.tagged", 1), ("article.tagged", 2), ("article.corrected", 2)]
    told = [{ids.webhook_id(subscription, kind, event.article_id, revision) for kind, revision in places} for event in sent]
    while left := sum(each.isdisjoint(got.message_id for got in receiver.got) for each in told):
        try:
            await receiver.wait_for(len(receiver.got) + 1, 60)
        except TimeoutError:
            raise AssertionError(f"{left} of {len(sent)} articles were not told") from None


def _filed(services: RunningServices) -> dict[str, int]:
    articles = services.articles(q="تأشيرة", topic="visa_policy") if services.answers("/readyz") else []
    return {article["id"]: article["revision"] for article in articles}


async def _flow(bootstrap: str, sent: list[EntryFound], over: asyncio.Event, handful: int) -> None:
    door = KafkaRuntime(bootstrap, None, ())
    while not over.is_set():
        fresh = [test_kill.article(10_000 + len(sent) + number) for number in range(handful)]
        edits = [_edited(each) for number, each in enumerate(fresh, len(sent)) if _is_edited(number)]
        await _put(door, fresh)
        await _put(door, edits)
        sent += fresh
        await asyncio.sleep(EVERY)
    await door.close()


async def _put(door: KafkaRuntime, events: Sequence[EntryFound]) -> None:
    """Puts them into the log, however long that takes."""
    while True:
        try:
            return await door.publish(INGEST, events)
        except Retry:
            await asyncio.sleep(EVERY)


def _is_edited(number: int) -> bool:
    return number % EDITS == 0


def _edited(event: EntryFound) -> EntryFound:
    """The same article, a sentence longer."""
    return replace(
        event,
        event_id=ids.event_id("test", [event.event_id]),
        text=f"{event.text} وأوضحت الوزارة أن القرار يشمل حاملي الجوازات العادية.",
    )
