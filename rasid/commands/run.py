"""`rasid run`: everything in one process."""

import asyncio
from pathlib import Path

import click
from filelock import FileLock, Timeout
from rich.console import Console

from rasid.commands.ingest import bring_in
from rasid.home import Home, make_data_folder, open_home, refuse_exposure
from rasid.house import House
from rasid.server import address_of, listen
from rasid.settings import Refused, read_settings
from shared.settings import Common

LOCK = "rasid.lock"


@click.command()
@click.option("--host", help="Address to listen on.  [RASID_HOST, 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [RASID_PORT, 8080]")
@click.option("--data", type=click.Path(path_type=Path), help="Folder for everything rasid keeps.  [RASID_DATA, ./data]")
@click.option("--no-starters", is_flag=True, help="Do not add the starter list of public feeds at the first start.")
@click.option(
    "--first-ingest",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Text files or folders brought in at the first start, as history.",
)
def run(host: str | None, port: int | None, data: Path | None, no_starters: bool, first_ingest: tuple[Path, ...]) -> None:
    """Everything in one process: crawler, classifier, store, alerts, page and API.

    Prints the address of the page. Ctrl-C or SIGTERM ends it in under 10 seconds; nothing under way is lost.

    \b
    Example:  rasid run --port 8080 --data ./data
    """
    settings = read_settings(host=host, port=port, data=data)
    common = settings.part(Common)
    refuse_exposure(common)
    if common.kafka:
        raise Refused(
            "RASID_KAFKA: `rasid run` is the embedded house; on Kafka each service is a process: `rasid service NAME`"
        )
    listening = listen(common.host, common.port)
    make_data_folder(common)
    try:
        with FileLock(common.data / LOCK, timeout=0), open_home(settings) as home:
            _first_start(home, not no_starters, first_ingest)
            house = House(home)  # refuses faulty topic files before an address is promised
            click.echo(f"rasid is at {address_of(listening)}")
            asyncio.run(house.run(listening, Console(stderr=True)))
    except Timeout:
        raise Refused(f"RASID_DATA: another `rasid run` works in {common.data}; end it, or choose another folder") from None


def _first_start(home: Home, starters: bool, first_ingest: tuple[Path, ...]) -> None:
    """Once for a data folder: the starter list, and what is to be brought in. Marked only when done, so that a start that
    was cut off does it again (both change nothing the second time)."""
    mark = home.common.data / "started"
    if mark.exists():
        return
    if starters:
        House.add_starters(home)
    if first_ingest:
        bring_in(home, first_ingest)
    mark.touch()
