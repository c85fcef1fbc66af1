"""What a real SQLite file does to transactions."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from shared.database import Database
from shared.outcomes import Retry


@pytest.fixture
def numbers(sqlite: Database) -> Database:
    with sqlite.engine.begin() as tx:
        tx.execute(text("CREATE TABLE numbers (n INTEGER PRIMARY KEY, pad BLOB)"))
    return sqlite


def put(n: int, pad: int = 0) -> Callable[[Connection], int]:
    def work(tx: Connection) -> int:
        tx.execute(text("INSERT INTO numbers VALUES (:n, zeroblob(:pad))"), {"n": n, "pad": pad})
        return n

    return work


def kept(database: Database) -> list[int]:
    with database.read() as tx:
        return list(tx.execute(text("SELECT n FROM numbers ORDER BY n")).scalars())


async def test_a_full_disk_is_a_retry_for_everyone_in_the_group_and_passes_when_there_is_room(numbers: Database) -> None:
    def full(tx: Connection) -> None:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        put(1, pad=1_000_000)(tx)

    answers = await asyncio.gather(
        numbers.transact(put(0)), numbers.transact(full), numbers.transact(put(2)), return_exceptions=True
    )
    assert any(isinstance(answer, Retry) and "full" in str(answer) for answer in answers)
    lost = [n for n, answer in zip((0, 1, 2), answers, strict=True) if isinstance(answer, Retry)]
    assert kept(numbers) == [n for n in (0, 2) if n not in lost]

    def room(tx: Connection) -> None:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")

    await numbers.transact(room)
    for n in lost:
        await numbers.transact(put(n, pad=1_000_000))
    assert kept(numbers) == [0, 1, 2]


async def test_a_database_locked_by_another_process_is_a_retry(numbers: Database) -> None:
    await numbers.transact(lambda tx: tx.exec_driver_sql("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(str(numbers.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retry, match="locked"):
        await numbers.transact(put(1))
    other.execute("ROLLBACK")
    other.close()
    await numbers.transact(put(1))
    assert kept(numbers) == [1]
