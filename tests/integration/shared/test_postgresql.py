"""What a real PostgreSQL does to transactions: each of its refusals is the world's or a bug, and none is forgotten."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from infra.postgres.server import Server, server
from shared import postgresql as backend
from shared.database import TURNS, Database, Limits, in_turn
from shared.outcomes import Retry
from shared.world import is_world
from tests.databases import Databases

SOON = Limits(statement_seconds=0.3)


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    made = Database(postgresql_url)
    yield made
    made.close()


@pytest.fixture
def hasty(postgresql_url: str) -> Iterator[Database]:
    """The same database, of which a statement may take 0.3 s."""
    made = Database(postgresql_url, SOON)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own_server(postgresql: Databases) -> Iterator[Server]:
    """A server these tests may treat badly. (Where there is none, the session's fixture has said so.)"""
    with server() as node:
        yield node


@pytest.fixture
def ours(own_server: Server) -> Iterator[Server]:
    """It answers again afterwards."""
    yield own_server
    own_server.resume()
    if not own_server.alive:
        own_server.start()


def one(tx: Connection) -> int:
    answer: int = tx.execute(text("SELECT 1")).scalar_one()
    return answer


def refusing(state: str) -> Callable[[Connection], object]:
    """Work that the server itself refuses with this SQLSTATE."""
    block = f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{state}'; END $$"
    return lambda tx: tx.exec_driver_sql(block)


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("08006", "connection failure"),
        ("25006", "read only"),
        ("40001", "serialization failure"),
        ("40P01", "deadlock"),
        ("42501", "no right to it"),
        ("53100", "disk full"),
        ("53200", "out of memory"),
        ("53300", "too many connections"),
        ("55P03", "locked"),
        ("57014", "cancelled"),
        ("57P01", "shut down by an administrator"),
        ("57P03", "cannot connect now"),
        ("58030", "input or output"),
        ("XX001", "data damaged"),
    ],
)
def test_what_is_the_worlds_is_a_retry(database: Database, state: str, what: str) -> None:
    with pytest.raises(Retry, match="the database is not available: refused"):
        database.transact_now(refusing(state))
    assert database.transact_now(one) == 1, what


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("22001", "a text too long for its column"),
        ("22021", "letters that are none"),
        ("23505", "not unique"),
        ("23502", "a value is missing"),
        ("42P01", "no such table"),
        ("54000", "more than an index takes"),
        ("25P02", "a transaction that failed before"),
        ("XX000", "the server's own bug"),
    ],
)
def test_what_is_the_messages_is_none(database: Database, state: str, what: str) -> None:
    with pytest.raises(DBAPIError) as error:
        database.transact_now(refusing(state))
    assert not is_world(error.value), what


def test_a_connection_ended_by_the_server_is_a_retry_and_the_next_is_made_anew(database: Database) -> None:
    def ended(tx: Connection) -> None:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Retry, match="terminating connection"):
        database.transact_now(ended)
    assert database.transact_now(one) == 1


def test_connections_ended_while_no_one_used_them_are_noticed_by_no_one(database: Database, postgresql_url: str) -> None:
    database.transact_now(one)
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
                      "current_database()")  # fmt: skip
    assert database.transact_now(one) == 1


async def test_two_that_wait_for_each_other_are_told_apart_and_one_goes_again(database: Database) -> None:
    both = threading.Barrier(2)

    def work(first: int, second: int) -> Callable[[Connection], None]:
        def crossing(tx: Connection) -> None:
            tx.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": first})
            both.wait(10)
            tx.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": second})

        return crossing

    answers = await asyncio.gather(database.transact(work(1, 2)), database.transact(work(2, 1)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["DatabaseAway", "NoneType"]


def test_a_statement_that_takes_too_long_is_a_retry(hasty: Database) -> None:
    with pytest.raises(Retry, match="statement timeout"):
        hasty.transact_now(lambda tx: tx.execute(text("SELECT pg_sleep(20)")))


def test_a_statement_without_limit_takes_its_time_and_the_next_has_its_limit_again(hasty: Database) -> None:
    hasty.transact_now(lambda tx: tx.execute(text("SELECT pg_sleep(0.6)")), limited=False)
    with pytest.raises(Retry, match="statement timeout"):
        hasty.transact_now(lambda tx: tx.execute(text("SELECT pg_sleep(20)")))


def test_a_member_that_stands_still_in_a_transaction_loses_it_and_its_locks(hasty: Database, database: Database) -> None:
    def standing(tx: Connection) -> None:
        in_turn(tx, "kind")
        database.transact_now(lambda other: in_turn(other, "kind"))  # waits for us, until the server has ended ours
        one(tx)

    with pytest.raises(Retry, match=r"idle.in.transaction|terminating connection"):
        hasty.transact_now(standing)


def test_reading_writes_nothing(database: Database) -> None:
    with pytest.raises(Retry, match="read-only"), database.read() as db:
        db.execute(text("CREATE TABLE never (n integer)"))


def test_a_server_with_no_place_left_is_a_retry(postgresql_url: str, database: Database) -> None:
    database.transact_now(lambda tx: tx.exec_driver_sql("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0"))
    other = Database(postgresql_url.replace("postgres@", "crowded@"))
    try:
        with pytest.raises(Retry, match="too many connections"):
            other.transact_now(one)
    finally:
        other.close()
        database.transact_now(lambda tx: tx.exec_driver_sql("DROP ROLE crowded"))


def test_no_server_is_a_retry_that_does_not_tell_the_password() -> None:
    nowhere = Database("postgresql://me:hunter2@127.0.0.1:9/none")
    with pytest.raises(Retry) as refused:
        nowhere.transact_now(one)
    assert "onnection refused" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    nowhere.close()


def test_however_many_names_a_transaction_asks_for_its_locks_are_bounded(database: Database) -> None:
    def asking(tx: Connection) -> int:
        in_turn(tx, "kind", (f"article-{n}" for n in range(5_000)))
        locks: int = tx.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar_one()
        return locks

    assert database.transact_now(asking) <= TURNS


async def test_turns_of_many_names_asked_for_in_any_order_come_to_no_deadlock(database: Database) -> None:
    def asking(names: list[str]) -> Callable[[Connection], None]:
        return lambda tx: in_turn(tx, "kind", names)

    names = [f"article-{n}" for n in range(100)]
    await asyncio.gather(*[database.transact(asking(names[n:] + names[:n])) for n in range(40)])


def test_a_server_that_stands_still_is_given_up_and_used_again_when_it_goes_on(
    ours: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "GRACE_SECONDS", 0.2)
    database = Database(ours.url(), SOON)
    assert database.transact_now(one) == 1

    def cut_short(tx: Connection) -> None:
        ours.pause()
        one(tx)

    with pytest.raises(Retry, match="does not answer"):
        database.transact_now(cut_short)
    ours.resume()
    assert database.transact_now(one) == 1
    database.close()


async def test_who_ends_does_not_wait_for_a_server_that_stands_still(ours: Server) -> None:
    database = Database(ours.url(), Limits(connections=4))
    both = threading.Barrier(2)
    await asyncio.gather(*[database.transact(lambda tx: both.wait(10)) for _ in range(2)])  # two connections are open
    ours.pause()
    waiting = [asyncio.ensure_future(database.transact(one)) for _ in range(20)]
    await asyncio.sleep(0)  # lets every task hand its work over
    begun = time.monotonic()
    database.abandon()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, Retry) for answer in answers)
    database.close()
    assert time.monotonic() - begun < 3
    with pytest.raises(Retry):
        await database.transact(one)


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_server_that_goes_and_comes_is_used_again(ours: Server, ending: str) -> None:
    database = Database(ours.url())
    assert database.transact_now(one) == 1
    getattr(ours, ending)()
    with pytest.raises(Retry):
        database.transact_now(one)
    ours.start()
    assert database.transact_now(one) == 1
    with database.read() as db:
        assert one(db) == 1
    database.close()
