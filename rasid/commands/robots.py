"""`rasid robots`: what a robots.txt allows, as the crawler obeys it."""

from typing import Any

import click
import msgspec

from rasid.batch import over_lines
from services.crawler.core.robots import ask


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A line of input."""

    id: Any = None
    robots: str
    agent: str
    url: str


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--jsonl", is_flag=True, required=True, help='FILEs (or stdin) hold lines {"id","robots","agent","url"}.')
def robots(files: tuple[str, ...], jsonl: bool) -> None:
    """Say for each line whether the robots.txt in it lets this agent fetch this URL: {"id","allowed","crawl_delay"}.

    The agent is a product token or a whole user agent; crawl_delay is in seconds, null where none is set. A bad line gives
    {"id","error"} and the rest goes on; the exit code is then 1.

    \b
    Example:  rasid robots --jsonl questions.jsonl
              echo '{"robots":"User-agent: *\\nDisallow: /","agent":"a","url":"https://e.org/"}' | rasid robots --jsonl
    """
    over_lines(files, Question, lambda line: ask(line.robots, line.agent, line.url)._asdict())
