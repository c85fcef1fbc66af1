"""Routes of endpoints, and of what people are told of them."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.alerts.adapters import health, notices, subscriptions
from services.alerts.adapters.shown import Endpoint, Notice, endpoint, notice
from services.alerts.api.answers import TAGS, missing, sequence_of, write
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database


class Endpoints(Struct, frozen=True, kw_only=True):
    """The endpoints there are."""

    items: list[Endpoint]
    next: str | None = None


class Notices(Struct, frozen=True, kw_only=True):
    """A page of notices, the newest first; `next` is the cursor of the following page."""

    items: list[Notice]
    next: str | None = None


def routes(database: Database, settings: Settings, now: Clock) -> list[ControllerRouterHandler]:
    """How endpoints are doing."""

    @get("/endpoints", tags=TAGS, sync_to_thread=True)
    def list_endpoints() -> Endpoints:
        """The endpoints of the subscriptions there are."""
        with database.read() as connection:
            return Endpoints(items=[endpoint(row, now()) for row in subscriptions.endpoints(connection)])

    @get("/endpoints/{endpoint_id:str}", tags=TAGS, sync_to_thread=True)
    def get_endpoint(endpoint_id: FromPath[str]) -> Endpoint:
        """How an endpoint is doing."""
        return _shown(database, endpoint_id, now)

    @post("/endpoints/{endpoint_id:str}/enable", tags=TAGS, sync_to_thread=True, status_code=200)
    def enable_endpoint(endpoint_id: FromPath[str]) -> Endpoint:
        """Calls it again, whatever was wrong; what was parked is sent."""
        rules = settings.health_rules()
        with database.read() as connection:
            subscription = subscriptions.of_endpoint(connection, endpoint_id)
        if subscription is not None:
            write(database, lambda tx: health.resume(tx, subscription, rules, now()))
        return _shown(database, endpoint_id, now)

    @get("/notices", tags=TAGS, sync_to_thread=True)
    def list_notices(cursor: FromQuery[str | None] = None) -> Notices:
        """What people were told of endpoints, the newest first."""
        limit, before = settings.delivery_page_size, sequence_of(cursor)
        with database.read() as connection:
            rows = notices.page(connection, before=before, limit=limit + 1)
        following = str(rows[limit - 1].sequence) if len(rows) > limit else None
        return Notices(items=[notice(row) for row in rows[:limit]], next=following)

    return [list_endpoints, get_endpoint, enable_endpoint, list_notices]


def _shown(database: Database, endpoint_id: str, now: Clock) -> Endpoint:
    with database.read() as connection:
        row: Any = subscriptions.endpoint(connection, endpoint_id)
    return endpoint(row, now()) if row is not None else missing("endpoint", endpoint_id)
