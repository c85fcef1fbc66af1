"""Routes of subscriptions."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct, field
from sqlalchemy import Connection

from services.alerts.adapters import creation, health, subscriptions
from services.alerts.adapters.shown import Subscription, subscription
from services.alerts.adapters.subscriptions import Made
from services.alerts.adapters.testing import Queued, queue_test
from services.alerts.adapters.vault import CannotOpen, Vault
from services.alerts.api.answers import TAGS, IdempotencyKey, missing, refuse, write, write_once
from services.alerts.core.manner import Manner
from services.alerts.core.ownership import Ownership
from services.alerts.core.signature import Scheme
from services.alerts.core.sink import Kind
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database
from shared.network import networks

ONE = "/subscriptions/{subscription_id:str}"


class Sink(Struct, frozen=True, kw_only=True):
    """Where alerts go: a webhook, a chat, or with `email` the address in `url`. Without a `secret` (`whsec_...`, or `whsk_...`
    for ed25519), a webhook gets one: shared (`v1`), or an ed25519 key (`v1a`). `ownership`: how the receiver shows that it
    wants messages before the first is sent."""

    url: str
    kind: Kind = "webhook"
    headers: dict[str, str] = field(default_factory=dict)
    secret: str | None = None
    signature: Scheme = "v1"
    ownership: Ownership = "none"


class NewSubscription(Struct, frozen=True, kw_only=True):
    """A subscription as it is asked for. Without a filter, every tagged article is meant."""

    sink: Sink
    name: str = ""
    filter: dict[str, Any] = field(default_factory=dict)
    manner: Manner = Manner()


class Rotation(Struct, frozen=True, kw_only=True):
    """A new secret: this one, or a random one. Those there are sign too for `overlap_seconds`."""

    overlap_seconds: Annotated[float, Meta(ge=0, le=366 * 86_400)] | None = None
    secret: str | None = None
    signature: Scheme = "v1"


class Rotated(Made, frozen=True, kw_only=True):
    """The new secret, and when those before it end."""

    previous_until: datetime


class Subscriptions(Struct, frozen=True, kw_only=True):
    """A page of subscriptions."""

    items: list[Subscription]
    next: str | None = None


def routes(
    database: Database, settings: Settings, vault: Vault, topics: Callable[[], Collection[str]], now: Clock
) -> list[ControllerRouterHandler]:
    """Making, showing, pausing, testing and ending them."""
    allowed = networks(settings.delivery_allow_networks)

    @post("/subscriptions", tags=TAGS, sync_to_thread=True)
    def create_subscription(data: JSONBody[NewSubscription], key: IdempotencyKey = None) -> Made:
        """Makes a subscription with an endpoint of its own. The secret is told this once."""
        try:
            new = creation.checked(
                name=data.name,
                wanted=data.filter,
                url=data.sink.url,
                headers=data.sink.headers,
                secret=data.sink.secret,
                include_backfill=data.manner.include_backfill,
                ownership=data.sink.ownership,
                scheme=data.sink.signature,
                manner=data.manner,
                kind=data.sink.kind,
                can_mail=bool(settings.smtp_url),
                topics=topics(),
                allowed=allowed,
            )
        except creation.Refused as error:
            faults = [{"place": fault.place, "message": fault.message} for fault in error.faults]
            refuse(HTTPStatus.BAD_REQUEST, "the subscription cannot be made", str(error), faults=faults)
        return write_once(
            database, vault, key, ("subscription", data), Made, lambda tx: subscriptions.create(tx, new, vault, now()), now
        )

    @get("/subscriptions", tags=TAGS, sync_to_thread=True)
    def list_subscriptions() -> Subscriptions:
        """The subscriptions there are, in the order they were made."""
        with database.read() as connection:
            return Subscriptions(items=[subscription(row, now()) for row in subscriptions.listed(connection)])

    @get(ONE, tags=TAGS, sync_to_thread=True)
    def get_subscription(subscription_id: FromPath[str]) -> Subscription:
        """One subscription."""
        with database.read() as connection:
            row = subscriptions.found(connection, subscription_id)
        return subscription(row, now()) if row is not None else missing("subscription", subscription_id)

    @delete(ONE, tags=TAGS, sync_to_thread=True)
    def remove_subscription(subscription_id: FromPath[str]) -> None:
        """Ends a subscription; what was still to be sent is not."""
        if not write(database, lambda tx: subscriptions.remove(tx, subscription_id, now())):
            missing("subscription", subscription_id)

    @post(f"{ONE}/test", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.ACCEPTED)
    def test_subscription(subscription_id: FromPath[str], key: IdempotencyKey = None) -> Queued:
        """Sends a `test` message the way every alert goes."""

        def queue(tx: Connection) -> Queued:
            queued = queue_test(tx, subscription_id, now())
            return queued if queued is not None else missing("subscription", subscription_id)

        return write_once(database, vault, key, ("test", subscription_id), Queued, queue, now)

    @post(f"{ONE}/pause", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def pause_subscription(subscription_id: FromPath[str]) -> Subscription:
        """Sends nothing for now: what matches is parked."""
        row = write(database, lambda tx: health.pause(tx, subscription_id, settings.health_rules(), now()))
        return subscription(row, now()) if row is not None else missing("subscription", subscription_id)

    @post(f"{ONE}/resume", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def resume_subscription(subscription_id: FromPath[str]) -> Subscription:
        """Sends again, what was parked first: after a pause, or where its endpoint was disabled."""
        row = write(database, lambda tx: health.resume(tx, subscription_id, settings.health_rules(), now()))
        return subscription(row, now()) if row is not None else missing("subscription", subscription_id)

    @post(f"{ONE}/rotate", tags=TAGS, sync_to_thread=True, status_code=HTTPStatus.OK)
    def rotate_secret(subscription_id: FromPath[str], data: JSONBody[Rotation], key: IdempotencyKey = None) -> Rotated:
        """Gives it a new secret, told this once; the one before signs too for a while."""
        overlap = settings.delivery_rotation_overlap if data.overlap_seconds is None else data.overlap_seconds
        moment, secret, scheme = now(), data.secret, data.signature
        end = moment + timedelta(seconds=overlap)

        def rotate(tx: Connection) -> Rotated:
            made = subscriptions.rotate(tx, subscription_id, vault, moment, end=end, secret=secret, scheme=scheme)
            if made is None:
                missing("subscription", subscription_id)
            return Rotated(**msgspec.structs.asdict(made), previous_until=end)

        try:
            return write_once(database, vault, key, ("rotate", subscription_id, data), Rotated, rotate, now)
        except (ValueError, CannotOpen) as error:
            refuse(HTTPStatus.CONFLICT, "the secret cannot be changed", str(error))

    return [
        create_subscription, list_subscriptions, get_subscription, remove_subscription, test_subscription,
        pause_subscription, resume_subscription, rotate_secret,
    ]  # fmt: skip
