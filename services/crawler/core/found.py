"""An entry seen, as the event that tells the other services."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.crawler.core.identity import AHEAD, Sighting
from services.crawler.core.text import cut
from shared import ids
from shared.events import EntryFound, SourceRef
from shared.topology import POLL

_TITLE_BYTES = 4000
_AUTHORS = 20


class Rules(NamedTuple):
    """`first`: this is the source's first poll that is read; then entries undated or older than `history` are back catalogue.
    `body_bytes`: the most an article's text may have."""

    first: bool
    history: timedelta
    body_bytes: int


def entry_found(source: SourceRef, sighting: Sighting, now: datetime, rules: Rules) -> EntryFound:
    """The event; the same sighting gives the same bytes."""
    candidate, entry = sighting.candidate, sighting.candidate.entry
    published = candidate.published_at
    return EntryFound(
        event_id=ids.event_id(POLL.name, (source.id, sighting.article_id, candidate.content_key), sighting.version),
        observed_at=now,
        published_at=published,
        backfill=rules.first and (published is None or now - published > rules.history),
        article_id=sighting.article_id,
        source=source,
        title=cut(entry.title, _TITLE_BYTES),
        text=cut(entry.text, rules.body_bytes),
        url=candidate.url,
        link=entry.link,
        guid=cut(entry.id, _TITLE_BYTES) if entry.id else None,
        language=entry.language,
        authors=entry.authors[:_AUTHORS],
        updated_at=entry.updated if entry.updated and entry.updated - now <= AHEAD else None,
        published_raw=entry.published_raw or entry.updated_raw,
        version=sighting.version,
    )
