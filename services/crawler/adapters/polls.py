"""What came of a batch of polls, kept: entries seen, articles known by another URL, the source's state and next poll.

The events of a poll are stored beside its source until they are known to be published; a poll decided before answers with
those and changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, select, update

from services.crawler.adapters import pages
from services.crawler.adapters.sources import Due
from services.crawler.adapters.tables import ALIASES, SEEN, SOURCES
from services.crawler.core import verdict as verdicts
from services.crawler.core.answer import Answer, NoAnswer
from services.crawler.core.cadence import Bounds, asked_by, pace, retry_after
from services.crawler.core.found import Rules, entry_found
from services.crawler.core.identity import Candidate, Known, Sighting, candidates, sightings
from services.crawler.core.links import apart
from services.crawler.core.model import ParsedFeed
from services.crawler.core.text import cut
from services.crawler.core.turns import Later
from services.crawler.core.verdict import Verdict
from shared import ids
from shared.database import upsert
from shared.events import EntryFound, Event, SourcePolled, SourceRef
from shared.handlers import LEASE_LOST, About, Reply
from shared.outcomes import Dropped
from shared.topology import POLL

_NAME_BYTES = 300
PUT_OFF: Reply = (Dropped("its host is asked by others; it is polled when that has a turn"),)
MOVES = 3
"""How often in a row a permanent redirect is met before the source's URL follows it."""


class Read(NamedTuple):
    """What a poll brought: the answer, the hash of its body, and the feed in it (None: not parsed, `failure` says why)."""

    answer: Answer | NoAnswer
    body_hash: str | None = None
    feed: ParsedFeed | None = None
    failure: str = ""


class Policy(NamedTuple):
    """What the settings say about polls."""

    bounds: Bounds
    history: timedelta
    body_bytes: int
    entries: int


class Pending(msgspec.Struct, frozen=True):
    """The events of one poll."""

    polled: SourcePolled
    found: tuple[EntryFound, ...] = ()

    def events(self) -> list[Event]:
        return [*self.found, self.polled]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Pending).decode


def settle(
    tx: Connection, due: Sequence[Due], reads: Sequence[Read | Later | None], now: datetime, policy: Policy
) -> Iterator[Reply]:
    """The reply to each poll; `reads` is None where the poll was decided before, a Later where it has to wait for its host."""
    held = {row.id: row for row in tx.execute(_held(due))}
    for source, read in zip(due, reads, strict=True):
        row = held.get(source.id)
        if row is None or row.lease_token != source.lease_token:
            yield LEASE_LOST
        elif row.pending is not None:
            yield _decode(row.pending).events()
        elif isinstance(read, Later):
            _put_off(tx, source, now + timedelta(seconds=read.seconds))
            yield PUT_OFF
        elif read is not None:
            yield _settle(tx, source, read, now, policy).events()


def _put_off(tx: Connection, source: Due, until: datetime) -> None:
    """No poll, and no failure of the source: it is due again when its host can be asked."""
    let_go = {"due_at": until, "lease_until": None, "lease_token": None}
    tx.execute(update(SOURCES).where(SOURCES.c.id == source.id).values(**let_go))


def _held(due: Sequence[Due]) -> Select[Any]:
    """These sources with their leases, which stay as they are until the transaction ends."""
    columns = (SOURCES.c.id, SOURCES.c.lease_token, SOURCES.c.pending)
    return select(*columns).where(SOURCES.c.id.in_([row.id for row in due])).order_by(SOURCES.c.id).with_for_update()


def tells(_source: Due, reply: Reply) -> list[About]:
    """What the trace is told of a poll: each entry found, by its article. An entry seen before is no news of anything."""
    entries = [event for event in reply if isinstance(event, EntryFound)]
    return [About(one.event_id, one.article_id, one.url, f"found in {one.source.name}") for one in entries]


def _settle(tx: Connection, source: Due, read: Read, now: datetime, policy: Policy) -> Pending:
    same = read.body_hash is not None and read.body_hash == source.body_hash
    judged = verdicts.verdict(read.answer, read.feed, same=same, known=source.first_ok_at is not None, failure=read.failure)
    feed = read.feed if read.feed and not judged.failed else ParsedFeed()
    url, _ = apart(source.url)
    ref = SourceRef(id=source.id, name=source.name or cut(feed.title, _NAME_BYTES) or url, url=url)
    found: list[EntryFound] = []
    if feed.entries:
        base = read.answer.url if isinstance(read.answer, Answer) else source.url
        entries = candidates(source.id, feed.entries[: policy.entries], base, now)
        seen = _look(tx, source.id, entries)
        rules = Rules(source.first_ok_at is None, policy.history, policy.body_bytes)
        found = [entry_found(ref, sighting, now, rules) for sighting in seen if sighting.fresh]
        _keep(tx, source.id, seen)
        undated = sum(entry.published_at is None for entry in entries)
        judged = verdicts.read(judged, len(entries), undated, len(found), sum(one.churned for one in seen))
        if len(feed.entries) > policy.entries:
            judged = judged._replace(detail=f"{judged.detail}; only {policy.entries} of {len(feed.entries)} entries taken")
    return _update(tx, source, ref, read, judged, found, now, policy)


def _look(tx: Connection, source: str, entries: Sequence[Candidate]) -> list[Sighting]:
    """What each entry is, by what is kept."""
    urls = [entry.url_key for entry in entries if entry.url_key]
    rows = tx.execute(select(ALIASES.c.url_key, ALIASES.c.article_id).where(ALIASES.c.url_key.in_(urls)))
    aliases = {row.url_key: row.article_id for row in rows}
    seen = _known(tx, source, SEEN.c.guid_key, [entry.guid_key for entry in entries])
    articles = {*aliases.values(), *(known.article_id for known in seen.values())}
    by_article = _known(tx, source, SEEN.c.article_id, sorted(articles))
    return _counted(tx, source, sightings(source, entries, seen, by_article, aliases))


def _counted(tx: Connection, source: str, seen: Sequence[Sighting]) -> list[Sighting]:
    """Of an article whose text is this source's already (it was removed, and added again) the count goes on."""
    first = [one.article_id for one in seen if one.version == 1 and one.fresh]
    before = pages.versions(tx, source, first) if first else {}
    return [one._replace(version=before[one.article_id] + 1) if one.article_id in before else one for one in seen]


def _known(tx: Connection, source: str, column: Any, keys: Sequence[str]) -> dict[str, Known]:
    if not keys:
        return {}
    columns = [SEEN.c[name] for name in Known._fields]
    rows = tx.execute(
        select(column.label("key"), *columns).where(SEEN.c.source_id == source, column.in_(keys)).order_by(SEEN.c.version)
    )
    return {row.key: Known(*row[1:]) for row in rows}  # of several rows of one article the newest text stays


def _keep(tx: Connection, source: str, seen: Iterable[Sighting]) -> None:
    rows = [
        {
            "source_id": source,
            "guid_key": one.candidate.guid_key,
            "article_id": one.article_id,
            "url_key": one.candidate.url_key,
            "title_key": one.candidate.title_key,
            "content_key": one.candidate.content_key,
            "published_at": one.candidate.published_at,
            "version": one.version,
        }
        for one in seen
        if one.fresh or one.churned
    ]
    if not rows:
        return
    statement = upsert(tx, SEEN)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("source_id", "guid_key")}
    tx.execute(statement.on_conflict_do_update(index_elements=["source_id", "guid_key"], set_=changed), rows)
    aliases = [{"url_key": row["url_key"], "article_id": row["article_id"]} for row in rows if row["url_key"]]
    if aliases:
        tx.execute(upsert(tx, ALIASES).on_conflict_do_nothing(), aliases)


def _update(
    tx: Connection,
    source: Due,
    ref: SourceRef,
    read: Read,
    judged: Verdict,
    found: Sequence[EntryFound],
    now: datetime,
    policy: Policy,
) -> Pending:
    """Writes the source's new state, its pending events with it."""
    answer, entries = read.answer, len(read.feed.entries) if read.feed else 0
    headers = answer.headers if isinstance(answer, Answer) else {}
    hint = asked_by(headers, read.feed.ttl if read.feed else None)
    step = pace(
        (source.interval, source.failures), judged, (entries, len(found)), hint, retry_after(headers, now), policy.bounds
    )
    values = _moved(tx, source, answer, judged)
    if "url" in values and judged.cause in ("ok", "unchanged"):
        judged = Verdict("moved", f"follows {values['url']}")
    due_at = now + timedelta(seconds=step.wait)
    gone = judged.cause == "gone"
    polled = SourcePolled(
        event_id=ids.event_id(POLL.name, (source.id, now.isoformat())),
        observed_at=now,
        source=ref,
        cause=judged.cause,
        status=answer.status,
        entries=entries,
        found=len(found),
        next_poll=None if gone else due_at,
        detail=judged.detail[:500],
    )
    pending = Pending(polled, tuple(found))
    values |= {"cause": judged.cause, "status": answer.status, "detail": polled.detail, "pending": _encode(pending)}
    values |= {"polled_at": now, "due_at": due_at, "interval": step.interval, "failures": step.failures}
    values |= {"state": "paused"} if gone else {}
    values |= _learnt(source, read, headers, judged, len(found), now)
    tx.execute(update(SOURCES).where(SOURCES.c.id == source.id).values(**values))
    return pending


def _learnt(source: Due, read: Read, headers: dict[str, str], judged: Verdict, found: int, now: datetime) -> dict[str, Any]:
    """What a poll that was read leaves: both validators as they came, the body's hash, and what the feed is called. A page that
    stands before the feed leaves what was there."""
    if judged.failed or read.body_hash is None:
        return {}
    kept: dict[str, Any] = {
        "body_hash": read.body_hash,
        "etag": headers.get("etag"),
        "last_modified": headers.get("last-modified"),
    }
    if read.feed is not None and read.feed.format:
        kept |= {"first_ok_at": source.first_ok_at or now, "entries": len(read.feed.entries), "found": found}
        kept["name"] = source.name or cut(read.feed.title, _NAME_BYTES)
    return kept


def _moved(tx: Connection, source: Due, answer: Answer | NoAnswer, judged: Verdict) -> dict[str, Any]:
    """Counts a permanent redirect; follows it for good once it was met often enough and no other source is polled there."""
    if judged.failed or not isinstance(answer, Answer):
        return {}
    if not answer.moved_to:
        return {"moved_to": None, "moved_seen": 0}
    times = source.moved_seen + 1 if answer.moved_to == source.moved_to else 1
    if times >= MOVES and not tx.execute(select(SOURCES.c.id).where(SOURCES.c.url == answer.moved_to)).first():
        return {"url": answer.moved_to, "moved_to": None, "moved_seen": 0}
    return {"moved_to": answer.moved_to, "moved_seen": times}
