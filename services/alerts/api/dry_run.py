"""The route of dry runs: what a filter would have alerted of."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from litestar import post
from litestar.params import JSONBody
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct, field

from services.alerts.api.answers import TAGS, refuse
from services.alerts.core.forecast import Forecast, Past, forecast
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.filter import FilterError, parse

History = Callable[[datetime], Iterable[Past]]
"""A port: the stored articles dated since then, the newest first."""


class DryRun(Struct, frozen=True, kw_only=True):
    """A filter to be tried on the articles of the last `days`."""

    filter: dict[str, Any] = field(default_factory=dict)
    days: Annotated[float, Meta(gt=0, le=3660)] = 7.0
    examples: Annotated[int, Meta(ge=0, le=100)] = 5


def routes(
    settings: Settings, history: History, topics: Callable[[], Collection[str]], now: Clock
) -> list[ControllerRouterHandler]:
    """Trying a filter before a subscription is made of it."""

    @post("/subscriptions/dry-run", tags=TAGS, sync_to_thread=True, status_code=200, raises=[ProblemDetailsException])
    def dry_run(data: JSONBody[DryRun]) -> Forecast:
        """What this filter would have alerted of, and what held back the rest. Nothing is made and nothing sent."""
        try:
            wanted = parse(data.filter, topics=topics())
        except FilterError as error:
            faults = [{"place": fault.place, "message": fault.message} for fault in error.faults]
            refuse(HTTPStatus.BAD_REQUEST, "the filter cannot be used", str(error), faults=faults)
        moment = now()
        since = moment - timedelta(days=data.days)
        most = settings.alert_dry_run_articles
        return forecast(wanted, history(since), since=since, now=moment, most=most, examples=data.examples)

    return [dry_run]
