"""Routes of subscriptions."""

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, Literal

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ControllerRouterHandler
from msgspec import Struct, field

from services.alerts.adapters import creation, health, subscriptions
from services.alerts.adapters.shown import Subscription, subscription
from services.alerts.adapters.subscriptions import Made
from services.alerts.adapters.testing import Queued, queue_test
from services.alerts.adapters.vault import Vault
from services.alerts.api.answers import TAGS, missing, refuse, write
from services.alerts.core.health import BY_A_PERSON, Health, enabled, paused
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database
from shared.network import networks

ONE = "/subscriptions/{subscription_id:str}"


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


def routes(
    database: Database, settings: Settings, vault: Vault, topics: Callable[[], Collection[str]], now: Clock
) -> list[ControllerRouterHandler]:
    """Making, showing, pausing, testing and ending them."""
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
            refuse(HTTPStatus.BAD_REQUEST, "the subscription cannot be made", str(error), faults=faults)
        return write(database, lambda tx: subscriptions.create(tx, new, vault, now()))

    @get("/subscriptions", tags=TAGS, sync_to_thread=True)
    def list_subscriptions() -> Subscriptions:
        """The subscriptions there are, in the order they were made."""
        with database.read() as connection:
            return Subscriptions(items=[subscription(row, now()) for row in subscriptions.listed(connection)])

    @get(ONE, tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def get_subscription(subscription_id: FromPath[str]) -> Subscription:
        """One subscription."""
        with database.read() as connection:
            row = subscriptions.found(connection, subscription_id)
        return subscription(row, now()) if row is not None else missing("subscription", subscription_id)

    @delete(ONE, tags=TAGS, sync_to_thread=True, raises=[ProblemDetailsException])
    def remove_subscription(subscription_id: FromPath[str]) -> None:
        """Ends a subscription; what was still to be sent is not."""
        if not write(database, lambda tx: subscriptions.remove(tx, subscription_id, now())):
            missing("subscription", subscription_id)

    @post(f"{ONE}/test", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.ACCEPTED, raises=[ProblemDetailsException])
    def test_subscription(subscription_id: FromPath[str]) -> Queued:
        """Sends a `test` message the way every alert goes."""
        queued = write(database, lambda tx: queue_test(tx, subscription_id, now()))
        return queued if queued is not None else missing("subscription", subscription_id)

    @post(f"{ONE}/pause", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK, raises=[ProblemDetailsException])
    def pause_subscription(subscription_id: FromPath[str]) -> Subscription:
        """Sends nothing for now: what matches is parked."""
        return _stepped(database, settings, subscription_id, lambda known: paused(known, BY_A_PERSON), now)

    @post(f"{ONE}/resume", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK, raises=[ProblemDetailsException])
    def resume_subscription(subscription_id: FromPath[str]) -> Subscription:
        """Sends again, what was parked first: after a pause, or where its endpoint was disabled."""
        return _stepped(database, settings, subscription_id, enabled, now)

    return [
        create_subscription, list_subscriptions, get_subscription, remove_subscription, test_subscription,
        pause_subscription, resume_subscription,
    ]  # fmt: skip


def _stepped(
    database: Database, settings: Settings, subscription_id: str, step: Callable[[Health], Health], now: Clock
) -> Subscription:
    """The subscription once its endpoint has taken this step."""
    row = write(database, lambda tx: health.step(tx, subscription_id, step, settings.health_rules(), now()))
    return subscription(row, now()) if row is not None else missing("subscription", subscription_id)
