"""Where articles are put: the books a batch is decided on, and the rows that come of it, in the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from services.store.adapters import reading, search, verdicts
from services.store.adapters.tables import ARTICLES, COUNTERS, FILINGS, MENTIONS, REVISIONS, SUBTOPICS, TAGS
from services.store.core.filing import Books, Filing, Known, judged, latest
from services.store.core.words import Found
from shared.database import upsert
from shared.events import ArticleClassified, Tag

_encode = msgspec.json.Encoder().encode
_FIRST = {"id": 1, "sequence": 0, "change": 0}


def books(tx: Connection, article_ids: Iterable[str]) -> Books:
    """What is known of these articles. Takes the store's lock first: until this transaction ends no other files."""
    locked = select(COUNTERS.c.sequence, COUNTERS.c.change).where(COUNTERS.c.id == 1).with_for_update()
    counters = tx.execute(locked).one_or_none()
    if counters is None:
        tx.execute(upsert(tx, COUNTERS).on_conflict_do_nothing(), _FIRST)
        counters = tx.execute(locked).one()
    columns = ARTICLES.c["article_id", "sequence", "revision", "rules_seq", "body_from"]
    rows = tx.execute(select(*columns).where(ARTICLES.c.article_id.in_(set(article_ids)))).all()
    known = {row.article_id: Known(row.sequence, (row.revision, row.rules_seq), row.body_from) for row in rows}
    if known:
        of = {article.sequence: article for article in known.values()}
        for row in tx.execute(select(*FILINGS.c[Filing._fields]).where(FILINGS.c.sequence.in_(of))):
            filing = Filing(*row)
            of[filing.sequence].filings[filing.place] = filing
    return Books(counters.sequence, counters.change, known, verdicts=verdicts.of(tx, known) if known else {})


def put(tx: Connection, entered: Books, found: Mapping[str, Found], now: datetime, chars: int) -> None:
    """Writes what is new in the books. `found`: by which words, by event id; `chars`: how much of a text is kept."""
    if not entered.changed:
        return
    final = latest(entered.changed)
    new = {filing.sequence for filing, _ in entered.changed if filing.kind == "new"}
    old = final.keys() - new
    former = _replaced(tx, entered.changed, now)
    rows = [_row(filing, event, now, chars) for filing, event in final.values()]
    _execute(tx, insert(ARTICLES), [row for row in rows if row["sequence"] in new])
    changed = [{**row, "b_sequence": row["sequence"]} for row in rows if row["sequence"] in old]
    if changed:
        tx.execute(update(ARTICLES).where(ARTICLES.c.sequence == bindparam("b_sequence")), changed)
        for table in (TAGS, SUBTOPICS, MENTIONS):
            tx.execute(delete(table).where(table.c.sequence.in_(old)))
    _execute(tx, upsert(tx, REVISIONS).on_conflict_do_nothing(), former)
    _execute(tx, insert(FILINGS), [filing._asdict() for filing, _ in entered.changed])
    _put_tags(tx, final, entered, chars)
    _execute(tx, insert(MENTIONS), [row for sequence, (_, event) in final.items() for row in _mentions(sequence, event)])
    search.put(tx, [search.Entry(sequence, *found[event.event_id]) for sequence, (_, event) in final.items()])
    tx.execute(update(COUNTERS).where(COUNTERS.c.id == 1).values(sequence=entered.sequence, change=entered.change))


def _execute(tx: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(statement, rows)


def _row(filing: Filing, event: ArticleClassified, now: datetime, chars: int) -> dict[str, Any]:
    article = event.article
    return {
        "sequence": filing.sequence,
        "article_id": article.article_id,
        "change": filing.change,
        "revision": article.revision,
        "rules_seq": event.rules_seq,
        "rules_version": event.rules_version,
        "title": article.title,
        "text": article.text[:chars],
        "url": article.url,
        "language": event.language or article.language,
        "source_id": article.source.id,
        "source_name": article.source.name,
        "source_url": article.source.url,
        "authors": _encode(article.authors) if article.authors else None,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "observed_at": article.observed_at,
        "dated_at": article.published_at or article.observed_at,
        "filed_at": now,
        "body_from": article.body_from,
        "backfill": article.backfill,  # of a recalled article: what it was when it came
        "declared": article.language or "",
        "detected": event.language or "",
    }


def _mentions(sequence: int, event: ArticleClassified) -> Iterator[dict[str, Any]]:
    every = {"country": event.countries, "organisation": event.organisations, "date": event.dates}
    for kind, mentions in every.items():
        for one in mentions:
            yield {"sequence": sequence, "kind": kind, "id": one.id, "count": one.count, "name": one.name}


def _put_tags(tx: Connection, final: dict[int, tuple[Filing, ArticleClassified]], entered: Books, chars: int) -> None:
    """The tags as the rules have them, with what people said over them; what the rules say of these topics is kept too."""
    said = entered.verdicts
    shown = {sequence: judged(event, said.get(event.article.article_id)) for sequence, (_, event) in final.items()}
    verdicts.put_tags(tx, {sequence: event.topics for sequence, event in shown.items()}, chars)
    for _, event in final.values():
        found = {tag.topic: tag for tag in event.topics}
        article = event.article.article_id
        verdicts.filed(tx, ((article, topic, found.get(topic)) for topic in said.get(article, ())))


def _replaced(tx: Connection, changed: Sequence[tuple[Filing, ArticleClassified]], now: datetime) -> list[dict[str, Any]]:
    """Each revision that the batch replaces: those that still stand in the store, and those that come and go in it."""
    last: dict[int, ArticleClassified] = {}
    rows: list[dict[str, Any]] = []
    standing: list[int] = []
    for filing, event in changed:
        before = last.get(filing.sequence)
        if before is not None and before.article.revision != event.article.revision:
            rows.append(_former(filing.sequence, before, now))
        elif before is None and filing.kind in ("revised", "enriched"):
            standing.append(filing.sequence)
        last[filing.sequence] = event
    if standing:
        topics = reading.topics(tx, standing)
        columns = [ARTICLES.c[column.name] for column in REVISIONS.c if column.name != "topics"]
        found = tx.execute(select(*columns).where(ARTICLES.c.sequence.in_(standing))).mappings()
        rows += [{**row, "topics": _encode(topics.get(row["sequence"], ()))} for row in found]
    return rows


def _former(sequence: int, event: ArticleClassified, now: datetime) -> dict[str, Any]:
    article = event.article
    topics: tuple[Tag, ...] = event.topics
    return {
        "sequence": sequence,
        "revision": article.revision,
        "title": article.title,
        "text": article.text,
        "body_from": article.body_from,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "observed_at": article.observed_at,
        "filed_at": now,
        "rules_version": event.rules_version,
        "topics": _encode(topics),
    }
