"""The embedded log: what is read in which order, and what is deleted when."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from shared.database import Database
from shared.handlers import Outgoing
from shared.runtime import log
from shared.topology import CLASSIFY, DELIVERIES_SETTLED, ENQUEUE, ENTRIES_FOUND, RECORD, TRACES_RECORDED, WITNESS
from tests.builders import NOON


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The embedded log is SQLite's."""
    return sqlite


READERS = (ENQUEUE, WITNESS)
LATER = NOON + timedelta(hours=ENTRIES_FOUND.retention_hours, seconds=1)


def put(database: Database, *topics: str) -> None:
    lines = [Outgoing(topic, "key", b"{}") for topic in topics]
    database.transact_now(lambda tx: log.append(tx, lines, NOON))


def kept(database: Database) -> int:
    with database.read() as tx:
        return tx.exec_driver_sql("SELECT count(*) FROM runtime_log").scalar_one()


def test_a_message_is_kept_until_every_reader_is_through_with_it(database: Database) -> None:
    put(database, *[ENTRIES_FOUND.name] * 3)
    database.transact_now(lambda tx: log.advance(tx, ENQUEUE.name, 3))
    database.transact_now(lambda tx: log.expire(tx, ENTRIES_FOUND, READERS, LATER))
    assert kept(database) == 3, "one reader has not begun"
    database.transact_now(lambda tx: log.advance(tx, WITNESS.name, 2))
    database.transact_now(lambda tx: log.expire(tx, ENTRIES_FOUND, READERS, LATER))
    assert kept(database) == 1


def test_a_message_is_kept_for_its_retention_though_all_have_read_it(database: Database) -> None:
    put(database, ENTRIES_FOUND.name)
    for stage in READERS:
        database.transact_now(lambda tx, name=stage.name: log.advance(tx, name, 1))
    database.transact_now(lambda tx: log.expire(tx, ENTRIES_FOUND, READERS, LATER - timedelta(seconds=2)))
    assert kept(database) == 1
    database.transact_now(lambda tx: log.expire(tx, ENTRIES_FOUND, READERS, LATER))
    assert kept(database) == 0


def test_a_deleted_place_is_never_given_again(database: Database) -> None:
    put(database, ENTRIES_FOUND.name, ENTRIES_FOUND.name)
    database.transact_now(lambda tx: tx.execute(delete(log.LOG)))
    put(database, ENTRIES_FOUND.name)
    with database.read() as tx:
        assert [record.offset for record in log.after(tx, (ENTRIES_FOUND,), 0, 10)] == [3]


def test_deleting_goes_on_in_parts_until_nothing_is_left(database: Database) -> None:
    letters = CLASSIFY.dead_letters
    put(database, *[letters.name] * (log.DELETED_AT_ONCE + 1))
    long_after = NOON + timedelta(hours=letters.retention_hours, seconds=1)
    assert database.transact_now(lambda tx: log.expire(tx, letters, (), long_after))
    assert not database.transact_now(lambda tx: log.expire(tx, letters, (), long_after))
    assert kept(database) == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([TRACES_RECORDED.name, DELIVERIES_SETTLED.name]), max_size=25), st.integers(1, 6))
def test_a_stage_that_reads_two_topics_meets_every_message_once_and_in_order(
    database: Database, topics: list[str], limit: int
) -> None:
    database.transact_now(lambda tx: tx.execute(delete(log.LOG)))
    put(database, *topics)
    met: list[tuple[int, str]] = []
    with database.read() as tx:
        wanted = [tuple(row) for row in tx.exec_driver_sql("SELECT seq, topic FROM runtime_log ORDER BY seq")]
        while found := log.after(tx, RECORD.reads, met[-1][0] if met else 0, limit):
            met += [(record.offset, record.topic) for record in found]
    assert met == wanted
