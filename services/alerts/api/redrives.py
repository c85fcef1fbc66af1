"""Routes of redrives: deliveries that ended are sent again."""

from http import HTTPStatus

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.alerts.adapters import redrives
from services.alerts.adapters.redrives import Job
from services.alerts.adapters.vault import Vault
from services.alerts.api.answers import TAGS, IdempotencyKey, missing, refuse, sequence_of, write_once
from services.alerts.core.redrive import Request, faults
from services.alerts.settings import Settings
from shared.clock import Clock
from shared.database import Database


class Jobs(Struct, frozen=True, kw_only=True):
    """A page of redrives, the newest first; `next` is the cursor of the following page."""

    items: list[Job]
    next: str | None = None


def routes(database: Database, settings: Settings, vault: Vault, now: Clock) -> list[ControllerRouterHandler]:
    """Sending again, and how far it came."""

    @post("/deliveries/redrive", tags=TAGS, sync_to_thread=True, status_code=202)
    def redrive(data: JSONBody[Request], key: IdempotencyKey = None) -> Job:
        """Sends deliveries again, each under the id and with the bytes it had; a job that goes on after a restart."""
        if wrong := faults(data):
            refuse(HTTPStatus.BAD_REQUEST, "nothing can be sent again", "; ".join(wrong))
        return write_once(database, vault, key, ("redrive", data), Job, lambda tx: redrives.create(tx, data, now()), now)

    @get("/redrives", tags=TAGS, sync_to_thread=True)
    def list_redrives(cursor: FromQuery[str | None] = None) -> Jobs:
        """The redrives there were, the newest first."""
        limit, before = settings.delivery_page_size, sequence_of(cursor)
        with database.read() as connection:
            rows = redrives.page(connection, before=before, limit=limit + 1)
        following = str(rows[limit - 1].sequence) if len(rows) > limit else None
        return Jobs(items=[redrives.shown(row) for row in rows[:limit]], next=following)

    @get("/redrives/{redrive_id:str}", tags=TAGS, sync_to_thread=True)
    def get_redrive(redrive_id: FromPath[str]) -> Job:
        """How far one came."""
        with database.read() as connection:
            job = redrives.found(connection, redrive_id)
        return job if job is not None else missing("redrive", redrive_id)

    return [redrive, list_redrives, get_redrive]
