"""Articles as they stand, by filter, by id and by change; and counts of their topics."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, false, func, or_, select

from services.store.adapters import search
from services.store.adapters.tables import ARTICLES, COUNTERS, MENTIONS, STORIES, STORY_MEMBERS, SUBTOPICS, TAGS
from services.store.core.query import Kept, Query
from shared import ids
from shared.events import Evidence, Mention, SourceRef, Tag
from shared.wire import Article, StoryRef, countries, dates, organisations

_evidence = msgspec.json.Decoder(tuple[Evidence, ...]).decode
_OTHER = ARTICLES.alias()
_names = msgspec.json.Decoder(tuple[str, ...]).decode


def newest(db: Connection, query: Query) -> list[Kept]:
    """What the query finds, newest in the store first; one more than its limit where there is more."""
    statement = select(ARTICLES).where(*_conditions(query, db.dialect.name))
    if query.before is not None:
        statement = statement.where(ARTICLES.c.sequence < query.before)
    return _kept(db, statement.order_by(ARTICLES.c.sequence.desc()).limit(query.limit + 1))


def changed(db: Connection, query: Query, after: int, limit: int) -> tuple[list[Kept], int]:
    """What the query finds among the next `limit` articles whose last change is behind `after`, in the order of change; and the
    last change looked at."""
    next_ = select(ARTICLES.c.sequence, ARTICLES.c.change).where(ARTICLES.c.change > after)
    rows = db.execute(next_.order_by(ARTICLES.c.change).limit(limit)).all()
    if not rows:
        return [], after
    statement = select(ARTICLES).where(*_conditions(query, db.dialect.name, among=[row.sequence for row in rows]))
    return _kept(db, statement.order_by(ARTICLES.c.change)), rows[-1].change


def one(db: Connection, article_id: str) -> Kept | None:
    """The article of this id; None where there is none."""
    return next(iter(_kept(db, select(ARTICLES).where(ARTICLES.c.article_id == article_id))), None)


def of_story(db: Connection, story: int, limit: int) -> list[Kept]:
    """The articles of the story that begins with this sequence, in the order they were filed; the last `limit` of them."""
    members = select(STORY_MEMBERS.c.sequence).where(STORY_MEMBERS.c.story == story)
    statement = select(ARTICLES).where(ARTICLES.c.sequence.in_(members)).order_by(ARTICLES.c.sequence.desc()).limit(limit)
    return _kept(db, statement)[::-1]


def matching(query: Query, dialect: str) -> Select[tuple[int]]:
    """The sequences of the articles the query finds."""
    return select(ARTICLES.c.sequence).where(*_conditions(query, dialect))


def last_change(db: Connection) -> int:
    """The number of the last change; 0 in an empty store. Cheap: a row by its key."""
    return db.execute(select(COUNTERS.c.change).where(COUNTERS.c.id == 1)).scalar() or 0


def last_filed_at(db: Connection) -> datetime | None:
    """When the last change was made; None in an empty store."""
    return db.execute(select(ARTICLES.c.filed_at).order_by(ARTICLES.c.change.desc()).limit(1)).scalar()


def counts(db: Connection) -> dict[str, int]:
    """How many articles bear each topic."""
    rows = db.execute(select(TAGS.c.topic, func.count().label("articles")).group_by(TAGS.c.topic))
    return {row.topic: row.articles for row in rows}


def bears(db: Connection, topic: str) -> bool:
    """Whether any article bears this topic."""
    return db.execute(select(TAGS.c.sequence).where(TAGS.c.topic == topic).limit(1)).first() is not None


def topics(db: Connection, sequences: Sequence[int]) -> dict[int, tuple[Tag, ...]]:
    """The tags of these articles, by sequence, surest first."""
    found: dict[int, list[Tag]] = {}
    statement = select(TAGS).where(TAGS.c.sequence.in_(sequences)).order_by(TAGS.c.score.desc(), TAGS.c.topic)
    for row in db.execute(statement):
        tag = Tag(
            topic=row.topic,
            score=row.score,
            threshold=row.threshold,
            rules_version=row.rules_version,
            subtopics=_names(row.subtopics) if row.subtopics else (),
            evidence=_evidence(row.evidence) if row.evidence else (),
        )
        found.setdefault(row.sequence, []).append(tag)
    return {sequence: tuple(tags) for sequence, tags in found.items()}


def _kept(db: Connection, statement: Select[Any]) -> list[Kept]:
    rows = db.execute(statement).all()
    if not rows:
        return []
    sequences = [row.sequence for row in rows]
    tags, named, stories = topics(db, sequences), mentions(db, sequences), stories_of(db, sequences)
    kept = []
    for row in rows:
        article = _article(row, tags.get(row.sequence, ()), named.get(row.sequence, {}), stories.get(row.sequence))
        kept.append(Kept(article, row.sequence, row.change, row.filed_at))
    return kept


def stories_of(db: Connection, sequences: Sequence[int]) -> dict[int, StoryRef]:
    """The story of each of these articles; of none that was filed while stories were switched off."""
    members, first = STORY_MEMBERS.c, ARTICLES.alias()
    statement = (
        select(members.sequence, members.relation, first.c.article_id, STORIES.c.articles)
        .join(first, first.c.sequence == members.story)
        .outerjoin(STORIES, STORIES.c.sequence == members.story)
        .where(members.sequence.in_(sequences))
    )
    return {
        row.sequence: StoryRef(id=ids.story_id(row.article_id), relation=row.relation, articles=row.articles or 1)
        for row in db.execute(statement)
    }


def mentions(db: Connection, sequences: Sequence[int]) -> dict[int, dict[str, list[Mention]]]:
    """What these articles speak of, by sequence and kind; the most frequent first, days in their order."""
    columns = MENTIONS.c["sequence", "kind", "id", "name"]
    statement = select(*columns, MENTIONS.c.count.label("times")).where(MENTIONS.c.sequence.in_(sequences))
    found: dict[int, dict[str, list[Mention]]] = {}
    for row in db.execute(statement.order_by(MENTIONS.c.count.desc(), MENTIONS.c.id)):
        kinds = found.setdefault(row.sequence, {})
        kinds.setdefault(row.kind, []).append(Mention(id=row.id, count=row.times, name=row.name))
    return found


def _article(row: Row[Any], tags: tuple[Tag, ...], named: dict[str, list[Mention]], story: StoryRef | None) -> Article:
    return Article(
        id=row.article_id,
        url=row.url,
        title=row.title,
        text=row.text,
        lang=row.language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        fetched_at=row.observed_at,
        source=SourceRef(id=row.source_id, name=row.source_name, url=row.source_url),
        authors=_names(row.authors) if row.authors else (),
        topics=tags,
        countries=countries(named.get("country", ())),
        organisations=organisations(named.get("organisation", ())),
        dates=dates(sorted(named.get("date", ()), key=lambda day: day.id)),
        story=story,
        revision=row.revision,
    )


def _conditions(query: Query, dialect: str, among: Sequence[int] = ()) -> Iterator[ColumnElement[bool]]:
    """The query's fields as conditions on store_articles (on these alone, where some are given).

    Each is a set of sequences from an index that holds all it needs: SQLite then reads only articles that match, in order.
    """

    def within(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        found = select(table.c.sequence).where(*conditions)
        return ARTICLES.c.sequence.in_(found.where(table.c.sequence.in_(among)) if among else found)

    if among:
        yield ARTICLES.c.sequence.in_(among)
    if query.phrases == ():
        yield false()
    if query.topics or query.min_score is not None:
        yield within(TAGS, *_tagged(query))
    if query.subtopics:
        yield within(SUBTOPICS, SUBTOPICS.c.subtopic.in_(query.subtopics))
    for kind, ids_ in (("country", query.countries), ("organisation", query.organisations)):
        if ids_:
            yield within(MENTIONS, MENTIONS.c.kind == kind, MENTIONS.c.id.in_(ids_))
    if query.languages:
        yield within(_OTHER, or_(*(_speaks(language) for language in query.languages)))
    if query.sources:
        yield within(_OTHER, _OTHER.c.source_id.in_([*query.sources, *map(ids.source_id, query.sources)]))
    if query.since is not None or query.until is not None:
        yield within(_OTHER, *_dated(query))
    if query.phrases:
        span = (min(among), max(among)) if among else None
        yield ARTICLES.c.sequence.in_(search.matching(dialect, query.phrases, span))


def _tagged(query: Query) -> Iterator[ColumnElement[bool]]:
    """One tag is of a wanted topic and sure enough."""
    if query.topics:
        yield TAGS.c.topic.in_(query.topics)
    if query.min_score is not None:
        yield TAGS.c.score >= query.min_score


def _speaks(language: str) -> ColumnElement[bool]:
    """The language itself or a narrower one: behind `zh-` and before `zh.`, which is the next character."""
    return or_(_OTHER.c.language == language, _OTHER.c.language.between(f"{language}-", f"{language}."))


def _dated(query: Query) -> Iterator[ColumnElement[bool]]:
    if query.since is not None:
        yield _OTHER.c.dated_at >= query.since
    if query.until is not None:
        yield _OTHER.c.dated_at < query.until
