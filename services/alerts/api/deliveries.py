"""Routes of deliveries."""

from typing import Annotated, Literal

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.alerts.adapters import deliveries
from services.alerts.adapters.shown import Delivery, delivery
from services.alerts.api.answers import TAGS, sequence_of
from services.alerts.settings import Settings
from shared.database import Database

State = Literal["pending", "ok", "dead", "parked", "superseded"]


class Deliveries(Struct, frozen=True, kw_only=True):
    """A page of deliveries, the newest first; `next` is the cursor of the following page."""

    items: list[Delivery]
    next: str | None = None


def routes(database: Database, settings: Settings) -> list[ControllerRouterHandler]:
    """What was sent, and what came of it."""

    @get("/deliveries", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def list_deliveries(
        of: Annotated[str | None, QueryParameter(name="subscription")] = None,
        in_state: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: FromQuery[str | None] = None,
    ) -> Deliveries:
        """Deliveries with their attempts, the newest first."""
        before = sequence_of(cursor)
        limit = settings.delivery_page_size
        with database.read() as connection:
            rows = deliveries.page(connection, subscription=of, state=in_state, before=before, limit=limit + 1)
        items = [delivery(row, attempts) for row, attempts in rows[:limit]]
        return Deliveries(items=items, next=str(rows[limit - 1][0].sequence) if len(rows) > limit else None)

    return [list_deliveries]
