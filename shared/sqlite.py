"""SQLite behind shared/database.py: one thread, over a connection of its own, does all the writing of this process.

Transactions asked for while another runs share its commit (one fsync for all), each in a savepoint of its own. Other
processes may write too, by BEGIN IMMEDIATE with a busy time-out.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from shared.outcomes import Retry
from shared.world import as_retry, is_world, unavailable

T = TypeVar("T")

BUSY_SECONDS = 10.0
"""How long a write waits for another process's transaction before it is a `Retry`; a close does not wait for it."""

LOOK_SECONDS = 0.1
"""How long the writer waits for that lock before it looks whether it is to close."""

READERS = 32
"""The most connections for reading at once; the writer has one of its own."""

GROUP_LIMIT = 64
"""The most transactions that share a commit."""


class Sqlite:
    """The file at `url`. `engine`: the connections that read."""

    def __init__(self, url: URL) -> None:
        self.engine = _engine(url)
        self._writer = _Writer(url)

    def submit(self, work: Callable[[Connection], T], *, limited: bool) -> "Future[T]":
        """Hands the work to the writer."""
        return self._writer.submit(work)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot; in WAL no reader waits for a writer."""
        with self.engine.connect() as connection:
            connection.info["begin"] = "BEGIN"
            try:
                yield connection
            finally:
                connection.info.pop("begin", None)

    @contextmanager
    def watch(self) -> Iterator[Callable[[], int]]:
        """sqlite.org/pragma.html#pragma_data_version"""
        try:
            connection = self.engine.raw_connection()
            try:
                yield lambda: int(connection.cursor().execute("PRAGMA data_version").fetchone()[0])
            finally:
                connection.close()
        except (sqlite3.Error, PoolTimeout) as error:  # raw connections are not wrapped by SQLAlchemy
            raise unavailable(error) from error

    def abandon(self) -> None:
        """Nothing: a file answers."""

    def close(self) -> None:
        """Ends the writer after what was asked of it. Where another process holds the lock, what waits for it is a Retry at
        once."""
        self._writer.close()


def _engine(url: URL, connections: int = READERS, busy_seconds: float = BUSY_SECONDS) -> Engine:
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


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any]


class _Writer:
    """The thread that does all of this process's writing to a SQLite file, over a connection of its own."""

    def __init__(self, url: URL) -> None:
        self._engine = _engine(url, connections=1, busy_seconds=LOOK_SECONDS)
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
                lost = as_retry(error) if is_world(error) else error
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
        return None, as_retry(error) if is_world(error) else error


def _settle(future: Future[Any], result: Any, failure: BaseException | None) -> None:
    with contextlib.suppress(InvalidStateError):  # whoever asked has given up
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
