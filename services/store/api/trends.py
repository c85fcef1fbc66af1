"""`/trends`: how much is reported on what, window by window, and where that is out of the ordinary."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from services.store.adapters import trends as counting
from services.store.api.asking import Several, Shelf, problem
from services.store.core.query import Asked, BadParameter
from services.store.core.trending import Trends, shown, wanted


def routes(shelf: Shelf) -> list[ControllerRouterHandler]:
    """The routes of this module."""

    @get("/trends", summary="Reports by window, and what is out of the ordinary", tags=["articles"], sync_to_thread=True)
    def trends(
        by: Annotated[Several, QueryParameter(description="told apart by: topic, lang, country; topic if none")] = None,
        topic: Annotated[Several, QueryParameter(description="of these topics alone")] = None,
        lang: Annotated[Several, QueryParameter(description="in these languages alone")] = None,
        country: Annotated[Several, QueryParameter(description="that speak of these countries alone")] = None,
        hours: Annotated[str | None, QueryParameter(description="hours of a window, 1 to 168; a day if none")] = None,
        since: Annotated[str | None, QueryParameter(description="the window of this time and later; a week if none")] = None,
        until: Annotated[str | None, QueryParameter(description="windows that begin before this; now if none")] = None,
        spikes: Annotated[bool, QueryParameter(description="only windows out of the ordinary")] = False,
    ) -> Trends:
        filters = Asked(topic=topic or (), lang=lang or (), country=country or (), since=since, until=until)
        try:
            asked = wanted(filters, by or (), hours, shelf.clock())
        except BadParameter as error:
            raise problem(400, "Bad parameter", str(error), parameter=error.parameter) from None
        with shelf.database.read() as db:
            for name in asked.topics:
                if not shelf.knows(db, name):
                    raise problem(400, "Bad parameter", f"topic: {shelf.unknown(name)}", parameter="topic")
            found = counting.count(db, asked)
        return Trends(items=shown(found, asked, only_spikes=spikes))

    return [trends]
