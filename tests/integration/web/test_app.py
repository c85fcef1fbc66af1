"""The application around every route: the gate, HEAD, problems, health."""

from typing import Any

import httpx
import pytest
from litestar import get, post
from litestar.params import JSONBody
from litestar.testing import TestClient

from rasid.web import pages
from rasid.web.app import answering_head, create
from shared.outcomes import Retry


@post("/change", sync_to_thread=False)
def change() -> None:
    """A route that changes something."""


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def client(faults: list[str]) -> TestClient:
    return TestClient(create([change], ready=lambda: faults), base_url="http://127.0.0.1:8080")


@pytest.mark.parametrize("path", ["/healthz", "/", "/openapi.json", "/nothing"])
async def test_head_is_answered_as_get_is_without_its_body(path: str) -> None:
    app = answering_head(create(pages.routes(), ready=list))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asking:
        got, head = await asking.get(path), await asking.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_house_that_is_not_ready_says_why(client: TestClient, faults: list[str]) -> None:
    with client:
        assert client.get("/readyz").status_code == 200
        faults.append("stage file does not turn")
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["stage file does not turn"])


def test_what_is_not_there_is_a_problem_and_every_page_forbids_foreign_scripts(client: TestClient) -> None:
    with client:
        missing = client.get("/nothing")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        assert client.get("/healthz").headers["content-security-policy"].startswith("default-src 'self'")


def test_another_sites_page_changes_nothing_here(client: TestClient) -> None:
    with client:
        refused = client.post("/change", headers={"origin": "https://evil.example"})
        assert client.post("/change", headers={"origin": "http://127.0.0.1:8080"}).is_success
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")


def test_a_token_in_the_pages_url_becomes_a_cookie_no_script_can_read() -> None:
    with TestClient(create(pages.routes(), ready=list, token="s3cret"), base_url="http://news.example") as client:
        refused = client.get("/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        cookie = client.get("/?token=s3cret").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "strict" in cookie.lower()
        assert client.get("/metrics", headers={"cookie": "rasid_token=s3cret"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param(b"garbage", "malformed", id="no JSON"),
        pytest.param(b"", "body: there is none; send JSON", id="nothing"),
        pytest.param(b"[1]", "body: Expected `object`, got `array`", id="another shape"),
        pytest.param(b'{"a":"b"}', "Expected `int", id="another type"),
        pytest.param(b'{"a":"\xff"}', "body: not UTF-8", id="not UTF-8"),
        pytest.param(b'{"a":' + b"[" * 100_000, "body: nested too deeply", id="deep"),
    ],
)
async def test_a_body_that_cannot_be_used_is_told_in_the_words_of_the_standard(body: bytes, detail: str) -> None:
    @post("/typed", sync_to_thread=False)
    def typed(data: JSONBody[dict[str, int | list[Any]]]) -> None:
        """A route that wants numbers."""

    app = create([typed], ready=list)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asking:
        answer = await asking.post("/typed", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "logged"), [(Retry("the disk is full"), 503, []), (LookupError("oops"), 500, ["A request failed."])]
)
async def test_a_failure_is_a_problem_too_and_a_bug_is_logged(
    error: Exception, status: int, logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    @get("/failing", sync_to_thread=False)
    def failing() -> None:
        raise error

    app = create([failing], ready=list)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asking:
        answer = await asking.get("/failing")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "oops" not in answer.text
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == logged
