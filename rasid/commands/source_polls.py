"""The commands of `rasid sources` that poll, hold and let go: check, poll, pause, resume."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from rasid.home import open_home
from rasid.settings import Differs, Refused, read_settings
from services.crawler.adapters import by_hand
from services.crawler.adapters import sources as kept
from services.crawler.app import check_feeds, poll_now
from services.crawler.settings import Settings
from shared import clock

_NAMES = click.argument("names", nargs=-1, required=True, metavar="ID|URL...")


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--json", "as_json", is_flag=True, help='Print {"url","cause","status","title","entries","steps"} a line.')
def check(urls: tuple[str, ...], as_json: bool) -> None:
    """Poll each URL once, keep nothing, and say what was done and what came of it, step by step.

    The exit code is 1 where there was nothing to read.

    \b
    Example:  rasid sources check https://www.infomigrants.net/ar/rss
    """
    try:
        wanted = [kept.normalized(url) for url in urls]
    except ValueError as error:
        raise Refused(str(error)) from None
    checked = asyncio.run(check_feeds(read_settings().part(Settings), wanted))
    for one in checked:
        if as_json:
            click.echo(_json({name: value for name, value in one._asdict().items() if name != "failed"}))
            continue
        click.echo(f"{one.url}: {one.cause}")
        for step in one.steps:
            click.echo(f"    {step['step']:9} {step['detail']}")
    if bad := [one for one in checked if one.failed]:
        raise Differs(f"{len(bad)} of {len(checked)} could not be read")


@click.command()
@_NAMES
def poll(names: tuple[str, ...]) -> None:
    """Poll these sources now, due or not, and keep what is found; print one line of JSON for each.

    What was found is published by whatever runs the crawler (`rasid run`, or the service), now or when it starts.

    \b
    Example:  rasid sources poll https://www.infomigrants.net/ar/rss
    """
    with open_home() as home:
        wanted = [kept.known_as(name) for name in names]
        polled = asyncio.run(poll_now(home.settings.part(Settings), home.database, wanted))
    failed = 0
    for name, one in zip(names, polled, strict=True):
        if isinstance(one, str):
            click.echo(_json({"id": None, "url": name, "error": one}))
        else:
            click.echo(_json(one))
        failed += isinstance(one, str) or one["health"] == "failing"
    if failed:
        raise Differs(f"{failed} of {len(names)} could not be polled, or brought nothing to read")


@click.command()
@_NAMES
def pause(names: tuple[str, ...]) -> None:
    """Poll these sources no more until they are resumed.

    \b
    Example:  rasid sources pause https://www.infomigrants.net/ar/rss
    """
    _each(names, "paused", by_hand.pause)


@click.command()
@_NAMES
def resume(names: tuple[str, ...]) -> None:
    """Poll these sources again, from now on: those that were paused, and those that were gone.

    \b
    Example:  rasid sources resume https://www.infomigrants.net/ar/rss
    """
    _each(names, "polled again", lambda tx, wanted: by_hand.resume(tx, wanted, clock.now()))


@click.command()
@click.argument("mode", type=click.Choice(["short", "always", "never", "default"]))
@_NAMES
def pages(mode: str, names: tuple[str, ...]) -> None:
    """Say when the pages of these sources' articles are fetched: where the feed's text is short, always, or never.

    default: as RASID_PAGES says.

    \b
    Example:  rasid sources pages never https://www.infomigrants.net/ar/rss
    """
    _each(names, f"pages: {mode}", lambda tx, wanted: by_hand.set_pages(tx, wanted, None if mode == "default" else mode))


def _each(names: Sequence[str], done: str, work: Callable[[Connection, Sequence[str]], list[str]]) -> None:
    with open_home() as home:
        found = home.database.transact_now(lambda tx: [(name, work(tx, [kept.known_as(name)])) for name in names])
    for name, there in found:
        click.echo(f"{name}: {done if there else 'no such source'}", err=not there)
    if missing := [name for name, there in found if not there]:
        raise Differs(f"{len(missing)} of {len(names)} were not there")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
