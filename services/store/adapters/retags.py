"""How far the newest change of rules has got over the kept articles: a row a change, gone through in the order of filing.

A part waits until the one before is filed, so that news never stands behind more than one part of old articles. A row goes on
watching when it is through: what is filed late, by a message made under older rules, has a later change and is
looked at too. Nothing is marked before its messages are out; a part that was cut off is taken again and tells the same.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from services.store.adapters.reading import last_change
from services.store.adapters.tables import ARTICLES, RETAGS
from services.store.core.retagging import Kept, Part, event_id
from shared.database import in_turn
from shared.events import ArticleFetched, SourceRef
from shared.handlers import Failure
from shared.outcomes import Reject
from shared.retagging import Rules

A, R = ARTICLES.c, RETAGS.c
SPAN = 5_000
"""Changes looked through in one query."""

WINDOWS = 20
"""Most of these in one transaction."""

QUIETLY = 500
"""How far a row that is through may fall behind what is filed before that is written down."""

WAIT = timedelta(seconds=60)
"""How long a part waits for the one before, whose last article may have been set aside."""

_names = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


class Retag(msgspec.Struct, frozen=True, kw_only=True):
    """A change of rules on its way: from rules `base` to `rules_seq`, in these languages (null: all). It has `reached` this
    change of the store; `last` was the last when it began. `looked_at` counts texts, `recalled` those tagged again."""

    rules_seq: int
    base: int
    state: str
    languages: tuple[str, ...] | None
    changes: tuple[str, ...]
    reached: int
    last: int
    looked_at: int
    recalled: int
    created_at: datetime
    finished_at: datetime | None


def newest(db: Connection) -> Retag | None:
    """The newest change of rules; None where there was none."""
    row = db.execute(select(RETAGS).order_by(R.rules_seq.desc()).limit(1)).one_or_none()
    return _shown(row) if row is not None else None


def take(tx: Connection, rules: Rules, now: datetime, lease: timedelta, most: int) -> list[Part]:
    """The next part of the newest change, under lease; begins a change where other rules are in force than those of the last
    one. Empty where there is nothing to look at, or another process has it."""
    begin(tx, rules, now)
    statement = select(RETAGS).order_by(R.rules_seq.desc()).limit(1).with_for_update(skip_locked=True)
    row = tx.execute(statement).one_or_none()
    if row is None or row.state == "failed" or _waits(tx, row, now):
        return []
    head, reached = last_change(tx), row.reached
    for _ in range(WINDOWS):
        upto = min(reached + SPAN, head)
        found = tx.execute(_window(row, reached, upto, most)).all() if reached < head else []
        if found:
            token = secrets.token_hex(8)
            tx.execute(_of(row.rules_seq).values(reached=reached, lease=token, lease_until=now + lease))
            rules.prepare(tx, row.base, row.rules_seq)
            upto = found[-1].change if len(found) == most else upto
            return [Part(row.rules_seq, row.base, upto, token, tuple(map(_kept, found)))]
        reached = upto
        if reached >= head:
            break
    if row.state == "running" and reached >= head:
        tx.execute(_of(row.rules_seq).values(reached=reached, state="done", finished_at=now))
    elif reached - row.reached >= QUIETLY:
        tx.execute(_of(row.rules_seq).values(reached=reached))
    return []


def every(db: Connection, after: int, most: int) -> list[tuple[int, Kept]]:
    """The next kept articles behind this change, with theirs; for a trial of rules."""
    rows = db.execute(select(ARTICLES).where(A.change > after).order_by(A.change).limit(most)).all()
    return [(row.change, _kept(row)) for row in rows]


def begin(tx: Connection, rules: Rules, now: datetime) -> None:
    """Writes a row for the rules in force where there is none. What the one before had not finished is part of the new one."""
    target = rules.newest(tx)
    before = newest(tx)
    if (before is not None and before.rules_seq >= target) or not target:
        return
    in_turn(tx, RETAGS.name)
    before = newest(tx)
    if before is not None and before.rules_seq >= target:
        return
    head = last_change(tx)
    if before is None:
        base = tx.execute(select(func.min(A.rules_seq))).scalar() or target
    else:
        base = before.rules_seq if before.state == "done" and before.reached >= head else before.base
        tx.execute(_of(before.rules_seq).where(R.state != "done").values(state="superseded", finished_at=now))
    base = min(base, target)
    plan = rules.plan(tx, base, target)
    row = {"rules_seq": target, "base": base, "changes": _encode(plan.changes), "state": "running", "reached": 0, "last": head}
    row |= {"languages": None if plan.languages is None else _encode(plan.languages)}
    tx.execute(insert(RETAGS).values(**row, looked_at=0, recalled=0, created_at=now))


def holds(tx: Connection, part: Part) -> bool:
    """Whether the part is still under its lease."""
    return tx.execute(select(R.lease).where(R.rules_seq == part.rules_seq).with_for_update()).scalar() == part.lease


def done(tx: Connection, parts: Iterable[Part], now: datetime) -> None:
    """Marks these parts as looked at, with how many articles of each are tagged again."""
    for part in parts:
        counted = {"looked_at": R.looked_at + len(part.touched), "recalled": R.recalled + sum(part.touched)}
        again = [kept.article.article_id for kept, is_touched in zip(part.articles, part.touched, strict=True) if is_touched]
        waits = {"waits_for": again[-1], "lease_until": now + WAIT} if again else {"waits_for": None, "lease_until": None}
        mine = _of(part.rules_seq).where(R.lease == part.lease)
        tx.execute(mine.values(reached=part.upto, lease=None, **waits, **counted))


def failed(tx: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """A part over which rasid itself failed rests; one that failed too often stops the change until it is revived."""
    for failure in failures:
        mine = _of(failure.row.rules_seq).where(R.lease == failure.row.lease)
        if failure.again_at is None:
            tx.execute(mine.values(state="failed", finished_at=now, lease=None, lease_until=None))
        else:
            tx.execute(mine.values(lease_until=failure.again_at))


def revive(tx: Connection, key: str, _now: datetime) -> None:
    """Goes on with a change that failed, where it was. Raises Reject where it did not."""
    mine = _of(int(key)).where(R.state == "failed")
    if not tx.execute(mine.values(state="running", finished_at=None)).rowcount:
        raise Reject(f"there is no change to rules {key} that failed")


def _waits(tx: Connection, row: Row[Any], now: datetime) -> bool:
    """Whether another process has a part, or the part before is not filed yet."""
    if row.lease_until is None or row.lease_until <= now:
        return False
    if row.lease is not None:
        return True
    bears = tx.execute(select(A.rules_seq).where(A.article_id == row.waits_for)).scalar()
    return bears is not None and bears < row.rules_seq


def _of(rules_seq: int) -> Any:
    return update(RETAGS).where(R.rules_seq == rules_seq)


def _window(row: Row[Any], after: int, upto: int, most: int) -> Select[Any]:
    """Articles filed by older rules, in the languages concerned."""
    older = select(ARTICLES).where(A.change > after, A.change <= upto, A.rules_seq < row.rules_seq)
    if row.languages is not None:
        wide = [speaks for language in _names(row.languages) for speaks in _speaks(language)]
        older = older.where(or_(A.detected.is_(None), A.detected == "", *wide))
    return older.order_by(A.change).limit(most)


def _speaks(language: str) -> Sequence[Any]:
    """The language itself or a narrower one."""
    return A.detected == language, A.detected.between(f"{language}-", f"{language}.")


def _kept(row: Row[Any]) -> Kept:
    article = ArticleFetched(
        event_id=event_id(row.article_id, row.revision, row.rules_seq),
        observed_at=row.observed_at,
        published_at=row.published_at,
        backfill=row.backfill,
        article_id=row.article_id,
        revision=row.revision,
        source=SourceRef(id=row.source_id, name=row.source_name, url=row.source_url),
        title=row.title,
        text=row.text,
        url=row.url,
        language=row.language if row.declared is None else row.declared or None,
        authors=_names(row.authors) if row.authors else (),
        updated_at=row.updated_at,
        body_from=row.body_from,
    )
    return Kept(article, row.detected, row.language)


def _shown(row: Row[Any]) -> Retag:
    return Retag(
        rules_seq=row.rules_seq,
        base=row.base,
        state=row.state,
        languages=None if row.languages is None else _names(row.languages),
        changes=_names(row.changes),
        reached=row.reached,
        last=row.last,
        looked_at=row.looked_at,
        recalled=row.recalled,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
