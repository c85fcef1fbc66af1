"""Counts of reports by window, source and what they are about, straight from the articles as they stand."""

from typing import Any

from sqlalchemy import BigInteger, Connection, FromClause, Label, Select, case, func, literal_column, select, type_coerce

from services.store.adapters.tables import ARTICLES, MENTIONS, STORY_MEMBERS, TAGS
from services.store.core.trending import Wanted, start
from services.store.core.trends import Cell, Counts

A, M = ARTICLES.c, STORY_MEMBERS.c


def count(db: Connection, asked: Wanted) -> dict[Cell, Counts]:
    """What was counted, by cell. What is not asked to be told apart is counted together; an article of two topics or countries
    is in the cell of each."""
    found: dict[Cell, Counts] = {}
    for row in db.execute(_told(asked)):
        lang = _primary(row.lang)
        if asked.langs and lang not in asked.langs:
            continue
        named = row._mapping
        cell = Cell(named.get("topic"), lang if "lang" in asked.by else None, named.get("country"))
        counts = found.setdefault(cell, Counts())
        counts.articles[row.number] = counts.articles.get(row.number, 0) + row.articles
        if row.reports:
            _add(counts.reports, row.number, row.source_id, row.reports)
    totals: dict[str | None, Days] = {}
    for row in db.execute(_every(asked)):
        _add(totals.setdefault(_primary(row.lang), {}), row.number, row.source_id, row.reports)
    for cell, counts in found.items():
        for lang in (cell.lang,) if "lang" in asked.by else asked.langs or totals:
            for at, sources in totals.get(lang, {}).items():
                for source, reports in sources.items():
                    _add(counts.total, at, source, reports)
    return found


Days = dict[int, dict[str, int]]


def _add(into: Days, at: int, source: str, reports: int) -> None:
    sources = into.setdefault(at, {})
    sources[source] = sources.get(source, 0) + reports


def _every(asked: Wanted) -> Select[Any]:
    """Reports by window, source and language. A story counts once for a source, a copy not at all."""
    return _grouped(asked, _COPIES, [])


def _told(asked: Wanted) -> Select[Any]:
    """The same of what the articles are about."""
    within, columns = _COPIES.join(TAGS, TAGS.c.sequence == A.sequence), list[Any]()
    if "topic" in asked.by:
        columns.append(TAGS.c.topic)
    if "country" in asked.by or asked.countries:
        within = within.join(MENTIONS, (MENTIONS.c.sequence == A.sequence) & (MENTIONS.c.kind == "country"))
    if "country" in asked.by:
        columns.append(MENTIONS.c.id.label("country"))
    statement = _grouped(asked, within, columns)
    if asked.topics:
        statement = statement.where(TAGS.c.topic.in_(asked.topics))
    return statement.where(MENTIONS.c.id.in_(asked.countries)) if asked.countries else statement


_COPIES = ARTICLES.outerjoin(STORY_MEMBERS, M.sequence == A.sequence)
_STORY = case((M.relation == "copy", None), else_=func.coalesce(M.story, A.sequence))


def _grouped(asked: Wanted, within: FromClause, columns: list[Any]) -> Select[Any]:
    at = type_coerce(A.dated_at, BigInteger) // literal_column(str(asked.seconds * 1_000_000))
    columns = [at.label("number"), A.source_id, A.language.label("lang"), *columns]
    counted = (func.count(_STORY.distinct()).label("reports"), func.count(A.sequence.distinct()).label("articles"))
    span = (A.dated_at >= start(asked.earliest(), asked.seconds), A.dated_at < start(asked.last + 1, asked.seconds))
    grouped = (column.element if isinstance(column, Label) else column for column in columns)
    return select(*columns, *counted).select_from(within).where(*span).group_by(*grouped)


def _primary(language: str | None) -> str | None:
    return language.split("-")[0].lower() if language else None
