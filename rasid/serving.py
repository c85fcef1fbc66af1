"""One service as a process: its sockets, its house, and the ends it can come to."""

import asyncio
import faulthandler
import os
import signal
import socket
from contextlib import suppress

import click
from rich.console import Console

from rasid.home import Home, open_home, refuse_exposure
from rasid.house import House
from rasid.server import address_of, listen
from rasid.settings import Refused, read_settings
from services.alerts import app as alerts
from services.alerts.adapters import subscriptions
from services.alerts.settings import Settings as AlertsSettings
from shared.runtime.kafka_topics import all_topics, create_topics
from shared.settings import Common
from shared.topology import STAGES

BEAT_SECONDS = 1.0
KEY_HOLDERS = ("alerts", "web")
"""Those that seal secrets, or open them."""


def serve(name: str, parent: int | None = None) -> None:
    """Runs this service in this process until SIGTERM, or until it is no longer the child of `parent`. Raises Refused,
    Unreachable, and whatever ends the service."""
    settings = read_settings()
    common = settings.part(Common)
    listening, monitor = _sockets(name, common)
    with open_home(settings) as home:
        if name in KEY_HOLDERS:
            _prove_key(home)
        asyncio.run(create_topics(common.kafka, all_topics(STAGES)))
        house = House(home, () if name == "web" else (name,))
        if listening is not None:
            click.echo(f"rasid is at {address_of(listening)}")
        asyncio.run(_watched(house, listening, monitor, common.stuck_seconds, parent))


def _prove_key(home: Home) -> None:
    """Each machine has a key file; it must be the same. Raises Refused."""
    try:
        with home.database.read() as db:
            subscriptions.prove(db, alerts.vault(home.settings.part(AlertsSettings), home.common.data))
    except OSError as error:
        raise Refused(f"RASID_ALERTS_KEY_FILE: {error}") from None


def _sockets(name: str, common: Common) -> tuple[socket.socket | None, socket.socket | None]:
    """For the pages, and for whoever watches. Raises Refused."""
    if not common.kafka:
        raise Refused("RASID_KAFKA: a service by itself needs Kafka; without it `rasid run` has everything in one process")
    if name == "web":
        refuse_exposure(common)
        return listen(common.host, common.port), None
    if not common.monitor:
        return None, None
    host, _, port = common.monitor.rpartition(":")
    return None, listen(host.strip("[]"), int(port))


async def _watched(
    house: House, listening: socket.socket | None, monitor: socket.socket | None, seconds: float, parent: int | None
) -> None:
    beating = asyncio.ensure_future(_beat(seconds, parent))
    try:
        await house.run(listening, Console(stderr=True, force_terminal=False), monitor)
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        faulthandler.cancel_dump_traceback_later()


async def _beat(seconds: float, parent: int | None) -> None:
    """Ends the process, telling on stderr where each thread stands, when this loop has not turned for so long; and stops it
    when whoever started it has gone without a word."""
    while True:
        faulthandler.dump_traceback_later(seconds, exit=True)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(BEAT_SECONDS)
