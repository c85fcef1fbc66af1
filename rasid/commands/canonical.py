"""`rasid canonical`: the one spelling of a URL, by which articles are known."""

from typing import Any

import click
import msgspec

from rasid.batch import over_lines
from shared.urls import canonical_url


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A line of input."""

    id: Any = None
    url: str
    base: str | None = None


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--jsonl", is_flag=True, required=True, help='FILEs (or stdin) hold lines {"id","url","base"?}.')
def canonical(files: tuple[str, ...], jsonl: bool) -> None:
    """Print the canonical form of each URL: {"id","canonical"}; null where it is no web address.

    No request is made. What says how a reader came goes, what says what is read stays; http and https are told apart here and
    joined only where articles are looked up. A bad line gives {"id","error"} and the rest goes on; the exit code is then 1.

    \b
    Example:  rasid canonical --jsonl urls.jsonl
              echo '{"id": 1, "url": "HTTPS://E.org:443/a?utm_source=x&id=5#top"}' | rasid canonical --jsonl
    """
    over_lines(files, Question, lambda line: {"canonical": canonical_url(line.url, line.base)})
