"""The Litestar application: routes of the services, pages, OpenAPI, health, metrics; and what every answer carries."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Litestar, Request, Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod, ScopeType
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rasid import __version__
from rasid.web import problems
from rasid.web.description import described
from rasid.web.gate import COOKIE, Caller, refusal
from shared.metrics import REGISTRY

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

ANSWERS_HEAD = ("/feeds", "/stream")
"""Paths that answer HEAD themselves, or have no end that could be left out."""


Ready = Callable[[], list[str]]
"""What keeps the house from being ready, a line each; empty when it is."""


PROBLEM_TYPE = "application/problem+json"
METRICS = CONTENT_TYPE_LATEST


class Readiness(Struct, frozen=True):
    """Whether the house is ready, and what keeps it from being so."""

    status: str
    faults: list[str]


def create(
    routes: Sequence[ControllerRouterHandler], *, ready: Ready, alive: Ready = list, token: str = "", public_url: str = ""
) -> Litestar:
    """The application over these routes. `alive`: what only a new start can mend, a line each."""
    gate = _gate(token, urlsplit(public_url).hostname or "")
    return Litestar(
        [*routes, *_own_routes(ready, alive)],
        middleware=[gate],
        openapi_config=OpenAPIConfig(
            title="rasid",
            version=__version__,
            description="Articles tagged by topic with their reasons; feeds, a stream, subscriptions and deliveries.",
            path="/openapi",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            use_handler_docstrings=True,
        ),
        plugins=[problems.plugin()],
        exception_handlers=problems.handlers(),
        response_headers=HEADERS,
        logging_config=None,
    )


def answering_head(app: Litestar) -> ASGIApp:
    """The application with HEAD answered as GET is, without the body (RFC 9110, 9.3.2), which Litestar does for no route."""

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        async def without_body(message: Any) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if scope["type"] != ScopeType.HTTP or scope["method"] != HttpMethod.HEAD or scope["path"].startswith(ANSWERS_HEAD):
            await app(scope, receive, send)
        else:
            scope["method"] = HttpMethod.GET
            await app(scope, receive, without_body)

    return asgi


def _own_routes(ready: Ready, alive: Ready) -> list[ControllerRouterHandler]:
    @get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return described(request.app.openapi_schema.to_schema())

    @get("/healthz", summary="Whether the process answers and no stage stands still", tags=["house"], sync_to_thread=False)
    def healthz() -> Response[dict[str, Any]]:
        if faults := alive():
            return Response({"status": "stuck", "faults": faults}, status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return Response({"status": "ok", "version": __version__})

    @get(
        "/readyz",
        summary="Whether every stage turns and the database answers",
        tags=["house"],
        sync_to_thread=True,
        responses={503: ResponseSpec(Readiness, description="Not ready; `faults` says why")},
    )
    def readyz() -> Response[Readiness]:
        faults = ready()
        status = HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK
        return Response(Readiness("not ready" if faults else "ok", faults), status_code=status)

    @get("/metrics", summary="Prometheus metrics", tags=["house"], sync_to_thread=True, media_type=METRICS)
    def metrics() -> Response[bytes]:
        return Response(generate_latest(REGISTRY), headers={"content-type": METRICS})

    return [openapi, healthz, readyz, metrics]


def _gate(token: str, public_host: str) -> Callable[[ASGIApp], ASGIApp]:
    """ASGI middleware that lets through what `gate.refusal` has nothing against."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
            headers = {name.lower(): value for name, value in connection.headers.items()}
            in_url = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
            caller = Caller(scope["method"], scope["path"], headers, in_url, connection.cookies.get(COOKIE))
            if refused := refusal(caller, token, public_host):
                problem = {"status": refused.status, "title": refused.status.phrase, "detail": refused.detail}
                headers = {"www-authenticate": "Bearer"} if refused.status == HTTPStatus.UNAUTHORIZED else {}
                answer = Response(problem, status_code=refused.status, media_type=PROBLEM_TYPE, headers=HEADERS | headers)
                await answer.to_asgi_response(app=None, request=Request(scope))(scope, receive, send)
                return
            if token and in_url == token and scope["path"] == "/":
                send = _with_cookie(send, token)
            await app(scope, receive, send)

        return asgi

    return middleware


def _with_cookie(send: Send, token: str) -> Send:
    """The page opened with a token in its URL keeps it, out of scripts' reach, for its own calls."""
    cookie = Cookie(key=COOKIE, value=token, httponly=True, samesite="strict")

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], cookie.to_encoded_header()]
        await send(message)

    return sending
