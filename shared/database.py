"""One database by SQLAlchemy URL, and the two ways into it: `transact` and `read`.

Two backends stand behind it: shared/sqlite.py, one thread that does all the writing of a process, and shared/postgresql.py,
a pool in which every transaction has a connection of its own. Errors that are the world's (locked, full, lost,
serialization: shared/world.py) come out as `Retry`, whatever the caller did is undone, and it is offered again; they are
never a bug.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import ARRAY, Connection, Engine, Integer, Table, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url

from shared.world import world_is_retry

T = TypeVar("T")

TURNS = 256
"""How many queues `in_turn` knows of a kind; names that share one wait for each other without need. It bounds the locks of a
transaction, of which a server has some thousands in all."""


class Limits(NamedTuple):
    """Of a server, as the settings give them: connections of this process, seconds until connected, and seconds a statement may
    take before it is given up. A file has no use for them."""

    connections: int = 10
    connect_seconds: float = 5.0
    statement_seconds: float = 30.0


class Backend(Protocol):
    """What a kind of database brings. `Database` says what each promises."""

    engine: Engine

    def submit(self, work: Callable[[Connection], T], *, limited: bool) -> "Future[T]":
        """Runs `work` in a transaction; the future has its answer once that is durable, a Retry, or what it raised."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment."""

    def watch(self) -> AbstractContextManager[Callable[[], int]]:
        """A number that changes with the data. Raises TypeError where there is none."""

    def abandon(self) -> None:
        """Gives up what is under way."""

    def close(self) -> None:
        """Ends after what has begun."""


class Database:
    """The database at `url`. Close it when done; `read` and `transact` may be used from any thread or task."""

    def __init__(self, url: str, limits: Limits = Limits()) -> None:  # noqa: B008 - a tuple does not change
        self.url = url_of(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._backend = _backend(self.url, limits)
        self.engine = self._backend.engine

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """What `work(tx)` returns, once its transaction is durable. Raises Retry where the world failed, else what `work`
        raised; in both cases nothing of it is kept (of a server lost during the commit: perhaps)."""
        return await asyncio.wrap_future(self._backend.submit(work, limited=True))

    def transact_now(self, work: Callable[[Connection], T], *, limited: bool = True) -> T:
        """`transact`, for a command that has no event loop; blocks. Without `limited`, its statements may take their time."""
        return self._backend.submit(work, limited=limited).result()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one snapshot, never waits for writers. Raises Retry where the world failed."""
        with world_is_retry(), self._backend.reading() as connection:
            yield connection

    @contextmanager
    def watch(self) -> Iterator[Callable[[], int]]:
        """A function whose answer changes whenever the SQLite file was changed by any other connection, of this process or
        another. It costs microseconds and reads no table. Inside, a fault of the file is a Retry; whoever watches begins
        anew. For SQLite alone; on PostgreSQL timers look themselves (docs/decisions/0031)."""
        with self._backend.watch() as version:
            yield version

    def abandon(self) -> None:
        """Gives up what is under way at a server that may never answer: it comes out as Retry, and so does all that is asked
        for from now on. For the end of a process that has promised to end soon."""
        self._backend.abandon()

    def close(self) -> None:
        """Ends after what has begun, and closes the connections."""
        self._backend.close()
        self.engine.dispose()


def url_of(url: str) -> URL:
    """The URL as SQLAlchemy takes it; `postgresql://` and `postgres://` get the driver that comes with rasid. Raises
    ArgumentError for what is no URL."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def upsert(tx: Connection, table: Table) -> Any:
    """The database's own INSERT for this table, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def in_turn(tx: Connection, kind: str, names: Iterable[str] = ("",)) -> None:
    """From here to the end of this transaction no other goes on that asks for one of these names of this kind: what it reads
    afterwards, and the numbers it gives, follow what others committed. On SQLite that is so of itself, for one writes."""
    if tx.dialect.name == "postgresql":
        tx.execute(_TURNS, {"space": _number(kind), "turns": sorted({_number(name) % TURNS for name in names})})


_TURNS = text("SELECT pg_advisory_xact_lock(:space, turn) FROM unnest(:turns) AS turn").bindparams(
    bindparam("space", type_=Integer), bindparam("turns", type_=ARRAY(Integer))
)


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big", signed=True)


def _backend(url: URL, limits: Limits) -> Backend:
    """Each is imported where it is used, so that one does not cost the other's driver."""
    if url.get_backend_name() == "sqlite":
        from shared.sqlite import Sqlite

        return Sqlite(url)
    from shared.postgresql import Postgresql

    return Postgresql(url, limits.connections, limits.connect_seconds, limits.statement_seconds)
