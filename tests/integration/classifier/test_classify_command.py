"""`rasid classify`, as other programs call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SEED = ROOT / "tests/fixtures/seeds/004_cac78034820bf73d.txt"


def classify(*arguments: object, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    return subprocess.run(
        [sys.executable, "-m", "rasid", "classify", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, env={**clean, "PYTHONPATH": str(ROOT), **environ},
    )  # fmt: skip


def test_a_file_gives_its_tags_and_the_text_that_offsets_count_in():
    run = classify(SEED)
    [told] = map(json.loads, run.stdout.splitlines())
    assert (run.returncode, told["id"], told["lang"]) == (0, str(SEED), "ar")
    assert [tag["topic"] for tag in told["topics"]] == ["trafficking"]
    for hit in told["topics"][0]["evidence"]:
        assert told["title" if hit["field"] == "title" else "text"][hit["start"] : hit["end"]] == hit["surface"]
    assert set(told) >= {"near_misses", "rules_version"}


def test_a_page_is_read_as_html(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<html lang=en><title>Visa rules eased | Site</title><nav>human trafficking</nav><h1>Visa rules eased</h1>"
        "<article><p>Visa-free entry for tourists.</p><p>It starts in May.</p></article></html>",
        encoding="utf-8",
    )
    [told] = map(json.loads, classify(page).stdout.splitlines())
    assert (told["title"], told["text"]) == ("Visa rules eased", "Visa-free entry for tourists.\nIt starts in May.")
    assert [tag["topic"] for tag in told["topics"]] == ["visa_policy"]


def test_a_bad_line_has_its_error_and_the_others_go_on_in_order():
    lines = [
        '{"id":1,"title":"Visa rules eased","text":"","more":1}',
        "{",
        '{"id":"x","title":[]}',
        '{"id":4}',
        '{"id":5,"text":"a"}',
        '{"id":6,"x":' + "[" * 100_000,
        '\ufeff{"id":7,"title":"Visa rules \\ud83d"}',
    ]
    run = classify("--jsonl", stdin="\n".join(lines))
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert [one["id"] for one in told] == [1, None, "x", 4, 5, None, 7]
    assert ["error" in one for one in told] == [False, True, True, True, False, True, False]
    assert "title" not in told[0]
    assert run.returncode == 1


def test_rules_of_a_folder_stand_alone(tmp_path):
    (tmp_path / "floods.toml").write_text(
        'topic = "floods"\nthreshold = 0.6\n[[terms]]\nlang = "*"\nweight = 0.9\nany = ["flood(s)"]\n'
    )
    line = '{"id":1,"title":"Floods and visa rules","lang":"en"}'
    alone, beside = (
        classify("--jsonl", "--rules", tmp_path, stdin=line),
        classify("--jsonl", stdin=line, RASID_TOPICS_DIR=str(tmp_path)),
    )
    assert [tag["topic"] for tag in json.loads(alone.stdout)["topics"]] == ["floods"]
    assert [tag["topic"] for tag in json.loads(beside.stdout)["topics"]] == ["floods", "visa_policy"]


def test_faulty_rules_are_refused_with_every_fault(tmp_path):
    (tmp_path / "bad.toml").write_text('topic = "bad"\n[[terms]]\nlang = "en"\nweight = 2\nany = ["("]\n')
    run = classify("--jsonl", "--rules", tmp_path, stdin="{}")
    assert run.returncode == 2
    for part in ("bad.toml:1: threshold is missing", "bad.toml:2: weight:", "bad.toml:5: terms[1].any[1]"):
        assert part in run.stderr
    assert run.stdout == ""


def test_nothing_to_read_is_a_fault_of_the_command_line():
    assert classify().returncode == 2
