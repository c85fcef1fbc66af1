"""`/articles`, `/stories` and `/topics`: the collections of the store."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.store.adapters import reading, storied
from services.store.api.asking import Shelf, problem
from services.store.core.query import Asked, page
from services.store.core.shown import Shown, StoryHead
from shared.wire import Article


class Articles(Struct, frozen=True, kw_only=True):
    """A part of a list of articles. `next`: the `cursor` of the part after it; null at the end."""

    items: list[Article]
    next: str | None


class Stories(Struct, frozen=True, kw_only=True):
    """A part of a list of stories. `next`: the `cursor` of the part after it; null at the end."""

    items: list[StoryHead]
    next: str | None


class Topic(Struct, frozen=True, kw_only=True):
    """A topic and how many articles bear it."""

    topic: str
    name: str
    count: int


class Topics(Struct, frozen=True, kw_only=True):
    """Every topic, the most frequent first."""

    items: list[Topic]
    next: str | None = None


def routes(shelf: Shelf) -> list[ControllerRouterHandler]:
    """The routes of this module."""

    @get("/articles", summary="Articles, newest first", tags=["articles"], sync_to_thread=True)
    def articles(asked: NamedDependency[Asked]) -> Articles:
        with shelf.database.read() as db:
            query = shelf.query(db, asked, shelf.settings.page_size)
            found = page(reading.newest(db, query), query.limit)
        return Articles(items=[kept.article for kept in found.kept], next=found.cursor)

    @get("/articles/{article_id:str}", summary="One article", tags=["articles"], sync_to_thread=True)
    def article(article_id: FromPath[str]) -> Article:
        with shelf.database.read() as db:
            kept = reading.one(db, article_id)
        if kept is None:
            raise problem(404, "Not found", f"there is no article {article_id!r}")
        return kept.article

    @get("/stories", summary="Stories of several articles, the last begun first", tags=["stories"], sync_to_thread=True)
    def stories(asked: NamedDependency[Asked]) -> Stories:
        with shelf.database.read() as db:
            query = shelf.query(db, asked, shelf.settings.page_size)
            found = storied.newest(db, query)
        items = found[: query.limit]
        return Stories(items=[head for _, head in items], next=str(items[-1][0]) if len(found) > query.limit else None)

    @get("/stories/{story_id:str}", summary="One story with its articles", tags=["stories"], sync_to_thread=True)
    def story(story_id: FromPath[str]) -> Shown:
        with shelf.database.read() as db:
            shown = storied.one(db, story_id, shelf.settings.page_size_max)
        if shown is None:
            raise problem(404, "Not found", f"there is no story {story_id!r}")
        return shown

    @get("/topics", summary="Topics and how many articles bear each", tags=["articles"], sync_to_thread=True)
    def topics() -> Topics:
        with shelf.database.read() as db:
            counts = reading.counts(db)
        names = {**dict.fromkeys(counts, ""), **shelf.topics()}
        items = [Topic(topic=topic, name=name or topic, count=counts.get(topic, 0)) for topic, name in names.items()]
        return Topics(items=sorted(items, key=lambda item: (-item.count, item.topic)))

    return [articles, article, stories, story, topics]
