"""`/feeds` over HTTP: which articles, and conditional GET."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import feedparser
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.builders import NOON, classified, fetched, tag
from tests.integration.store.conftest import Stages

Client = TestClient[Litestar]
FORMS = ("atom", "rss", "json")
MEDIA = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


def article(name: str, topic: str, **changes: Any) -> Any:
    return classified(fetched(article_id=name, **changes), event_id=name, topics=(tag(topic),))


@pytest.fixture
def two(stages: Stages) -> None:
    stages.file(article("a", "trafficking"), article("b", "visa_policy", text="a boat"))


def entries(body: bytes, form: str) -> list[str]:
    if form == "json":
        return [item["id"].rpartition(":")[2] for item in msgspec.json.decode(body)["items"]]
    read = feedparser.parse(BytesIO(body))
    assert not read.bozo
    return [entry.id.rpartition(":")[2] for entry in read.entries]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("form", FORMS)
def test_a_feed_holds_what_its_topic_and_filters_say(client: Client, form: str) -> None:
    answers = {
        f"/feeds.{form}": ["b", "a"],
        f"/feeds.{form}?topic=trafficking": ["a"],
        f"/feeds.{form}?limit=1": ["b"],
        f"/feeds.{form}?q=boat": ["b"],
        f"/feeds/trafficking.{form}": ["a"],
        f"/feeds/visa_policy.{form}?lang=en": [],
    }
    for path, wanted in answers.items():
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(MEDIA[form])
        assert entries(answer.content, form) == wanted, path


def test_a_feed_names_itself_by_the_address_readers_reach(application: Callable[..., Litestar]) -> None:
    with TestClient(application(public_url="https://news.example/rasid/")) as client:
        made = client.get("/feeds/trafficking.json?lang=ar").json()
    assert made["feed_url"] == "https://news.example/rasid/feeds/trafficking.json?lang=ar"
    assert made["title"] == "rasid: Human trafficking"


def test_a_token_in_the_address_is_not_told_on(client: Client) -> None:
    made = client.get("/feeds.json?token=secret&q=a%20b&topic=trafficking&topic=visa_policy")
    assert made.json()["feed_url"].endswith("/feeds.json?q=a+b&topic=trafficking&topic=visa_policy")
    assert "secret" not in made.text


@pytest.mark.parametrize("path", ["/feeds/no_such.atom", "/feeds/trafficking.csv", "/feeds/trafficking", "/feeds/.atom"])
def test_a_feed_that_is_not_there_is_a_problem(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_an_unknown_topic_is_told_with_the_known_ones(client: Client) -> None:
    problem = client.get("/feeds/no_such.atom").json()
    assert "trafficking, visa_policy" in problem["detail"]
    assert problem["topics"] == ["trafficking", "visa_policy"]


def test_a_bad_parameter_is_named(client: Client) -> None:
    answer = client.get("/feeds.atom?limit=none")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_has_the_feed_gets_304_until_something_changes(client: Client, stages: Stages, form: str) -> None:
    path = f"/feeds/trafficking.{form}"
    first = client.get(path)
    etag = first.headers["etag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    stages.file(article("c", "trafficking"))
    changed = client.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_a_reader_may_ask_for_the_head_alone(client: Client) -> None:
    for path in ("/feeds.atom", "/feeds/trafficking.rss"):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])
        assert client.head(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_last_modified_is_when_the_store_last_changed(application: Callable[..., Litestar], stages: Stages) -> None:
    stages.file(article("a", "trafficking"))
    with TestClient(application(clock=lambda: stages.now + timedelta(minutes=1))) as client:
        first = client.get("/feeds.atom").headers["last-modified"]
        assert first == "Sun, 22 Nov 2026 13:00:00 GMT"
        assert client.get("/feeds.atom", headers={"If-Modified-Since": first}).status_code == 304
        stages.now += timedelta(seconds=30)
        stages.file(article("b", "trafficking"))
        assert client.get("/feeds.atom", headers={"If-Modified-Since": first}).status_code == 200


def test_a_second_that_is_not_over_is_not_told_as_last_modified(application: Callable[..., Litestar], stages: Stages) -> None:
    stages.file(article("a", "trafficking"))
    with TestClient(application(clock=lambda: stages.now + timedelta(milliseconds=300))) as client:
        answer = client.get("/feeds.atom", headers={"If-Modified-Since": "Sun, 22 Nov 2026 13:00:00 GMT"})
    assert answer.status_code == 200
    assert "last-modified" not in answer.headers


def test_a_revised_article_is_updated_in_its_feed(client: Client, stages: Stages) -> None:
    stages.file(article("a", "trafficking"))
    stages.now += timedelta(hours=2)
    stages.file(classified(fetched(article_id="a", revision=2, title="Corrected"), event_id="a2"))
    [entry] = feedparser.parse(BytesIO(client.get("/feeds.atom").content)).entries
    assert (entry.title, entry.updated) == ("Corrected", "2026-11-22T15:00:00Z")
    assert entry.published_parsed[:6] == NOON.timetuple()[:6]
