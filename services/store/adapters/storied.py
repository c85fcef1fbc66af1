"""Stories as they are shown: a list of those with more than one article, and one in full."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from services.store.adapters import reading
from services.store.adapters.tables import ARTICLES, STORIES, STORY_MEMBERS
from services.store.core.query import Query
from services.store.core.shown import Report, Shown, StoryHead
from shared import ids
from shared.events import Passage

_news = msgspec.json.Decoder(tuple[Passage, ...]).decode


def newest(db: Connection, query: Query) -> list[tuple[int, StoryHead]]:
    """Stories of which an article is what the query finds, the last begun first; one more than its limit where there is more.
    Each with its place in the order."""
    found = select(STORY_MEMBERS.c.story).where(STORY_MEMBERS.c.sequence.in_(reading.matching(query, db.dialect.name)))
    statement = select(STORIES).where(STORIES.c.articles > 1, STORIES.c.sequence.in_(found))
    if query.before is not None:
        statement = statement.where(STORIES.c.sequence < query.before)
    rows = db.execute(statement.order_by(STORIES.c.sequence.desc()).limit(query.limit + 1)).all()
    firsts, sources = _firsts(db, [row.sequence for row in rows]), _sources(db, [row.sequence for row in rows])
    return [(row.sequence, _head(row, firsts[row.sequence], sources[row.sequence])) for row in rows]


def one(db: Connection, story_id: str, limit: int) -> Shown | None:
    """The story that the article of this id belongs to now; None where there is none. Its last `limit` articles."""
    at = ARTICLES.c.article_id == ids.first_of(story_id)
    statement = select(STORY_MEMBERS.c.story).join(ARTICLES, ARTICLES.c.sequence == STORY_MEMBERS.c.sequence).where(at)
    story = db.execute(statement).scalar() if story_id.startswith(ids.story_id("")) else None
    if story is None:
        return None
    kept = reading.of_story(db, story, limit)
    members = {row.sequence: row for row in db.execute(select(STORY_MEMBERS).where(STORY_MEMBERS.c.story == story))}
    names = {each.sequence: each.article.id for each in kept}
    reports = [
        Report(
            article=each.article,
            relation=members[each.sequence].relation,
            of=names.get(members[each.sequence].of),
            share=members[each.sequence].share,
            new=_news(members[each.sequence].news) if members[each.sequence].news else (),
        )
        for each in kept
    ]
    row = db.execute(select(STORIES).where(STORIES.c.sequence == story)).one_or_none()
    first = _firsts(db, [story])[story]
    head = _head(row, first, _sources(db, [story])[story]) if row is not None else _alone(first)
    return Shown(story=head, items=reports)


def _firsts(db: Connection, stories: Sequence[int]) -> dict[int, Row[Any]]:
    columns = ARTICLES.c["sequence", "article_id", "title", "language", "dated_at", "source_name"]
    return {row.sequence: row for row in db.execute(select(*columns).where(ARTICLES.c.sequence.in_(stories)))}


def _sources(db: Connection, stories: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The names of each story's sources, in the order they reported."""
    members = STORY_MEMBERS.c
    statement = select(members.story, ARTICLES.c.source_name).join(ARTICLES, ARTICLES.c.sequence == members.sequence)
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for story, name in db.execute(statement.where(members.story.in_(stories)).order_by(members.sequence)):
        found[story][name] = None
    return {story: tuple(names) for story, names in found.items()}


def _head(row: Row[Any], first: Row[Any], sources: tuple[str, ...]) -> StoryHead:
    return StoryHead(
        id=ids.story_id(first.article_id),
        title=first.title,
        lang=first.language,
        started_at=row.started_at,
        updated_at=row.updated_at,
        articles=row.articles,
        number=row.number,
        sources=sources,
    )


def _alone(first: Row[Any]) -> StoryHead:
    return StoryHead(
        id=ids.story_id(first.article_id),
        title=first.title,
        lang=first.language,
        started_at=first.dated_at,
        updated_at=first.dated_at,
        articles=1,
        number=0,
        sources=(first.source_name,),
    )
