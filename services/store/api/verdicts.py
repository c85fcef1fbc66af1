"""`/articles/{id}/verdicts`: what people say of an article's topics. It wins over the rules, whatever they become."""

from typing import Annotated

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from services.store.adapters import verdicts as kept
from services.store.adapters.verdicts import Verdict
from services.store.api.asking import Shelf, problem
from services.store.core.verdicts import Said
from shared.outcomes import Retry


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verdict as it is sent. `by`: who says so."""

    verdict: Said
    by: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=2000)] = ""


class Verdicts(Struct, frozen=True, kw_only=True):
    """Every verdict on an article."""

    items: list[Verdict]
    next: None = None


ONE = "/articles/{article_id:str}/verdicts/{topic:str}"


def routes(shelf: Shelf) -> list[ControllerRouterHandler]:
    """The routes of this module."""

    @get(
        "/articles/{article_id:str}/verdicts", summary="What people said of its topics", tags=["articles"], sync_to_thread=True
    )
    def every(article_id: FromPath[str]) -> Verdicts:
        """What people said of the article's topics."""
        with shelf.database.read() as db:
            return Verdicts(items=kept.every(db, article_id))

    @put(ONE, tags=["articles"], sync_to_thread=True, raises=[ProblemDetailsException])
    def give(article_id: FromPath[str], topic: FromPath[str], data: JSONBody[Given]) -> Verdict:
        """Says that the article is about this topic, or is not; in the place of what was said before."""
        if topic not in shelf.topics():
            raise problem(400, "Bad parameter", f"topic: {shelf.unknown(topic)}", parameter="topic")
        given = Verdict(
            article=article_id,
            topic=topic,
            verdict=data.verdict,
            by=data.by,
            note=data.note,
            at=shelf.clock(),
            rules_version=None,
            score=None,
        )
        try:
            found = shelf.database.transact_now(lambda tx: kept.give(tx, given))
        except Retry as world:
            raise problem(503, "Try again", str(world)) from None
        if found is None:
            raise problem(404, "Not found", f"there is no article {article_id!r}")
        return found

    @delete(ONE, tags=["articles"], sync_to_thread=True)
    def withdraw(article_id: FromPath[str], topic: FromPath[str]) -> None:
        """Takes a verdict back: the topics are again as the rules have them."""
        try:
            is_there = shelf.database.transact_now(lambda tx: kept.withdraw(tx, article_id, topic))
        except Retry as world:
            raise problem(503, "Try again", str(world)) from None
        if not is_there:
            raise problem(404, "Not found", f"there is no verdict on {topic!r} of article {article_id!r}")

    return [every, give, withdraw]
