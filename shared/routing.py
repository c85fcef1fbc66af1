"""From what a stage answers to what is written: events to their topics, what is set aside to its dead letter, rows of trace."""

from collections.abc import Sequence
from datetime import datetime
from logging import getLogger
from operator import attrgetter

import msgspec

from shared.events import DeadLetter, Event, Outcome, TraceRow
from shared.handlers import About, Context, Outgoing, Reply, Trace
from shared.outcomes import Dropped, MapError, Noted, Reject
from shared.topology import Stage
from shared.world import is_world

log = getLogger(__name__)

TOLD_CHARS = 4_000
"""How much of a reason or a URL a dead letter or a trace row repeats; at six bytes a character in JSON the rest has room."""

WRAPPED_BYTES = 256 * 1024
"""How much of a message a dead letter keeps (base64 adds a third; the whole stays below a broker's 1 MiB)."""


class Router:
    """Turns returned events into outgoing records for one stage: type to topic, attribute to key, size checked."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._encode = msgspec.json.Encoder().encode
        self._topics = {topic.event: (topic, attrgetter(topic.key)) for topic in stage.writes}
        self._letters = stage.dead_letters

    def record(self, event: Event) -> Outgoing:
        """Raises MapError for an event the map does not grant, Reject for one larger than its topic takes."""
        if type(event) not in self._topics:
            raise MapError(
                f"stage {self._stage.name} returned {type(event).__name__}, which shared/topology.py does not let it write"
            )
        topic, key = self._topics[type(event)]
        value = self._encode(event)
        if len(value) > topic.max_bytes:
            raise Reject(
                f"its {type(event).__name__} is {len(value)} bytes, more than the {topic.max_bytes} {topic.name} takes"
            )
        return Outgoing(topic.name, key(event), value)

    def letter(self, letter: DeadLetter) -> Outgoing:
        """A dead letter of this stage; what it wraps is cut to what the topic takes."""
        cut = msgspec.structs.replace(
            letter,
            reason=told(letter.reason),
            key=told(letter.key),
            url=told(letter.url) if letter.url else None,
            value=letter.value[:WRAPPED_BYTES],
            size=len(letter.value),
            truncated=len(letter.value) > WRAPPED_BYTES,
        )
        return Outgoing(self._letters.name, cut.key, self._encode(cut))


def outcome(reply: Reply) -> tuple[Outcome, str]:
    """The outcome of an input and what its trace says of it."""
    dropped = [entry.reason for entry in reply if isinstance(entry, Dropped)]
    noted = [entry.detail for entry in reply if isinstance(entry, Noted)]
    return ("dropped" if dropped else "handled"), "; ".join(dropped + noted)


def trace_row(stage: Stage, subject: About, result: Outcome, reason: str, now: datetime) -> TraceRow:
    """The row that tells what the stage did."""
    return TraceRow(
        article_id=subject.article_id,
        stage=stage.name,
        outcome=result,
        at=now,
        event_id=subject.event_id,
        url=told(subject.url) if subject.url else None,
        reason=told(reason),
    )


def write_traces(trace: Trace | None, rows: Sequence[TraceRow], ctx: Context) -> None:
    """Writes these rows through the port. One that cannot be written is left out, and logged: it costs neither the others
    nor the message it speaks of."""
    if trace is None or not rows:
        return
    try:
        with ctx.savepoint():
            trace(ctx.tx, rows)
    except Exception as error:  # the port is another service's: whatever it raises is answered here
        if is_world(error):
            raise
        if len(rows) == 1:
            facts = {"stage": rows[0].stage, "article": rows[0].article_id}
            log.error("A step of an article's trace could not be written.", extra=facts, exc_info=error)
            return
        half = len(rows) // 2
        write_traces(trace, rows[:half], ctx)
        write_traces(trace, rows[half:], ctx)


def told(text: str) -> str:
    """A text that came from outside, as it may stand in a record of ours: encodable, and no longer than is of use."""
    return text[:TOLD_CHARS].encode("utf-8", "replace").decode()
