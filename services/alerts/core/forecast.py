"""What a filter would have alerted of, held against stored history: how much, of what, from whom, and what held it back."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from services.alerts.core.payload import Why, why
from shared import wire
from shared.filter import Filter, facts

MOST_NAMED = 10


class Past(Struct, frozen=True, kw_only=True):
    """An article of the store, and when it is dated: published, or first seen."""

    article: wire.Article
    dated_at: datetime


class Count(Struct, frozen=True, kw_only=True):
    """How many of a kind."""

    name: str
    count: int


class Example(Struct, frozen=True, kw_only=True):
    """An article that passes, and by which parts of the filter."""

    id: str
    url: str | None
    title: str
    lang: str | None
    source: str
    dated_at: datetime
    why: tuple[Why, ...]


class Forecast(Struct, frozen=True, kw_only=True):
    """Of `looked_at` tagged articles since then, `matched` pass: by day, source and topic, the newest as examples.
    `held_back`: of those that do not pass, how many each part of the filter stands against; `alone`: how many it alone does.
    `is_whole`: there were not more articles than may be looked at."""

    since: datetime
    looked_at: int
    matched: int
    a_day: float
    days: tuple[Count, ...]
    sources: tuple[Count, ...]
    topics: tuple[Count, ...]
    held_back: tuple[Count, ...]
    alone: tuple[Count, ...]
    examples: tuple[Example, ...]
    is_whole: bool


def forecast(wanted: Filter, history: Iterable[Past], *, since: datetime, now: datetime, most: int, examples: int) -> Forecast:
    """The forecast from this history, the newest first, of which at most so many are looked at."""
    looked_at, matched, shown, is_whole = 0, 0, list[Example](), True
    days, sources, topics, held_back, alone = (Counter[str]() for _ in range(5))
    for past in history:
        if looked_at == most:
            is_whole = False
            break
        if not past.article.topics:
            continue  # an article without topics alerts no one
        looked_at += 1
        known = facts(past.article)
        if missed := wanted.misses(known):
            held_back.update(missed)
            alone.update(missed if len(missed) == 1 else ())
            continue
        matched += 1
        days[past.dated_at.date().isoformat()] += 1
        sources[past.article.source.name] += 1
        topics.update(tag.topic for tag in past.article.topics)
        if len(shown) < examples:
            shown.append(_example(past, why(wanted, known, past.article.topics)))
    return Forecast(
        since=since,
        looked_at=looked_at,
        matched=matched,
        a_day=round(matched / max((now - since).total_seconds() / 86_400, 1e-9), 2),
        days=tuple(Count(name=day, count=count) for day, count in sorted(days.items())),
        sources=_most(sources),
        topics=_most(topics),
        held_back=_most(held_back),
        alone=_most(alone),
        examples=tuple(shown),
        is_whole=is_whole,
    )


def _example(past: Past, reasons: tuple[Why, ...]) -> Example:
    article = past.article
    return Example(
        id=article.id, url=article.url, title=article.title, lang=article.lang, source=article.source.name,
        dated_at=past.dated_at, why=reasons,
    )  # fmt: skip


def _most(counts: Counter[str]) -> tuple[Count, ...]:
    return tuple(Count(name=name, count=count) for name, count in counts.most_common(MOST_NAMED))
