"""The pages: the live list at `/`, the API's description at `/docs`, and the files they are made of.

Everything is served from here: no build step, nothing from another host, no script or style inside a page, so that the
content security policy can forbid all of it. Files are read once; an unchanged one is answered with 304.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
Caller = Request[Any, Any, Any]


class Asset(NamedTuple):
    """A file as it is served."""

    body: bytes
    media_type: str
    etag: str


def assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Every file of the pages, by name."""
    found = {}
    for file in sorted(folder.iterdir()):
        if media_type := _TYPES.get(file.suffix):
            body = file.read_bytes()
            found[file.name] = Asset(body, media_type, f'"{blake2b(body, digest_size=12).hexdigest()}"')
    return found


def routes() -> list[ControllerRouterHandler]:
    """The routes of the pages: `/`, `/docs`, `/static/...`."""
    known = assets()

    @get("/", include_in_schema=False, sync_to_thread=False)
    def index(request: Caller) -> Response[bytes]:
        return _answer(known["index.html"], request)

    @get("/docs", include_in_schema=False, sync_to_thread=False)
    def docs(request: Caller) -> Response[bytes]:
        return _answer(known["docs.html"], request)

    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def static(request: Caller) -> Response[bytes]:
        name = request.path_params["name"]
        if name not in known:
            raise NotFoundException(f"there is no file {name!r}")
        return _answer(known[name], request)

    return [index, docs, static]


def _answer(asset: Asset, request: Caller) -> Response[bytes]:
    """The file, or that the reader already has it; asked for anew each time, so that an upgrade shows at once."""
    headers = {"etag": asset.etag, "cache-control": "no-cache"}
    held = (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(","))
    if asset.etag in held:
        return Response(b"", status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
