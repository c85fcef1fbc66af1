"""A real Apache Kafka, one KRaft node, from Maven jars and without a container.

`python -m infra.kafka.broker` runs one in the foreground for development; tests start, stop, kill, pause and restart one.
It needs Java 17 or newer, and Maven for the first start: the jars (44 MB) are fetched once into the user's cache folder.
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
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

if sys.platform != "win32":
    import fcntl

HERE = Path(__file__).parent
JVM = ("-Xms128m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
FETCH_SECONDS = 300.0
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


class Missing(Exception):
    """This machine lacks what the broker needs; says what, and what to do."""


class BrokerFailed(Exception):
    """The broker did not come up; carries the end of its log."""


def jars() -> Path:
    """The folder of Kafka's jars, fetched first where there is none. Any number of processes may ask at once."""
    _tool("java", "install a Java runtime, 17 or newer")
    pom = HERE / "pom.xml"
    folder = cache_folder() / f"kafka-{blake2b(pom.read_bytes(), digest_size=6).hexdigest()}"
    if folder.is_dir():
        return folder
    maven = _tool("mvn", "install Maven; it fetches Kafka's jars at the first start")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_suffix(".lock")):
        if not folder.is_dir():
            _fetch(maven, pom, folder)
    return folder


def cache_folder() -> Path:
    """Where this user's programs keep what they can fetch again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rasid"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rasid"


class Broker:
    """One broker on two free ports of 127.0.0.1, with its data in `folder`; ports and data outlive a kill and a restart."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder, self._libraries = folder, jars()
        self._port, controller = port or _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = folder / "server.properties"
        self._log = folder / "broker.log"
        folder.mkdir(parents=True, exist_ok=True)
        text = (HERE / "server.properties").read_text(encoding="utf-8")
        for name, value in {"port": self._port, "controller": controller, "data": folder / "data"}.items():
            text = text.replace("{" + name + "}", str(value))
        self._properties.write_text(text, encoding="utf-8")

    @property
    def bootstrap(self) -> str:
        """What a client is given as bootstrap servers."""
        return f"127.0.0.1:{self._port}"

    @property
    def alive(self) -> bool:
        """Whether its process is there."""
        return self._process is not None

    def start(self) -> None:
        """Returns when the broker answers. Raises BrokerFailed."""
        if not (self._folder / "data").is_dir():
            self._format()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._java("kafka.Kafka", str(self._properties)), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise BrokerFailed(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it in order, and by force after STOP_SECONDS."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Up again on the same ports with the same data, whatever state it is in."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Stands still (SIGSTOP): connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Goes on after `pause`."""
        self._signal(signal.SIGCONT)

    def wait(self) -> int:
        """Returns the exit code, when the broker ends by itself."""
        return self._process.wait() if self._process else 0

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _format(self) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        while cluster.startswith("-"):  # the tool would read it as an option
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = self._java(
            "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties), "--ignore-formatted"
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if done.returncode != 0:
            raise BrokerFailed((done.stdout + done.stderr)[-2000:])

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [_tool("java", "install a Java runtime"), *JVM, "-cp", f"{self._libraries}/*", main, *arguments]

    def _answers(self) -> bool:
        """Whether it answers a request: the port opens some time before."""
        request = b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff"  # ApiVersions v0, correlation 1, no client id
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(len(request).to_bytes(4, "big") + request)
                return len(connection.recv(8)) == 8
        except OSError:
            return False


@contextmanager
def broker(port: int = 0) -> Iterator[Broker]:
    """A started broker with its data in a temporary folder; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rasid-kafka-"))
    try:
        node = Broker(folder, port)
        try:
            node.start()
            yield node
        finally:
            node.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tool(name: str, hint: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Missing(f"there is no {name} on this machine: {hint}")
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Waits for whoever fetches already. The lock goes with the process that held it."""
    with path.open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(maven: str, pom: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        shutil.copy(pom, work)
        command = [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={work}/libs"]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command, cwd=work, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Missing(f"Maven did not fetch Kafka's jars within {FETCH_SECONDS:.0f} s") from error
        if done.returncode != 0:
            raise Missing(f"Maven could not fetch Kafka's jars: {(done.stdout + done.stderr)[-500:]}")
        Path(work, "libs").rename(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Runs a broker until interrupted."""
    options = argparse.ArgumentParser(prog="python -m infra.kafka.broker", description=main.__doc__)
    options.add_argument("--port", type=int, default=9092, help="port on 127.0.0.1 (default: %(default)s; 0 takes a free one)")
    options.add_argument("--data", type=Path, help="folder to keep data in (default: a temporary one)")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if chosen.data is None:
            with broker(chosen.port) as node:
                return _announced(node)
        node = Broker(chosen.data.resolve(), chosen.port)
        node.start()
        try:
            return _announced(node)
        finally:
            node.stop()
    except (Missing, BrokerFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except KeyboardInterrupt:
        return 130


def _announced(node: Broker) -> int:
    sys.stderr.write(f"Kafka listens on {node.bootstrap}: RASID_KAFKA={node.bootstrap}\n")
    return node.wait()


if __name__ == "__main__":
    sys.exit(main())
