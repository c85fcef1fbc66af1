"""The five seed files, held against a person's reading of them (tests/fixtures/seeds/expectations.json)."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.replay.core import textfile
from shared import ids
from shared.clock import rfc3339

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
EXPECTED: list[dict[str, Any]] = json.loads((SEEDS / "expectations.json").read_text(encoding="utf-8"))
each_seed = pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"][:3])


def read(expected: dict[str, Any]) -> textfile.TextArticle:
    return textfile.read((SEEDS / expected["file"]).read_bytes(), expected["file"])


def test_every_seed_file_is_expected():
    assert [expected["file"] for expected in EXPECTED] == sorted(file.name for file in SEEDS.glob("*.txt"))


@each_seed
def test_the_file_says_what_a_person_reads_in_it(expected):
    article = read(expected)
    assert article.title == expected["title"]
    assert article.language == expected["language"]
    assert rfc3339(article.published) == expected["published"]
    assert article.source_url == expected["source_url"]
    assert list(article.event_dates) == expected["event_dates"]
    assert article.problems == ()


@each_seed
def test_exactly_the_boilerplate_is_left_out_with_its_reason(expected):
    article = read(expected)
    assert [line._asdict() for line in article.dropped] == [
        {"number": line["line"], "text": line["text"], "reason": line["reason"]} for line in expected["boilerplate"]
    ]


@each_seed
def test_every_line_is_title_or_text_or_left_out(expected):
    article = read(expected)
    lines = (SEEDS / expected["file"]).read_text(encoding="utf-8").splitlines()
    kept = {number for number, line in enumerate(lines, 1) if line.strip()} - {line.number for line in article.dropped}
    wanted = [lines[number - 1].strip().removeprefix("• ") for number in sorted(kept)]
    assert ([article.title] if article.title else []) + article.text.split("\n") == wanted


@each_seed
def test_the_id_is_of_the_bytes_and_stays(expected):
    body = (SEEDS / expected["file"]).read_bytes()
    assert read(expected).id == ids.article_id_of_bytes(body) == textfile.read(body, "another-name.txt").id
