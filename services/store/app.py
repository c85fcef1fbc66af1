"""Wiring of the store: which function answers for which stage."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain

from services.store.adapters import retags, shelves, sightings, stories, traces
from services.store.core import delivered, filing, joined
from services.store.core.grouping import Grouper
from services.store.core.retagging import Part, recalled
from services.store.core.stories import Dial, member
from services.store.core.words import Found, words_of
from services.store.settings import Settings
from shared.events import ArticleClassified, DeliverySettled, EntryFound, SourcePolled, StoryChanged, TraceRow, TracesRecorded
from shared.handlers import LEASE_LOST, Context, Handler, Reply, RowRef, TimerHandler, TopicHandler
from shared.outcomes import Dropped, Noted
from shared.retagging import Rules
from shared.topology import FILE, HEALTH, RECORD, RETAG, WITNESS
from shared.workers import Workers

_NOTHING: Reply = ()
Recorded = TracesRecorded | DeliverySettled | StoryChanged


def handlers(settings: Settings, workers: Workers, rules: Rules | None = None) -> list[Handler]:
    """The store's stages. Texts are parted into words in worker processes, before any transaction is open. `rules`: the port by
    which it learns what rules did; without it no article is tagged again."""
    indexing = Indexing(workers, settings)

    def file(events: Sequence[ArticleClassified], found: Sequence[Found], ctx: Context) -> list[Reply]:
        return _file(events, found, ctx, settings.store_text_chars, dial if settings.stories else None)

    dial = Dial(
        strictness=settings.story_strictness,
        reports=timedelta(days=settings.story_days),
        copies=timedelta(days=settings.story_copy_days),
    )
    batch = settings.store_batch
    return [
        TopicHandler(stage=FILE, effect=indexing.of, decide=file, trace=traces.write, batch=batch),
        TopicHandler(stage=WITNESS, decide=_witness, batch=batch),
        TopicHandler(stage=HEALTH, decide=_health, batch=batch),
        TopicHandler(stage=RECORD, decide=_record, batch=batch),
        *([_retagging(settings, rules)] if rules is not None and settings.retag else []),
    ]


def _retagging(settings: Settings, rules: Rules) -> TimerHandler:
    lease = timedelta(seconds=settings.retag_lease)

    async def effect(part: Part) -> None:
        part.touched = await rules.touched(part.base, part.rules_seq, [kept.text for kept in part.articles])

    def decide(parts: Sequence[Part], _results: Sequence[None], ctx: Context) -> list[Reply]:
        return [recalled(part) if retags.holds(ctx.tx, part) else LEASE_LOST for part in parts]

    return TimerHandler(
        stage=RETAG,
        take=lambda ctx, _limit: retags.take(ctx.tx, rules, ctx.now, lease, settings.retag_batch),
        effect=effect,
        decide=decide,
        done=lambda parts, ctx: retags.done(ctx.tx, parts, ctx.now),
        ref=lambda part: RowRef(str(part.rules_seq)),
        failed=lambda failures, ctx: retags.failed(ctx.tx, failures, ctx.now),
        every=settings.retag_every,
        deadline=settings.retag_lease * 0.9,
        batch=1,
    )


class Indexing:
    """By which words each article of a batch is found; a chunk a task."""

    def __init__(self, workers: Workers, settings: Settings) -> None:
        self._workers, self._chars = workers, settings.index_chars
        self._chunk, self._seconds = settings.index_chunk, settings.index_seconds

    async def of(self, events: Sequence[ArticleClassified]) -> list[Found]:
        """Raises WorkerFailed where a process died or took too long over them."""
        texts = [(event.article.title, event.article.text[: self._chars]) for event in events]
        chunks = [texts[at : at + self._chunk] for at in range(0, len(texts), self._chunk)]
        parted = [self._workers.run_within(self._seconds, words_of, chunk) for chunk in chunks]
        return list(chain.from_iterable(await asyncio.gather(*parted)))


def _file(
    events: Sequence[ArticleClassified], found: Sequence[Found], ctx: Context, chars: int, dial: Dial | None
) -> list[Reply]:
    books = shelves.books(ctx.tx, (event.article.article_id for event in events))
    grouper = _grouper(books, events, ctx, dial) if dial else None
    books.group = grouper.place if grouper else None
    replies = list(_replies(books, events))
    words = {event.event_id: one for event, one in zip(events, found, strict=True)}
    shelves.put(ctx.tx, books, words, ctx.now, chars)
    if grouper:
        stories.put(ctx.tx, grouper)
    return replies


def _grouper(books: filing.Books, events: Sequence[ArticleClassified], ctx: Context, dial: Dial) -> Grouper:
    """What groups this batch. Numbers of articles not seen before do not matter to what must be known."""
    numbers = {article_id: known.sequence for article_id, known in books.known.items()}
    members = [member(event, numbers.get(event.article.article_id, -1)) for event in events]
    return Grouper(stories.known(ctx.tx, members, dial), dial)


def _replies(books: filing.Books, events: Iterable[ArticleClassified]) -> Iterator[Reply]:
    for event in events:
        answer = books.enter(event)
        yield [answer] if isinstance(answer, Dropped) else [*answer, Noted(filing.note(event))]


def _witness(entries: Sequence[EntryFound], _results: Sequence[None], ctx: Context) -> list[Reply]:
    sightings.witness(ctx.tx, entries)
    return [_NOTHING] * len(entries)


def _health(polls: Sequence[SourcePolled], _results: Sequence[None], ctx: Context) -> list[Reply]:
    sightings.polled(ctx.tx, polls)
    return [_NOTHING] * len(polls)


def _record(events: Sequence[Recorded], _results: Sequence[None], ctx: Context) -> list[Reply]:
    rows = [row for event in events for row in _rows(event)]
    traces.write(ctx.tx, rows)
    return [_NOTHING] * len(events)


def _rows(event: Recorded) -> Sequence[TraceRow]:
    match event:
        case TracesRecorded():
            return event.rows
        case StoryChanged():
            return (joined.row(event),)
    return (delivered.row(event),)
