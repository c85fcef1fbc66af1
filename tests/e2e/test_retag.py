"""Topic files change, `rasid run` is started again and killed (-9) while it tags old articles again: in the end each article is
tagged as the new files say, once, and nobody is alerted."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e.running import RunningHouse
from tests.waiting import until

COUNT = 20
OLD = """topic = "floods"
threshold = 0.6
[concepts]
flood = "water where it should not be"
[[patterns]]
name = "a flood"
any = ["@flood"]
weight = 0.8
[languages.en.concepts]
flood = ["flood"]
"""
NEW = OLD.replace('["flood"]', '["flood", "inundation"]')


@pytest.mark.parametrize("cut", ["retag:decided:2", "classify:committed:2"])
def test_killed_at_any_point_it_goes_on_and_tags_every_article_once(tmp_path: Path, cut: str) -> None:
    topics = tmp_path / "topics"
    topics.mkdir()
    (topics / "floods.toml").write_text(OLD, encoding="utf-8")
    articles = tmp_path / "articles.jsonl"
    articles.write_bytes(b"\n".join(msgspec.json.encode(_article(number)) for number in range(COUNT)))
    house = RunningHouse(
        tmp_path, RASID_TOPICS_DIR=str(topics), RASID_RETAG_BATCH="4", RASID_RETAG_LEASE="15", RASID_RETAG_EVERY="0.2"
    )
    with house:
        house.start()
        house.rasid("ingest", str(articles), "--json")
        until(lambda: len(house.articles()) == COUNT, "all are filed", 60)
        assert house.articles(topic="floods") == []
        house.stop()
        (topics / "floods.toml").write_text(NEW, encoding="utf-8")
        [tried] = house.rasid("retag", "--dry-run")
        assert (tried["languages"], tried["looked_at"], tried["touched"]) == (["en"], COUNT, COUNT // 2)
        house.start(cut=cut)
        assert house.died() == -9
        house.start()
        [state] = house.rasid("retag", "--wait", "55")
        assert (state["state"], state["recalled"]) == ("done", COUNT // 2)
        until(lambda: len(house.articles(topic="floods")) == COUNT // 2, "they bear the topic", 30)
        assert house.stop() == 0


def _article(number: int) -> dict[str, Any]:
    said = "inundation" if number % 2 else "calm"
    return {
        "title": f"The valley saw an {said} on Monday, number {number}",
        "text": f"The people of the valley said on Monday that they had seen an {said} in their town, report {number}.",
        "url": f"https://news.example/{number}",
        "published": "2026-11-20T10:00:00Z",
    }
