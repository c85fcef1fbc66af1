"""`rasid service NAME`: one service in a process of its own, on Kafka."""

import os
import sys

import click

from rasid.supervisor import Supervisor
from shared import logs

NAMES = ("crawler", "classifier", "store", "alerts", "web")


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--once", is_flag=True, help="Do not start it anew when it ends: systemd, Kubernetes or the like does.")
@click.option("--parent", type=int, hidden=True, help="End when this is no longer the parent process.")
def service(name: str, once: bool, parent: int | None) -> None:
    """One service on Kafka: crawler, classifier, store, alerts or web.

    Needs RASID_KAFKA; makes the topics of the map that are missing. State is in PostgreSQL (RASID_DATABASE_URL); with SQLite
    all services must run on this machine. What ends though nobody asked is started anew, after a growing pause; SIGTERM
    ends it in under 10 seconds.

    \b
    Example:  RASID_KAFKA=127.0.0.1:9092 RASID_DATABASE_URL=postgresql://me:secret@127.0.0.1/rasid rasid service classifier
    """
    if name not in NAMES:
        raise click.UsageError(f"there is no service {name!r}; there are {', '.join(NAMES)}")
    if once or parent is not None:
        from rasid.serving import serve  # here, so that the process that only watches loads nothing of the house

        serve(name, parent)
        return
    logs.configure()
    sys.exit(Supervisor([sys.executable, "-m", "rasid", "service", name, "--parent", str(os.getpid())]).run())
