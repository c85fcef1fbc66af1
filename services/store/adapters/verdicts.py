"""What people said of articles' topics, kept; and the tags as they stand made to say the same. Under the store's lock, so that
no article is filed meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from services.store.adapters import reading
from services.store.adapters.tables import ARTICLES, COUNTERS, SUBTOPICS, TAGS, VERDICTS
from services.store.core.verdicts import Said, by_hand
from shared.events import Tag

V = VERDICTS.c
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Tag).decode


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said: the article is about the topic (`right`) or is not (`wrong`). `rules_version`: of the rules that had
    tagged it then, null where they had not; `score`: theirs."""

    article: str
    topic: str
    verdict: Said
    by: str
    note: str
    at: datetime
    rules_version: str | None
    score: float | None


def give(tx: Connection, given: Verdict) -> Verdict | None:
    """Keeps the verdict in the place of an earlier one, and has the tags say it; None where there is no such article."""
    sequence = _sequence(tx, given.article)
    if sequence is None:
        return None
    _undo(tx, sequence, given.article, given.topic)
    tag = next((one for one in reading.topics(tx, [sequence]).get(sequence, ()) if one.topic == given.topic), None)
    found = {"rules_version": tag.rules_version if tag else None, "score": tag.score if tag else None}
    kept = msgspec.structs.replace(given, **found)
    tx.execute(insert(VERDICTS).values(**msgspec.structs.asdict(kept), tag=_encode(tag) if tag else None))
    if given.verdict == "wrong":
        _remove(tx, sequence, given.topic)
    elif tag is None:
        put_tags(tx, {sequence: [by_hand(given.topic)]}, None)
    return kept


def withdraw(tx: Connection, article: str, topic: str) -> bool:
    """Forgets the verdict; the tags are again as the rules have it. Whether there was one."""
    sequence = _sequence(tx, article)
    return sequence is not None and _undo(tx, sequence, article, topic)


def filed(tx: Connection, tags: Iterable[tuple[str, str, Tag | None]]) -> None:
    """Keeps what rules say now of topics that people judged (article, topic, tag), to be shown again if they take it back."""
    for article, topic, tag in tags:
        mine = (V.article == article) & (V.topic == topic)
        tx.execute(VERDICTS.update().where(mine).values(tag=_encode(tag) if tag else None))


def of(db: Connection, articles: Iterable[str]) -> dict[str, dict[str, Said]]:
    """The verdicts on these articles, by article and topic."""
    found: dict[str, dict[str, Said]] = {}
    for row in db.execute(select(V.article, V.topic, V.verdict).where(V.article.in_(set(articles))).order_by(V.topic)):
        found.setdefault(row.article, {})[row.topic] = row.verdict
    return found


def every(db: Connection, article: str | None = None) -> list[Verdict]:
    """All of them (on this article), the oldest first."""
    statement = select(VERDICTS).order_by(V.at, V.article, V.topic)
    rows = db.execute(statement if article is None else statement.where(V.article == article)).all()
    return [_shown(row) for row in rows]


def put_tags(tx: Connection, tags: dict[int, Sequence[Tag]], chars: int | None) -> None:
    """Writes tags of articles, by sequence. `chars`: evidence past it is not kept; None: all is."""
    rows, subtopics = [], []
    for sequence, each in tags.items():
        for tag in each:
            evidence = [hit for hit in tag.evidence if chars is None or hit.field == "title" or hit.end <= chars]
            rows.append(
                {
                    "sequence": sequence,
                    "topic": tag.topic,
                    "score": tag.score,
                    "threshold": tag.threshold,
                    "rules_version": tag.rules_version,
                    "subtopics": _encode(tag.subtopics) if tag.subtopics else None,
                    "evidence": _encode(evidence) if evidence else None,
                }
            )
            names = dict.fromkeys(f"{tag.topic}/{name.removeprefix(f'{tag.topic}/')}" for name in tag.subtopics)
            subtopics += [{"sequence": sequence, "subtopic": name, "score": tag.score} for name in names]
    for table, values in ((TAGS, rows), (SUBTOPICS, subtopics)):
        if values:
            tx.execute(insert(table), values)


def _sequence(tx: Connection, article: str) -> int | None:
    tx.execute(select(COUNTERS.c.id).where(COUNTERS.c.id == 1).with_for_update())
    return tx.execute(select(ARTICLES.c.sequence).where(ARTICLES.c.article_id == article)).scalar()


def _undo(tx: Connection, sequence: int, article: str, topic: str) -> bool:
    mine = (V.article == article) & (V.topic == topic)
    row = tx.execute(select(VERDICTS).where(mine)).one_or_none()
    if row is None:
        return False
    tx.execute(delete(VERDICTS).where(mine))
    if row.verdict == "right" and row.tag is None:
        _remove(tx, sequence, topic)
    elif row.verdict == "wrong" and row.tag is not None:
        put_tags(tx, {sequence: [_decode(row.tag)]}, None)
    return True


def _remove(tx: Connection, sequence: int, topic: str) -> None:
    tx.execute(delete(TAGS).where(TAGS.c.sequence == sequence, TAGS.c.topic == topic))
    of_topic = SUBTOPICS.c.subtopic.startswith(f"{topic}/", autoescape=True)
    tx.execute(delete(SUBTOPICS).where(SUBTOPICS.c.sequence == sequence, of_topic))


def _shown(row: Row[Any]) -> Verdict:
    named = {name: value for name, value in row._mapping.items() if name != "tag"}
    return Verdict(**named)
