"""`rasid trends`: reports by window, for a program or a person with jq."""

import click
import msgspec

from rasid.home import open_home
from rasid.settings import Refused
from services.store.adapters import trends as counting
from services.store.core.query import Asked, BadParameter
from services.store.core.trending import BY, shown, wanted
from shared import clock


@click.command()
@click.option("--by", multiple=True, type=click.Choice(BY), help="Tell apart by this; may be given again.  [topic]")
@click.option("--topic", multiple=True, help="Of this topic alone.")
@click.option("--lang", multiple=True, help="In this language alone.")
@click.option("--country", multiple=True, help="That speak of this country alone.")
@click.option("--hours", help="Hours of a window, 1 to 168.  [24]")
@click.option("--since", metavar="TIME", help="From the window of this time.  [a week before --until]")
@click.option("--until", metavar="TIME", help="Windows that begin before this.  [now]")
@click.option("--spikes", is_flag=True, help="Only windows out of the ordinary.")
def trends(
    by: tuple[str, ...],
    topic: tuple[str, ...],
    lang: tuple[str, ...],
    country: tuple[str, ...],
    hours: str | None,
    since: str | None,
    until: str | None,
    spikes: bool,
) -> None:
    """Independent reports by window of event time, one object a line; reprints count as articles, not as reports.

    \b
    Example:  rasid trends --by topic --by country --spikes
              rasid trends --topic trafficking --lang ar --hours 6 --since 2026-11-01
    """
    filters = Asked(topic=topic, lang=lang, country=country, since=since, until=until)
    try:
        asked = wanted(filters, by, hours, clock.now())
    except BadParameter as error:
        raise Refused(f"--{error}") from None
    with open_home() as home, home.database.read() as db:
        found = counting.count(db, asked)
    for window in shown(found, asked, only_spikes=spikes):
        click.echo(msgspec.json.encode(window).decode())
