"""The Kafka and the Faust runtime's messages a second for a stage without state, beside a bare aiokafka loop (consume,
publish, commit).

All read the same topic of the same real broker, in turn; the ratio is that of the medians.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.progress import Progress

from bench.texts import BEGIN
from infra.kafka.broker import broker
from shared import ids
from shared.events import Event
from shared.handlers import Context, Reply, TopicHandler
from shared.runtime.faust import FaustRuntime
from shared.runtime.kafka import KafkaRuntime
from shared.runtime.kafka_topics import all_topics, create_topics
from shared.topology import Stage, Topic

PARTITIONS = 4
COUNT = 20_000
ROUNDS = 3
SIZES = (1_000, 5_000)
BATCH = 500


class Line(Event, frozen=True, kw_only=True):
    """A message to measure with."""

    key: str
    body: str


class Copied(Event, frozen=True, kw_only=True):
    """What the stage makes of it."""

    key: str
    body: str


class Compared(NamedTuple):
    """Messages a second of each, at one size."""

    size: int
    bare: float
    runtime: float
    faust: float


def measure(progress: Progress) -> list[Compared]:
    """Starts a broker and measures every size. Raises infra.kafka.broker.Missing without Java or Maven."""
    with broker() as node:
        return [asyncio.run(_compare(node.bootstrap, size, progress)) for size in SIZES]


async def _compare(bootstrap: str, size: int, progress: Progress) -> Compared:
    source = Topic(f"lines-{size}", Line, key="key", partitions=PARTITIONS)
    await create_topics(bootstrap, [source])
    await _fill(bootstrap, source, size)
    task = progress.add_task(f"kafka, {size} bytes", total=3 * ROUNDS)
    taken: dict[str, list[float]] = {"bare": [], "runtime": [], "faust": []}
    for number in range(ROUNDS):
        for name, run in (
            ("bare", _bare),
            ("runtime", partial(_runtime, KafkaRuntime)),
            ("faust", partial(_runtime, FaustRuntime)),
        ):
            stage = _stage(f"{name}-{size}-{number}", source)
            await create_topics(bootstrap, all_topics([stage]))
            taken[name].append(await _timed(run, bootstrap, stage))
            progress.advance(task)
    return Compared(size, COUNT / median(taken["bare"]), COUNT / median(taken["runtime"]), COUNT / median(taken["faust"]))


def _stage(name: str, source: Topic) -> Stage:
    target = Topic(f"copied-{name}", Copied, key="key", partitions=PARTITIONS)
    return Stage(name, "bench", reads=(source,), writes=(target,), state=False)


async def _fill(bootstrap: str, topic: Topic, size: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, max_batch_size=65_536)
    await producer.start()
    waiting = []
    for number in range(COUNT):
        event = Line(event_id=f"line-{number}", observed_at=BEGIN, key=f"key-{number % 997}", body="x" * (size - 150))
        waiting.append(await producer.send(topic.name, msgspec.json.encode(event), key=event.key.encode()))
    await asyncio.gather(*waiting)
    await producer.stop()


async def _timed(run: Callable[[str, Stage, asyncio.Event], Awaitable[None]], bootstrap: str, stage: Stage) -> float:
    """Seconds from the start until every message is through; joining the group is part of both."""
    through = asyncio.Event()
    begin = time.perf_counter()
    running = asyncio.ensure_future(run(bootstrap, stage, through))
    await through.wait()
    taken = time.perf_counter() - begin
    await running
    return taken


async def _bare(bootstrap: str, stage: Stage, through: asyncio.Event) -> None:
    """The reference: decode, make the event, encode, publish, commit; no promises on errors."""
    [source], [target] = stage.reads, stage.writes
    consumer = AIOKafkaConsumer(
        source.name, bootstrap_servers=bootstrap, group_id=stage.name, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=65_536
    )
    await asyncio.gather(consumer.start(), producer.start())
    decode, encode, count = msgspec.json.Decoder(Line).decode, msgspec.json.Encoder().encode, 0
    while count < COUNT:
        batches = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        messages = [message for batch in batches.values() for message in batch]
        copies = [_copy(decode(message.value), stage) for message in messages]
        sent = [await producer.send(target.name, encode(copy), key=copy.key.encode()) for copy in copies]
        await asyncio.gather(*sent)
        if batches:
            await consumer.commit({partition: batch[-1].offset + 1 for partition, batch in batches.items()})
        count += len(messages)
    through.set()
    await asyncio.gather(consumer.stop(), producer.stop())


async def _runtime(kind: type[KafkaRuntime], bootstrap: str, stage: Stage, through: asyncio.Event) -> None:
    """The same by this runtime."""
    seen = 0

    def decide(events: Sequence[Line], _results: Sequence[Any], _ctx: Context) -> Iterable[Reply]:
        nonlocal seen
        seen += len(events)
        if seen >= COUNT:
            through.set()  # the last batch's publish and commit are still to come: up to BATCH of COUNT
        return [[_copy(event, stage)] for event in events]

    runtime = kind(bootstrap, None, [TopicHandler(stage=stage, decide=decide, batch=BATCH)])
    stop = asyncio.Event()
    running = asyncio.ensure_future(runtime.run(stop))
    await through.wait()
    stop.set()
    await running


def _copy(event: Line, stage: Stage) -> Copied:
    made = ids.event_id(stage.name, [event.event_id])
    return Copied(event_id=made, observed_at=event.observed_at, key=event.key, body=event.body)
