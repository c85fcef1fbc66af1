"""The sources over HTTP, as a collection (docs/interfaces.md)."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import NoReturn, TypeVar

from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from sqlalchemy import Connection

from services.crawler.adapters import by_hand, sources
from services.crawler.adapters.sources import Source
from services.crawler.settings import Settings
from shared.clock import Clock, now
from shared.database import Database
from shared.outcomes import Retry

TAGS = ["sources"]
T = TypeVar("T")
Change = Callable[[Connection, Sequence[str]], list[str]]


class NewSource(Struct, frozen=True, kw_only=True):
    """A feed to poll. Without a `name` the feed's own title is shown."""

    url: str
    name: str = ""


class Sources(Struct, frozen=True, kw_only=True):
    """All sources, by URL."""

    items: list[Source]
    next: str | None = None


def routes(database: Database, settings: Settings, *, clock: Clock = now) -> list[ControllerRouterHandler]:
    """The routes of the crawler. `clock`: when a source is added, and so first due."""

    @get("/sources", tags=TAGS, sync_to_thread=True)
    def list_sources() -> Sources:
        """The sources there are, what came of their last poll, and when the next is."""
        with database.read() as tx:
            return Sources(items=sources.every(tx))

    @post("/sources", tags=TAGS, sync_to_thread=True, responses={200: ResponseSpec(Source, description="It was there")})
    def add_source(data: JSONBody[NewSource]) -> Response[Source]:
        """Polls this feed from now on: 201, or 200 where it was polled already."""
        added, source = _write(database, lambda tx: _added(tx, data, settings, clock))
        return Response(source, status_code=HTTPStatus.CREATED if added else HTTPStatus.OK)

    @get("/sources/{source_id:str}", tags=TAGS, sync_to_thread=True)
    def get_source(source_id: FromPath[str]) -> Source:
        """One source."""
        with database.read() as tx:
            source = sources.one(tx, source_id)
        return source if source is not None else _missing(source_id)

    @delete("/sources/{source_id:str}", tags=TAGS, sync_to_thread=True)
    def remove_source(source_id: FromPath[str]) -> None:
        """Polls this source no more. Its articles stay."""
        if not _write(database, lambda tx: sources.remove(tx, [source_id])):
            _missing(source_id)

    def _changed(change: Change, source_id: str) -> Source:
        found = _write(database, lambda tx: change(tx, [source_id]))
        with database.read() as tx:
            source = sources.one(tx, source_id)
        return source if found and source is not None else _missing(source_id)

    @post("/sources/{source_id:str}/pause", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def pause_source(source_id: FromPath[str]) -> Source:
        """Polls this source no more until it is resumed."""
        return _changed(by_hand.pause, source_id)

    @post("/sources/{source_id:str}/resume", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def resume_source(source_id: FromPath[str]) -> Source:
        """Polls this source again, from now on: one that was paused, or gone."""
        return _changed(lambda tx, names: by_hand.resume(tx, names, clock()), source_id)

    @post("/sources/{source_id:str}/poll", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def poll_source(source_id: FromPath[str]) -> Source:
        """Makes this source due now. 404 where there is none that is polled."""
        return _changed(lambda tx, names: by_hand.hasten(tx, names, clock()), source_id)

    return [list_sources, add_source, get_source, remove_source, pause_source, resume_source, poll_source]


def _added(tx: Connection, data: NewSource, settings: Settings, clock: Clock) -> tuple[bool, Source]:
    try:
        [added] = sources.add(tx, [(data.url, data.name)], clock(), settings.min_poll_seconds)
    except ValueError as error:
        _refuse(HTTPStatus.BAD_REQUEST, "the source cannot be added", f"url: {error}")
    source = sources.one(tx, added.id)
    return added.new, source if source is not None else _missing(added.id)


def _write(database: Database, work: Callable[[Connection], T]) -> T:
    try:
        return database.transact_now(work)
    except Retry as error:
        _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the database is not available", str(error))


def _missing(source_id: str) -> NoReturn:
    _refuse(HTTPStatus.NOT_FOUND, "there is no such source", source_id)


def _refuse(status: HTTPStatus, title: str, detail: str) -> NoReturn:
    raise ProblemDetailsException(status_code=status, title=title, detail=detail)
