"""`/feeds/...`: the same query as Atom, RSS and JSON Feed, with conditional GET answered as we ask it of our sources."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.store.adapters import reading
from services.store.api.asking import Shelf, of_topic, problem
from services.store.core import conditional
from services.store.core.feeds import FORMATS, Feed
from services.store.core.query import Asked
from shared import ids

AnyRequest = Request[Any, Any, Any]
UNCHANGED: Final = {304: ResponseSpec(None, description="The reader has it", generate_examples=False)}
READ: Final[dict[str, Any]] = {
    "http_method": ["GET", "HEAD"],
    "tags": ["feeds"],
    "sync_to_thread": True,
    "responses": UNCHANGED,
}
SETTLED = timedelta(seconds=2)
"""A second must be over before it can be a Last-Modified: another change may fall into it."""


def routes(shelf: Shelf) -> list[ControllerRouterHandler]:
    """The routes of this module."""

    @route("/feeds/{name:str}", summary="A topic as a feed: TOPIC.atom, .rss or .json", **READ)
    def one_topic(request: AnyRequest, asked: NamedDependency[Asked], name: FromPath[str]) -> Response[bytes]:
        topic, _, form = name.rpartition(".")
        if form not in FORMATS or not topic:
            raise problem(404, "Not found", f"there is no feed {name!r}; a topic's feed ends in .atom, .rss or .json")
        return _answer(shelf, request, asked, topic, form)

    return [*(_all_topics(shelf, form) for form in FORMATS), one_topic]


def _all_topics(shelf: Shelf, form: str) -> ControllerRouterHandler:
    """A route of its own for each form: Litestar runs one handler with several paths in a thread only on the first of them."""

    media_type = FORMATS[form].media_type

    @route(f"/feeds.{form}", name=f"feeds-{form}", summary="All articles as a feed", media_type=media_type, **READ)
    def all_topics(request: AnyRequest, asked: NamedDependency[Asked]) -> Response[bytes]:
        return _answer(shelf, request, asked, None, form)

    return all_topics


def _answer(shelf: Shelf, request: AnyRequest, asked: Asked, topic: str | None, form: str) -> Response[bytes]:
    names = shelf.topics()
    with shelf.database.read() as db:
        if topic and not shelf.knows(db, topic):
            raise problem(404, "Not found", shelf.unknown(topic), topics=sorted(names))
        query = shelf.query(db, of_topic(asked, topic), shelf.settings.feed_size)
        kept = reading.newest(db, query)[: query.limit]
        filed_at = reading.last_filed_at(db)
    base = shelf.public_url or str(request.base_url).rstrip("/")
    feed = Feed(
        title=f"rasid: {names.get(topic, topic)}" if topic else "rasid",
        base=base,
        address=_address(base, request),
        kept=kept,
        names=names,
        full_text=shelf.settings.feed_text,
    )
    body = FORMATS[form].write(feed)
    return _conditional(request, body, FORMATS[form].media_type, _modified(filed_at, shelf.clock()))


def _address(base: str, request: AnyRequest) -> str:
    """The feed's own address; without the token a reader may have put there, as feeds are passed on."""
    parameters = [(name, value) for name, value in parse_qsl(request.url.query) if name != "token"]
    return f"{base}{request.url.path}" + (f"?{urlencode(parameters)}" if parameters else "")


def _modified(filed_at: datetime | None, now: datetime) -> datetime | None:
    """When anything in the store last changed: an article may also have left the feed."""
    return filed_at if filed_at is not None and filed_at < now - SETTLED else None


def _conditional(request: AnyRequest, body: bytes, media_type: str, modified: datetime | None) -> Response[bytes]:
    etag = f'"{ids.digest(body)}"'
    headers = {"etag": etag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if modified is not None:
        headers["last-modified"] = format_datetime(modified, usegmt=True)
    has_it = conditional.has_it(
        etag,
        modified,
        if_none_match=request.headers.get("if-none-match"),
        if_modified_since=request.headers.get("if-modified-since"),
    )
    if has_it:
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)
