"""What the watching process does when the service ends, by how it ended."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.waiting import until

WATCH = """
import sys
from rasid import supervisor
supervisor.FIRST_PAUSE = 0.05
sys.exit(supervisor.Supervisor([sys.executable, "-c", sys.argv[1], *sys.argv[2:]]).run())
"""
LIVES = """
import sys
from pathlib import Path
lives = Path(sys.argv[1])
count = len(lives.read_text()) if lives.exists() else 0
lives.write_text("x" * (count + 1))
sys.exit(int(sys.argv[2].split(",")[count]))
"""
WAIT = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); time.sleep(60)"
)
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    ("codes", "code", "lives"),
    [
        ((0,), 0, 1),
        ((2,), 2, 1),
        ((3,), 3, 1),
        ((130,), 130, 1),
        ((1, 1, 2), 2, 3),
        ((1, 3, 3, 0), 0, 4),
    ],
    ids=["done", "refused", "unreachable-at-first", "interrupted", "failed", "unreachable-later"],
)
def test_what_ends_though_nobody_asked_is_started_anew(tmp_path: Path, codes: tuple[int, ...], code: int, lives: int) -> None:
    count = tmp_path / "lives"
    done = subprocess.run(
        [sys.executable, "-c", WATCH, LIVES, str(count), ",".join(map(str, codes))],
        timeout=30,
        check=False,
        capture_output=True,
    )
    assert done.returncode == code, done.stderr
    assert len(count.read_text()) == lives


def test_one_that_is_killed_is_started_anew_and_a_stop_ends_it() -> None:
    with subprocess.Popen([sys.executable, "-c", WATCH, WAIT], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert process.stdout.readline() == "up\n"
        [first] = children.read_text().split()
        subprocess.run(["kill", "-9", first], check=True)
        assert process.stdout.readline() == "up\n"
        [second] = until(lambda: children.read_text().split(), "a second life")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert second != first
    assert not Path(f"/proc/{second}").exists()


def test_one_that_does_not_end_when_asked_is_killed_within_ten_seconds() -> None:
    with subprocess.Popen([sys.executable, "-c", WATCH, DEAF], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        begun = time.monotonic()
        process.terminate()
        assert process.wait(20) == 1
        assert time.monotonic() - begun < 10.5
