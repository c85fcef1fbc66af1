"""`rasid sources`: what is polled."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.table import Table

from rasid.commands.source_lists import export, import_
from rasid.commands.source_polls import check as check_
from rasid.commands.source_polls import pages, pause, poll, resume
from rasid.home import open_home
from rasid.screen import Screen
from rasid.settings import Differs, Refused, read_settings
from services.crawler.adapters import sources as kept
from services.crawler.adapters.finding import Found
from services.crawler.adapters.sources import Added
from services.crawler.app import find_feeds
from services.crawler.settings import Settings
from shared import clock


@click.group()
def sources() -> None:
    """The sources that are polled: add, list, check, poll, pause, resume, remove, import, export.

    \b
    Example:  rasid sources add https://news.un.org/feed/subscribe/ar/news/topic/migrants-and-refugees/feed/rss.xml
    """


for _command in (check_, poll, pause, resume, pages, import_, export):
    sources.add_command(_command)


@sources.command()
@click.argument("urls", nargs=-1, metavar="[URL...]")
@click.option(
    "--file", "file", type=click.File(encoding="utf-8-sig"), help="A URL a line, a name after it if wanted; - is stdin."
)
@click.option("--name", default="", help="A name to show it by; only with one URL.  [the feed's own title]")
@click.option("--check/--no-check", default=True, help="Ask for each URL first; those of a --file are not asked for.")
@click.option("--json", "as_json", is_flag=True, help='Print {"id","url","new"} and what was found, one a line.')
def add(urls: tuple[str, ...], file: Any, name: str, check: bool, as_json: bool) -> None:
    """Poll these feeds from now on. One that is there already stays as it is.

    Each URL is asked for first, and what it is is said: of a web page the feed it names is added. One that does not answer is
    added all the same. A page without a feed, or a line that holds no web address, is named and the rest is added; the exit
    code is then 1.

    \b
    Example:  rasid sources add https://www.infomigrants.net/ar/rss --name "مهاجر نيوز"
              rasid sources add --file feeds.txt
    """
    if not urls and file is None:
        raise click.UsageError("name a URL, or a --file with one a line")
    if name and len(urls) != 1:
        raise click.UsageError("--name goes with one URL")
    good, bad = _parted([kept.Line(url, name) for url in urls])
    listed, bad_lines = _parted(kept.listed(_read(file)) if file else [])
    if urls and not good and file is None:
        raise Refused("; ".join(reason for _, reason in bad))
    settings = read_settings()
    mine = settings.part(Settings)
    found = asyncio.run(find_feeds(mine, [url for url, _ in good])) if check and good else []
    refused = [(line.url, _place(file, line) + reason) for line, reason in bad + bad_lines]
    refused += [(one.asked, f"{one.asked}: {one.detail} (--no-check adds it as it is)") for one in found if not one.url]
    feeds = {one.asked: one.url for one in found}
    wanted = [(feed, called) for url, called in good if (feed := feeds.get(url, url))] + listed
    with open_home(settings) as home:
        added = home.database.transact_now(lambda tx: kept.add(tx, wanted, clock.now(), mine.min_poll_seconds))
    _tell(added, {one.url: one for one in found if one.url}, refused, as_json)
    if refused:
        raise Differs(f"{len(refused)} could not be added")


def _place(file: Any, line: kept.Line) -> str:
    return f"{_name(file)}:{line.number}: " if line.number else ""


def _tell(added: list[Added], found: dict[str, Found], bad: list[tuple[str, str]], as_json: bool) -> None:
    for one in added:
        what = found.get(one.url)
        if as_json:
            click.echo(_json((what._asdict() if what else {}) | one._asdict()))
            continue
        click.echo(f"{one.id}  {one.url}{'' if one.new else '  (there already)'}")
        if what is not None:
            click.echo(f"    {what.detail}", err=True)
    for url, reason in bad:
        click.echo(_json({"id": None, "url": url, "error": reason}) if as_json else reason, err=not as_json)


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="One source a line.")
def list_(as_json: bool) -> None:
    """The sources there are, what came of their last poll, and when the next is.

    \b
    Example:  rasid sources list --json
    """
    with open_home() as home, home.database.read() as tx:
        rows = kept.every(tx)
    if as_json or not sys.stdout.isatty():
        for row in rows:
            click.echo(_json(row))
        return
    table = Table("id", "name", "url", "health", "reason", "entries", "next poll", box=None)
    for row in rows:
        shown = (row["id"], row["name"], row["url"], row["health"], row["reason"], row["entries"], row["next_poll"] or "")
        table.add_row(*(str(value) for value in shown))
    Screen().print(table)


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="ID|URL...")
def remove(names: tuple[str, ...]) -> None:
    """Poll these sources no more, by id or URL. Their articles stay.

    \b
    Example:  rasid sources remove https://www.infomigrants.net/ar/rss
    """
    with open_home() as home:
        removed = home.database.transact_now(lambda tx: [(name, kept.remove(tx, [kept.known_as(name)])) for name in names])
    for name, found in removed:
        click.echo(f"{name}: {'removed' if found else 'no such source'}", err=not found)
    missing = [name for name, found in removed if not found]
    if missing:
        raise Differs(f"{len(missing)} of {len(names)} were not there")


def _read(file: Any) -> str:
    try:
        return str(file.read())
    except UnicodeDecodeError as error:
        raise Refused(f"{_name(file)}: not UTF-8: {error.reason}") from None


def _name(file: Any) -> str:
    return Path(str(getattr(file, "name", "<stdin>"))).name


def _parted(wanted: list[kept.Line]) -> tuple[list[tuple[str, str]], list[tuple[kept.Line, str]]]:
    """(URL, name) of those that are addresses; of the others, why not."""
    good, bad = [], []
    for line in wanted:
        try:
            good.append((kept.normalized(line.url), line.name))
        except ValueError as error:
            bad.append((line, str(error)))
    return good, bad


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
