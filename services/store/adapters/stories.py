"""What stories are decided on, and where they are put: members, keys and stories, in the caller's transaction.

What is read for a batch depends on the articles of its time, never on the size of the store: keys are looked up in an index by
key and time, and a key that many articles have is counted and left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, select, text, update

from services.store.adapters.tables import ARTICLES, STORIES, STORY_KEYS, STORY_MEMBERS
from services.store.core.grouping import Grouper
from services.store.core.stories import CANDIDATES, COMMON, NEAR, Dial, Known, Member, Story
from shared.database import upsert
from shared.events import Passage
from shared.tables import Instant

AT_ONCE = 5_000
"""Most values in one question; SQLite takes 32,766."""

MOST_MEMBERS = 1_000
"""Most articles read of the stories a batch may join, beside those it was held against; the newest."""

_PUT_KEY = {
    "sqlite": "INSERT OR IGNORE INTO store_story_keys (key, dated_at, sequence) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO store_story_keys (key, dated_at, sequence) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
}
"""Some twenty rows an article: through the driver, as what SQLAlchemy does for each costs more than the database does."""

_AMONG = {"sqlite": "key IN (SELECT value FROM json_each(:keys))", "postgresql": "key = ANY(:keys)"}
_WITHIN = "dated_at BETWEEN :first AND :last"
_COUNT = {
    dialect: text(f"SELECT key, count(*) FROM store_story_keys WHERE {among} AND {_WITHIN} GROUP BY key")  # noqa: S608 - ours
    for dialect, among in _AMONG.items()
}
_HAVING = {
    dialect: text(f"SELECT key, sequence FROM store_story_keys WHERE {among} AND {_WITHIN} ORDER BY key, dated_at, sequence")  # noqa: S608
    for dialect, among in _AMONG.items()
}
"""Thousands of keys a batch: a statement with a value for each costs more to make than to answer."""

_encode = msgspec.json.Encoder().encode
_strings = msgspec.json.Decoder(tuple[str, ...]).decode
_passages = msgspec.json.Decoder(tuple[Passage, ...]).decode
T = TypeVar("T")


def known(tx: Connection, members: Sequence[Member], dial: Dial) -> Known:
    """What is known that articles of this batch may have to do with. `members`: these articles as stories know them."""
    found = Known()
    for together in _of_one_time(members, dial.copies):
        _look_up(tx, found, together, dial.copies)
    wanted = {member.sequence for member in members} | _candidates(found, members)
    _read(tx, found, STORY_MEMBERS.c.sequence, wanted)
    stories = {member.story for member in found.members.values()}
    _read(tx, found, STORY_MEMBERS.c.story, stories, MOST_MEMBERS)
    _read(tx, found, STORY_MEMBERS.c.sequence, stories - found.members.keys())
    for part in _parts(stories):
        for row in tx.execute(select(STORIES).where(STORIES.c.sequence.in_(part))).all():
            found.stories[row.sequence] = Story(
                sequence=row.sequence,
                started_at=row.started_at,
                updated_at=row.updated_at,
                articles=row.articles,
                number=row.number,
            )
    return found


def put(tx: Connection, grouper: Grouper) -> None:
    """Writes what was decided."""
    for loser, winner in grouper.moved.items():
        tx.execute(update(STORY_MEMBERS).where(STORY_MEMBERS.c.story == loser).values(story=winner))
        tx.execute(delete(STORIES).where(STORIES.c.sequence == loser))
    old = [{f"b_{name}": value for name, value in row.items()} for one in grouper.replaced.values() for row in _key_rows(one)]
    if old:
        same = (STORY_KEYS.c[name] == bindparam(f"b_{name}") for name in ("key", "dated_at", "sequence"))
        tx.execute(delete(STORY_KEYS).where(*same), old)
    _upsert(tx, STORY_MEMBERS, [_member_row(member) for member in grouper.changed.values()], "sequence")
    dated = [(member, _moment(tx, member.dated_at)) for member in grouper.changed.values()]
    if rows := [(key, at, member.sequence) for member, at in dated for key in member.found_by()]:
        tx.exec_driver_sql(_PUT_KEY[tx.dialect.name], rows)
    _upsert(tx, STORIES, [_story_row(story) for story in grouper.stories.values()], "sequence")


def _of_one_time(members: Sequence[Member], apart: timedelta) -> Iterator[list[Member]]:
    """The batch in parts that lie far apart in time, as history does."""
    part: list[Member] = []
    for member in sorted(members, key=lambda member: member.dated_at):
        if part and member.dated_at - part[-1].dated_at > 2 * apart:
            yield part
            part = []
        part.append(member)
    if part:
        yield part


def _look_up(tx: Connection, found: Known, members: Sequence[Member], apart: timedelta) -> None:
    first, last = members[0].dated_at - apart, members[-1].dated_at + apart
    within, dialect = {"first": _moment(tx, first), "last": _moment(tx, last)}, tx.dialect.name
    counted: Counter[int] = Counter()
    for part in _parts({key for member in members for key in member.found_by()}):
        counted.update(dict(tx.execute(_COUNT[dialect], within | {"keys": _listed(part, dialect)}).tuples().all()))
    for part in _parts(key for key, count in counted.items() if count <= COMMON):
        for key, sequence in tx.execute(_HAVING[dialect], within | {"keys": _listed(part, dialect)}).all():
            found.having.setdefault(key, []).append(sequence)
    found.counted.update(counted)
    articles = select(func.count()).where(STORY_MEMBERS.c.dated_at.between(first, last))
    found.articles = max(found.articles, tx.execute(articles).scalar_one())


def _listed(keys: list[int], dialect: str) -> str | list[int]:
    """Keys as one value, which no library looks at one by one."""
    return _encode(keys).decode() if dialect == "sqlite" else keys


def _candidates(found: Known, members: Sequence[Member]) -> set[int]:
    """The articles that share the most with each of these."""
    wanted: set[int] = set()
    for member in members:
        shared = found.sharing(member)
        near = [other for other, times in shared.items() if times >= NEAR]
        wanted.update(sorted(near, key=lambda other: (-shared[other], other))[: 2 * CANDIDATES])
    return wanted


def _read(tx: Connection, found: Known, column: Any, values: Iterable[int], most: int = AT_ONCE) -> None:
    for part in _parts(values):
        statement = select(STORY_MEMBERS, ARTICLES.c.article_id).join(ARTICLES, ARTICLES.c.sequence == STORY_MEMBERS.c.sequence)
        newest = statement.where(column.in_(part)).order_by(STORY_MEMBERS.c.sequence.desc()).limit(most)
        for row in tx.execute(newest).all():
            if row.sequence not in found.members:
                found.members[row.sequence] = _member(row)


def _member(row: Row[Any]) -> Member:
    return Member(
        sequence=row.sequence,
        article_id=row.article_id,
        story=row.story,
        relation=row.relation,
        of=row.of,
        share=row.share,
        dated_at=row.dated_at,
        language=row.language,
        sketch=row.sketch,
        words=_strings(row.words),
        titled=row.titled,
        names=_strings(row.names),
        places=_strings(row.places),
        days=_strings(row.days),
        news=_passages(row.news) if row.news else (),
    )


def _member_row(member: Member) -> Mapping[str, Any]:
    return {
        "sequence": member.sequence,
        "story": member.story,
        "relation": member.relation,
        "of": member.of,
        "share": member.share,
        "dated_at": member.dated_at,
        "language": member.language,
        "sketch": member.sketch,
        "words": _encode(member.words),
        "titled": member.titled,
        "names": _encode(member.names),
        "places": _encode(member.places),
        "days": _encode(member.days),
        "news": _encode(member.news) if member.news else None,
    }


def _key_rows(member: Member) -> Iterator[dict[str, Any]]:
    for key in member.found_by():
        yield {"key": key, "dated_at": member.dated_at, "sequence": member.sequence}


def _moment(tx: Connection, at: datetime) -> int | None:
    return Instant().process_bind_param(at, tx.dialect)


def _story_row(story: Story) -> Mapping[str, Any]:
    return {
        "sequence": story.sequence,
        "started_at": story.started_at,
        "updated_at": story.updated_at,
        "articles": story.articles,
        "number": story.number,
    }


def _upsert(tx: Connection, table: Any, rows: list[Mapping[str, Any]], key: str) -> None:
    if not rows:
        return
    statement = upsert(tx, table)
    columns = {column.name: statement.excluded[column.name] for column in table.c if column.name != key}
    tx.execute(statement.on_conflict_do_update(index_elements=[key], set_=columns), rows)


def _parts(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while part := list(islice(left, AT_ONCE)):
        yield part
