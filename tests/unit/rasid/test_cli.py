"""The command line as a whole: every command is there, explains itself, and ends with the right code."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rasid.cli import COMMANDS, main, rasid


def commands(group: click.Group = rasid, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


NO_FILE = "/there/is/no/such/file"
TAKE_FILES = (
    ["ingest"],
    ["classify"],
    ["classify", "--jsonl"],
    ["parse-feed"],
    ["parse-feed", "--jsonl"],
    ["sources", "add", "--file"],
    ["run", "--first-ingest"],
)
ALL = [pytest.param(path, id=" ".join(path)) for path, _ in commands()]


@pytest.mark.parametrize("path", ALL)
def test_every_commands_help_ends_with_an_example(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(rasid, [*path, "--help"])
    assert told.exit_code == 0
    assert "Example:" in told.output
    assert " ".join(("rasid", *path)) in told.output.split("Example:")[1]


def test_the_list_of_commands_is_that_of_the_modules() -> None:
    assert [path[0] for path, _ in commands() if len(path) == 1] == list(COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run", "--port", "http"],
        ["ingest"],
        ["sources", "nonsense"],
        ["parse-feed", "-"],
        *([*command, NO_FILE] for command in TAKE_FILES),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert len(told.err.splitlines()) == 1


def test_help_costs_no_import_of_the_house() -> None:
    code = (
        "import sys; from rasid.cli import main\ntry: main(['--help'])\nexcept SystemExit: print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "sqlalchemy" not in done.stdout.splitlines()[-1].split()


SEED = "tests/fixtures/seeds/004_cac78034820bf73d.txt"
PRINTING = [["--help"], ["topology"], ["classify", *[SEED] * 40]]


def bash(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The line, with the command and these arguments as "$@"."""
    command = ["bash", "-c", line, "bash", sys.executable, "-m", "rasid", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", PRINTING, ids=lambda arguments: arguments[0])
def test_a_reader_that_has_gone_is_no_fault(arguments: list[str]) -> None:
    done = bash('"$@" | true; exit ${PIPESTATUS[0]}', *arguments)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", PRINTING, ids=lambda arguments: arguments[0])
def test_a_full_disk_under_the_output_is_told_in_one_line(arguments: list[str]) -> None:
    done = bash('exec "$@" >/dev/full', *arguments)
    assert (done.returncode, done.stderr) == (1, "rasid: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_no_fault(closed: str) -> None:
    done = bash(f'exec "$@" {closed}', "classify", "--jsonl", SEED)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)  # the seed is no JSON
