"""The same house as five processes on a real Kafka, each started as a user starts it."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.running import ROOT, START_SECONDS, STOP_SECONDS, RunningHouse
from tests.waiting import until

NAMES = ("crawler", "classifier", "store", "alerts", "web")


class RunningServices(RunningHouse):
    """`rasid service NAME`, once for each name, over `folder`; `process` is the web's. More may be started beside them."""

    def __init__(self, folder: Path, kafka: str, database_url: str = "", **environ: str) -> None:
        own = {"RASID_KAFKA": kafka, "RASID_PORT": "0", "RASID_KAFKA_SESSION_SECONDS": "3"}
        if database_url:
            own["RASID_DATABASE_URL"] = database_url
        super().__init__(folder, **own | environ)
        self.services: dict[str, list[subprocess.Popen[str]]] = {}

    def start(self, *names: str, cut: str | None = None) -> Self:
        """Starts these (default: each once), and waits until the web answers."""
        for name in names or NAMES:
            self.start_one(name)
        until(lambda: self.has_died() or self.answers("/readyz"), "the web answers", START_SECONDS)
        assert not self.has_died(), self.log.read_text(encoding="utf-8")[-3000:]
        return self

    def start_one(self, name: str, **environ: str) -> "subprocess.Popen[str]":
        """One more process of this service. `environ`: settings of its own."""
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "rasid", "service", name],
                cwd=ROOT, env=self.environ | environ, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        self.services.setdefault(name, []).append(process)
        if name == "web":
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, self.log.read_text(encoding="utf-8")[-3000:]
            self.process, self.address = process, found[0].rstrip("/")
        return process

    def child_of(self, process: "subprocess.Popen[str]") -> int:
        """The process in which a service runs, below the one that watches it."""
        path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return int(until(lambda: path.read_text().split(), f"a child of {process.pid}")[0])

    def stop_one(self, name: str) -> int:
        """SIGTERM to the first of this service's processes; fails if that takes 10 s. Its exit code."""
        process = self.services[name].pop(0)
        process.send_signal(signal.SIGTERM)
        code = process.wait(STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def stop(self) -> int:
        """SIGTERM to all; fails if that takes 10 s. The worst exit code."""
        everyone = [process for processes in self.services.values() for process in processes]
        for process in everyone:
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        codes = [process.wait(max(0.1, end - time.monotonic())) for process in everyone]
        self._close(everyone)
        return max(codes, key=abs)

    def _close(self, processes: "list[subprocess.Popen[str]]") -> None:
        for process in processes:
            if process.stdout is not None:
                process.stdout.close()
        self.services.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        everyone = [process for processes in self.services.values() for process in processes]
        for process in everyone:
            process.terminate()
        for process in everyone:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._close(everyone)
