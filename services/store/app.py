"""Wiring of the store: which function answers for which stage."""

from collections.abc import Iterable, Iterator, Sequence

from services.store.adapters import shelves, sightings, traces
from services.store.core import delivered, filing
from services.store.settings import Settings
from shared.events import ArticleClassified, DeliverySettled, EntryFound, SourcePolled, TraceRow, TracesRecorded
from shared.handling import Context, Handler, Reply, TopicHandler
from shared.outcomes import Dropped, Noted
from shared.topology import FILE, HEALTH, RECORD, WITNESS

_NOTHING: Reply = ()


def handlers(settings: Settings) -> list[Handler]:
    """The store's stages."""
    cut = shelves.Cut(settings.store_text_chars, settings.index_chars)

    def file(events: Sequence[ArticleClassified], _results: Sequence[None], ctx: Context) -> list[Reply]:
        return _file(events, ctx, cut)

    batch = settings.store_batch
    return [
        TopicHandler(stage=FILE, decide=file, trace=traces.write, batch=batch),
        TopicHandler(stage=WITNESS, decide=_witness, batch=batch),
        TopicHandler(stage=HEALTH, decide=_health, batch=batch),
        TopicHandler(stage=RECORD, decide=_record, batch=batch),
    ]


def _file(events: Sequence[ArticleClassified], ctx: Context, cut: shelves.Cut) -> list[Reply]:
    books = shelves.books(ctx.tx, (event.article.article_id for event in events))
    replies = list(_replies(books, events))
    shelves.put(ctx.tx, books, ctx.now, cut)
    return replies


def _replies(books: filing.Books, events: Iterable[ArticleClassified]) -> Iterator[Reply]:
    for event in events:
        answer = books.enter(event)
        yield [answer] if isinstance(answer, Dropped) else [answer, Noted(filing.note(event))]


def _witness(entries: Sequence[EntryFound], _results: Sequence[None], ctx: Context) -> list[Reply]:
    sightings.witness(ctx.tx, entries)
    return [_NOTHING] * len(entries)


def _health(polls: Sequence[SourcePolled], _results: Sequence[None], ctx: Context) -> list[Reply]:
    sightings.polled(ctx.tx, polls)
    return [_NOTHING] * len(polls)


def _record(events: Sequence[TracesRecorded | DeliverySettled], _results: Sequence[None], ctx: Context) -> list[Reply]:
    rows = [row for event in events for row in _rows(event)]
    traces.write(ctx.tx, rows)
    return [_NOTHING] * len(events)


def _rows(event: TracesRecorded | DeliverySettled) -> Sequence[TraceRow]:
    return event.rows if isinstance(event, TracesRecorded) else (delivered.row(event),)
