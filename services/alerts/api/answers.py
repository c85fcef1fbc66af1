"""What the routes of alerts share: how they write, page and refuse."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from litestar.plugins.problem_details import ProblemDetailsException
from sqlalchemy import Connection

from shared.database import Database
from shared.outcomes import Retry

TAGS = ["alerts"]
T = TypeVar("T")


def write(database: Database, work: Callable[[Connection], T]) -> T:
    """What `work(tx)` returns, durable. Raises a problem where the database is not available."""
    try:
        return database.transact_now(work)
    except Retry as error:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the database is not available", str(error))


def sequence_of(cursor: str | None) -> int | None:
    """The place a cursor names. Raises a problem for what is none of ours."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        refuse(HTTPStatus.BAD_REQUEST, "the cursor is not one of ours", "take `next` of the page before")
    return int(cursor)


def missing(what: str, name: str) -> NoReturn:
    """Raises the problem that there is no such thing."""
    refuse(HTTPStatus.NOT_FOUND, f"there is no such {what}", name)


def refuse(status: HTTPStatus, title: str, detail: str, **extra: Any) -> NoReturn:
    """Raises a problem (RFC 9457)."""
    raise ProblemDetailsException(status_code=status, title=title, detail=detail, extra=extra or None)
