"""`rasid extract`: what an article page says, as the crawler reads it."""

import click

from rasid.batch import Limits, over_files
from rasid.settings import read_settings
from services.crawler.core.page import extract as read_page
from services.crawler.settings import Settings
from shared.settings import Common


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--jsonl", is_flag=True, help='FILEs (or stdin) hold lines {"id","path","url"?,"headers"?}.')
def extract(files: tuple[str, ...], jsonl: bool) -> None:
    """Print the article of each HTML file as one line of JSON: title, text (a paragraph a line), published, updated, language,
    authors, image, canonical, and in `problems` what stood in the way.

    Every file is read in a worker process with a limit of time and memory; one that cannot be read gives {"id","error"} and the
    rest goes on; the exit code is then 1.

    \b
    Example:  rasid extract page.html
              echo '{"id": 1, "path": "page.html", "url": "https://example.org/a"}' | rasid extract --jsonl
    """
    settings = read_settings()
    mine = settings.part(Settings)
    limits = Limits(settings.part(Common).workers, mine.extract_seconds, mine.fetch_max_bytes, mine.worker_max_bytes)
    over_files(files, jsonl, read_page, limits)
