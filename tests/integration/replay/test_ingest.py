"""`rasid ingest` as a user calls it: what it prints, what it puts into the log, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from rasid.commands.ingest import ingest

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RASID_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(ingest, [str(argument) for argument in arguments])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def logged(data: Path) -> list[dict[str, Any]]:
    """The events that stand in the log, in its order."""
    engine = create_engine(f"sqlite:///{data / 'rasid.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT value FROM runtime_log ORDER BY seq")).scalars().all()
    engine.dispose()
    return [json.loads(row) for row in rows]


def test_the_seeds_come_in_as_five_articles_of_history(data):
    result = run("--json", SEEDS)
    assert result.exit_code == 0, result.output
    told, events = lines(result), logged(data)
    assert [Path(line["path"]).name[:3] for line in told] == ["000", "001", "002", "003", "004"]
    assert [line["id"] for line in told] == [event["article_id"] for event in events]
    assert all(event["backfill"] and event["body_from"] == "file" and event["source"]["name"] == "seeds" for event in events)
    assert [line["published"] for line in told] == [None, "2025-10-14T00:00:00Z", None, None, None]
    assert told[4]["title"] is None
    assert "5 articles from 5 files" in result.stderr


def test_the_same_file_again_is_the_same_articles_and_events(data):
    first, again = run("--json", SEEDS), run("--json", SEEDS)
    assert lines(first) == lines(again)
    ids = [event["event_id"] for event in logged(data)]
    assert len(set(ids)) == 5


def test_a_bad_file_is_named_and_the_rest_goes_on(data, tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"%PDF-1.7")
    (tmp_path / "mixed.jsonl").write_text(
        '{"title":"Good","text":"Text."}\n{"title":\n\n{"text":"Also good."}\n', encoding="utf-8"
    )
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    result = run("--json", tmp_path / "bad.txt", tmp_path / "mixed.jsonl", SEEDS / "001_4be716075c5a84b0.txt")
    assert result.exit_code == 1
    told = lines(result)
    assert [bool(line.get("error")) for line in told] == [True, False, True, False, False]
    assert (told[0]["id"], told[2]["line"]) == (None, 2)
    assert len(logged(data)) == 3


def test_of_a_folder_only_text_and_lines_are_taken(data, tmp_path):
    folder = tmp_path / "in"
    (folder / ".hidden").mkdir(parents=True)
    for name in ("a.txt", "b.md", "c.png", ".hidden/d.txt"):
        (folder / name).write_text("A headline\n\nA text of one sentence.", encoding="utf-8")
    assert [Path(line["path"]).name for line in lines(run("--json", folder))] == ["a.txt"]


def test_a_line_too_large_is_a_fault_and_the_next_one_is_read(data, tmp_path, monkeypatch):
    monkeypatch.setenv("RASID_INGEST_MAX_BYTES", "100")
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"title": "x" * 500}) + "\n" + json.dumps({"title": "short"}) + "\n", encoding="utf-8")
    told = lines(run("--json", file))
    assert told[0]["error"] == "larger than 100 bytes (RASID_INGEST_MAX_BYTES)"
    assert told[1]["title"] == "short"


@pytest.mark.parametrize("name", ["missing.txt", "empty"])
def test_nothing_to_read_is_a_wrong_command_line(data, tmp_path, name):
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / name).exit_code == 2
