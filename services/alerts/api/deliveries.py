"""Routes of deliveries."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.alerts.adapters import deliveries
from services.alerts.adapters.deliveries import Sought
from services.alerts.adapters.shown import Delivery, delivery
from services.alerts.api.answers import TAGS, refuse, sequence_of
from services.alerts.settings import Settings
from shared.database import Database

STATES = ("pending", "ok", "dead", "parked", "superseded")


class Deliveries(Struct, frozen=True, kw_only=True):
    """A page of deliveries, the newest first; `next` is the cursor of the following page."""

    items: list[Delivery]
    next: str | None = None


def routes(database: Database, settings: Settings) -> list[ControllerRouterHandler]:
    """What was sent, and what came of it."""

    @get("/deliveries", tags=TAGS, sync_to_thread=True)
    def list_deliveries(
        of: Annotated[str | None, QueryParameter(name="subscription")] = None,
        in_state: Annotated[str | None, QueryParameter(name="state", schema_extra={"enum": STATES})] = None,
        endpoint: FromQuery[str | None] = None,
        of_type: Annotated[str | None, QueryParameter(name="type")] = None,
        article: FromQuery[str | None] = None,
        since: FromQuery[datetime | None] = None,
        until: FromQuery[datetime | None] = None,
        cursor: FromQuery[str | None] = None,
    ) -> Deliveries:
        """Deliveries with their attempts, the newest first. `since` and `until`: when they were made."""
        if in_state is not None and in_state not in STATES:
            refuse(HTTPStatus.BAD_REQUEST, "Bad parameter", f"state: is one of {', '.join(STATES)}, not {in_state!r}")
        sought = Sought(
            subscription=of, state=in_state, endpoint=endpoint, type=of_type, article=article, since=since, until=until
        )
        before = sequence_of(cursor)
        limit = settings.delivery_page_size
        with database.read() as connection:
            rows = deliveries.page(connection, sought, before=before, limit=limit + 1)
        items = [delivery(row, attempts) for row, attempts in rows[:limit]]
        return Deliveries(items=items, next=str(rows[limit - 1][0].sequence) if len(rows) > limit else None)

    return [list_deliveries]
