"""FTS5 and PostgreSQL's index give the same answers to the same words."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from services.store.adapters import search
from services.store.core.words import LONGEST, phrases, words
from shared.database import Database

Texts = list[tuple[str, str]]
Find = Callable[[Texts, str], set[int]]

TOKENS = (
    "a",
    "b",
    "ab",
    "x" * 300,
    "هجرة",
    "الهجرة",
    "والمهاجرين",
    "移民",
    "移",
    "政策",
    "ความ",
    "क्षेत्र",
    "don't",
    "3.5",
    "Straße",
)
GAPS = (" ", " ", "", ", ", "\n", "\u200f", "_", "-", "'", '"')

pieces = st.lists(st.tuples(st.sampled_from(TOKENS), st.sampled_from(GAPS)), max_size=8).map(
    lambda parts: "".join(token + gap for token, gap in parts)
)
texts = st.lists(st.tuples(pieces, pieces), min_size=1, max_size=4)
queries = st.one_of(pieces, pieces.map(lambda text: f'"{text}"'), st.text(max_size=8))


@pytest.fixture
def both(sqlite: Database, postgresql_url: str) -> Iterator[tuple[Find, Find]]:
    postgresql = Database(postgresql_url)
    yield finder(sqlite), finder(postgresql)
    postgresql.close()


def finder(database: Database) -> Find:
    """Which of these texts the database finds, and no others are in it."""

    def find(held: Texts, query: str) -> set[int]:
        entries = [search.Entry(number, words(title), words(text)) for number, (title, text) in enumerate(held, 1)]
        asked = phrases(query)

        def fill(tx) -> None:
            tx.exec_driver_sql("DELETE FROM store_search")
            search.put(tx, entries)

        database.transact_now(fill)
        if not asked:
            return set()
        with database.read() as db:
            return set(db.execute(search.matching(db.dialect.name, asked)).scalars())

    return find


LONG = "a " + "x " * 20_000 + "one two"
OFTEN = "one three " * 300 + "one two"
VARIED = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(100_000))


@runs(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(held=texts, query=queries)
@example(held=[("", LONG)], query='"one two"')
@example(held=[("", LONG)], query='"two one"')
@example(held=[("", OFTEN)], query='"one two"')
@example(held=[("a", "b")], query='"a b"')
@example(held=[("a", "b")], query="a b")
@example(held=[("", "y" * 5_000)], query="y" * 5_000)
def test_both_databases_find_the_same(both: tuple[Find, Find], held: Texts, query: str) -> None:
    sqlite, postgresql = both
    assert postgresql(held, query) == sqlite(held, query)


def test_the_widest_and_the_longest_texts_are_kept_and_found(both: tuple[Find, Find]) -> None:
    for find in both:
        assert find([("", LONG), ("", OFTEN)], '"one two"') == {1, 2}
        assert find([("", VARIED)], VARIED[1_000:1_002]) == {1}
        assert find([(VARIED, VARIED)], VARIED[1_000:1_002]) == {1}
        assert find([("", "z" * 5_000)], "z" * 4_000) == {1}, f"the first {LONGEST} letters count"
