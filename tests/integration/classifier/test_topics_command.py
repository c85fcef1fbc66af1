"""`rasid topics` and `rasid eval`, as people and programs call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FLOODS = """topic = "floods"
threshold = 0.6
[concepts]
flood = "water where it should not be"
rescue = "bring people to safety"
[[patterns]]
name = "a flood"
any = ["@flood"]
weight = 0.7
[[patterns]]
name = "a rescue"
all = ["@flood", "@rescue"]
weight = 0.8
[languages.en.concepts]
flood = ["flood(s)"]
[languages.en.examples]
match = ["Floods hit the valley."]
no_match = ["Nothing happened."]
[languages.ar.concepts]
flood = ["فيضان"]
rescue = ["إنقاذ"]
"""
LINES = [
    {"id": 1, "lang": "en", "title": "Floods", "text": "", "labels": ["floods"]},
    {"id": 2, "lang": "en", "title": "Floods of money", "text": "SECRET", "labels": []},
    {"id": 3, "lang": "en", "title": "Deluge", "text": "SECRET", "labels": ["floods"]},
    {"id": 4, "lang": "ar", "title": "فيضان", "text": "", "labels": ["floods"], "borderline": True},
]


def rasid(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    return subprocess.run(
        [sys.executable, "-m", "rasid", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, env={**clean, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.fixture
def floods(tmp_path: Path) -> Path:
    """A folder with one topic."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "floods.toml").write_text(FLOODS, encoding="utf-8")
    return folder


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A file of labelled texts."""
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return path


def test_topics_are_listed_with_their_languages(floods):
    [told] = map(json.loads, rasid("topics", "list", "--json", "--rules", floods).stdout.splitlines())
    assert (told["topic"], told["languages"], told["threshold"]) == ("floods", ["ar", "en"], 0.6)


def test_the_linter_tells_errors_from_advice(floods):
    run = rasid("topics", "lint", "--rules", floods)
    assert run.returncode == 0
    assert "floods/en.toml: advice: 1 concepts have no words here: rescue" in run.stdout
    (floods / "floods").mkdir()
    (floods / "floods" / "de.toml").write_text('[concepts]\nflood = ["(Flut"]\n', encoding="utf-8")
    run = rasid("topics", "lint", "--rules", floods)
    assert run.returncode == 1
    assert "de.toml:2: concepts.flood '(Flut'" in run.stdout


def test_the_examples_are_tried(floods):
    assert rasid("topics", "test", "--rules", floods).returncode == 0
    text = FLOODS.replace("Nothing happened.", "A flood of tears.")
    (floods / "floods.toml").write_text(text, encoding="utf-8")
    run = rasid("topics", "test", "floods", "en", "--rules", floods)
    assert run.returncode == 1
    assert "must not match: A flood of tears." in run.stdout
    assert "[a flood]" in run.stdout
    assert rasid("topics", "test", "fr", "--rules", floods).returncode == 2


def test_a_text_is_explained(floods):
    run = rasid("topics", "explain", "-", "--lang", "en", "--rules", floods, stdin="Floods\n\nA flood came.\n")
    assert run.returncode == 0
    assert "floods" in run.stdout
    assert "[a flood]" in run.stdout


def test_holes_are_seen(floods):
    lines = rasid("topics", "coverage", "floods", "--json", "--rules", floods).stdout.splitlines()
    told = {one["lang"]: one for one in map(json.loads, lines)}
    assert told["en"]["holes"] == ["rescue"]
    assert told["ar"]["terms"] == {"flood": 1, "rescue": 1}


def test_tags_are_held_against_labels(floods, labelled):
    report, *confused = map(json.loads, rasid("eval", labelled, "--json", "--rules", floods).stdout.splitlines())
    assert {key: report["overall"][key] for key in ("right", "wrong", "missed")} == {"right": 2, "wrong": 1, "missed": 1}
    assert report["without_borderline"]["right"] == 1
    assert (report["overall"]["without_topic"], report["overall"]["left_alone"]) == (1, 0)
    assert {one["id"] for one in confused} == {"2", "3"}
    assert report == json.loads(rasid("eval", labelled, "--json", "--no-text", "--rules", floods).stdout)


def test_parts_are_by_position_within_each_language(floods, labelled):
    def right(part: str) -> dict[str, int]:
        report = json.loads(rasid("eval", labelled, "--json", "--no-text", "--part", part, "--rules", floods).stdout)
        return {lang: figure["texts"] for lang, figure in report["languages"].items()}

    assert (right("odd"), right("even")) == ({"en": 2, "ar": 1}, {"en": 1})


def test_figures_alone_show_no_text(floods, labelled):
    run = rasid("eval", labelled, "--no-text", "--rules", floods)
    assert run.returncode == 0
    for shown in ("SECRET", "Deluge", "Floods"):
        assert shown not in run.stdout
