"""Subscriptions, deliveries and endpoints over HTTP (docs/interfaces.md)."""

from collections.abc import Callable, Collection
from http import HTTPStatus
from logging import getLogger
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Struct, field
from sqlalchemy import Connection

from services.alerts.adapters import creation, deliveries, subscriptions
from services.alerts.adapters.shown import Delivery, Endpoint, Subscription, delivery, endpoint, subscription
from services.alerts.adapters.subscriptions import Made
from services.alerts.adapters.testing import Queued, queue_test
from services.alerts.adapters.vault import Vault
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database
from shared.network import networks
from shared.outcomes import Retry

TAGS = ["alerts"]
log = getLogger(__name__)
T = TypeVar("T")
State = Literal["pending", "ok", "dead", "parked", "superseded"]


class Sink(Struct, frozen=True, kw_only=True):
    """Where alerts go. Without a `secret` (`whsec_...`), one is made."""

    url: str
    kind: Literal["webhook"] = "webhook"
    headers: dict[str, str] = field(default_factory=dict)
    secret: str | None = None


class Manner(Struct, frozen=True, kw_only=True):
    """How alerts come. `include_backfill`: of history too."""

    kind: Literal["at_once"] = "at_once"
    include_backfill: bool = False


class NewSubscription(Struct, frozen=True, kw_only=True):
    """A subscription as it is asked for. Without a filter, every tagged article is meant."""

    sink: Sink
    name: str = ""
    filter: dict[str, Any] = field(default_factory=dict)
    manner: Manner = Manner()


class Subscriptions(Struct, frozen=True, kw_only=True):
    """A page of subscriptions."""

    items: list[Subscription]
    next: str | None = None


class Deliveries(Struct, frozen=True, kw_only=True):
    """A page of deliveries, the newest first; `next` is the cursor of the following page."""

    items: list[Delivery]
    next: str | None = None


def routes(
    database: Database, settings: Settings, vault: Vault, *, topics: Callable[[], Collection[str]], now: Clock
) -> list[ControllerRouterHandler]:
    """The routes of alerts. `topics`: the names of the topics there are; `now`: when something is made."""
    return [*_subscriptions(database, settings, vault, topics, now), *_deliveries(database, settings, now)]


def _subscriptions(
    database: Database, settings: Settings, vault: Vault, topics: Callable[[], Collection[str]], now: Clock
) -> list[ControllerRouterHandler]:
    allowed = networks(settings.delivery_allow_networks)

    @post("/subscriptions", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def create_subscription(data: JSONBody[NewSubscription]) -> Made:
        """Makes a subscription with an endpoint of its own. The secret is told this once."""
        try:
            new = creation.checked(
                name=data.name,
                wanted=data.filter,
                url=data.sink.url,
                headers=data.sink.headers,
                secret=data.sink.secret,
                include_backfill=data.manner.include_backfill,
                topics=topics(),
                allowed=allowed,
            )
        except creation.Refused as error:
            faults = [{"place": fault.place, "message": fault.message} for fault in error.faults]
            _refuse(HTTPStatus.BAD_REQUEST, "the subscription cannot be made", str(error), faults=faults)
        return _write(database, lambda tx: subscriptions.create(tx, new, vault, now()))

    @get("/subscriptions", tags=TAGS, sync_to_thread=True)
    def list_subscriptions() -> Subscriptions:
        """The subscriptions there are, in the order they were made."""
        with database.read() as connection:
            return Subscriptions(items=[subscription(row, now()) for row in subscriptions.listed(connection)])

    @get("/subscriptions/{subscription_id:str}", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def get_subscription(subscription_id: FromPath[str]) -> Subscription:
        """One subscription."""
        with database.read() as connection:
            row = subscriptions.found(connection, subscription_id)
        return subscription(row, now()) if row is not None else _missing("subscription", subscription_id)

    @delete("/subscriptions/{subscription_id:str}", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def remove_subscription(subscription_id: FromPath[str]) -> None:
        """Ends a subscription; what was still to be sent is not."""
        if not _write(database, lambda tx: subscriptions.remove(tx, subscription_id, now())):
            _missing("subscription", subscription_id)

    @post(
        "/subscriptions/{subscription_id:str}/test",
        tags=TAGS,
        sync_to_thread=True,
        status_code=HTTPStatus.ACCEPTED,
        raises=[ProblemDetailsException],
    )
    def test_subscription(subscription_id: FromPath[str]) -> Queued:
        """Sends a `test` message the way every alert goes."""
        queued = _write(database, lambda tx: queue_test(tx, subscription_id, now()))
        return queued if queued is not None else _missing("subscription", subscription_id)

    return [create_subscription, list_subscriptions, get_subscription, remove_subscription, test_subscription]


def _deliveries(database: Database, settings: Settings, now: Clock) -> list[ControllerRouterHandler]:
    @get("/deliveries", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def list_deliveries(
        of: Annotated[str | None, QueryParameter(name="subscription")] = None,
        in_state: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: FromQuery[str | None] = None,
    ) -> Deliveries:
        """Deliveries with their attempts, the newest first."""
        before = _sequence(cursor)
        limit = settings.delivery_page_size
        with database.read() as connection:
            rows = deliveries.page(connection, subscription=of, state=in_state, before=before, limit=limit + 1)
        items = [delivery(row, attempts) for row, attempts in rows[:limit]]
        return Deliveries(items=items, next=str(rows[limit - 1][0].sequence) if len(rows) > limit else None)

    @get("/endpoints/{endpoint_id:str}", tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def get_endpoint(endpoint_id: FromPath[str]) -> Endpoint:
        """How an endpoint is doing."""
        with database.read() as connection:
            row = subscriptions.endpoint(connection, endpoint_id)
        return endpoint(row, now()) if row is not None else _missing("endpoint", endpoint_id)

    return [list_deliveries, get_endpoint]


def _write(database: Database, work: Callable[[Connection], T]) -> T:
    try:
        return database.transact_now(work)
    except Retry as error:
        _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the database is not available", str(error))
    except OSError as error:
        log.error("The key of the secrets cannot be used.", extra={"reason": str(error)})
        _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "secrets cannot be kept now", "whoever runs this server finds why in its log")


def _sequence(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        _refuse(HTTPStatus.BAD_REQUEST, "the cursor is not one of ours", "take `next` of the page before")
    return int(cursor)


def _missing(what: str, name: str) -> NoReturn:
    _refuse(HTTPStatus.NOT_FOUND, f"there is no such {what}", name)


def _refuse(status: HTTPStatus, title: str, detail: str, **extra: Any) -> NoReturn:
    raise ProblemDetailsException(status_code=status, title=title, detail=detail, extra=extra or None)
