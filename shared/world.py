"""Which errors of a database speak of the world (locked, full, lost, cut off), and which of what was asked.

The first are retried without end, for no message is to blame; the others are bugs, and the message that meets one five times
is set aside. SQLite says which by its result code (sqlite.org/rescode.html), PostgreSQL by its SQLSTATE
(postgresql.org/docs/current/errcodes-appendix.html).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.outcomes import Retry


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

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_WORLD_CLASSES = frozenset(
    {
        "08",  # connection exception
        "28",  # not let in
        "53",  # insufficient resources: disk full, out of memory, too many connections
        "57",  # operator intervention: shut down, starting up, cancelled by the statement time-out
        "58",  # system error: input or output
    }
)
_WORLD_STATES = frozenset(
    {
        "25006",  # read only: a standby, or an operator's setting
        "25P03",  # idle in a transaction for too long: we stood still
        "25P04",  # the transaction took too long
        "3D000",  # no such database
        "40001",  # could not serialise
        "40003",  # not known whether it was done
        "40P01",  # deadlock
        "42501",  # a right is missing: the administrator's to mend
        "55006",  # in use
        "55P03",  # not free within the lock time-out
        "XX001",  # data damaged
        "XX002",  # index damaged
    }
)


def is_world(error: BaseException) -> bool:
    """Whether this error, or one it was raised while handling, is the database's and speaks of the world (to be retried), not
    of what was asked. A savepoint that cannot be undone because the disk was full is about the full disk."""
    return not isinstance(error, Retry) and any(_speaks_of_the_world(each) for each in _chain(error))


def as_retry(error: BaseException) -> DatabaseAway:
    """The Retry that an error of the world amounts to."""
    world = next(each for each in _chain(error) if _speaks_of_the_world(each))
    return unavailable(getattr(world, "orig", None) or world)


def unavailable(world: BaseException) -> DatabaseAway:
    """What is told of a driver's error that speaks of the world."""
    code = getattr(world, "sqlite_errorcode", None)
    advice = f"; {_ADVICE[code & 0xFF]}" if code is not None and code & 0xFF in _ADVICE else ""
    return DatabaseAway(f"the database is not available: {str(world).strip()}{advice}", after=1.0)


@contextmanager
def world_is_retry() -> Iterator[None]:
    """Turns a database error that speaks of the world into the Retry it amounts to."""
    try:
        yield
    except Exception as error:
        if is_world(error):
            raise as_retry(error) from error
        raise


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _speaks_of_the_world(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _WORLD_CLASSES or state in _WORLD_STATES
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if code is None and isinstance(error.orig, sqlite3.Error):
        return False  # it comes from Python's driver: a text in a row that is no UTF-8, a value that cannot be bound
    if code is not None and code & 0xFF in _DAMAGED:
        return True  # the file is damaged: no message is to blame for it
    if isinstance(error, (OperationalError, InterfaceError, InternalError)):
        return code is None or code & 0xFF != sqlite3.SQLITE_ERROR  # a fault in the SQL itself is ours
    return error.connection_invalidated
