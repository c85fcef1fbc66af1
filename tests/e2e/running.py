"""A real `rasid run`, as a user starts it: a child process with a data folder of its own, and its HTTP interface."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from tests.waiting import until

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "tests" / "fixtures" / "seeds"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class RunningHouse:
    """`rasid run` over `folder`; may be started again after it was stopped or killed. `environ`: settings."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.data = folder / "data"
        self.log = folder / "rasid.log"
        own = {"RASID_DATA": str(self.data), "RASID_LOG_STYLE": "json", "PYTHONUNBUFFERED": "1"}
        own |= {"RASID_PAGES": "never", "RASID_HOST_INTERVAL": "0"}  # feeds of tests link to places that are not there
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
        self.environ = {**kept, **own, **environ}
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self, *arguments: str, cut: str | None = None) -> Self:
        """Starts it and waits until it answers. `cut`: STAGE:POINT:TIME at which it is killed; then nothing is waited for."""
        module = ["tests.e2e.cut_off", cut] if cut else ["rasid"]
        command = [sys.executable, "-m", *module, "run", "--port", "0", "--no-starters", *arguments]
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            if cut and self.process.wait(START_SECONDS) == -signal.SIGKILL:
                return self
            raise AssertionError(f"rasid run did not start: {line!r}\n{self.log.read_text(encoding='utf-8')[-3000:]}")
        self.address = found[0].rstrip("/")
        if not cut:
            until(lambda: self.has_died() or self.answers("/healthz"), "the house answers", START_SECONDS)
            assert not self.has_died(), self.log.read_text(encoding="utf-8")[-3000:]
        return self

    def has_died(self) -> bool:
        """Whether the process has ended."""
        return self.process is not None and self.process.poll() is not None

    def answers(self, path: str) -> bool:
        """Whether this path answers with success now."""
        try:
            return self.get(path).is_success
        except httpx.TransportError:
            return False

    def get(self, path: str, **query: Any) -> httpx.Response:
        """GET of a path."""
        return httpx.get(self.address + path, params=query or None, trust_env=False, timeout=20)

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST of a JSON body."""
        return httpx.post(self.address + path, json=body, trust_env=False, timeout=20)

    def articles(self, **query: Any) -> list[dict[str, Any]]:
        """Every article of a listing, page after page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get("/articles", **query, limit=100, **({"cursor": cursor} if cursor else {})).raise_for_status().json()
            found += page["items"]
            cursor = page["next"]
        return found

    def rasid(self, *arguments: str, code: int = 0, stdin: str | None = None) -> list[Any]:
        """Runs another command over the same data folder; its JSON Lines. Fails on another exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "rasid", *arguments],
            cwd=ROOT, env=self.environ, input=stdin, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"rasid {' '.join(arguments)} ended with {done.returncode}: {done.stderr}"
        return [msgspec.json.decode(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.died()

    def died(self, seconds: float = 60.0) -> int:
        """Waits for its end; the exit code."""
        assert self.process is not None
        code = self.process.wait(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def stop(self) -> int:
        """SIGTERM; fails if that takes 10 s. The exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.died(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
