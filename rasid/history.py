"""The stored articles as alerts ask for them: a port between two services that do not know each other."""

from collections.abc import Iterator
from datetime import datetime

from services.alerts.core.forecast import Past
from services.store.adapters import reading
from services.store.core.query import Query
from shared.database import Database

PAGE = 500


def history(database: Database, since: datetime) -> Iterator[Past]:
    """Articles dated since then, the newest in the store first; read page by page, so that no one waits for it."""
    before: int | None = None
    while True:
        with database.read() as tx:
            page = reading.newest(tx, Query(since=since, before=before, limit=PAGE))
        for kept in page[:PAGE]:
            yield Past(article=kept.article, dated_at=kept.article.published_at or kept.article.fetched_at)
        if len(page) <= PAGE:
            return
        before = page[PAGE - 1].sequence
