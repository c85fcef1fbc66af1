"""Trends over the store: what is counted, by what, and that copies are no reports."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from rasid.commands.trends import trends
from services.classifier.core.fingerprint import fingerprint
from shared.events import ArticleClassified, Mention, SourceRef
from shared.text import Normal
from tests.builders import NOON, classified, fetched, tag
from tests.integration.store.conftest import Stages
from tests.unit.store.test_grouping import BODY, TITLE

WORDS = ("visa", "border", "airport", "minister", "council", "fee", "quota", "embassy", "passport", "court", "worker", "farm")


def reported(number: int, source: int, *, days: int = 0, text: str = "", **changes: Any) -> ArticleClassified:
    """An article of its own, unless `text` says what it says."""
    at = NOON - timedelta(days=days)
    said = text or " ".join(f"{word}{number}" for word in WORDS)
    article = fetched(
        event_id=f"f{number}",
        article_id=f"a{number}",
        url=f"https://news.example/{number}",
        title=said[:40],
        text=said,
        language="en",
        source=SourceRef(id=f"src-{source}", name=f"source {source}"),
        observed_at=at,
        published_at=at,
    )
    return classified(article, **{"event_id": f"c{number}", "language": "en", "observed_at": at, "published_at": at} | changes)


@pytest.fixture
def ask(application: Callable[..., Litestar]) -> Callable[..., list[dict[str, Any]]]:
    def get(code: int = 200, **query: Any) -> Any:
        with TestClient(application(clock=lambda: NOON + timedelta(hours=1))) as client:
            answer = client.get("/trends", params=query)
        assert answer.status_code == code, answer.text
        return answer.json()["items"] if code == 200 else answer.json()

    return get


def test_reports_are_counted_by_day_topic_language_and_country(stages: Stages, ask: Callable[..., Any]) -> None:
    jordan, both = (Mention(id="JO", count=1),), (Mention(id="JO", count=1), Mention(id="LB", count=2))
    stages.file(
        reported(1, 1, countries=jordan),
        reported(2, 2, countries=both, language="ar-JO"),
        reported(3, 2, days=1, topics=(tag("trafficking"), tag("visa_policy"))),
        reported(4, 3, topics=()),
    )
    found = [item for item in ask() if item["reports"]]
    assert [(item["topic"], item["start"][:10], item["reports"], item["sources"], item["alive"]) for item in found] == [
        ("trafficking", "2026-11-21", 1, 1, 1),
        ("trafficking", "2026-11-22", 2, 2, 3),
        ("visa_policy", "2026-11-21", 1, 1, 1),
    ]
    by = [(item["lang"], item["country"], item["reports"]) for item in ask(by=["lang", "country"]) if item["reports"]]
    assert by == [("ar", "JO", 1), ("ar", "LB", 1), ("en", "JO", 1)]
    assert [item["reports"] for item in ask(topic="trafficking", lang="ar", country="LB") if item["reports"]] == [1]


def test_a_storm_of_reprints_is_one_report_and_no_spike(stages: Stages, ask: Callable[..., Any]) -> None:
    for days in range(15, 0, -1):
        stages.file(*(reported(1000 + days * 20 + source, source, days=days, topics=()) for source in range(12)))
    print_ = fingerprint(TITLE, Normal(f"{TITLE}\n\n{BODY}"))
    stages.file(*(reported(source, source, text=BODY, fingerprint=print_) for source in range(12)))
    [today] = [item for item in ask() if item["articles"]]
    assert (today["reports"], today["articles"], today["alive"], today["spike"]) == (1, 12, 12, False)


def test_many_reports_of_their_own_are_a_spike(stages: Stages, ask: Callable[..., Any]) -> None:
    number = 0
    for days in range(15, 0, -1):
        stages.file(*(reported(number + source, source, days=days, topics=()) for source in range(6)))
        number += 6
    stages.file(*(reported(number + each, each % 6) for each in range(12)))
    assert [(item["start"][:10], item["reports"], item["expected"]) for item in ask(spikes=True)] == [("2026-11-22", 12, 0.0)]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"hours": "0"}, "hours"),
        ({"hours": "x"}, "hours"),
        ({"by": "source"}, "by"),
        ({"since": "2026-11-22", "until": "2026-11-21"}, "until"),
        ({"since": "2030-01-01"}, "since"),
        ({"since": "1990-01-01"}, "since"),
        ({"topic": "nothing"}, "topic"),
        ({"lang": "?"}, "lang"),
    ],
)
def test_what_cannot_be_asked_is_said(ask: Callable[..., Any], query: dict[str, str], parameter: str) -> None:
    told = ask(400, **query)
    assert told["parameter"] == parameter


def test_the_command_prints_the_same(stages: Stages, environment: dict[str, str], ask: Callable[..., Any]) -> None:
    stages.file(reported(1, 1))
    run = CliRunner().invoke(trends, ["--since", "2026-11-20", "--until", "2026-11-23"])
    assert run.exit_code == 0, run.output
    assert [json.loads(line) for line in run.stdout.splitlines()] == ask(since="2026-11-20", until="2026-11-23")
    wrong = CliRunner().invoke(trends, ["--hours", "900"])
    assert wrong.exit_code == 2
    assert "--hours" in wrong.output
