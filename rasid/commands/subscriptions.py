"""`rasid subscriptions`: who is alerted."""

import sys
from collections.abc import Callable
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from rasid.home import Differs, Home, Refused, open_home, reachable
from rasid.house import rules
from services.alerts import app
from services.alerts.adapters import creation, health, shown
from services.alerts.adapters import subscriptions as kept
from services.alerts.adapters.testing import queue_test
from services.alerts.core.health import BY_A_PERSON, Health, enabled, paused
from services.alerts.settings import Settings
from services.classifier.settings import Settings as ClassifierSettings
from shared import clock
from shared.network import networks


@click.group()
def subscriptions() -> None:
    """Who is alerted: add, list, show, pause, resume, remove, test.

    \b
    Example:  rasid subscriptions add https://example.org/hook --topic trafficking --lang ar
    """


@subscriptions.command()
@click.argument("url")
@click.option("--name", default="", help="A name to know it by.  [the host]")
@click.option("--topic", "topics", multiple=True, help="Only articles with one of these topics.")
@click.option("--lang", "languages", multiple=True, help="Only articles in one of these languages.")
@click.option("--filter", "wanted", help="A filter as JSON, joined by `and` with --topic and --lang.")
@click.option("--secret", help="Sign with this whsec_... secret instead of a new one.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this header too.")
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
                wanted=_filter(asked["wanted"], asked["topics"], asked["languages"]),
                url=url,
                headers=_headers(asked["headers"]),
                secret=asked["secret"],
                include_backfill=asked["include_backfill"],
                topics=_topics(home),
                allowed=networks(settings.delivery_allow_networks),
            )
        except creation.Refused as error:
            raise Refused("\n".join(f"{fault.place}: {fault.message}" for fault in error.faults)) from None
        vault = app.vault(settings, home.common.data)
        try:
            with reachable():
                made = home.database.transact_now(lambda tx: kept.create(tx, new, vault, clock.now()))
        except OSError as error:
            raise Refused(f"RASID_ALERTS_KEY_FILE: {error}") from None
    if as_json:
        _print(made)
        return
    click.echo(f"{made.id}  {new.name}")
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
    Console().print(table)


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
    with open_home() as home, reachable():
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
    with open_home() as home, reachable():
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
    _step(subscription_id, lambda known: paused(known, BY_A_PERSON))


@subscriptions.command()
@click.argument("subscription_id", metavar="ID")
def resume(subscription_id: str) -> None:
    """Send again, what waited first: after a pause, or where its endpoint was disabled.

    \b
    Example:  rasid subscriptions resume sub_q7x3...
    """
    _step(subscription_id, enabled)


def _step(subscription_id: str, step: Callable[[Health], Health]) -> None:
    with open_home() as home, reachable():
        rules = home.settings.part(Settings).health_rules()
        row = home.database.transact_now(lambda tx: health.step(tx, subscription_id, step, rules, clock.now()))
    if row is None:
        raise _unknown(subscription_id)
    _print(shown.subscription(row, clock.now()))


def _filter(wanted: str | None, topics: tuple[str, ...], languages: tuple[str, ...]) -> object:
    """The filter the options ask for, together; not yet looked at. Raises Refused where --filter is no JSON."""
    asked = {field: {"any": list(values)} for field, values in (("topics", topics), ("languages", languages)) if values}
    if wanted is None:
        return asked
    try:
        given = msgspec.json.decode(wanted)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(f"--filter: is not JSON: {error}") from None
    if not asked:
        return given
    if isinstance(given, dict) and not given.keys() & asked.keys():
        return asked | given
    return {"all": [asked, given]}


def _topics(home: Home) -> list[str]:
    """The names of the topics there are, shipped and the user's own."""
    return [topic.topic for topic in rules(home.settings.part(ClassifierSettings)).topics]


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for header in given:
        name, colon, value = header.partition(":")
        if not colon:
            raise click.UsageError(f"--header: {header!r} is not NAME:VALUE")
        headers[name.strip()] = value.strip()
    return headers


def _unknown(subscription_id: str) -> Differs:
    return Differs(f"there is no subscription {subscription_id}; `rasid subscriptions list` shows what there is")


def _print(shape: Any) -> None:
    click.echo(msgspec.json.encode(shape).decode())
