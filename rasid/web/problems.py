"""Every refusal and every failure in the words of RFC 9457: the title names the kind, the detail says what was wrong here."""

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin
from litestar.types import ExceptionHandlersMap

from shared.outcomes import Retry

log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, Any]


def plugin() -> ProblemDetailsPlugin:
    """What Litestar itself refuses, and what a route does."""
    return ProblemDetailsPlugin(ProblemDetailsConfig(exception_to_problem_detail_map={HTTPException: _refused}))


def handlers() -> ExceptionHandlersMap:
    """What is raised besides: a body no parser takes, a database that is away, and bugs, which are logged."""
    return {RecursionError: _too_deep, UnicodeDecodeError: _not_text, Retry: _away, Exception: _failed}


def _problem(status: HTTPStatus, detail: str, **more: Any) -> ProblemDetailsException:
    return ProblemDetailsException(status_code=status, title=status.phrase, detail=detail, **more)


def _refused(error: HTTPException) -> ProblemDetailsException:
    places = error.extra if isinstance(error.extra, list) else []
    named = [_place(place) for place in places if "message" in place]
    return _problem(HTTPStatus(error.status_code), "; ".join(named) or str(error.detail), headers=error.headers)


def _place(fault: dict[str, Any]) -> str:
    """`data` is what Litestar calls the body; without one it knows no more than that name."""
    place, message = str(fault.get("key", "data")), str(fault["message"])
    if place == "data":
        return "body: there is none; send JSON" if message == "'data'" else f"body: {message}"
    return f"{place}: {message}"


def _too_deep(request: AnyRequest, error: Exception) -> Response[Any]:
    return _problem(HTTPStatus.BAD_REQUEST, "body: nested too deeply").to_response(request)


def _not_text(request: AnyRequest, error: Exception) -> Response[Any]:
    return _problem(HTTPStatus.BAD_REQUEST, f"body: not UTF-8: {error}").to_response(request)


def _away(request: AnyRequest, error: Exception) -> Response[Any]:
    headers = {"retry-after": "5"}
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers=headers).to_response(request)


def _failed(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("A request failed.", extra={"method": request.method, "path": request.url.path}, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a bug of the server; its log says more").to_response(request)
