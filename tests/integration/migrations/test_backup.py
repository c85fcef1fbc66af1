"""The back-up of docs/operations.md, tried: pg_dump while stages write, pg_restore into a new database."""

from pathlib import Path

from sqlalchemy import select

from rasid import schema
from services.store.adapters import reading, search
from services.store.adapters.tables import ARTICLES
from services.store.core.words import phrases
from services.store.settings import Settings
from shared.database import Database
from shared.workers import Workers
from tests.builders import classified, fetched
from tests.databases import Databases
from tests.integration.store.conftest import Stages


def test_a_dump_brings_everything_into_a_new_database_which_goes_on(
    postgresql: Databases, postgresql_url: str, workers: Workers, tmp_path: Path
) -> None:
    old, file = Database(postgresql_url), str(tmp_path / "rasid.dump")
    stages = Stages(old, Settings(), workers)
    stages.file_articles(range(20))
    with old.engine.begin() as open_transaction:
        open_transaction.execute(select(ARTICLES).with_for_update())
        postgresql.node.run("pg_dump", "--format=custom", f"--file={file}", old.url.database or "")
    with postgresql.empty() as url:
        new = Database(url)
        postgresql.node.run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={new.url.database}", file)
        assert schema.migrate(new) == (schema.head(), schema.head())
        with old.read() as before, new.read() as after:
            assert before.execute(select(ARTICLES)).all() == after.execute(select(ARTICLES)).all()
            wanted = search.matching("postgresql", phrases("تهريب"))
            assert before.execute(wanted).all() == after.execute(wanted).all() != []
        [filed] = Stages(new, Settings(), workers).file(classified(fetched(article_id="later"), event_id="later"))
        assert b'"sequence":21' in filed
        with new.read() as db:
            assert reading.last_change(db) == 21
        new.close()
    old.close()
