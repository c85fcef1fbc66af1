"""`rasid subscriptions`: who is alerted."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

import click
import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from rasid.commands.subscription_options import filter_of, headers_of, manner_of, topics_of
from rasid.history import history
from rasid.home import open_home
from rasid.screen import Screen
from rasid.settings import Differs, Refused
from services.alerts import app
from services.alerts.adapters import creation, health, shown
from services.alerts.adapters import subscriptions as kept
from services.alerts.adapters.testing import queue_test
from services.alerts.adapters.vault import CannotOpen
from services.alerts.core.forecast import forecast
from services.alerts.core.health import HealthRules
from services.alerts.core.ownership import Ownership
from services.alerts.core.signature import Scheme
from services.alerts.core.sink import Kind
from services.alerts.settings import Settings
from shared import clock
from shared.filter import FilterError, parse
from shared.network import networks


@click.group()
def subscriptions() -> None:
    """Who is alerted: add, list, dry-run, show, pause, resume, rotate, remove, test.

    \b
    Example:  rasid subscriptions add https://example.org/hook --topic trafficking --lang ar
    """


@subscriptions.command()
@click.argument("url")
@click.option("--name", default="", help="A name to know it by.  [the host]")
@click.option("--topic", "topics", multiple=True, help="Only articles with one of these topics.")
@click.option("--lang", "languages", multiple=True, help="Only articles in one of these languages.")
@click.option("--filter", "wanted", help="A filter as JSON, joined by `and` with --topic and --lang.")
@click.option("--secret", help="Sign with this whsec_... or whsk_... secret instead of a new one.")
@click.option("--signature", type=click.Choice(get_args(Scheme)), default="v1", help="v1: shared secret; v1a: ed25519.  [v1]")
@click.option(
    "--ownership", type=click.Choice(get_args(Ownership)), default="none", help="How the receiver shows it wants this.  [none]"
)
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this header too.")
@click.option(
    "--kind", type=click.Choice(get_args(Kind)), default="webhook", help="What URL is; of mail an address.  [webhook]"
)
@click.option("--digest", type=click.FloatRange(min=1), metavar="SECONDS", help="Gather alerts for so long into one message.")
@click.option("--maximum", type=click.IntRange(1, 200), default=50, help="Most alerts in one message.  [50]")
@click.option("--cool-down", type=click.FloatRange(min=0), default=0.0, help="Seconds after an alert; others are gathered.")
@click.option("--quiet", metavar="HH:MM-HH:MM ZONE", help="Hours in which alerts are gathered: '22:00-07:00 Asia/Amman'.")
@click.option("--include-backfill", is_flag=True, help="Alert of history too: what `rasid ingest` brings in.")
@click.option("--json", "as_json", is_flag=True, help='Print {"id","endpoint","secret"}.')
def add(url: str, as_json: bool, **asked: Any) -> None:
    """Alert URL by signed webhook. The secret is shown this once.

    \b
    Example:  rasid subscriptions add https://example.org/hook --name desk --topic visa_policy --lang ar --lang en
              rasid subscriptions add https://example.org/hook --filter '{"not": {"sources": {"any": ["UN News"]}}}'
    """
    with open_home() as home:
        settings = home.settings.part(Settings)
        try:
            new = creation.checked(
                name=asked["name"],
                wanted=filter_of(asked["wanted"], asked["topics"], asked["languages"]),
                url=url,
                headers=headers_of(asked["headers"]),
                secret=asked["secret"],
                include_backfill=asked["include_backfill"],
                ownership=asked["ownership"],
                scheme=asked["signature"],
                manner=manner_of(asked),
                kind=asked["kind"],
                can_mail=bool(settings.smtp_url),
                topics=topics_of(home),
                allowed=networks(settings.delivery_allow_networks),
            )
        except creation.Refused as error:
            raise Refused("\n".join(f"{fault.place}: {fault.message}" for fault in error.faults)) from None
        vault = app.vault(settings, home.common.data)
        try:
            made = home.database.transact_now(lambda tx: kept.create(tx, new, vault, clock.now()))
        except OSError as error:
            raise Refused(f"RASID_ALERTS_KEY_FILE: {error}") from None
    if as_json:
        _print(made)
        return
    click.echo(f"{made.id}  {new.name}")
    if not made.verifies_with:
        return
    if made.public_key:
        click.echo(f"public key  {made.public_key}")
        return
    click.echo(f"secret  {made.secret}")
    Console(stderr=True).print("Keep the secret: it is not shown again, and verifies every message.", style="dim")


@subscriptions.command("list")
@click.option("--json", "as_json", is_flag=True, help="One subscription a line.")
def list_(as_json: bool) -> None:
    """The subscriptions there are.

    \b
    Example:  rasid subscriptions list --json
    """
    with open_home() as home, home.database.read() as connection:
        rows = [shown.subscription(row, clock.now()) for row in kept.listed(connection)]
    if as_json or not sys.stdout.isatty():
        for row in rows:
            _print(row)
        return
    table = Table("id", "name", "to", "endpoint", "filter", box=None, header_style="bold")
    for row in rows:
        table.add_row(row.id, row.name, row.sink["url"], row.endpoint_state, msgspec.json.encode(row.filter).decode())
    Screen().print(table)


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def show(subscription_id: str) -> None:
    """One subscription, as JSON.

    \b
    Example:  rasid subscriptions show sub_q7x3...
    """
    with open_home() as home, home.database.read() as connection:
        row = kept.found(connection, subscription_id)
    if row is None:
        raise _unknown(subscription_id)
    _print(shown.subscription(row, clock.now()))


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def remove(subscription_id: str) -> None:
    """End a subscription; what was still to be sent is not.

    \b
    Example:  rasid subscriptions remove sub_q7x3...
    """
    with open_home() as home:
        if not home.database.transact_now(lambda tx: kept.remove(tx, subscription_id, clock.now())):
            raise _unknown(subscription_id)


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def test(subscription_id: str) -> None:
    """Send a `test` message the way every alert goes; `rasid run` does so at its next look.

    \b
    Example:  rasid subscriptions test sub_q7x3...
              rasid deliveries list --subscription sub_q7x3...
    """
    with open_home() as home:
        queued = home.database.transact_now(lambda tx: queue_test(tx, subscription_id, clock.now()))
    if queued is None:
        raise _unknown(subscription_id)
    _print(queued)


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def pause(subscription_id: str) -> None:
    """Send nothing for now; what matches waits until `resume`.

    \b
    Example:  rasid subscriptions pause sub_q7x3...
    """
    _call(health.pause, subscription_id)


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def resume(subscription_id: str) -> None:
    """Send again, what waited first: after a pause, or where its endpoint was disabled.

    \b
    Example:  rasid subscriptions resume sub_q7x3...
    """
    _call(health.resume, subscription_id)


@subscriptions.command("dry-run")
@click.argument("subscription_id", metavar="[ID]", required=False)
@click.option("--topic", "topics", multiple=True, help="Only articles with one of these topics.")
@click.option("--lang", "languages", multiple=True, help="Only articles in one of these languages.")
@click.option("--filter", "wanted", help="A filter as JSON, joined by `and` with --topic and --lang.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), default=7.0, help="How far to look back.  [7]")
@click.option("--examples", type=click.IntRange(min=0), default=5, help="How many articles to show.  [5]")
def dry_run(subscription_id: str | None, days: float, examples: int, **asked: Any) -> None:
    """What a filter, or the one of subscription ID, would have alerted of; nothing is made and nothing sent.

    \b
    Example:  rasid subscriptions dry-run --topic visa_policy --lang ar --days 30 | jq '.matched, .held_back'
    """
    with open_home() as home:
        source = filter_of(asked["wanted"], asked["topics"], asked["languages"])
        if subscription_id is not None:
            with home.database.read() as connection:
                row = kept.found(connection, subscription_id)
            if row is None:
                raise _unknown(subscription_id)
            source = msgspec.json.decode(row.filter)
        try:
            understood = parse(source, topics=topics_of(home))
        except FilterError as error:
            raise Refused("\n".join(f"{fault.place}: {fault.message}" for fault in error.faults)) from None
        now, most = clock.now(), home.settings.part(Settings).alert_dry_run_articles
        since = now - timedelta(days=days)
        past = history(home.database, since)
        _print(forecast(understood, past, since=since, now=now, most=most, examples=examples))


def _call(step: Callable[[Connection, str, HealthRules, datetime], Any], subscription_id: str) -> None:
    with open_home() as home:
        rules = home.settings.part(Settings).health_rules()
        row = home.database.transact_now(lambda tx: step(tx, subscription_id, rules, clock.now()))
    if row is None:
        raise _unknown(subscription_id)
    _print(shown.subscription(row, clock.now()))


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
@click.option("--overlap", type=click.FloatRange(min=0), help="Seconds the secret before signs too.  [a day]")
@click.option("--secret", help="This whsec_... or whsk_... instead of a random one.")
@click.option("--signature", type=click.Choice(get_args(Scheme)), default="v1", help="v1: shared secret; v1a: ed25519.  [v1]")
def rotate(subscription_id: str, overlap: float | None, secret: str | None, signature: Scheme) -> None:
    """Give it a new secret, shown this once; both sign until the one before ends.

    \b
    Example:  rasid subscriptions rotate sub_q7x3... --overlap 3600
    """
    with open_home() as home:
        settings, now = home.settings.part(Settings), clock.now()
        end = now + timedelta(seconds=settings.delivery_rotation_overlap if overlap is None else overlap)
        vault = app.vault(settings, home.common.data)
        try:
            made = home.database.transact_now(
                lambda tx: kept.rotate(tx, subscription_id, vault, now, end=end, secret=secret, scheme=signature)
            )
        except (ValueError, CannotOpen, OSError) as error:
            raise Refused(str(error)) from None
    if made is None:
        raise _unknown(subscription_id)
    _print({name: value for name, value in msgspec.structs.asdict(made).items() if value} | {"previous_until": end})


def _unknown(subscription_id: str) -> Differs:
    return Differs(f"there is no subscription {subscription_id}; `rasid subscriptions list` shows what there is")


def _print(shape: Any) -> None:
    click.echo(msgspec.json.encode(shape).decode())
