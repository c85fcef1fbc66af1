"""`/articles` and `/topics`."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import delete

from services.store.adapters.tables import ARTICLES
from shared.database import Database
from shared.events import Mention, SourceRef
from shared.ids import source_id
from tests.builders import NOON, classified, fetched, tag
from tests.integration.store.conftest import Stages

Client = TestClient[Litestar]


def ids(client: Client, **params: Any) -> list[str]:
    answer = client.get("/articles", params=params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def walk(client: Client, between: Any, **params: Any) -> list[str]:
    """Every page, one after the other; `between` is called after each."""
    seen: list[str] = []
    while True:
        answer = client.get("/articles", params=params).json()
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            return seen
        params["cursor"] = answer["next"]
        between()


@runs(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(data=st.data(), limit=st.integers(1, 4), first=st.integers(0, 9))
def test_paging_neither_skips_nor_repeats_while_articles_come_and_change(
    client: Client, stages: Stages, database: Database, data: st.DataObject, limit: int, first: int
) -> None:
    database.transact_now(lambda tx: tx.execute(delete(ARTICLES)))
    stages.file_articles(range(first))
    came = first

    def meanwhile() -> None:
        nonlocal came
        for new in data.draw(st.lists(st.booleans(), max_size=3)):
            if new:
                stages.file_articles([came])
                came += 1
            elif came:
                stages.file_articles([data.draw(st.integers(0, came - 1))], revision=data.draw(st.integers(2, 9)))

    assert walk(client, meanwhile, limit=limit) == [f"article-{number}" for number in reversed(range(first))]


def test_a_list_is_newest_first_and_ends_with_null(client: Client, stages: Stages) -> None:
    stages.file_articles(range(3))
    assert client.get("/articles", params={"limit": 2}).json()["next"] is not None
    answer = client.get("/articles", params={"limit": 3}).json()
    assert [item["id"] for item in answer["items"]] == ["article-2", "article-1", "article-0"]
    assert answer["next"] is None


def test_an_article_has_the_shape_of_the_contract(client: Client, stages: Stages) -> None:
    stages.file(classified())
    [item] = client.get("/articles").json()["items"]
    assert item == client.get("/articles/article-1").json()
    keys = {
        "id",
        "url",
        "title",
        "text",
        "lang",
        "published_at",
        "fetched_at",
        "source",
        "topics",
        "countries",
        "story",
        "revision",
    }
    assert keys <= item.keys()
    assert item["published_at"] == "2026-11-22T12:00:00Z"
    assert item["source"] == {"id": "src-1", "name": "نشرة الهجرة", "url": "https://news.example/feed.xml"}
    assert item["topics"][0]["evidence"][0]["surface"] == "تهريب"
    assert (item["countries"], item["organisations"], item["dates"]) == ([], [], [])
    assert item["story"] == {"id": "s-article-1", "relation": "first", "articles": 1}


def test_what_an_article_speaks_of_is_told_the_most_frequent_first(client: Client, stages: Stages) -> None:
    countries = (Mention(id="JO", count=1), Mention(id="SY", count=3))
    iom = Mention(id="iom", name="International Organization for Migration", count=2)
    days = (Mention(id="2026-11-21", count=1), Mention(id="2026-11-23", count=4))
    stages.file(classified(countries=countries, organisations=(iom,), dates=days))
    [item] = client.get("/articles").json()["items"]
    assert item["countries"] == [{"code": "SY", "count": 3}, {"code": "JO", "count": 1}]
    assert item["organisations"] == [{"id": "iom", "name": "International Organization for Migration", "count": 2}]
    assert item["dates"] == [{"date": "2026-11-21", "count": 1}, {"date": "2026-11-23", "count": 4}]


def test_what_an_article_no_longer_speaks_of_is_gone_after_a_revision(client: Client, stages: Stages) -> None:
    stages.file(classified(countries=(Mention(id="JO", count=1),)))
    stages.file(classified(fetched(revision=2), event_id="classified-2", countries=(Mention(id="SY", count=1),)))
    assert ids(client, country="JO") == []
    assert ids(client, country="SY") == ["article-1"]


FILTERED = [
    ({"topic": "trafficking"}, {"a", "b"}),
    ({"topic": ["trafficking", "visa_policy"]}, {"a", "b", "c"}),
    ({"topic": "trafficking", "min_score": "0.7"}, {"a"}),
    ({"min_score": "0.85"}, {"b", "c"}),
    ({"topic": "trafficking", "lang": "ar"}, {"a"}),
    ({"subtopic": "visa_policy/student"}, {"c"}),
    ({"lang": "zh"}, {"b"}),
    ({"lang": "zh-Hant"}, {"b"}),
    ({"lang": ["ar", "zh"]}, {"a", "b", "c", "d"}),
    ({"lang": "zhx"}, set()),
    ({"source": source_id("https://two.example/feed")}, {"c"}),
    ({"source": "https://two.example/feed"}, {"c"}),
    ({"since": "2026-11-22T00:00:00Z"}, {"b", "c"}),
    ({"until": "2026-11-22"}, {"a", "d"}),
    ({"since": "2026-11-22T12:00:00Z", "until": "2026-11-22T12:00:01Z"}, {"b", "c"}),
    ({"country": "LB"}, {"a", "c"}),
    ({"country": ["lb", "JO"]}, {"a", "b", "c"}),
    ({"country": "EG"}, set()),
    ({"organisation": "IOM"}, {"b"}),
    ({"organisation": "iom", "country": "LB"}, set()),
    ({"q": "boat", "topic": "trafficking"}, {"b"}),
    ({}, {"a", "b", "c", "d"}),
]


@pytest.fixture
def four(stages: Stages) -> None:
    two = SourceRef(id=source_id("https://two.example/feed"), name="Two", url="https://two.example/feed")
    before = NOON.replace(day=20)
    stages.file(
        classified(
            fetched(article_id="a", published_at=before),
            event_id="a",
            topics=(tag(score=0.8),),
            countries=(Mention(id="LB", count=2),),
        ),
        classified(
            fetched(article_id="b", published_at=None, text="a boat"),
            event_id="b",
            language="zh-Hant",
            topics=(tag(score=0.6), tag("visa_policy", score=0.9)),
            countries=(Mention(id="JO", count=1),),
            organisations=(Mention(id="iom", name="International Organization for Migration", count=1),),
        ),
        classified(
            fetched(article_id="c", source=two),
            event_id="c",
            topics=(tag("visa_policy", score=0.9, subtopics=("student",)),),
            countries=(Mention(id="LB", count=1),),
        ),
        classified(fetched(article_id="d", published_at=NOON.replace(day=21, hour=23), text="a boat"), event_id="d", topics=()),
    )


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(("params", "wanted"), [pytest.param(*each, id=str(each[0])) for each in FILTERED])
def test_a_filter_finds_what_it_says(client: Client, params: dict[str, Any], wanted: set[str]) -> None:
    assert set(ids(client, **params)) == wanted


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("limit", "0"), ("limit", "9999"), ("cursor", "x"), ("since", "soon"), ("min_score", "2"), ("topic", "no_such")],
)
def test_a_bad_parameter_is_a_problem_that_names_it(client: Client, parameter: str, value: str) -> None:
    answer = client.get("/articles", params={parameter: value})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["parameter"] == parameter
    assert problem["detail"].startswith(f"{parameter}: ")


def test_an_unknown_parameter_is_ignored(client: Client, stages: Stages) -> None:
    stages.file(classified())
    assert ids(client, utm_source="x") == ["article-1"]


def test_an_unknown_topic_is_told_with_the_known_ones(client: Client) -> None:
    assert "trafficking, visa_policy" in client.get("/articles", params={"topic": "smuggling"}).json()["detail"]


def test_a_topic_no_longer_in_the_rules_still_leads_to_its_articles(client: Client, stages: Stages) -> None:
    stages.file(classified(topics=(tag("retired"),)))
    assert ids(client, topic="retired") == ["article-1"]


def test_an_article_that_is_not_there_is_a_problem(client: Client) -> None:
    answer = client.get("/articles/nothing")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_topics_are_told_with_names_and_counts(client: Client, stages: Stages) -> None:
    stages.file(classified(topics=(tag("visa_policy"), tag("retired"))))
    assert client.get("/topics").json()["items"] == [
        {"topic": "retired", "name": "retired", "count": 1},
        {"topic": "visa_policy", "name": "Visa policy", "count": 1},
        {"topic": "trafficking", "name": "Human trafficking", "count": 0},
    ]


def test_the_routes_can_be_described(client: Client) -> None:
    paths = client.app.openapi_schema.to_schema()["paths"]
    assert {"/articles", "/articles/{article_id}", "/topics", "/feeds/{name}", "/feeds.atom", "/stream"} <= paths.keys()
    parameters = {each["name"] for each in paths["/articles"]["get"]["parameters"]}
    assert {
        "topic",
        "subtopic",
        "lang",
        "country",
        "source",
        "q",
        "since",
        "until",
        "min_score",
        "limit",
        "cursor",
    } <= parameters
