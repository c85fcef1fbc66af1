"""The commands of `rasid sources` that carry lists of feeds in and out: import, export."""

import sys
from typing import Any

import click
import msgspec

from rasid.home import open_home
from rasid.settings import Differs, Refused
from services.crawler.adapters import sources as kept
from services.crawler.core import opml
from services.crawler.settings import Settings
from shared import clock


@click.command("import")
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@click.option("--json", "as_json", is_flag=True, help='Print {"id","url","new"} a line.')
def import_(file: Any, as_json: bool) -> None:
    """Add the feeds of an OPML list, as other readers export them; one that is not well-formed is read as far as it goes.

    None is asked for first. A feed that is there already stays as it is. What is no web address is named, the rest is added;
    the exit code is then 1.

    \b
    Example:  rasid sources import feeds.opml
    """
    named = opml.read(file.read())
    if not named:
        raise Refused(f"{getattr(file, 'name', '-')}: no feed is named in it (an OPML list has <outline xmlUrl=...>)")
    good, bad = [], []
    for one in named:
        try:
            good.append((kept.normalized(one.url), one.title))
        except ValueError as error:
            bad.append((one.url, str(error)))
    with open_home() as home:
        interval = home.settings.part(Settings).min_poll_seconds
        added = home.database.transact_now(lambda tx: kept.add(tx, good, clock.now(), interval))
    for known in added:
        click.echo(_json(known._asdict()) if as_json else f"{known.id}  {known.url}{'' if known.new else '  (there already)'}")
    for url, reason in bad:
        click.echo(_json({"id": None, "url": url, "error": reason}) if as_json else reason, err=not as_json)
    if bad:
        raise Differs(f"{len(bad)} of {len(named)} could not be added")


@click.command()
def export() -> None:
    """Print all sources as an OPML list. User names and passwords are left out of it.

    \b
    Example:  rasid sources export > feeds.opml
    """
    with open_home() as home, home.database.read() as tx:
        rows, private = kept.every(tx), kept.private(tx)
    sys.stdout.buffer.write(opml.write([opml.Outline(row["url"], row["name"]) for row in rows], "rasid"))
    if private:
        click.echo(f"{private} of {len(rows)} need a user name and password, which the list does not hold", err=True)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
