"""What `/openapi.json` says of an answer is what comes back."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.e2e.running import SEEDS, RunningHouse
from tests.waiting import until

FEED = {"url": "https://93.184.215.14/feed"}
HOOK = {"sink": {"url": "https://93.184.215.14/hook"}, "filter": {"topics": {"any": ["trafficking"]}}}
JSON = {"content-type": "application/json"}
LISTS = ("/articles", "/stories", "/topics", "/sources", "/subscriptions", "/endpoints", "/deliveries", "/redrives", "/notices")
SKIPPED = {("get", "/stream")}  # has no end; tests/integration/store/test_stream.py reads it


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHouse]:
    with RunningHouse(tmp_path_factory.mktemp("house")).start("--first-ingest", str(SEEDS)) as running:
        until(lambda: len(running.articles()) == 5, "the seeds are filed")
        yield running


@pytest.fixture(scope="module")
def document(house: RunningHouse) -> dict[str, Any]:
    found: dict[str, Any] = house.get("/openapi.json").json()
    return found


def answers(house: RunningHouse) -> Iterator[tuple[str, httpx.Response]]:
    """Every route at least once where all is well, and once where something is wrong; with its path in the document."""
    with httpx.Client(base_url=house.address, trust_env=False, timeout=20) as client:
        article = client.get("/articles?limit=1").json()["items"][0]["id"]
        source = client.post("/sources", json=FEED)
        made = client.post("/subscriptions", json=HOOK)
        yield from (("/sources", answer) for answer in (source, client.post("/sources", json=FEED)))
        yield "/subscriptions", made
        ours, hook = source.json()["id"], made.json()
        yield "/subscriptions/{subscription_id}/test", client.post(f"/subscriptions/{hook['id']}/test")
        yield from changes(client, hook, ours)
        for path, names in {
            "/articles/{article_id}": (article, "none"),
            "/sources/{source_id}": (ours, "none"),
            "/subscriptions/{subscription_id}": (hook["id"], "none"),
            "/endpoints/{endpoint_id}": (hook["endpoint"], "none"),
            "/feeds/{name}": ("trafficking.atom", "trafficking.rss", "visa_policy.json", "none.atom", "trafficking"),
        }.items():
            yield from ((path, client.get(path.partition("{")[0] + name)) for name in names)
        yield "/feeds/{name}", client.head("/feeds/trafficking.rss")
        for path in (*LISTS, "/healthz", "/readyz", "/metrics"):
            yield path, client.get(path)
        for form in ("atom", "rss", "json"):
            path = f"/feeds.{form}"
            feed = client.get(path)
            yield from ((path, answer) for answer in (feed, client.head(path), client.get(path, params={"limit": "x"})))
            yield path, client.get(path, headers={"if-none-match": feed.headers["etag"]})
        for path in (
            "/trends",
            "/trends?by=topic&by=lang&hours=6",
            "/trends?hours=0",
            "/articles?min_score=2",
            "/articles?topic=none",
            "/deliveries?state=none",
            "/deliveries?cursor=none",
        ):
            yield path.partition("?")[0], client.get(path)
        yield "/articles/{article_id}/verdicts", client.get("/articles/none/verdicts")
        judged = "/articles/{article_id}/verdicts/{topic}"
        for verdict in ("right", "perhaps"):
            yield judged, client.put("/articles/none/verdicts/trafficking", json={"verdict": verdict})
        yield judged, client.delete("/articles/none/verdicts/trafficking")
        for path in ("/sources", "/subscriptions"):
            yield from ((path, client.post(path, content=body, headers=JSON)) for body in (b"{", b"", b"[]", b'{"url":""}'))
        yield "/sources", client.get("/sources", headers={"host": "evil.example"})
        yield "/subscriptions/{subscription_id}/test", client.post("/subscriptions/none/test")
        for path, name in (("/sources/{source_id}", ours), ("/subscriptions/{subscription_id}", hook["id"])):
            yield from ((path, client.delete(path.partition("{")[0] + name)) for _ in range(2))


def changes(client: httpx.Client, hook: dict[str, Any], source: str) -> Iterator[tuple[str, httpx.Response]]:
    """What may be done to a source, a subscription, an endpoint and deliveries; to one there is, and to one there is not."""
    for deed, asked in (("pause", None), ("resume", None), ("rotate", {})):
        path = "/subscriptions/{subscription_id}/" + deed
        yield from ((path, client.post(f"/subscriptions/{name}/{deed}", json=asked)) for name in (hook["id"], "none"))
    for deed in ("pause", "poll", "resume"):
        path = "/sources/{source_id}/" + deed
        yield from ((path, client.post(f"/sources/{name}/{deed}")) for name in (source, "none"))
    path = "/endpoints/{endpoint_id}/enable"
    yield from ((path, client.post(f"/endpoints/{name}/enable")) for name in (hook["endpoint"], "none"))
    for wanted in ({"topics": {"any": ["trafficking"]}}, {"topic": 1}):
        yield "/subscriptions/dry-run", client.post("/subscriptions/dry-run", json={"filter": wanted})
    redriven = client.post("/deliveries/redrive", json={"since": "2026-11-22T10:00:00Z"})
    yield from (("/deliveries/redrive", answer) for answer in (redriven, client.post("/deliveries/redrive", json={})))
    yield from (("/redrives/{redrive_id}", client.get(f"/redrives/{name}")) for name in (redriven.json()["id"], "none"))
    yield from (("/stories/{story_id}", client.get(f"/stories/{name}")) for name in ("none",))


def test_every_answer_is_one_the_document_describes(house: RunningHouse, document: dict[str, Any]) -> None:
    seen = set()
    for path, answer in answers(house):
        method = answer.request.method.lower()
        seen.add((method, path))
        fault = f"{method} {answer.request.url}: {answer.status_code} {answer.headers.get('content-type')} {answer.text[:200]}"
        described = document["paths"][path][method]["responses"]
        told = described.get(str(answer.status_code)) or described.get(f"{answer.status_code // 100}XX")
        assert told is not None, fault
        assert answer.status_code != 500, fault
        content = told.get("content", {})
        if method != "head" and (content or answer.content):
            assert answer.headers["content-type"] in content, fault
            if "json" in answer.headers["content-type"]:
                check(answer.json(), content[answer.headers["content-type"]]["schema"], document)
    assert {(method, path) for path, item in document["paths"].items() for method in item} - seen <= SKIPPED | {
        ("head", f"/feeds.{form}") for form in ("atom", "rss", "json")
    }


def check(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)
