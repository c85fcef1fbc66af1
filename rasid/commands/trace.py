"""`rasid trace`: every gate an article passed or stopped at, with the reason."""

from collections.abc import Iterable

import click
import msgspec

from rasid.home import open_home
from rasid.settings import Differs
from services.store.adapters import traces
from shared import ids
from shared.clock import rfc3339
from shared.events import TraceRow
from shared.urls import canonical_url

_WORDS = {"handled": "passed", "dropped": "left", "set_aside": "set aside"}


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a gate.")
def trace(url: str, as_json: bool) -> None:
    """Every gate the article at URL passed or stopped at, in order of time, with the reason.

    URL may be written as the feed has it or in its canonical form; an article id will do as well. Exits with 1 where
    nothing is known of it.

    \b
    Example:  rasid trace https://news.un.org/ar/story/2024/01/1127932
              rasid trace --json 5mfywk6c7wxkx4c2h3l7d4ytqe | jq .reason
    """
    with open_home() as home, home.database.read() as db:
        rows = traces.ways(db, names(url))
    if not rows:
        raise Differs(f"nothing is known of {url}: no source has carried it")
    for line in map(_json, rows) if as_json else _text(rows):
        click.echo(line)


def names(url: str) -> set[str]:
    """What the article may be known by: as given, its canonical URL, the id that URL gives."""
    canonical = canonical_url(url)
    return {url, canonical, ids.article_id(canonical)} if canonical else {url}


def _json(row: TraceRow) -> str:
    return msgspec.json.encode(row).decode()


def _text(rows: list[TraceRow]) -> Iterable[str]:
    several = len({row.article_id for row in rows}) > 1
    for row in rows:
        of = f"{row.article_id}  " if several else ""
        yield f"{rfc3339(row.at):<27}  {of}{row.stage:<9} {_WORDS[row.outcome]:<9} {row.reason}".rstrip()
