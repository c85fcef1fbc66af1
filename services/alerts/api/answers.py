"""What the routes of alerts share: how they write, page and refuse."""

from collections.abc import Callable
from http import HTTPStatus
from logging import getLogger
from typing import Annotated, Any, NoReturn, TypeVar

from litestar.params import HeaderParameter
from litestar.plugins.problem_details import ProblemDetailsException
from sqlalchemy import Connection

from services.alerts.adapters.once import LONGEST_KEY, AnotherRequest, done_once
from services.alerts.adapters.vault import Vault
from shared.clock import Clock
from shared.database import Database
from shared.outcomes import Retry

TAGS = ["alerts"]
log = getLogger(__name__)
IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key")]
T = TypeVar("T")


def write(database: Database, work: Callable[[Connection], T]) -> T:
    """What `work(tx)` returns, durable. Raises a problem where the database, or the key of the secrets, is not available."""
    try:
        return database.transact_now(work)
    except Retry as error:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the database is not available", str(error))
    except OSError as error:
        log.error("The key of the secrets cannot be used.", extra={"reason": str(error)})
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "secrets cannot be kept now", "whoever runs this server finds why in its log")


def write_once(
    database: Database,
    vault: Vault,
    key: str | None,
    request: object,
    kind: type[T],
    work: Callable[[Connection], T],
    now: Clock,
) -> T:
    """`write`, done once for each Idempotency-Key; without one, whenever it is asked."""
    if key is None:
        return write(database, work)
    if not 0 < len(key) <= LONGEST_KEY:
        refuse(HTTPStatus.BAD_REQUEST, "the Idempotency-Key cannot be used", f"it must have 1 to {LONGEST_KEY} characters")
    try:
        return write(database, lambda tx: done_once(tx, vault, key, request, kind, work, now()))
    except AnotherRequest as error:
        refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "the Idempotency-Key cannot be used", str(error))


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
