"""Where a command finds its database and its log."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from rasid import schema
from rasid.settings import Refused, Unreachable, read_settings
from rasid.web.gate import is_loopback
from shared import clock
from shared.database import Database, Limits, url_of
from shared.events import Event
from shared.outcomes import Retry
from shared.routing import Router
from shared.runtime import log as embedded_log
from shared.runtime import moves
from shared.runtime.kafka import KafkaRuntime
from shared.runtime.kafka_topics import create_topics
from shared.settings import Common, Settings
from shared.topology import INGEST, TOPICS, Stage
from shared.world import DatabaseAway

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")


@dataclass(frozen=True)
class Home:
    """The settings, and the database brought up to date. `publish` puts events into the log."""

    settings: Settings
    database: Database

    @property
    def common(self) -> Common:
        return self.settings.part(Common)

    def publish(self, events: Iterable[Event], stage: Stage = INGEST) -> int:
        """Puts events into the log as the door `stage` of the map; how many. Durable when it returns; `rasid run` notices."""
        told = list(events)
        if self.common.kafka:
            asyncio.run(self._publish(told, stage))
        else:
            router = Router(stage)
            records = [router.record(event) for event in told]
            self.database.transact_now(lambda tx: embedded_log.append(tx, records, clock.now()))
        return len(told)

    async def _publish(self, events: Sequence[Event], stage: Stage) -> None:
        await create_topics(self.common.kafka, TOPICS)
        runtime = KafkaRuntime(self.common.kafka, None, ())
        try:
            await runtime.publish(stage, events)
        finally:
            await runtime.close()


def database_url(common: Common) -> str:
    """The SQLAlchemy URL in force. Raises Refused for one that cannot be used with the other settings."""
    url = supported_url(common.database_url or sqlite_url(common), "RASID_DATABASE_URL")
    if url.get_backend_name() != "sqlite" and not common.kafka:
        raise Refused(
            "RASID_DATABASE_URL: PostgreSQL keeps no log of messages, so it needs Kafka beside it: set RASID_KAFKA;"
            " or leave both empty, and everything is in one SQLite file"
        )
    return written(url)


def sqlite_url(common: Common) -> str:
    """The URL of the database in the data folder."""
    return f"sqlite:///{common.data.absolute() / 'rasid.db'}"


def supported_url(text: str, name: str) -> URL:
    """The URL of a database that rasid can use. Raises Refused, with the `name` of what was given."""
    try:
        url = url_of(text)
    except ArgumentError:  # what it says repeats the text, and with it a password
        raise Refused(f"{name}: this is no URL of a database; write postgresql://user:password@host/name") from None
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise Refused(f"{name}: a database in memory is not supported; use sqlite:///path/to/file.db")
    if url.drivername not in DRIVERS:
        raise Refused(f"{name}: {url.drivername} is not supported; use postgresql://... or sqlite:///path/to/file.db")
    return url


def written(url: URL) -> str:
    """The URL in full, its password with it: for Database, never for a person."""
    return url.render_as_string(hide_password=False)


def limits(common: Common) -> Limits:
    """What the settings allow of a server."""
    return Limits(common.database_connections, common.database_connect_timeout, common.database_statement_timeout)


def refuse_exposure(common: Common) -> None:
    """Raises Refused where others could reach the server and nothing would ask who they are."""
    if not is_loopback(common.host) and not common.token and not common.trust_network:
        raise Refused(f"RASID_HOST: {common.host} can be reached by others; set RASID_TOKEN, which callers must send")


def make_data_folder(common: Common) -> None:
    """Makes the data folder where there is none. Raises Refused where that cannot be, or where it cannot be written to."""
    try:
        common.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"RASID_DATA: {common.data} cannot be made: {error.strerror}") from None
    if not os.access(common.data, os.W_OK):
        raise Refused(f"RASID_DATA: {common.data} cannot be written to")


@contextmanager
def open_home(found: Settings | None = None) -> Iterator[Home]:
    """The home these settings name (default: as read from the environment), its database migrated; closed at the end. A
    database or a broker that does not answer, here or inside, ends the command with 3."""
    found = found or read_settings()
    common = found.part(Common)
    url = database_url(common)
    make_data_folder(common)
    database = Database(url, limits(common))
    try:
        with reachable(database, common):
            _make_ready(database)
            yield Home(found, database)
    finally:
        database.close()


@contextmanager
def reachable(database: Database, common: Common) -> Iterator[None]:
    """Turns a database or a broker that does not answer into the exit code for it."""
    try:
        yield
    except DatabaseAway as error:
        raise Unreachable(f"{error} ({database.url.render_as_string()})") from error
    except (KafkaError, Retry) as error:
        raise Unreachable(f"RASID_KAFKA: {common.kafka} does not answer; start the broker, or name another: {error}") from error


def _make_ready(database: Database) -> None:
    migrate(database)
    if database.is_sqlite:
        return
    with database.read() as db:
        move = moves.begun(db)
    if move and not move.done:
        raise Refused(f"the move of {move.source} into this database is not finished; run `rasid migrate --to` again")


def migrate(database: Database) -> tuple[str, str]:
    """Brings the schema up to date; the revisions before and after. Raises Refused for a database that cannot be used."""
    try:
        return schema.migrate(database)
    except schema.Unsuited as error:
        raise Refused(f"the database {database.url.database} is {error}") from None
