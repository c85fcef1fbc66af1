"""End-to-end latency: from the moment a feed hands out an entry to the moment its webhook arrives, at 50 articles a second.

The house is started as a user starts it: `rasid run` (embedded), and `rasid service` five times over Kafka and PostgreSQL on
this machine.
One feed is polled every second and has some fifty new entries each time; every one is on a topic and alerts one endpoint.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from typing import Any, Literal, NamedTuple, get_args

from rich.progress import Progress

from infra.kafka.broker import broker
from infra.postgres.server import server
from rasid.commands.service import NAMES
from rasid.receiver import Receiver

RATE = 50
SECONDS = 20
WARM_SECONDS = 5
SETTINGS = {
    "RASID_PORT": "0",
    "RASID_LOG_LEVEL": "error",
    "RASID_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
    "RASID_DELIVERY_ALLOW_NETWORKS": "127.0.0.0/8",
    "RASID_HOST_INTERVAL": "0",
    "RASID_PAGES": "never",
    "RASID_MIN_POLL_SECONDS": "1",
    "RASID_MAX_POLL_SECONDS": "1",
    "RASID_DELIVERY_CONCURRENCY": "16",
    "RASID_DELIVERY_RATE": "1000",
}
STORY = "قررت الحكومة إعفاء مواطني الدولة من تأشيرة الدخول المسبقة اعتبارا من مطلع العام المقبل. " * 12


Carrier = Literal["faust", "kafka"]


class Latency(NamedTuple):
    """Seconds from poll to webhook, of so many articles."""

    name: str
    articles: int
    p50: float
    p99: float


def measure(progress: Progress) -> list[Latency]:
    """Embedded, and on Kafka with the classifier on each of its runtimes. Raises Missing of the broker or the database."""
    task = progress.add_task("latency, poll to webhook", total=1 + len(get_args(Carrier)))
    found = [asyncio.run(_measured("embedded", {}))]
    progress.advance(task)
    for carrier in get_args(Carrier):
        with broker() as node, server() as database:
            there = {"RASID_KAFKA": node.bootstrap, "RASID_DATABASE_URL": database.url(), "RASID_CLASSIFIER_RUNTIME": carrier}
            found.append(asyncio.run(_measured(f"kafka, classifier on {carrier}", there)))
        progress.advance(task)
    return found


class _Feed(ThreadingHTTPServer):
    """A feed with a new entry every 1 / RATE seconds; each poll gets those that no poll got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.begun: float | None = None
        self.handed: list[float] = []
        """When each entry was handed out, by number; seconds since the epoch, as the receiver's."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/feed.xml"

    def next(self) -> bytes:
        now = time.time()
        due = 0 if self.begun is None else min(int((now - self.begun) * RATE), RATE * (SECONDS + WARM_SECONDS))
        items = [_item(number, now) for number in range(len(self.handed), due)]
        self.handed += [now] * len(items)
        return f'<rss version="2.0"><channel><title>f</title><language>ar</language>{"".join(items)}</channel></rss>'.encode()


class _Answer(BaseHTTPRequestHandler):
    server: _Feed

    def do_GET(self) -> None:
        body = self.server.next()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing."""


def _item(number: int, now: float) -> str:
    date = format_datetime(datetime.fromtimestamp(now, UTC))
    return f"""<item><guid>{number}</guid><link>https://bench.example/{number}</link><pubDate>{date}</pubDate>
      <title>إعفاء المواطنين من تأشيرة الدخول ({number})</title><description>{STORY}</description></item>"""


async def _measured(name: str, environ: dict[str, str]) -> Latency:
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder, ExitStack() as stack:
        kept = {variable: value for variable, value in os.environ.items() if not variable.startswith("RASID_")}
        environment = {**kept, **SETTINGS, "RASID_DATA": folder, **environ}
        commands = [["service", service] for service in NAMES] if environ else [["run", "--no-starters"]]
        feed = stack.enter_context(_Feed())
        await asyncio.to_thread(stack.enter_context, _running(commands, environment))
        async with Receiver() as receiver:
            add = ["subscriptions", "add", receiver.url, "--topic", "visa_policy", "--json"]
            receiver.secrets = [json.loads(await asyncio.to_thread(_rasid, environment, *add))["secret"]]
            await asyncio.to_thread(_rasid, environment, "sources", "add", feed.url)
            feed.begun = time.time()
            await receiver.wait_for(RATE * (SECONDS + WARM_SECONDS), 120)
            feed.shutdown()
            return _told(name, feed.handed, receiver)


def _told(name: str, handed: Sequence[float], receiver: Receiver) -> Latency:
    first: dict[int, float] = {}
    for got in receiver.got:
        number = int(got.message["data"]["article"]["url"].rsplit("/", 1)[1])
        first.setdefault(number, got.at - handed[number])
    taken = [seconds for number, seconds in first.items() if number >= RATE * WARM_SECONDS]
    cuts = quantiles(taken, n=100)
    return Latency(name, len(taken), cuts[49], cuts[98])


@contextmanager
def _running(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> Iterator[None]:
    """These commands of rasid as processes, until the end."""
    processes = [
        subprocess.Popen([sys.executable, "-m", "rasid", *command], env=environment, stdout=subprocess.PIPE, text=True)
        for command in commands
    ]
    try:
        assert processes[-1].stdout is not None
        assert re.search(r"http://\S+", processes[-1].stdout.readline()), "it did not start"
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()


def _rasid(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "rasid", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
