"""Subscriptions, deliveries and endpoints over HTTP (docs/interfaces.md)."""

from collections.abc import Callable, Collection

from litestar.types import ControllerRouterHandler

from services.alerts.adapters.vault import Vault
from services.alerts.api import deliveries, dry_run, endpoints, redrives, subscriptions
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database


def routes(
    database: Database,
    settings: Settings,
    vault: Vault,
    *,
    topics: Callable[[], Collection[str]],
    history: dry_run.History,
    now: Clock,
) -> list[ControllerRouterHandler]:
    """The routes of alerts. `topics`: the names of the topics there are; `history`: stored articles, for dry runs; `now`: when
    something is made."""
    return [
        *subscriptions.routes(database, settings, vault, topics, now),
        *deliveries.routes(database, settings),
        *redrives.routes(database, settings, vault, now),
        *endpoints.routes(database, settings, now),
        *dry_run.routes(settings, history, topics, now),
    ]
