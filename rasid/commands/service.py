"""`rasid service NAME`: one service in a process of its own, on Kafka."""

import asyncio

import click
from rich.console import Console

from rasid.home import Home, Refused, open_home, reachable, read_settings
from rasid.house import SERVICES, House
from rasid.server import address_of, listen
from rasid.web.gate import is_loopback
from services.alerts import app as alerts
from services.alerts.adapters import subscriptions
from services.alerts.settings import Settings as AlertsSettings
from shared.runtime.kafka_topics import all_topics, create_topics
from shared.settings import Common
from shared.topology import STAGES

NAMES = (*SERVICES, "web")
KEY_HOLDERS = ("alerts", "web")
"""Those that seal secrets, or open them."""


@click.command()
@click.argument("name", metavar="NAME")
def service(name: str) -> None:
    """One service on Kafka: crawler, classifier, store, alerts or web.

    Needs RASID_KAFKA; makes the topics of the map that are missing. State is in PostgreSQL (RASID_DATABASE_URL); with SQLite
    all services must run on this machine.

    \b
    Example:  RASID_KAFKA=127.0.0.1:9092 RASID_DATABASE_URL=postgresql://me:secret@127.0.0.1/rasid rasid service classifier
    """
    if name not in NAMES:
        raise click.UsageError(f"there is no service {name!r}; there are {', '.join(NAMES)}")
    settings = read_settings()
    common = settings.part(Common)
    if not common.kafka:
        raise Refused("RASID_KAFKA: a service by itself needs Kafka; without it `rasid run` has everything in one process")
    if name == "web" and not is_loopback(common.host) and not common.token:
        raise Refused(f"RASID_HOST: {common.host} can be reached by others; set RASID_TOKEN, which callers must send")
    listening = listen(common.host, common.port) if name == "web" else None
    with open_home(settings) as home:
        with reachable():
            if name in KEY_HOLDERS:
                _prove_key(home)
            asyncio.run(create_topics(common.kafka, all_topics(STAGES)))
        house = House(home, () if name == "web" else (name,))
        if listening is not None:
            click.echo(f"rasid is at {address_of(listening)}")
        asyncio.run(house.run(listening, Console(stderr=True, force_terminal=False)))


def _prove_key(home: Home) -> None:
    """Each machine has a key file; it must be the same. Raises Refused."""
    try:
        with home.database.read() as db:
            subscriptions.prove(db, alerts.vault(home.settings.part(AlertsSettings), home.common.data))
    except OSError as error:
        raise Refused(f"RASID_ALERTS_KEY_FILE: {error}") from None
