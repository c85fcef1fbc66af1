"""What a real SQLite file does to transactions."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shared.database import Database
from shared.outcomes import Retry
from shared.sqlite import LOOK_SECONDS, READERS
from shared.world import is_world


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


async def test_a_database_locked_by_another_process_is_a_retry(numbers: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.sqlite.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(str(numbers.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retry, match="locked"):
        await numbers.transact(put(1))
    other.execute("ROLLBACK")
    other.close()
    await numbers.transact(put(1))
    assert kept(numbers) == [1]


async def test_a_write_waits_for_a_lock_that_another_process_gives_back(numbers: Database) -> None:
    other = sqlite3.connect(str(numbers.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(numbers.transact(put(1)))
    asyncio.get_running_loop().call_later(4 * LOOK_SECONDS, other.execute, "ROLLBACK")
    assert await waiting == 1
    other.close()
    assert kept(numbers) == [1]


async def test_readers_however_many_never_keep_the_writer_waiting(numbers: Database) -> None:
    with ExitStack() as readers:
        for _ in range(READERS):
            readers.enter_context(numbers.read())
        assert await asyncio.wait_for(numbers.transact(put(1)), 5) == 1
    assert kept(numbers) == [1]


async def test_a_close_does_not_wait_for_another_process_that_holds_the_lock(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    database.transact_now(lambda tx: tx.exec_driver_sql("CREATE TABLE numbers (n INTEGER PRIMARY KEY, pad BLOB)"))
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = [asyncio.ensure_future(database.transact(put(n))) for n in range(3)]
    await asyncio.sleep(0)  # lets every task hand its work over
    begun = time.monotonic()
    await asyncio.to_thread(database.close)
    assert time.monotonic() - begun < 2
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()
    assert [isinstance(answer, Retry) for answer in answers] == [True] * 3, "who asked hears that it is to come again"


async def test_what_is_asked_of_a_closed_database_is_answered(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    database.close()
    with pytest.raises(Retry, match="closed"):
        await asyncio.wait_for(database.transact(put(1)), 5)


def test_a_text_that_is_no_utf_8_is_a_fault_of_its_row_and_no_reason_to_wait(sqlite: Database) -> None:
    with pytest.raises(OperationalError) as error:
        sqlite.transact_now(lambda tx: tx.execute(text("SELECT CAST(x'ff' AS TEXT)")).all())
    assert not is_world(error.value)
