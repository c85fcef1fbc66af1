"""`rasid deliveries`: what was sent, and what came of it."""

import sys
from collections.abc import Iterator

import click
import msgspec
from sqlalchemy import Connection

from rasid.home import Differs, open_home
from services.alerts.adapters import deliveries as kept
from services.alerts.adapters import shown, subscriptions
from services.alerts.api import STATES
from services.alerts.settings import Settings


@click.group()
def deliveries() -> None:
    """What was sent, and what came of it.

    \b
    Example:  rasid deliveries list --state dead
    """


@deliveries.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only deliveries in this state.")
@click.option("--subscription", help="Only deliveries of this subscription.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
def list_(state: str | None, subscription: str | None, limit: int | None) -> None:
    """One delivery a line, the newest first, with its attempts.

    \b
    Example:  rasid deliveries list --state pending
              rasid deliveries list --subscription sub_q7x3... --limit 20
    """
    with open_home() as home, home.database.read() as connection:
        page = home.settings.part(Settings).delivery_page_size
        is_empty = True
        for delivery in _all(connection, state, subscription, page, limit or sys.maxsize):
            click.echo(msgspec.json.encode(delivery).decode())
            is_empty = False
        if subscription and is_empty and subscriptions.found(connection, subscription) is None:
            raise Differs(f"there is no subscription {subscription}; `rasid subscriptions list` shows what there is")


def _all(
    connection: Connection, state: str | None, subscription: str | None, page: int, limit: int
) -> Iterator[shown.Delivery]:
    before = None
    while limit > 0:
        asked = min(page, limit)
        rows = kept.page(connection, subscription=subscription, state=state, before=before, limit=asked)
        yield from (shown.delivery(row, attempts) for row, attempts in rows)
        if len(rows) < asked:
            return
        before, limit = rows[-1][0].sequence, limit - asked
