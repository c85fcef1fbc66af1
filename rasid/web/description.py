"""The OpenAPI document as it is told: what Litestar makes of the routes, and what it cannot know of them.

Every route may refuse and fail in the words of RFC 9457, whatever it says itself (rasid/web/problems.py, rasid/web/gate.py);
the name of a topic's feed decides its media type.
"""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "Why a request was refused or failed (RFC 9457); some kinds say more",
    "required": ["status", "title", "detail"],
    "properties": {"status": {"type": "integer"}, "title": {"type": "string"}, "detail": {"type": "string"}},
}
_REFUSED = {
    "description": "Refused or failed; the answer says why",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "RASID_TOKEN, where it is set"},
    "token": {"type": "apiKey", "in": "query", "name": "token", "description": "the same, for readers that can set no header"},
}
MADE_UP = ("400", "500")  # what Litestar says of refusals, in its own shape
TOPIC_FEED, FEEDS = "/feeds/{name}", ("/feeds.atom", "/feeds.rss", "/feeds.json")


def described(made: dict[str, Any]) -> dict[str, Any]:
    """The document, from the one Litestar made."""
    paths = {path: {method: _operation(it) for method, it in item.items()} for path, item in made["paths"].items()}
    if TOPIC_FEED in paths:
        for method, operation in paths[TOPIC_FEED].items():
            contents = [paths[feed][method]["responses"]["200"]["content"] for feed in FEEDS]
            operation["responses"]["200"]["content"] = {kind: shape for content in contents for kind, shape in content.items()}
    components = made.get("components", {})
    schemas = {**components.get("schemas", {}), "Problem": PROBLEM}
    known = {"schemas": schemas, "securitySchemes": _SCHEMES}
    return {**made, "paths": paths, "components": {**components, **known}, "security": [{}, {"bearer": []}, {"token": []}]}


def _operation(made: dict[str, Any]) -> dict[str, Any]:
    own = {status: _answer(answer) for status, answer in made["responses"].items() if status not in MADE_UP}
    return {**made, "responses": {**own, "4XX": _REFUSED, "5XX": _REFUSED}}


def _answer(made: dict[str, Any]) -> dict[str, Any]:
    """An answer of bytes is described as text; a feed in JSON is an object."""
    content = {kind: {"schema": {"type": "object"}} if "+json" in kind else it for kind, it in made.get("content", {}).items()}
    return {**made, "content": content} if content else made
