"""What `transact` and `read` promise, on both databases."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.database import Database, in_turn
from shared.world import is_world


@pytest.fixture
def numbers(database: Database) -> Database:
    with database.engine.begin() as tx:
        tx.execute(text("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"))
    return database


def put(n: int) -> Callable[[Connection], int]:
    def work(tx: Connection) -> int:
        tx.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
        return n

    return work


def kept(database: Database) -> list[int]:
    with database.read() as tx:
        return list(tx.execute(text("SELECT n FROM numbers ORDER BY n")).scalars())


async def test_transactions_asked_for_together_are_each_kept(numbers: Database) -> None:
    assert await asyncio.gather(*[numbers.transact(put(n)) for n in range(200)]) == list(range(200))
    assert kept(numbers) == list(range(200))


async def test_one_that_fails_is_undone_alone(numbers: Database) -> None:
    answers = await asyncio.gather(*[numbers.transact(put(n)) for n in (1, 2, 2, 3)], return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "int", "int", "int"]
    assert kept(numbers) == [1, 2, 3]


def test_a_message_that_breaks_a_rule_of_the_tables_is_not_the_worlds(numbers: Database) -> None:
    numbers.transact_now(put(1))
    with pytest.raises(IntegrityError) as error:
        numbers.transact_now(put(1))
    assert not is_world(error.value)


async def test_a_reader_sees_one_moment_while_others_write(numbers: Database) -> None:
    await numbers.transact(put(1))
    with numbers.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM numbers")).scalar_one() == 1
        await numbers.transact(put(2))
        assert tx.execute(text("SELECT count(*) FROM numbers")).scalar_one() == 1
    assert kept(numbers) == [1, 2]


async def test_what_was_begun_is_finished_at_close(numbers: Database, database_url: str) -> None:
    other = Database(database_url)
    waiting = [asyncio.ensure_future(other.transact(put(n))) for n in range(50)]
    await asyncio.sleep(0)  # lets every task hand its work over
    await asyncio.to_thread(other.close)
    assert await asyncio.gather(*waiting) == list(range(50))
    assert kept(numbers) == list(range(50))


def test_a_fault_in_the_statement_is_not_the_worlds(database: Database) -> None:
    with pytest.raises(DBAPIError) as error:
        database.transact_now(lambda tx: tx.execute(text("SELECT nothing FROM nowhere")))
    assert not is_world(error.value)


async def test_who_takes_a_turn_sees_what_the_one_before_committed(numbers: Database) -> None:
    def next_number(tx: Connection) -> int:
        in_turn(tx, "numbers")
        return put(tx.execute(text("SELECT coalesce(max(n), 0) + 1 FROM numbers")).scalar_one())(tx)

    given = await asyncio.gather(*[numbers.transact(next_number) for _ in range(40)])
    assert sorted(given) == kept(numbers) == list(range(1, 41))
