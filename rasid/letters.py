"""Dead letters: messages and due rows that a stage set aside, and the way back for them, in either log.

The embedded log deletes a letter whose message has gone back. Kafka deletes nothing: there an empty message with the
letter's id as its key, on the letter's own topic, says that it has gone. The letter of a due row names its row, which
stays in its table; to put it back is to make it due again.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import Connection, delete, select

from services.alerts.adapters import digests, outcomes, redrives
from services.crawler.adapters import pages, sources
from services.store.adapters import retags
from shared import clock
from shared.database import Database
from shared.events import DeadLetter
from shared.handlers import Outgoing
from shared.outcomes import Reject, Retry
from shared.runtime.kafka_publisher import Publisher
from shared.runtime.log import LOG, append
from shared.topology import DELIVER, DIGEST, FETCH, POLL, REDRIVE, RETAG, STAGES, TOPICS

LETTERS: Final = tuple(stage.dead_letters.name for stage in STAGES if stage.kind != "door")

ROWS: Final[dict[str, Callable[[Connection, str, datetime], None]]] = {
    POLL.name: sources.revive,
    FETCH.name: pages.revive,
    DELIVER.name: outcomes.revive,
    REDRIVE.name: redrives.revive,
    RETAG.name: retags.revive,
    DIGEST.name: digests.revive,
}
"""How a row of these stages is made due again; each raises Reject where that cannot be."""

SECONDS: Final = 30.0
"""How long a broker may take to answer."""

_decode = msgspec.json.Decoder(DeadLetter).decode


class Letter(NamedTuple):
    """A dead letter and where it lies: its topic and its offset there."""

    topic: str
    offset: int
    letter: DeadLetter


class Letters(Protocol):
    """The dead letters of one log."""

    def lying(self, stage: str | None = None) -> list[Letter]:
        """Every dead letter (of this stage), in the order they were set aside."""

    def put_back(self, found: Letter) -> bool:
        """Puts the message that the letter wraps back at the end of its topic, in place of the letter; makes a row due again.
        False, and nothing done, where someone else has done it meanwhile. Raises Reject where it cannot go back."""


class EmbeddedLetters:
    """Those of the embedded log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lying(self, stage: str | None = None) -> list[Letter]:
        statement = select(LOG.c.topic, LOG.c.seq, LOG.c.value).where(LOG.c.topic.in_(_topics(stage))).order_by(LOG.c.seq)
        with self._database.read() as db:
            return [Letter(topic, seq, _decode(value)) for topic, seq, value in db.execute(statement)]

    def put_back(self, found: Letter) -> bool:
        def work(tx: Connection) -> bool:
            taken: bool = tx.execute(delete(LOG).where(LOG.c.seq == found.offset)).rowcount == 1
            if taken and found.letter.stage in ROWS:
                ROWS[found.letter.stage](tx, found.letter.key, clock.now())
            elif taken:
                append(tx, [_original(found.letter)], clock.now())
            return taken

        return self._database.transact_now(work)


class KafkaLetters:
    """Those on the brokers at `bootstrap`; the rows they name are in `database`."""

    def __init__(self, bootstrap: str, database: Database) -> None:
        self._bootstrap, self._database = bootstrap, database

    def lying(self, stage: str | None = None) -> list[Letter]:
        found = asyncio.run(self._lying(_topics(stage)))
        return sorted(found, key=lambda letter: (letter.letter.observed_at, letter.topic, letter.offset))

    def put_back(self, found: Letter) -> bool:
        gone = Outgoing(found.topic, found.letter.event_id, b"")
        if found.letter.stage in ROWS:
            revive = ROWS[found.letter.stage]
            self._database.transact_now(lambda tx: revive(tx, found.letter.key, clock.now()))
            asyncio.run(self._publish([gone]))
        else:
            asyncio.run(self._publish([_original(found.letter), gone]))
        return True

    async def _lying(self, topics: Sequence[str]) -> list[Letter]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        try:
            async with asyncio.timeout(SECONDS):
                await consumer.start()
            there = await consumer.topics()
            partitions = [TopicPartition(topic, 0) for topic in topics if topic in there]  # the map gives them one each
            return await _read(consumer, partitions)
        except TimeoutError as error:
            raise Retry(f"Kafka at {self._bootstrap} does not answer") from error
        finally:
            await consumer.stop()

    async def _publish(self, records: Sequence[Outgoing]) -> None:
        publisher = Publisher(self._bootstrap, "dead-letters", TOPICS, SECONDS)
        try:
            await publisher.publish(records)
        finally:
            await publisher.close()


def letter_of(letters: Letters, letter_id: str) -> Letter | None:
    """The dead letter of this id; None where there is none (any more)."""
    return next((letter for letter in letters.lying() if letter.letter.event_id == letter_id), None)


async def _read(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> list[Letter]:
    """All that these partitions hold now, but for letters that have gone back."""
    if not partitions:
        return []
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    found: dict[str, Letter] = {}
    while any([await consumer.position(place) < ends[place] for place in partitions]):
        for messages in (await consumer.getmany(timeout_ms=500)).values():
            for message in messages:
                if message.value:
                    letter = _decode(message.value)
                    found[letter.event_id] = Letter(message.topic, message.offset, letter)
                else:
                    found.pop((message.key or b"").decode(), None)
    return list(found.values())


def _topics(stage: str | None) -> Sequence[str]:
    return LETTERS if stage is None else (f"{stage}.dead-letters",)


def _original(letter: DeadLetter) -> Outgoing:
    if letter.truncated:
        raise Reject(f"only {len(letter.value)} of its {letter.size} bytes were kept; what is cut cannot be put back")
    return Outgoing(letter.topic, letter.key, letter.value)
