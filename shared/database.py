"""One database by SQLAlchemy URL, and the two ways into it: `transact` and `read`.

On SQLite one thread does all the writing: transactions asked for while another runs share its commit (one
fsync for all), each in a savepoint of its own. On PostgreSQL every transaction has a connection of its own. Errors that
are the world's (locked, full, lost, serialization) come out as `Retry`, whatever the caller did is undone, and it is
offered again; they are never a bug.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager
from dataclasses import dataclass
from logging import getLogger
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from shared.outcomes import Retry

log = getLogger(__name__)
T = TypeVar("T")

BUSY_SECONDS = 10.0
"""How long a write waits for another process's transaction before it is a `Retry`; a close does not wait for it."""

LOOK_SECONDS = 0.1
"""How long the writer waits for that lock before it looks whether it is to close."""

READERS = 32
"""The most connections for reading at once; the writer has one of its own."""

GROUP_LIMIT = 64
"""The most transactions that share a commit."""


class DatabaseAway(Retry):
    """The database could not be used, for a reason of the world; the message says what to do where that is known."""


_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program holds it and will let it go, or has to be ended",
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "see whether the disk is full or damaged",
    sqlite3.SQLITE_READONLY: "let this user write to the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "see that its folder is there and that this user may write to it",
    sqlite3.SQLITE_CORRUPT: "put a backup in its place",
    sqlite3.SQLITE_NOTADB: "put a backup in its place, or move it away to begin anew",
}


def is_world(error: BaseException) -> bool:
    """Whether this error, or one it was raised while handling, is the database's and speaks of the world (to be retried), not
    of what was asked. A savepoint that cannot be undone because the disk was full is about the full disk."""
    return not isinstance(error, Retry) and any(_speaks_of_the_world(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _speaks_of_the_world(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    orig = getattr(error, "orig", None)
    code = getattr(orig, "sqlite_errorcode", None)
    if code is None and isinstance(orig, sqlite3.Error):
        return False  # it comes from Python's driver: a text in a row that is no UTF-8, a value that cannot be bound
    if code is not None and (code & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True  # the file is damaged: no message is to blame for it
    if isinstance(error, (OperationalError, InterfaceError, InternalError)):
        return code is None or (code & 0xFF) != sqlite3.SQLITE_ERROR  # a fault in the SQL itself is ours
    return isinstance(error, DBAPIError) and error.connection_invalidated


@contextmanager
def world_is_retry() -> Iterator[None]:
    """Turns a database error that speaks of the world into the Retry it amounts to."""
    try:
        yield
    except Exception as error:
        if is_world(error):
            raise _retry(error) from error
        raise


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any]


class Database:
    """The database at `url`. Close it when done; `read` and `transact` may be used from any thread or task. `engine`: the
    connections that read (on SQLite; the writer's is its own)."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else create_engine(self.url, pool_pre_ping=True)
        self._writer = _Writer(url) if self.is_sqlite else None

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """What `work(tx)` returns, once its transaction is durable. Raises Retry where the world failed, else what `work`
        raised; in both cases nothing of it is kept."""
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(work))
        return await asyncio.to_thread(self.transact_now, work)

    def transact_now(self, work: Callable[[Connection], T]) -> T:
        """`transact`, for a command that has no event loop; blocks."""
        if self._writer is not None:
            return self._writer.submit(work).result()
        with world_is_retry(), self.engine.begin() as tx:
            return work(tx)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one snapshot, never waits for writers on SQLite. Raises Retry where the world failed."""
        with world_is_retry(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.info["begin"] = "BEGIN"
            try:
                yield connection
            finally:
                connection.info.pop("begin", None)

    @contextmanager
    def watch(self) -> Iterator[Callable[[], int]]:
        """A function whose answer changes whenever the SQLite file was changed by any other connection, of this process or
        another (sqlite.org/pragma.html#pragma_data_version). It costs microseconds and reads no table. Inside, a fault of
        the file is a Retry; whoever watches begins anew."""
        try:
            connection = self.engine.raw_connection()
            try:
                yield lambda: int(connection.cursor().execute("PRAGMA data_version").fetchone()[0])
            finally:
                connection.close()
        except (sqlite3.Error, PoolTimeout) as error:  # raw connections are not wrapped by SQLAlchemy
            raise _unavailable(error) from error

    def close(self) -> None:
        """Ends the writer after what was asked of it, and closes the connections. Where another process holds the lock, what
        waits for it is a Retry at once."""
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()


def upsert(tx: Connection, table: Table) -> Any:
    """The database's own INSERT for this table, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _sqlite_engine(url: str, connections: int = READERS, busy_seconds: float = BUSY_SECONDS) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=min(connections, 8),
        max_overflow=max(connections - 8, 0),
        pool_use_lifo=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver stays out of transactions: BEGIN is ours
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA mmap_size = 268435456")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages; a log rewrites the same few, so wait for more

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info.pop("begin", "BEGIN IMMEDIATE"))

    return engine


class _Writer:
    """The thread that does all of this process's writing to a SQLite file, over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._engine = _sqlite_engine(url, connections=1, busy_seconds=LOOK_SECONDS)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._jobs.put(_Job(work, future))
        if not self._thread.is_alive():
            self._refuse_rest()
        return future

    def close(self) -> None:
        self._closing.set()
        self._jobs.put(None)
        self._thread.join()
        self._refuse_rest()
        self._engine.dispose()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            group, answers = [job], list[tuple[Any, BaseException | None]]()
            try:
                with self._begun() as tx:
                    answers.append(_attempt(job, tx))
                    while len(group) < GROUP_LIMIT and (more := self._next()) is not None:
                        group.append(more)
                        answers.append(_attempt(more, tx))
            except Exception as error:  # noqa: BLE001 - the group's transaction is gone: every one of its jobs hears of it
                lost = _retry(error) if is_world(error) else error
                while (more := self._next()) is not None:  # who waits behind a lock need not wait for it again
                    group.append(more)
                answers = [(None, lost)] * len(group)
            for settled, answer in zip(group, answers, strict=True):
                _settle(settled.future, *answer)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A transaction that holds the file's write lock. Waits for it in short looks, so that a close ends the wait."""
        until = time.monotonic() + BUSY_SECONDS
        with self._engine.connect() as connection:
            while True:
                try:
                    transaction = connection.begin()
                    break
                except OperationalError as error:
                    if not _is_busy(error) or self._closing.is_set() or time.monotonic() >= until:
                        raise
            with transaction:
                yield connection

    def _next(self) -> _Job | None:
        if self._jobs.empty():
            return None
        job = self._jobs.get()
        if job is None:
            self._jobs.put(None)  # close() was called: end this group first
        return job

    def _refuse_rest(self) -> None:
        """Nobody would ever answer what was asked after the end."""
        while not self._jobs.empty():
            if (job := self._jobs.get()) is not None:
                _settle(job.future, None, Retry("the database is closed", after=1.0))


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _attempt(job: _Job, tx: Connection) -> tuple[Any, BaseException | None]:
    """Runs one job in a savepoint. Raises only what undoes the whole group."""
    if not job.future.set_running_or_notify_cancel():
        return None, None
    try:
        with tx.begin_nested():
            return job.work(tx), None
    except Exception as error:
        if not tx.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's own, not in the protocol
            raise  # a full disk or an I/O error undid everything (sqlite.org/lang_transaction.html)
        return None, _retry(error) if is_world(error) else error


def _settle(future: Future[Any], result: Any, failure: BaseException | None) -> None:
    with contextlib.suppress(InvalidStateError):  # whoever asked has given up
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _retry(error: BaseException) -> Retry:
    world = next(each for each in _chain(error) if _speaks_of_the_world(each))
    return _unavailable(getattr(world, "orig", None) or world)


def _unavailable(world: BaseException) -> DatabaseAway:
    code = getattr(world, "sqlite_errorcode", 0) & 0xFF
    advice = f"; {_ADVICE[code]}" if code in _ADVICE else ""
    return DatabaseAway(f"the database is not available: {world}{advice}", after=1.0)
