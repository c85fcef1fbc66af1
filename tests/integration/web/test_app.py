"""The application around every route: the gate, HEAD, problems, health."""

import httpx
import pytest
from litestar import post
from litestar.params import JSONBody
from litestar.testing import TestClient

from rasid.web import pages
from rasid.web.app import answering_head, create


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
        assert client.get("/metrics").status_code == 401
        cookie = client.get("/?token=s3cret").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "strict" in cookie.lower()
        assert client.get("/metrics", headers={"cookie": "rasid_token=s3cret"}).status_code == 200


async def test_what_the_framework_refuses_is_told_in_the_words_of_the_standard() -> None:
    @post("/typed", sync_to_thread=False)
    def typed(data: JSONBody[dict[str, int]]) -> None:
        """A route that wants numbers."""

    app = create([typed], ready=list)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asking:
        answer = await asking.post("/typed", content=b"garbage", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert "malformed" in answer.json()["detail"]
