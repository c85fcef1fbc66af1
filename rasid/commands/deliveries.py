"""`rasid deliveries`: what was sent, and what came of it."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from rasid.home import open_home
from rasid.settings import Differs, Refused
from services.alerts.adapters import deliveries as kept
from services.alerts.adapters import redrives, shown, subscriptions
from services.alerts.api.deliveries import STATES
from services.alerts.core.redrive import Request, Wanted, faults
from services.alerts.settings import Settings
from shared import clock


@click.group()
def deliveries() -> None:
    """What was sent, and what came of it: list, redrive.

    \b
    Example:  rasid deliveries list --state dead
              rasid deliveries redrive --since 2026-11-22T10:00:00Z
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
    before, sought = None, kept.Sought(subscription=subscription, state=state)
    while limit > 0:
        asked = min(page, limit)
        rows = kept.page(connection, sought, before=before, limit=asked)
        yield from (shown.delivery(row, attempts) for row, attempts in rows)
        if len(rows) < asked:
            return
        before, limit = rows[-1][0].sequence, limit - asked


@deliveries.command()
@click.argument("delivery_ids", metavar="[ID]...", nargs=-1)
@click.option("--since", metavar="TIME", help="All that died since then.")
@click.option("--until", metavar="TIME", help="Only what died before then.")
@click.option("--subscription", help="Only deliveries of this subscription.")
@click.option("--error", help="Only where these words stand in the reason.")
@click.option(
    "--state", type=click.Choice(["dead", "ok"]), default="dead", help="ok: what was accepted, and lost there.  [dead]"
)
def redrive(delivery_ids: tuple[str, ...], since: str | None, until: str | None, **asked: Any) -> None:
    """Send deliveries that ended again, under the same webhook-id; `rasid run` sends them. What is cut off here goes on there.

    \b
    Example:  rasid deliveries redrive dlv_q7x3...
              rasid deliveries redrive --since 2026-11-22T10:00:00Z --subscription sub_q7x3...
    """
    if not delivery_ids and since is None and asked["subscription"] is None:
        raise click.UsageError("say which: ids, --since, or --subscription")
    wanted = Wanted(since=_moment("--since", since), until=_moment("--until", until), **asked)
    request = Request(ids=delivery_ids) if delivery_ids else Request(filter=wanted)
    if wrong := faults(request):
        raise Refused("; ".join(wrong))
    with open_home() as home:
        job = home.database.transact_now(lambda tx: redrives.create(tx, request, clock.now()))
        job_id = job.id
        while job.state == "running":
            job = home.database.transact_now(lambda tx: redrives.advance(tx, job_id, clock.now()))
            click.echo(f"{job.done} of {job.total} are due again", err=True)
    click.echo(msgspec.json.encode(job).decode())
    if job.total < len(set(delivery_ids)):
        raise Differs(f"only {job.total} of these {len(set(delivery_ids))} have died; `rasid deliveries list --state dead`")


def _moment(option: str, text: str | None) -> datetime | None:
    try:
        return clock.parse_rfc3339(text) if text is not None else None
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None
