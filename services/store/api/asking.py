"""How a request is read: its parameters, and the problem it is told of where one cannot be used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from litestar.params import QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException
from msgspec.structs import replace
from sqlalchemy import Connection

from services.store.adapters import reading
from services.store.core import query
from services.store.core.query import Asked, BadParameter, Limits, Query
from services.store.settings import Settings
from shared.clock import Clock
from shared.database import Database

Several = list[str] | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What every route of the store works with."""

    database: Database
    settings: Settings
    topics: Callable[[], Mapping[str, str]]
    public_url: str
    clock: Clock

    def query(self, db: Connection, asked: Asked, page: int) -> Query:
        """The query a request means, `page` articles long unless it says. Raises the problem the reader is told of."""
        try:
            wanted = query.query(asked, Limits(page, self.settings.page_size_max, self.settings.search_words))
        except BadParameter as error:
            raise problem(400, "Bad parameter", str(error), parameter=error.parameter) from None
        for topic in wanted.topics:
            if not self.knows(db, topic):
                raise problem(400, "Bad parameter", f"topic: {self.unknown(topic)}", parameter="topic")
        return wanted

    def knows(self, db: Connection, topic: str) -> bool:
        """Whether there is such a topic now, or an article that was given it once."""
        return topic in self.topics() or reading.bears(db, topic)

    def unknown(self, topic: str) -> str:
        """What to say of a topic that does not exist."""
        return f"there is no topic {topic!r}; there are {', '.join(sorted(self.topics())) or 'none'}"


def problem(status: int, title: str, detail: str, **more: object) -> ProblemDetailsException:
    """An answer that tells what is wrong (RFC 9457)."""
    return ProblemDetailsException(status_code=status, title=title, detail=detail, extra=more or None)


def asked(
    topic: Annotated[Several, QueryParameter(description="topics; one of them is enough, as for every list")] = None,
    subtopic: Annotated[Several, QueryParameter(description="subtopics, written topic/subtopic")] = None,
    lang: Annotated[Several, QueryParameter(description="languages (BCP 47); zh includes zh-Hant")] = None,
    country: Annotated[Several, QueryParameter(description="countries the text speaks of (ISO 3166-1 alpha-2)")] = None,
    organisation: Annotated[Several, QueryParameter(description="ids of organisations, such as iom")] = None,
    source: Annotated[Several, QueryParameter(description="ids or URLs of sources")] = None,
    q: Annotated[str | None, QueryParameter(description='text: all words; "in quotes" side by side')] = None,
    since: Annotated[
        str | None, QueryParameter(description="published (or, undated, first seen) at this time or later")
    ] = None,
    until: Annotated[str | None, QueryParameter(description="published (or, undated, first seen) before this time")] = None,
    min_score: Annotated[str | None, QueryParameter(description="least score of such a topic, 0 to 1")] = None,
    limit: Annotated[str | None, QueryParameter(description="most articles in one answer")] = None,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the answer before")] = None,
) -> Asked:
    """The parameters that lists, feeds and the stream share."""
    return Asked(
        topic=topic or (),
        subtopic=subtopic or (),
        lang=lang or (),
        country=country or (),
        organisation=organisation or (),
        source=source or (),
        q=q,
        since=since,
        until=until,
        min_score=min_score,
        limit=limit,
        cursor=cursor,
    )


def of_topic(asked: Asked, topic: str | None) -> Asked:
    """The same, of this topic where one is given in the path."""
    return replace(asked, topic=(topic,)) if topic else asked
