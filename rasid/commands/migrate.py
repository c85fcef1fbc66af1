"""`rasid migrate`: brings the schema up to date, or moves an embedded database into PostgreSQL."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.engine import URL

from rasid import home, moving
from rasid.commands.run import LOCK
from rasid.home import supported_url, written
from rasid.settings import Differs, Refused, read_settings
from services.alerts.app import vault
from services.alerts.settings import Settings as AlertsSettings
from shared.database import Database
from shared.runtime.moves import finish
from shared.settings import Common, Settings


@click.command()
@click.option("--to", "target", metavar="URL", help="Move the database in the data folder into this one.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the database that is moved.  [RASID_DATA, ./data]")
def migrate(target: str | None, data: Path | None) -> None:
    """Bring the schema up to date; with --to, move the embedded database into PostgreSQL.

    Without --to: what every start does by itself. Prints the revisions before and after.

    With --to: end `rasid run` first. Every table is copied, and messages that some stage has not read go to Kafka
    (RASID_KAFKA). The embedded database is only read. A move that was cut off goes on where it was. At the end the rows on
    both sides are counted, a line a part; the exit code is 1 where they differ.

    \b
    Example:  rasid migrate
              RASID_KAFKA=kafka:9092 rasid migrate --to postgresql://rasid:secret@db/rasid
    """
    settings = read_settings(data=data)
    if target is None:
        _upgrade(settings.part(Common))
    else:
        _move(settings, supported_url(target, "--to"))


def _upgrade(common: Common) -> None:
    url = supported_url(common.database_url or home.sqlite_url(common), "RASID_DATABASE_URL")
    home.make_data_folder(common)
    with _opened(url, common) as database:
        before, after = home.migrate(database)
    _print({"database": url.render_as_string(), "from": before or None, "to": after})


def _move(settings: Settings, target: URL) -> None:
    common = settings.part(Common)
    if target.get_backend_name() == "sqlite":
        raise Refused("--to: a move goes to PostgreSQL: postgresql://user:password@host/name")
    source = _source(common)
    console = Console(stderr=True)
    try:
        with (
            FileLock(common.data / LOCK, timeout=0),
            _opened(source, common) as embedded,
            _opened(target, common) as database,
        ):
            home.migrate(database)
            differing = _moved(embedded, database, common, console)
    except Timeout:
        raise Refused(f"`rasid run` works in {common.data}; end it first") from None
    except moving.CannotMove as error:
        raise Refused(str(error)) from None
    _tell_rest(settings, target, console)
    if differing:
        raise Differs(f"these differ: {', '.join(differing)}")


def _source(common: Common) -> URL:
    url = supported_url(common.database_url or home.sqlite_url(common), "RASID_DATABASE_URL")
    if url.get_backend_name() != "sqlite":  # of the new place already; what is moved is in the folder
        url = supported_url(home.sqlite_url(common), "--data")
    if not Path(url.database or "").is_file():
        raise Refused(f"there is no embedded database at {url.database}; --data says in which folder it is")
    return url


@contextmanager
def _opened(url: URL, common: Common) -> Iterator[Database]:
    database = Database(written(url), home.limits(common))
    try:
        with home.reachable(database, common):
            yield database
    finally:
        database.close()


def _moved(embedded: Database, database: Database, common: Common, console: Console) -> list[str]:
    """Moves everything, counts it, prints the counts; the parts whose counts differ."""
    name = str(Path(embedded.url.database or "").absolute())
    with embedded.engine.begin() as source, _progress(console) as progress:  # BEGIN IMMEDIATE: nobody else writes meanwhile
        tasks = {part.name: progress.add_task(part.name, total=None) for part in moving.parts()}

        def told(part: str, moved: int, count: int) -> None:
            task = tasks.get(part)
            tasks[part] = progress.add_task(part) if task is None else task
            progress.update(tasks[part], completed=moved, total=count)

        if not common.kafka and (waiting := moving.count_unread(source)):
            raise Refused(f"{waiting} messages wait for a stage, or for a person; set RASID_KAFKA, where they go")
        moving.begin(source, database, name)
        moving.copy(source, database, name, told)
        if common.kafka:
            asyncio.run(moving.publish(source, database, common.kafka, name, told))
        counts = list(moving.verify(source, database))
    for counted in counts:
        _print(counted._asdict())
    differing = [counted.part for counted in counts if counted.source != counted.target]
    if not differing:
        database.transact_now(finish)
    return differing


def _tell_rest(settings: Settings, target: URL, console: Console) -> None:
    """What a person has yet to do."""
    key = vault(settings.part(AlertsSettings), settings.part(Common).data).path
    console.print(f"Moved. From now on: RASID_DATABASE_URL={target.render_as_string()}", highlight=False, soft_wrap=True)
    if key.exists():
        console.print(
            f"Secrets are encrypted with {key}: give the services alerts and web that file (RASID_ALERTS_KEY_FILE).",
            highlight=False,
            soft_wrap=True,
        )


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _print(line: object) -> None:
    click.echo(msgspec.json.encode(line).decode())
