"""`rasid settings`: what can be set, and what is."""

import re
import sys

import click
import msgspec
from rich.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from rasid.screen import Screen
from rasid.settings import read_settings
from shared.settings import Entry, is_secret

PASSWORD = re.compile(r"^([a-z0-9+.-]+://[^/@:]*:)[^/@]*@")
"""What stands between a user's name and the host of a URL."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One setting a line.")
def settings(as_json: bool) -> None:
    """Every setting with its value, where that came from, and what it means.

    Order: command line, environment, rasid.toml in this folder, default. A wrong value or a misspelt name ends with 2.

    \b
    Example:  RASID_PORT=9000 rasid settings
    """
    entries = [_shown(entry) for entry in read_settings().entries()]
    if as_json or not sys.stdout.isatty():
        for entry in entries:
            click.echo(msgspec.json.encode(entry._asdict(), enc_hook=str).decode())
        return
    table = Table("setting", "value", "from", "meaning", box=None, header_style="bold")
    for entry in entries:
        table.add_row(entry.name, str(entry.value), entry.origin, entry.meaning)
    Screen().print(table)


def _shown(entry: Entry) -> Entry:
    if entry.value and is_secret(entry.name):
        return entry._replace(value="(set)")
    if entry.value and entry.name == "RASID_DATABASE_URL":
        return entry._replace(value=_without_password(entry.value))
    if isinstance(entry.value, str):
        return entry._replace(value=PASSWORD.sub(r"\1***@", entry.value))
    return entry


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string()
    except ArgumentError:
        return "(set, but no URL)"
