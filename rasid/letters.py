"""Dead letters of the embedded log: messages that a stage set aside, and the way back for them."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, select

from shared import clock
from shared.database import Database
from shared.events import DeadLetter
from shared.handling import Outgoing
from shared.runtime.log import LOG, append
from shared.topology import STAGES

TOPICS = tuple(stage.dead_letters.name for stage in STAGES if stage.reads)

_decode = msgspec.json.Decoder(DeadLetter).decode


class Letter(NamedTuple):
    """A dead letter and where it lies."""

    seq: int
    letter: DeadLetter


def lying(db: Connection, stage: str | None = None) -> Iterator[Letter]:
    """Every dead letter (of this stage), in the order they were set aside."""
    topics = TOPICS if stage is None else (f"{stage}.dead-letters",)
    statement = select(LOG.c.seq, LOG.c.value).where(LOG.c.topic.in_(topics)).order_by(LOG.c.seq)
    for seq, value in db.execute(statement):
        yield Letter(seq, _decode(value))


def find(db: Connection, letter_id: str) -> Letter | None:
    """The dead letter of this id; None where there is none (any more)."""
    return next((letter for letter in lying(db) if letter.letter.event_id == letter_id), None)


def put_back(database: Database, found: Letter) -> bool:
    """Puts the message that the letter wraps back at the end of its topic, in place of the letter. False, and nothing done,
    where someone else has done it meanwhile. A truncated letter must not come here: its message is not whole."""
    letter = found.letter
    if letter.truncated:
        raise ValueError(f"dead letter {letter.event_id} does not hold its whole message")

    def work(tx: Connection) -> bool:
        taken = tx.execute(delete(LOG).where(LOG.c.seq == found.seq)).rowcount == 1
        if taken:
            append(tx, [Outgoing(letter.topic, letter.key, letter.value)], clock.now())
        return taken

    return database.transact_now(work)
