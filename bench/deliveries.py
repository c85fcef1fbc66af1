"""Durable deliveries a second, to one endpoint and to ten, beside a bare aiohttp loop that posts the same bytes and keeps
nothing; and how long after its commit an event's first byte arrives, at 300 events a second.

Receivers are a process of their own on the other core. Limits per endpoint are lifted. Every delivery is a row, leased,
attempted, its attempt logged, settled, told on the log: SQLite, synchronous=FULL.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import aiohttp
import msgspec
from rich.progress import Progress
from sqlalchemy import text

from bench.texts import filed
from rasid import schema
from services.alerts import app
from services.alerts.adapters import deliveries, subscriptions
from services.alerts.adapters.deliveries import Draft
from services.alerts.adapters.subscriptions import New
from services.alerts.core.signature import headers, secret_of, signer
from services.alerts.settings import Settings
from shared import clock, ids
from shared.database import Database
from shared.events import ArticleFiled
from shared.filter import parse
from shared.runtime.embedded import EmbeddedRuntime
from shared.topology import FILE

COUNT = 6_000
BYTES = 1_500
BARE_OPEN = 64
ROUNDS = 3
EVENTS_A_SECOND = 300
EVENTS = 3_000
FREE = Settings(
    delivery_allow_networks=("127.0.0.0/8",),
    delivery_concurrency=200,
    delivery_rate=1e6,
    delivery_burst=100_000,
    alert_max_age_hours=1e6,
)


class Figures(NamedTuple):
    """Deliveries a second, medians of rounds taken in turn; milliseconds from commit to first byte; peak memory in MiB."""

    bare: float
    one: float
    ten: float
    p50: float
    p99: float
    memory: float


class Receiver:
    """The receiving process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}/hook"

    def came(self) -> dict[str, float]:
        """When each message first came; then they are forgotten."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait()


class Office:
    """Alerts alone over a fresh database."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'rasid.db'}")
        schema.migrate(self.database)
        self.vault = app.vault(FREE, folder)
        self.sender = app.sender(FREE, self.vault, user_agent="rasid/bench")
        self.runtime = EmbeddedRuntime(self.database, app.handlers(FREE, self.sender))

    def subscribe(self, url: str, wanted: object) -> subscriptions.Made:
        """A subscription with an endpoint of its own."""
        new = New(name="bench", filter=parse(wanted), url=url, headers={}, secret=None, include_backfill=True, ownership="none")
        return self.database.transact_now(lambda tx: subscriptions.create(tx, new, self.vault, clock.now()))

    async def through(self) -> None:
        """Returns when every delivery is settled and told."""
        while await asyncio.to_thread(self._left):  # noqa: ASYNC110 - as another process would, from the outside
            await asyncio.sleep(0.02)

    def _left(self) -> bool:
        with self.database.read() as tx:
            return tx.execute(text("SELECT 1 FROM alerts_deliveries WHERE due_at IS NOT NULL LIMIT 1")).first() is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Its stages, until the block ends."""
        stop = asyncio.Event()
        task = asyncio.ensure_future(self.runtime.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task
            await self.sender.close()
            self.database.close()


@contextmanager
def _office() -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as folder:
        yield Office(Path(folder))


def measure(progress: Progress) -> Figures:
    """All of it, in turn."""
    receiver, task = Receiver(), progress.add_task("deliveries", total=3 * ROUNDS + 1)
    bare, one, ten = list[float](), list[float](), list[float]()
    try:
        for _ in range(ROUNDS):
            for rates, work in ((bare, _bare), (one, _to_one), (ten, _to_ten)):
                rates.append(work(receiver))
                progress.advance(task)
        waits = sorted(_waits(receiver))
        progress.advance(task)
    finally:
        receiver.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(
        bare=median(bare),
        one=median(one),
        ten=median(ten),
        p50=1000 * waits[len(waits) // 2],
        p99=1000 * waits[int(len(waits) * 0.99)],
        memory=memory,
    )


def _bare(receiver: Receiver) -> float:
    return asyncio.run(_bare_loop(receiver.url))


async def _bare_loop(url: str) -> float:
    """Posts a second of the same bodies, signed, over as many connections; nothing is kept."""
    sign, body, left = signer(secret_of(b"k" * 32)), _body(0), iter(range(COUNT))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post() -> None:
            for number in left:
                signed = headers([sign], f"msg_{number}", int(time.time()), body)
                async with session.post(url, data=body, headers=signed, allow_redirects=False) as answer:
                    await answer.read()

        begin = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(BARE_OPEN)))
        return COUNT / (time.perf_counter() - begin)


def _to_one(receiver: Receiver) -> float:
    return asyncio.run(_durable(receiver, 1))


def _to_ten(receiver: Receiver) -> float:
    return asyncio.run(_durable(receiver, 10))


async def _durable(receiver: Receiver, endpoints: int) -> float:
    """Deliveries a second, from the start of the stages until the last is settled and told."""
    with _office() as office:
        made = [office.subscribe(receiver.url, {}) for _ in range(endpoints)]
        drafts = [_draft(made[number % endpoints], number) for number in range(COUNT)]
        office.database.transact_now(lambda tx: deliveries.write(tx, drafts, (), clock.now()))
        receiver.came()
        async with office.running():
            begin = time.perf_counter()
            await office.through()
            took = time.perf_counter() - begin
        assert len(receiver.came()) == COUNT
    return COUNT / took


def _draft(made: subscriptions.Made, number: int) -> Draft:
    return Draft(
        subscription_id=made.id, endpoint_id=made.endpoint, kind="article.tagged", subject=f"a{number}", number=1,
        url=None, body=_body(number),
    )  # fmt: skip


def _body(number: int) -> bytes:
    said = {"type": "article.tagged", "number": number, "text": ""}
    return msgspec.json.encode(said | {"text": "x" * (BYTES - len(msgspec.json.encode(said)))})


def _waits(receiver: Receiver) -> list[float]:
    return asyncio.run(_paced(receiver))


async def _paced(receiver: Receiver) -> list[float]:
    """Seconds from the commit of each event to the first byte of its delivery, at EVENTS_A_SECOND, each for one of ten."""
    with _office() as office:
        made = [office.subscribe(receiver.url, {"topics": {"any": [f"t{number}"]}}) for number in range(10)]
        events = [_small(each, f"t{number % 10}") for number, each in enumerate(filed(EVENTS, seed=5))]
        committed: dict[str, float] = {}

        async def commit(number: int) -> None:
            await office.runtime.publish(FILE, [events[number]])
            article = events[number].classified.article.article_id
            committed[ids.webhook_id(made[number % 10].id, "article.tagged", article, 1)] = time.monotonic()

        receiver.came()
        async with office.running(), asyncio.TaskGroup() as group:
            begin = time.perf_counter() + 0.5
            for number in range(EVENTS):
                await asyncio.sleep(max(0.0, begin + number / EVENTS_A_SECOND - time.perf_counter()))
                group.create_task(commit(number))
            while len(committed) < EVENTS:  # noqa: ASYNC110 - a look now and then is all that is measured with
                await asyncio.sleep(0.05)
            await office.through()
        came = receiver.came()
    return [came[name] - moment for name, moment in committed.items()]


def _small(event: ArticleFiled, topic: str) -> ArticleFiled:
    """The same on this topic alone, short enough for a body of some 1.5 KB."""
    replace = msgspec.structs.replace
    article = replace(event.classified.article, text=event.classified.article.text[:250])
    tag = replace(event.classified.topics[0], topic=topic)
    return replace(event, classified=replace(event.classified, article=article, topics=(tag,)), backfill=True)
