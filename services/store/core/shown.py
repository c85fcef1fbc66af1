"""The shapes in which stories leave over HTTP."""

from datetime import datetime

from msgspec import Struct

from shared.events import Passage, Relation
from shared.wire import Article


class StoryHead(Struct, frozen=True, kw_only=True):
    """A story. `title` and `lang` are those of its first article; `number` counts the articles that said something new after
    it."""

    id: str
    title: str
    lang: str | None
    started_at: datetime
    updated_at: datetime
    articles: int
    number: int
    sources: tuple[str, ...]


class Report(Struct, frozen=True, kw_only=True):
    """An article of a story, why it is one (`share` of text in common with `of`, or likeness to it), and which of its sentences
    stood in no article of the story before it."""

    article: Article
    relation: Relation
    share: float
    of: str | None = None
    new: tuple[Passage, ...] = ()


class Shown(Struct, frozen=True, kw_only=True):
    """A story with its articles, in the order they were filed."""

    story: StoryHead
    items: list[Report]
