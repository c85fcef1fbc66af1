"""What a user can hold wrong: each fault is told in words that say what to do, with the exit code for it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from rasid.cli import main

SEEDS = Path(__file__).resolve().parents[2] / "fixtures/seeds"
Prepare = Callable[[Path], object]


class Said(NamedTuple):
    """How a command ended."""

    code: int | str | None
    out: str
    err: str


@pytest.fixture
def rasid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command in an empty folder, with its data in `data` there."""
    monkeypatch.chdir(tmp_path)

    def running(*arguments: str, **environ: str) -> Said:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return Said(ended.value.code, *capfd.readouterr())

    return running


def database(*statements: str) -> Prepare:
    """A SQLite file with these statements behind it, where the database of rasid would be."""

    def prepare(folder: Path) -> None:
        (folder / "data").mkdir(exist_ok=True)
        opened = sqlite3.connect(folder / "data/rasid.db")
        with opened:
            for statement in statements:
                opened.execute(statement)
        opened.close()

    return prepare


def junk(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data/rasid.db").write_bytes(b"\xa5" * 9000)


def a_folder(folder: Path) -> None:
    (folder / "data/rasid.db").mkdir(parents=True)


@pytest.mark.parametrize(
    ("prepare", "code", "words"),
    [
        pytest.param(junk, 3, "file is not a database; put a backup", id="damaged"),
        pytest.param(
            lambda at: (at / "data/rasid.db").mkdir(parents=True), 3, "unable to open database file; see", id="folder"
        ),
        pytest.param(database("CREATE TABLE store_articles(x)"), 2, "another program's: it has a table", id="foreign"),
        pytest.param(
            database("CREATE TABLE alembic_version(version_num)", "INSERT INTO alembic_version VALUES ('zzz')"),
            2,
            "made by a newer rasid (revision zzz); install that one",
            id="newer",
        ),
    ],
)
@pytest.mark.parametrize("command", [["sources", "list"], ["deliveries", "list"]], ids=" ".join)
def test_a_database_that_cannot_be_used_is_named(rasid, tmp_path, prepare: Prepare, code: int, words: str, command: list[str]):
    prepare(tmp_path)
    said = rasid(*command)
    assert (said.code, len(said.err.splitlines())) == (code, 1)
    assert words in said.err
    assert str(tmp_path / "data/rasid.db") in said.err


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "use sqlite:///path/to/file.db"),
        ("sqlite:///:memory:", "use sqlite:///path/to/file.db"),
        ("postgresql://localhost/x", "set RASID_KAFKA; or leave both empty"),
        ("mysql://localhost/x", "use postgresql://... or sqlite:///path/to/file.db"),
        ("nonsense", "write postgresql://user:password@host/name"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_with_what_to_write(rasid, url: str, words: str):
    said = rasid("sources", "list", RASID_DATABASE_URL=url)
    assert said.code == 2
    assert said.err.startswith("rasid: RASID_DATABASE_URL: ")
    assert words in said.err


@pytest.mark.parametrize("command", [["service", "crawler"], ["service", "web"], ["ingest", str(SEEDS)]], ids=" ".join)
def test_a_broker_that_does_not_answer_ends_in_3_and_one_line(rasid, command: list[str]):
    said = rasid(*command, RASID_KAFKA="127.0.0.1:1", RASID_PORT="0")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("rasid: RASID_KAFKA: 127.0.0.1:1 does not answer; start the broker, or name another: ")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["none", "folder"])
def test_a_list_of_feeds_that_cannot_be_read_is_named(rasid, tmp_path, name: str):
    (tmp_path / "folder").mkdir()
    said = rasid("parse-feed", "--jsonl", name)
    assert (said.code, f"'{name}'" in said.err, len(said.err.splitlines())) == (2, True, 1)


@pytest.mark.parametrize("command", ["demo", "ingest"])
def test_a_folder_without_articles_is_no_history(rasid, tmp_path, command: str):
    (tmp_path / "empty").mkdir()
    said = rasid(command, "empty")
    assert (said.code, ".jsonl" in said.err) == (2, True)


def test_a_folder_without_rules_is_refused(rasid, tmp_path):
    (tmp_path / "empty").mkdir()
    said = rasid("classify", "--rules", "empty", str(next(SEEDS.glob("*.txt"))))
    assert (said.code, "empty: there is no topic file (*.toml) in it" in said.err) == (2, True)


def test_own_topics_may_lie_in_the_home_folder(rasid, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/floods.toml").write_text(
        'topic = "floods"\nversion = 1\nthreshold = 0.6\n[[patterns]]\nweight = 0.9\nany = ["@flood"]\n'
        '[concepts]\nflood = "water"\n[languages.en.concepts]\nflood = ["flood(s)"]\n'
    )
    said = rasid("subscriptions", "add", "https://example.org/", "--topic", "floods", RASID_TOPICS_DIR="~/mine")
    assert said.code == 0, said.err


def test_a_file_without_end_is_not_read_to_its_end(rasid):
    said = rasid("classify", "/dev/zero", RASID_INGEST_MAX_BYTES="1000")
    assert (said.code, said.out) == (1, '{"id":"/dev/zero","error":"larger than 1000 bytes (RASID_INGEST_MAX_BYTES)"}\n')
