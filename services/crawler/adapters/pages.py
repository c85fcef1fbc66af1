"""Articles on their way: each entry's content waits in a queue until its article has a text and a revision.

`crawler_pages` holds an article's state; `crawler_fetches` what waits, written once and deleted when done;
`crawler_fetch_leases` who works on it and what was decided, so that the large rows are never written twice. Every function
takes a batch and costs a fixed number of statements.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from services.crawler.adapters.tables import FETCH_LEASES, FETCHES, PAGES, SOURCES
from services.crawler.core.fulltext import Body, Mode, fetched, noted
from services.crawler.core.revision import revision_key
from services.crawler.core.text import cut
from services.crawler.core.turns import Later
from shared.database import in_turn, upsert
from shared.events import EntryFound
from shared.handlers import LEASE_LOST, About, Failure, Reply, RowRef
from shared.outcomes import Dropped, Noted, Reject

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(EntryFound).decode

_decode_body = msgspec.json.Decoder(Body).decode

WAITS: Reply = (Dropped("waits for its page"),)
"""What became of an entry that was put off. Not traced: nothing has come of it yet."""
WITNESS = "known from another source, which keeps its text"
OLDER = "older than what is known"
UNCHANGED = "says nothing new"


@dataclass(frozen=True)
class Page:
    """An entry under lease, its content with it; read only when it is decided, so that a damaged one harms no other.
    `mode`: what its source says of pages; `waited`: seconds since it was queued; `is_decided`: only to be announced again."""

    seq: int
    entry_id: str
    article_id: str
    lease_token: str
    content: bytes
    mode: Mode | None = None
    waited: float = 0.0
    is_decided: bool = False

    @cached_property
    def entry(self) -> EntryFound:
        """The entry. Raises msgspec.DecodeError where it is damaged."""
        return _decode(self.content)


def enqueue(tx: Connection, events: Sequence[EntryFound], now: datetime, body_bytes: int) -> list[Reply]:
    """Queues each entry that is news of its article; one applied before changes nothing."""
    wanted = sorted({event.article_id for event in events})
    in_turn(tx, PAGES.name, wanted)  # or a member that lost its partition might queue an old entry behind a newer one
    rows = tx.execute(
        select(PAGES.c.article_id, PAGES.c.source_id, PAGES.c.entry_id, PAGES.c.version).where(PAGES.c.article_id.in_(wanted))
    )
    known = {row.article_id: (row.source_id, row.entry_id, row.version) for row in rows}
    replies: list[Reply] = []
    new: list[EntryFound] = []
    for event in events:
        before = known.get(event.article_id)
        refused = _not_queued(event, before)
        replies.append([Dropped(refused)] if refused else [])
        if refused is None and (before is None or before[1] != event.event_id):
            new.append(event)
            known[event.article_id] = (event.source.id, event.event_id, event.version)
    if new:
        _queue(tx, new, now, body_bytes)
    return replies


def _not_queued(event: EntryFound, before: tuple[str, str, int] | None) -> str | None:
    if before is None or before[1] == event.event_id:
        return None
    if before[0] != event.source.id:
        return WITNESS
    return OLDER if event.version < before[2] else None  # by count, not by time: clocks are set back


def versions(tx: Connection, source: str, articles: Sequence[str]) -> dict[str, int]:
    """The version of the newest entry taken of these articles, of those whose text is this source's."""
    known = select(PAGES.c.article_id, PAGES.c.version).where(PAGES.c.article_id.in_(articles), PAGES.c.source_id == source)
    return {row.article_id: row.version for row in tx.execute(known)}


def _queue(tx: Connection, new: Sequence[EntryFound], now: datetime, body_bytes: int) -> None:
    pages = upsert(tx, PAGES)
    tx.execute(
        pages.on_conflict_do_update(
            index_elements=["article_id"],
            set_={"entry_id": pages.excluded.entry_id, "version": pages.excluded.version},
        ),
        [
            {
                "article_id": event.article_id,
                "source_id": event.source.id,
                "entry_id": event.event_id,
                "version": event.version,
                "revision": 0,
                "content_key": "",
            }
            for event in new
        ],
    )
    tx.execute(
        insert(FETCHES),
        [
            {"entry_id": one.event_id, "article_id": one.article_id, "due_at": now, "entry": _encode(_capped(one, body_bytes))}
            for one in new
        ],
    )


def _capped(event: EntryFound, most: int) -> EntryFound:
    if len(event.text) * 4 <= most or len(event.text.encode()) <= most:
        return event
    return msgspec.structs.replace(event, text=cut(event.text, most))


def take(tx: Connection, now: datetime, limit: int, lease: float) -> list[Page]:
    """Up to `limit` queued entries, now under lease, in order; of an article only its first, since revisions follow it."""
    free = or_(FETCH_LEASES.c.until.is_(None), FETCH_LEASES.c.until <= now)
    earlier = FETCHES.alias("earlier")
    before = (earlier.c.article_id == FETCHES.c.article_id, earlier.c.seq < FETCHES.c.seq, earlier.c.due_at.is_not(None))
    first = ~select(earlier.c.seq).where(*before).exists()
    found = tx.execute(
        select(*FETCHES.c["seq", "entry_id", "article_id", "entry", "due_at"], FETCH_LEASES.c.revision)
        .outerjoin(FETCH_LEASES, FETCH_LEASES.c.seq == FETCHES.c.seq)
        .where(FETCHES.c.due_at <= now, free, first)
        .order_by(FETCHES.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True, of=FETCHES)
    ).all()
    if not found:
        return []
    token = secrets.token_hex(16)
    held = upsert(tx, FETCH_LEASES)
    tx.execute(
        held.on_conflict_do_update(
            index_elements=["seq"],
            set_={"until": held.excluded.until, "token": held.excluded.token},
            where=FETCH_LEASES.c.until <= now,
        ),
        [{"seq": row.seq, "until": now + timedelta(seconds=lease), "token": token} for row in found],
    )
    ours = _owned(tx, [row.seq for row in found], token)  # on PostgreSQL another may have had some since we looked
    modes = _modes(tx, [row.article_id for row in found])
    return [
        Page(
            row.seq,
            row.entry_id,
            row.article_id,
            token,
            row.entry,
            modes.get(row.article_id),
            (now - row.due_at).total_seconds(),
            row.revision is not None,
        )
        for row in found
        if row.seq in ours
    ]


def _modes(tx: Connection, articles: Sequence[str]) -> dict[str, Mode]:
    """What the sources of these articles say of pages, where they say anything."""
    said = select(PAGES.c.article_id, SOURCES.c.pages).join(SOURCES, SOURCES.c.id == PAGES.c.source_id)
    rows = tx.execute(said.where(PAGES.c.article_id.in_(articles), SOURCES.c.pages.is_not(None)))
    return {row.article_id: row.pages for row in rows}


def decide(tx: Connection, pages: Sequence[Page], read: Sequence[Body | Later | None], now: datetime) -> list[Reply]:
    """Gives each article its revision against the current one; a page decided before answers the same again.
    `read`: the text to go on with, None for the feed's; a Later puts the entry off."""
    leases = select(FETCH_LEASES).where(FETCH_LEASES.c.seq.in_([page.seq for page in pages])).order_by(FETCH_LEASES.c.seq)
    held = {row.seq: row for row in tx.execute(leases.with_for_update())}
    rows = tx.execute(
        select(PAGES.c.article_id, PAGES.c.revision, PAGES.c.content_key).where(
            PAGES.c.article_id.in_([page.article_id for page in pages])
        )
    )
    current = {row.article_id: (row.revision, row.content_key) for row in rows}
    replies: list[Reply] = []
    given: list[dict[str, Any]] = []
    advanced: list[dict[str, Any]] = []
    for page, result in zip(pages, read, strict=True):
        row = held.get(page.seq)
        if row is None or row.token != page.lease_token:
            replies.append(LEASE_LOST)
            continue
        revision = row.revision
        if revision is None and isinstance(result, Later):
            let_go = {"until": now + timedelta(seconds=result.seconds), "token": ""}
            tx.execute(update(FETCH_LEASES).where(FETCH_LEASES.c.seq == page.seq).values(**let_go))
            replies.append(WAITS)
            continue
        body = _decode_body(row.told) if row.told else result if isinstance(result, Body) else Body(page.entry)
        if revision is None:
            before, before_key = current.get(page.article_id, (0, ""))
            key = revision_key(body.entry.title, body.entry.text)
            revision = 0 if key == before_key else before + 1
            given.append({"this_seq": page.seq, "given": revision, "body": _encode(body) if result else None})
            if revision:
                current[page.article_id] = (revision, key)
                advanced.append({"this_article": page.article_id, "given": revision, "key": key})
        replies.append([fetched(body, revision), Noted(noted(body, revision))] if revision else [Dropped(UNCHANGED)])
    _write(tx, given, advanced)
    return replies


def _write(tx: Connection, given: list[dict[str, Any]], advanced: list[dict[str, Any]]) -> None:
    if given:
        tx.execute(
            update(FETCH_LEASES)
            .where(FETCH_LEASES.c.seq == bindparam("this_seq"))
            .values(revision=bindparam("given"), told=bindparam("body")),
            given,
        )
    if advanced:
        tx.execute(
            update(PAGES)
            .where(PAGES.c.article_id == bindparam("this_article"))
            .values(revision=bindparam("given"), content_key=bindparam("key")),
            advanced,
        )


def done(tx: Connection, pages: Iterable[Page]) -> None:
    """These pages are published: nothing waits any more. One whose lease was lost stays with who holds it."""
    by_token: dict[str, list[Page]] = {}
    for page in pages:
        by_token.setdefault(page.lease_token, []).append(page)
    for token, held in by_token.items():
        still = _owned(tx, [page.seq for page in held], token)
        tx.execute(delete(FETCHES).where(FETCHES.c.seq.in_(still)))
        tx.execute(delete(FETCH_LEASES).where(FETCH_LEASES.c.seq.in_(still)))


def _owned(tx: Connection, sequences: Sequence[int], token: str) -> set[int]:
    """Those of these whose lease has this token; they stay ours until the transaction ends."""
    ours = (FETCH_LEASES.c.seq.in_(sequences), FETCH_LEASES.c.token == token)
    return set(tx.execute(select(FETCH_LEASES.c.seq).where(*ours).order_by(FETCH_LEASES.c.seq).with_for_update()).scalars())


def next_due(tx: Connection) -> datetime | None:
    """When the earliest queued entry falls due; None where none waits."""
    earliest: datetime | None = tx.execute(select(func.min(FETCHES.c.due_at))).scalar_one()
    return earliest


def tells(page: Page, reply: Reply) -> list[About]:
    """What the trace of a fetch speaks of."""
    if reply is WAITS:
        return []
    return [About(page.entry_id, page.article_id, page.entry.url)]


def ref(page: Page) -> RowRef:
    """Which entry this is."""
    return RowRef(str(page.seq), page.article_id, content=page.content)


def failed(tx: Connection, failures: Iterable[Failure]) -> None:
    """Entries over which rasid itself failed rest, or are set aside; one set aside holds up no later one of its article."""
    for failure in failures:
        page: Page = failure.row
        held = (FETCH_LEASES.c.seq == page.seq, FETCH_LEASES.c.token == page.lease_token)
        if failure.again_at is not None:
            tx.execute(update(FETCH_LEASES).where(*held).values(until=failure.again_at))
        elif tx.execute(delete(FETCH_LEASES).where(*held)).rowcount:
            tx.execute(update(FETCHES).where(FETCHES.c.seq == page.seq).values(due_at=None))


def revive(tx: Connection, seq: str, now: datetime) -> None:
    """Fetches again an entry that was set aside. Raises Reject where it was not, or where its article has a newer text."""
    found = tx.execute(
        select(FETCHES.c.article_id, FETCHES.c.entry_id).where(FETCHES.c.seq == int(seq), FETCHES.c.due_at.is_(None))
    )
    if (row := found.first()) is None:
        raise Reject(f"there is no entry {seq} that is set aside")
    newest = tx.execute(select(PAGES.c.entry_id).where(PAGES.c.article_id == row.article_id)).scalar()
    if newest != row.entry_id:
        raise Reject(f"article {row.article_id} has a newer text by now")
    tx.execute(update(FETCHES).where(FETCHES.c.seq == int(seq)).values(due_at=now))
