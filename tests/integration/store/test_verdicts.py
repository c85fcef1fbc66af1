"""What people say of an article's topics wins over the rules: at once, after every revision and every change of rules."""

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from rasid.commands.verdicts import verdicts
from shared.events import ArticleFiled
from tests.builders import TITLE, classified, fetched, tag
from tests.integration.store.conftest import Stages

Client = TestClient[Litestar]
BOTH = (tag("trafficking", subtopics=("persons",)), tag("visa_policy"))
PLACE = "/articles/article-1/verdicts"


def topics(client: Client, **query: Any) -> list[tuple[str, str]]:
    items = client.get("/articles", params=query).json()["items"]
    return sorted((one["topic"], one["rules_version"]) for item in items for one in item["topics"])


def say(client: Client, topic: str, verdict: str) -> dict[str, Any]:
    given = client.put(f"{PLACE}/{topic}", json={"verdict": verdict, "by": "layla", "note": "a job title"})
    assert given.status_code == 200, given.text
    told: dict[str, Any] = given.json()
    return told


def again(stages: Stages, number: int, **changes: Any) -> ArticleFiled:
    """The article comes again, tagged as both, by newer rules."""
    [value] = stages.file(classified(event_id=f"c{number}", rules_seq=number, **{"topics": BOTH} | changes))[:1]
    return msgspec.json.decode(value, type=ArticleFiled)


def test_a_topic_said_to_be_wrong_is_gone_from_every_list_and_stays_so(stages: Stages, client: Client) -> None:
    again(stages, 1)
    told = say(client, "trafficking", "wrong")
    assert (told["verdict"], told["by"], told["rules_version"], told["score"]) == ("wrong", "layla", "r1", 0.8)
    filed = again(stages, 2)
    assert [one.topic for one in filed.classified.topics] == ["visa_policy"], "nor is anybody alerted of it"
    assert topics(client) == [("visa_policy", "r1")]
    assert topics(client, topic="trafficking") == topics(client, subtopic="trafficking/persons") == []
    again(stages, 3, article=fetched(revision=2))
    assert topics(client) == [("visa_policy", "r1")]


def test_a_topic_said_to_be_right_is_there_though_no_rule_finds_it(stages: Stages, client: Client) -> None:
    again(stages, 1, topics=())
    say(client, "visa_policy", "right")
    assert topics(client, topic="visa_policy") == [("visa_policy", "human")]
    assert [one.topic for one in again(stages, 2, topics=()).classified.topics] == ["visa_policy"]
    again(stages, 3)
    assert topics(client, topic="visa_policy") == [("trafficking", "r1"), ("visa_policy", "r1")]


@pytest.mark.parametrize("verdict", ["right", "wrong"])
@pytest.mark.parametrize("before", [(), BOTH], ids=["untagged", "tagged"])
@pytest.mark.parametrize("later", [None, (), BOTH], ids=["at once", "after untagging", "after tagging"])
def test_a_verdict_taken_back_leaves_what_the_rules_say(
    stages: Stages, client: Client, verdict: str, before: Any, later: Any
) -> None:
    again(stages, 1, topics=before)
    say(client, "trafficking", "right" if verdict == "wrong" else "wrong")
    say(client, "trafficking", verdict)
    if later is not None:
        again(stages, 2, topics=later)
    assert client.delete(f"{PLACE}/trafficking").status_code == 204
    said = before if later is None else later
    assert topics(client) == [(one.topic, "r1") for one in said]
    assert len(topics(client, subtopic="trafficking/persons")) == len(said)
    assert client.get(PLACE).json()["items"] == []


def test_the_same_message_gets_the_same_givenwhatever_was_said_since(stages: Stages, client: Client) -> None:
    event = classified(topics=BOTH)
    before = stages.file(event)
    say(client, "trafficking", "wrong")
    assert stages.file(event) == before
    after = classified(event_id="c2", rules_seq=2, topics=BOTH)
    told = stages.file(after)
    client.delete(f"{PLACE}/trafficking")
    assert stages.file(after) == told


def test_judged_articles_are_labelled_texts_to_measure_rules_on(
    stages: Stages, client: Client, environment: dict[str, str]
) -> None:
    again(stages, 1)
    say(client, "trafficking", "wrong")
    run = CliRunner().invoke(verdicts)
    assert run.exit_code == 0, run.output
    [line] = map(msgspec.json.decode, run.stdout.splitlines())
    assert (line["id"], line["lang"], line["title"], line["labels"]) == ("article-1", "ar", TITLE, ["visa_policy"])
    assert [(one["topic"], one["verdict"]) for one in line["verdicts"]] == [("trafficking", "wrong")]


def test_what_cannot_be_said_is_refused(stages: Stages, client: Client) -> None:
    again(stages, 1)
    assert client.put("/articles/none/verdicts/trafficking", json={"verdict": "right"}).status_code == 404
    assert client.put(f"{PLACE}/nothing", json={"verdict": "right"}).status_code == 400
    assert client.put(f"{PLACE}/trafficking", json={"verdict": "perhaps"}).status_code == 400
    assert client.delete(f"{PLACE}/trafficking").status_code == 404
