"""PostgreSQL behind shared/database.py: a pool of connections, and threads that each run a transaction.

A server may be slow, go away, or stand still without a word. So every statement has two limits: the server's own
(`statement_timeout`), and ours a little later, which holds where no one answers any more: the connection is then given up,
which is a `Retry`. A transaction in which *we* stand still is ended by the server, so that its locks go.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL

from shared.outcomes import Retry
from shared.world import world_is_retry

T = TypeVar("T")
RV = TypeVar("RV")

GRACE_SECONDS = 5.0
"""How long after the server's own limit a statement is given up; and how long a close waits for what is under way."""

RECYCLE_SECONDS = 1800
"""A connection is made anew after so long: what stands between (proxies, firewalls) forgets old ones."""


class Postgresql:
    """The server at `url`, with at most this many connections: half for transactions, the rest for readers."""

    def __init__(self, url: URL, connections: int, connect_seconds: float, statement_seconds: float) -> None:
        self._over = threading.Event()
        self.engine = _engine(url, connections, connect_seconds, statement_seconds, self._over)
        self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._threads = ThreadPoolExecutor(max(1, connections // 2), "database")
        self._running: set[Future[Any]] = set()

    def submit(self, work: Callable[[Connection], T], *, limited: bool) -> "Future[T]":
        """Runs it in one of the threads. A Retry once the database is closed."""
        try:
            future = self._threads.submit(self._transact, work, limited)
        except RuntimeError as error:  # the threads have ended
            refused: Future[T] = Future()
            refused.set_exception(Retry(f"the database is closed: {error}", after=1.0))
            return refused
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """REPEATABLE READ, read only: one snapshot, which no serialization failure can meet."""
        with self._readers.connect() as connection:
            yield connection

    def watch(self) -> Any:
        """There is nothing to watch: docs/decisions/0031."""
        raise TypeError("only a SQLite file can be watched")

    def abandon(self) -> None:
        """Statements under way are given up within a tenth of a second, and what waits for a thread never begins; a connection
        that is being made is waited for as long as it may take."""
        self._over.set()
        self._threads.shutdown(wait=False)

    def close(self) -> None:
        """Waits for what is under way, and gives up what takes longer than GRACE_SECONDS."""
        self._threads.shutdown(wait=False)
        wait(tuple(self._running), timeout=GRACE_SECONDS)
        self._over.set()
        self._threads.shutdown(wait=True)

    def _transact(self, work: Callable[[Connection], T], limited: bool) -> T:
        if self._over.is_set():
            raise Retry("the database is closed", after=1.0)
        with world_is_retry(), self.engine.begin() as tx:
            if limited:
                return work(tx)
            with _unlimited(tx):
                return work(tx)


class _Connection(psycopg.Connection[Any]):
    """A connection that gives up waiting for a server that no longer answers. `patience`: seconds for one exchange, None for
    ever; `over`: set when no answer is wanted any more."""

    patience: float | None = None
    over: threading.Event

    def wait(self, gen: PQGen[RV], *arguments: Any, **named: Any) -> RV:
        """psycopg's own, which comes back to what it waits for ten times a second."""
        return super().wait(self._patiently(gen), *arguments, **named)

    def _patiently(self, gen: PQGen[RV]) -> PQGen[RV]:
        deadline = None if self.patience is None else monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and (self.over.is_set() or (deadline is not None and monotonic() > deadline)):
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server does not answer; the connection was given up")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: RV = end.value
            return answer


@contextmanager
def _unlimited(tx: Connection) -> Iterator[None]:
    """Statements of this transaction may take their time."""
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection: Any = tx.connection.driver_connection
    patience, connection.patience = connection.patience, None
    try:
        yield
    finally:
        connection.patience = patience


def _engine(url: URL, connections: int, connect_seconds: float, statement_seconds: float, over: threading.Event) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": max(2, round(connect_seconds)),  # libpq takes whole seconds, and 1 as 2
        "fallback_application_name": "rasid",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    limit = int(statement_seconds * 1000)

    def _connect(*_: Any) -> Any:
        if over.is_set():
            raise psycopg.OperationalError("no connection is made any more: this process ends")
        [], given = engine.dialect.create_connect_args(url)
        connection: _Connection = _Connection.connect(**{**arguments, **given, "autocommit": True})
        connection.patience, connection.over = statement_seconds + GRACE_SECONDS, over
        connection.execute(f"SET statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {limit}")
        connection.autocommit = False
        return connection

    engine = create_engine(
        url,
        creator=_connect,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=connect_seconds,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        pool_use_lifo=True,
    )
    return engine
