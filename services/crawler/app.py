"""The crawler's stages joined: poll and fetch (timers), enqueue (fed by entries.found)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from services.crawler.adapters import by_hand, pages, polls, sources
from services.crawler.adapters.articles import PageReader, Rules
from services.crawler.adapters.checking import Checked, check
from services.crawler.adapters.finding import Found, find
from services.crawler.adapters.polls import Policy, Read
from services.crawler.adapters.sources import Added, Due, Source
from services.crawler.adapters.web import Limits, Web
from services.crawler.core.answer import NoAnswer
from services.crawler.core.cadence import Bounds
from services.crawler.core.feed import parse
from services.crawler.core.turns import Later
from services.crawler.core.verdict import READ
from services.crawler.settings import Settings
from shared import clock, ids
from shared.database import Database
from shared.handlers import Handler, TimerHandler, TopicHandler, Trace
from shared.network import networks
from shared.topology import ENQUEUE, FETCH, POLL
from shared.workers import WorkerFailed, Workers, limit_memory

ENTRIES = 200
"""Entries whose texts are under way at once; those that need no page pass those that do."""


def handlers(settings: Settings, workers: Workers, trace: Trace | None = None) -> list[Handler]:
    """The stages of the crawler. `trace`: where a stage with state writes what it did with an article."""
    policy = _policy(settings)
    way = web(settings)
    reader = Reader(settings, workers, way)
    pages_read = PageReader(way, workers, _page_rules(settings))
    return [
        TimerHandler(
            stage=POLL,
            take=lambda ctx, limit: sources.take(ctx.tx, ctx.now, limit, settings.poll_lease),
            effect=reader.read,
            decide=lambda due, reads, ctx: polls.settle(ctx.tx, due, reads, ctx.now, policy),
            done=lambda due, ctx: sources.done(ctx.tx, due),
            ref=sources.ref,
            failed=lambda failures, ctx: sources.failed(ctx.tx, failures),
            tells=polls.tells,
            next_due=lambda ctx: sources.next_due(ctx.tx),
            trace=trace,
            batch=settings.poll_concurrency,
            concurrency=settings.poll_concurrency,
            deadline=settings.poll_deadline,
        ),
        TopicHandler(
            stage=ENQUEUE,
            decide=lambda events, _results, ctx: pages.enqueue(ctx.tx, events, ctx.now, settings.body_max_bytes),
            trace=trace,
        ),
        TimerHandler(
            stage=FETCH,
            take=lambda ctx, limit: pages.take(ctx.tx, ctx.now, limit, settings.fetch_lease),
            effect=pages_read.read,
            decide=lambda taken, read, ctx: pages.decide(ctx.tx, taken, read, ctx.now),
            done=lambda taken, ctx: pages.done(ctx.tx, taken),
            ref=pages.ref,
            failed=lambda failures, ctx: pages.failed(ctx.tx, failures),
            tells=pages.tells,
            next_due=lambda ctx: pages.next_due(ctx.tx),
            trace=trace,
            concurrency=ENTRIES,
            deadline=settings.page_deadline,
        ),
    ]


def web(settings: Settings, *, gap: float | None = None) -> Web:
    """The way out, with the limits that are set. `gap`: seconds between two requests to a host, where not as set."""
    most = (settings.fetch_timeout, settings.fetch_max_bytes, settings.fetch_max_redirects)
    limits = Limits(*most, settings.poll_per_host, settings.host_interval if gap is None else gap)
    return Web(limits, networks(settings.fetch_allow_networks), settings.contact)


async def find_feeds(settings: Settings, urls: Sequence[str]) -> list[Found]:
    """What is at each of these addresses, asked for now."""
    workers, way = _pool(settings), web(settings)
    try:
        return list(await asyncio.gather(*(find(way, workers, url, settings.parse_seconds) for url in urls)))
    finally:
        workers.close()


def _page_rules(settings: Settings) -> Rules:
    return Rules(
        settings.pages,
        settings.pages_below,
        settings.page_timeout,
        settings.page_patience,
        settings.page_concurrency,
        settings.extract_seconds,
        settings.body_max_bytes,
    )


def _policy(settings: Settings) -> Policy:
    history = timedelta(hours=settings.backfill_hours)
    return Policy(_bounds(settings), history, settings.body_max_bytes, settings.entries_max)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(settings.min_poll_seconds, settings.max_poll_seconds)


async def check_feeds(settings: Settings, urls: Sequence[str]) -> list[Checked]:
    """What one poll of each of these addresses comes to; nothing is kept."""
    workers, way = _pool(settings), web(settings)
    try:
        each = (check(way, workers, url, _bounds(settings), settings.parse_seconds) for url in urls)
        return list(await asyncio.gather(*each))
    finally:
        workers.close()


async def poll_now(settings: Settings, database: Database, names: Sequence[str]) -> list[Source | str]:
    """Polls each of these sources (by id or URL), due or not: the source as it is then, or why it was not polled. What a poll
    finds is kept beside its source; the stage `poll`, wherever it runs, publishes it as it would after a crash."""
    workers = _pool(settings)
    reader = Reader(settings, workers, web(settings, gap=0.0))  # a person asked for these, and now
    try:
        return list(await asyncio.gather(*(_poll_now(settings, database, reader, name) for name in names)))
    finally:
        workers.close()


async def _poll_now(settings: Settings, database: Database, reader: "Reader", name: str) -> Source | str:
    try:
        due = await database.transact(lambda tx: by_hand.lease(tx, name, clock.now(), settings.poll_lease))
    except LookupError as why:
        return str(why)
    try:
        read = await reader.read(due)
        await database.transact(lambda tx: list(polls.settle(tx, [due], [read], clock.now(), _policy(settings))))
    finally:
        await database.transact(lambda tx: by_hand.release(tx, due))
    with database.read() as tx:
        return sources.one(tx, due.id) or "it was removed meanwhile"


def _pool(settings: Settings) -> Workers:
    """A worker process for one command, no larger than the settings allow."""
    return Workers(1, prepare=limit_memory, arguments=(settings.worker_max_bytes,))


class Reader:
    """Fetches a due source and has its feed parsed in a worker process."""

    def __init__(self, settings: Settings, workers: Workers, way: Web) -> None:
        self._web = way
        self._workers, self._parse_seconds = workers, settings.parse_seconds

    async def read(self, due: Due) -> Read | Later | None:
        """What this poll brought; when to try where others ask the same host; None where the last poll is decided and only
        waits to be announced again."""
        if due.pending is not None:
            return None
        if later := await self._web.turn(due.url):
            return later
        answer = await self._web.get(due.url, due.etag, due.last_modified)
        self._web.heed(due.url, answer)
        if isinstance(answer, NoAnswer) or answer.status not in READ:
            return Read(answer)
        body_hash = ids.digest("body", answer.body)
        if body_hash == due.body_hash:
            return Read(answer, body_hash)
        try:
            feed = await self._workers.run_within(self._parse_seconds, parse, answer.body, answer.headers, answer.url)
        except (WorkerFailed, MemoryError) as failed:
            return Read(answer, body_hash, failure=str(failed) or "it needs more memory than a worker may take")
        return Read(answer, body_hash, feed)


STARTERS = Path(__file__).with_name("starters.txt")
"""Public feeds on migration to begin with; each line a URL and a name."""


def add_starters(tx: Connection, settings: Settings, now: datetime, path: Path = STARTERS) -> list[Added]:
    """Adds the starter list where there is no source at all yet; what was added."""
    if sources.count(tx):
        return []
    starters = [(line.url, line.name) for line in sources.listed(path.read_text(encoding="utf-8"))]
    return sources.add(tx, starters, now, settings.min_poll_seconds)
