"""The sources that are polled, and which of them are due."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict, cast
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from services.crawler.adapters.tables import SEEN, SOURCES
from services.crawler.core.health import health
from services.crawler.core.links import apart
from services.crawler.core.text import cut
from shared import ids
from shared.clock import rfc3339
from shared.database import upsert
from shared.handlers import Failure, RowRef
from shared.outcomes import Reject
from shared.urls import canonical_url


class Source(TypedDict):
    """A source as it is shown. `cause`, `status`, `detail`: what came of its last poll (None before the first); `entries` and
    `found`: how many the feed held when it was last read, and how many of them were new; `health` and `reason`: how it fares
    (core/health.py); `pages`: whether its articles' pages are fetched, None for what the settings say. Times are RFC 3339."""

    id: str
    url: str
    name: str
    state: str
    cause: str | None
    status: int | None
    detail: str
    added_at: str
    polled_at: str | None
    next_poll: str | None
    interval: float
    failures: int
    entries: int
    found: int
    moved_to: str | None
    pages: str | None
    health: str
    reason: str


ASIDE = "set-aside"
"""The state of a source over which rasid itself failed too often; a person has it tried again."""

INTERNAL = "internal-error"
"""The cause where rasid itself failed."""

_DETAIL_BYTES = 500
_SHOWN = [
    SOURCES.c["due_at" if name == "next_poll" else name] for name in Source.__annotations__ if name not in ("health", "reason")
]


class Due(NamedTuple):
    """A source under lease. `pending`: the events of a poll decided before, and not yet known to be published."""

    id: str
    url: str
    name: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    interval: float
    failures: int
    first_ok_at: datetime | None
    moved_to: str | None
    moved_seen: int
    lease_token: str
    pending: bytes | None


class Added(NamedTuple):
    """A source asked for: its id, its URL, and whether it was not there before."""

    id: str
    url: str
    new: bool


class Line(NamedTuple):
    """A source of a list: its URL, a name or '', and the line it stands in, from 1; 0 where it is not from a list."""

    url: str
    name: str = ""
    number: int = 0


def normalized(url: str) -> str:
    """The URL as it is polled: as given, but for what makes no difference to a server: space around it, a fragment, the case
    of scheme and host, a default port, a path left out (RFC 3986, 6.2.2.1 and 6.2.3). Raises ValueError for no address."""
    text = url.strip()
    if text[:5].lower() == "feed:":
        text = "https:" + text[5:] if text[5:7] == "//" else text[5:]
    if canonical_url(text) is None:
        raise ValueError(f"{url.strip()[:200]!r} is no http or https address")
    parts = urlsplit(text)
    scheme, (user, at, host) = parts.scheme.lower(), parts.netloc.rpartition("@")
    host = host.lower().removesuffix({"http": ":80", "https": ":443"}[scheme]).removesuffix(":")
    return urlunsplit(parts._replace(scheme=scheme, netloc=user + at + host, path=parts.path or "/", fragment=""))


def known_as(name: str) -> str:
    """What a source given by its id or its URL is looked for by."""
    try:
        return normalized(name)
    except ValueError:
        return name.strip()


def listed(text: str) -> list[Line]:
    """Each line that has one: the URL first, what follows it is the name; a line that begins with # is left."""
    lines = [(number, line.split(maxsplit=1)) for number, line in enumerate(text.splitlines(), 1)]
    return [
        Line(parts[0], parts[1].strip() if len(parts) > 1 else "", number)
        for number, parts in lines
        if parts and not parts[0].startswith("#")
    ]


def add(tx: Connection, named: Iterable[tuple[str, str]], now: datetime, interval: float) -> list[Added]:
    """Adds sources by (URL, name or ''); those there already stay as they are. Raises ValueError for what is no address."""
    wanted = {normalized(url): name for url, name in named}
    if not wanted:
        return []
    by_id = {ids.source_id(url): url for url in wanted}
    rows = tx.execute(select(SOURCES.c.id, SOURCES.c.url).where(or_(SOURCES.c.url.in_(wanted), SOURCES.c.id.in_(by_id))))
    there = {by_id.get(row.id, row.url): row.id for row in rows}  # one that moved is still known by the URL it was added with
    new = [
        {
            "id": ids.source_id(url),
            "url": url,
            "name": name,
            "state": "active",
            "added_at": now,
            "due_at": now,
            "interval": interval,
        }
        for url, name in wanted.items()
        if url not in there
    ]
    if new:
        tx.execute(upsert(tx, SOURCES).on_conflict_do_nothing(), new)
    return [Added(there.get(url) or ids.source_id(url), url, url not in there) for url in wanted]


def remove(tx: Connection, names: Sequence[str]) -> list[str]:
    """Removes sources by id or URL, and what was seen in them; their articles stay. The ids removed."""
    found = ids_of(tx, names)
    if found:
        tx.execute(delete(SEEN).where(SEEN.c.source_id.in_(found)))
        tx.execute(delete(SOURCES).where(SOURCES.c.id.in_(found)))
    return found


def every(tx: Connection) -> list[Source]:
    """All sources as they are shown, by URL."""
    return [_shown(row) for row in tx.execute(select(*_SHOWN).order_by(SOURCES.c.url))]


def one(tx: Connection, source: str) -> Source | None:
    """One source as it is shown; None where there is none of this id."""
    row = tx.execute(select(*_SHOWN).where(SOURCES.c.id == source)).first()
    return _shown(row) if row else None


def private(tx: Connection) -> int:
    """How many sources have a user name or password in their URL, which nobody is shown."""
    return sum(bool(apart(url)[1]) for url in tx.execute(select(SOURCES.c.url)).scalars())


def count(tx: Connection) -> int:
    """How many sources there are."""
    return tx.execute(select(func.count()).select_from(SOURCES)).scalar_one()


def ids_of(tx: Connection, names: Sequence[str]) -> list[str]:
    """The ids of those of these that are there, by id or URL."""
    return list(tx.execute(select(SOURCES.c.id).where(or_(SOURCES.c.id.in_(names), SOURCES.c.url.in_(names)))).scalars())


def take(tx: Connection, now: datetime, limit: int, lease: float) -> list[Due]:
    """Up to `limit` due sources, now under lease: those not yet done with first, then the longest due."""
    free = or_(SOURCES.c.lease_until.is_(None), SOURCES.c.lease_until <= now)
    announcing = and_(SOURCES.c.pending.is_not(None), SOURCES.c.state != ASIDE)
    due = or_(and_(SOURCES.c.state == "active", SOURCES.c.due_at <= now), announcing)
    columns = [SOURCES.c[name] for name in Due._fields if name != "lease_token"]
    found = tx.execute(
        select(*columns)
        .where(due, free)
        .order_by(SOURCES.c.pending.is_(None), SOURCES.c.due_at, SOURCES.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not found:
        return []
    token = secrets.token_hex(16)
    tx.execute(
        update(SOURCES)
        .where(SOURCES.c.id.in_([row.id for row in found]))
        .values(lease_until=now + timedelta(seconds=lease), lease_token=token)
    )
    return [Due(lease_token=token, **row._mapping) for row in found]


def next_due(tx: Connection) -> datetime | None:
    """When the earliest source falls due; None where none is active."""
    earliest: datetime | None = tx.execute(select(func.min(SOURCES.c.due_at)).where(SOURCES.c.state == "active")).scalar_one()
    return earliest


def done(tx: Connection, rows: Sequence[Due]) -> None:
    """These polls are published: nothing is left to announce."""
    by_token: dict[str, list[str]] = {}
    for row in rows:
        by_token.setdefault(row.lease_token, []).append(row.id)
    for token, sources in by_token.items():
        tx.execute(
            update(SOURCES)
            .where(SOURCES.c.id.in_(sources), SOURCES.c.lease_token == token)
            .values(pending=None, lease_until=None, lease_token=None)
        )


def ref(due: Due) -> RowRef:
    """Which source this is; its URL without what a person must not see."""
    return RowRef(due.id, url=apart(due.url)[0])


def failed(tx: Connection, failures: Iterable[Failure]) -> None:
    """Sources over which rasid itself failed: they rest, or are set aside, and show why."""
    for failure in failures:
        row: Due = failure.row
        after = f"{failure.reason} (try {failure.tries})" if failure.tries else failure.reason
        shown: dict[str, Any] = {"cause": INTERNAL, "status": None, "detail": cut(after, _DETAIL_BYTES)}
        if failure.again_at is not None:
            shown |= {"lease_until": failure.again_at, "due_at": failure.again_at}
        else:
            shown |= {"lease_until": None, "lease_token": None, "state": ASIDE}
        tx.execute(update(SOURCES).where(SOURCES.c.id == row.id, SOURCES.c.lease_token == row.lease_token).values(**shown))


def revive(tx: Connection, source: str, now: datetime) -> None:
    """Polls again a source that was set aside. Raises Reject where it was not, or is not there any more."""
    aside = update(SOURCES).where(SOURCES.c.id == source, SOURCES.c.state == ASIDE)
    if tx.execute(aside.values(state="active", due_at=now, lease_until=None)).rowcount != 1:
        raise Reject(f"there is no source {source} that is set aside")


def _shown(row: Row[tuple[object, ...]]) -> Source:
    fares = health(row.state, row.cause, row.failures, row.detail)
    changed = {
        "url": apart(row.url)[0],
        "added_at": rfc3339(row.added_at),
        "polled_at": rfc3339(row.polled_at),
        "next_poll": rfc3339(row.due_at) if row.state == "active" else None,
        "health": fares.word,
        "reason": fares.reason,
    }
    values = dict(row._mapping) | changed
    return cast("Source", {name: values[name] for name in Source.__annotations__})
