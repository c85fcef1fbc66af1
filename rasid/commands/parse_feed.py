"""`rasid parse-feed`: what a feed file holds, as the crawler reads it."""

import click

from rasid.batch import Limits, over_files
from rasid.settings import read_settings
from services.crawler.core.feed import parse
from services.crawler.settings import Settings
from shared.settings import Common


@click.command(name="parse-feed")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True), metavar="[FILE]...")
@click.option("--jsonl", is_flag=True, help='FILEs (or stdin) hold lines {"id","path","headers"?,"url"?}.')
def parse_feed(files: tuple[str, ...], jsonl: bool) -> None:
    """Print each feed as one line of JSON: format, title, link, language, entries, and in `problems` what was repaired.

    Every file is read in a worker process with a limit of time and memory. One that a line names and that is not there, or
    that cannot be read, gives {"id","error"} and the rest goes on; the exit code is then 1. A FILE that is not there is
    refused at once (2).

    \b
    Example:  rasid parse-feed feed.xml
              echo '{"id": 1, "path": "feed.xml", "url": "https://example.org/feed"}' | rasid parse-feed --jsonl
    """
    settings = read_settings()
    mine = settings.part(Settings)
    limits = Limits(settings.part(Common).workers, mine.parse_seconds, mine.fetch_max_bytes, mine.worker_max_bytes)
    over_files(files, jsonl, parse, limits)
