"""Keeps a service's process up: starts it anew, with a growing pause, when it ends though nobody asked.

It is a process of its own, and a small one, because what ends a service may be whatever a process can end by: a library that
gives up, a loop that stands still, no memory, kill -9. It knows nothing of rasid but exit codes.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from logging import getLogger
from threading import Event
from types import FrameType

log = getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 60.0
"""A process that was up for so long is not blamed for those before it."""

STOP_SECONDS = 9.5
"""How long a process may take to end when asked; below the ten seconds promised."""

WORRYING = 5
"""So many ends in a row, and a person has to look."""

DONE, REFUSED, UNREACHABLE, INTERRUPTED = 0, 2, 3, 130


class Supervisor:
    """Runs `command` until told to stop. `start`: makes the process (for tests)."""

    def __init__(self, command: Sequence[str], start: Callable[[Sequence[str]], subprocess.Popen[bytes]] | None = None) -> None:
        self._command, self._start = command, start or subprocess.Popen
        self._stopping = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0

    def run(self) -> int:
        """The exit code: of the first process, if it was refused or found something unreachable; else 0 after a stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        failures, first = 0, True
        while True:
            begun = time.monotonic()
            code = self._one_life()
            if self._stopping.is_set():
                return DONE if code in (DONE, INTERRUPTED, -signal.SIGTERM, -signal.SIGINT) else 1
            if code in (DONE, REFUSED, INTERRUPTED) or (first and code == UNREACHABLE):
                return code
            failures = 1 if time.monotonic() - begun > STEADY_SECONDS else failures + 1
            first = False
            pause = min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
            _tell(code, failures, pause)
            if self._stopping.wait(pause):
                return DONE

    def _one_life(self) -> int:
        """Starts the process and waits for its end; its exit code, negative for a signal."""
        self._process = self._start(self._command)
        if self._stopping.is_set():  # told between two lives
            self._process.terminate()
        while True:
            try:
                return self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set() and time.monotonic() - self._asked_at > STOP_SECONDS:
                    log.error("A service did not end when asked; it is killed.", extra={"seconds": STOP_SECONDS})
                    self._process.kill()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping.is_set():
            self._asked_at = time.monotonic()
            self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()


def _tell(code: int, failures: int, pause: float) -> None:
    facts = {"code": code, "times": failures, "wait": pause}
    if failures >= WORRYING:
        log.error("A service does not stay up.", extra=facts)
    else:
        log.warning("A service ended; starting it anew.", extra=facts)
