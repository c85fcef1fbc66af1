"""What a settled delivery adds to the trace of its article."""

from typing import Final

from shared.events import DeliverySettled, Outcome, TraceRow

_OUTCOMES: Final[dict[str, Outcome]] = {"ok": "handled", "dead": "set_aside", "superseded": "dropped"}
_WORDS: Final = {"ok": "delivered", "dead": "given up", "superseded": "superseded by a newer one"}


def row(event: DeliverySettled) -> TraceRow:
    """The delivery as a step of the article's way."""
    tries = f" after {event.attempts} attempts" if event.attempts > 1 else ""
    error = f": {event.error}" if event.error else ""
    return TraceRow(
        article_id=event.article_id,
        stage="deliver",
        outcome=_OUTCOMES[event.state],
        at=event.observed_at,
        event_id=event.event_id,
        url=event.url,
        reason=f"{_WORDS[event.state]} to subscription {event.subscription_id}{tries}{error}",
    )
