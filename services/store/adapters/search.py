"""The full-text index: FTS5 on SQLite, a tsvector on PostgreSQL, the same words (core/words.py) in both.

The index is not one of SQLAlchemy's tables. On SQLite it keeps the words it indexes, since an update needs the old ones;
words come parted and normalised, so its tokenizer has nothing to do but split at spaces.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, TextualSelect, bindparam, column, text

from services.store.core.words import Phrase

_CREATE = {
    "sqlite": ("CREATE VIRTUAL TABLE IF NOT EXISTS store_search USING fts5(title, text, tokenize='ascii')",),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS store_search (sequence bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_store_search_words ON store_search USING gin (words)",
    ),
}

_PUT = {
    "sqlite": "INSERT OR REPLACE INTO store_search (rowid, title, text) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO store_search (sequence, words) VALUES (%s, CAST(%s AS tsvector)) "
    "ON CONFLICT (sequence) DO UPDATE SET words = excluded.words",
}

_POSITIONS = 16_383
"""The last position a tsvector can tell apart; words behind it are found, but not in phrases."""


class Entry(NamedTuple):
    """The words of one article."""

    sequence: int
    title: str
    text: str


def create(tx: Connection) -> None:
    """Makes the index where there is none."""
    for statement in _CREATE[tx.dialect.name]:
        tx.exec_driver_sql(statement)


def drop(tx: Connection) -> None:
    """Removes the index and all it holds."""
    tx.exec_driver_sql("DROP TABLE IF EXISTS store_search")


def put(tx: Connection, entries: Sequence[Entry]) -> None:
    """Indexes these articles in place of what was indexed of them."""
    if not entries:
        return
    sqlite = tx.dialect.name == "sqlite"
    rows: list[Any] = list(entries) if sqlite else [(entry.sequence, _tsvector(entry)) for entry in entries]
    tx.exec_driver_sql(_PUT[tx.dialect.name], [tuple(row) for row in rows])


def matching(dialect: str, phrases: Sequence[Phrase], span: tuple[int, int] | None = None) -> TextualSelect:
    """The sequences of the articles (from the first to the last of `span`) that hold each of these phrases."""
    if dialect == "sqlite":
        query, words = "SELECT rowid FROM store_search WHERE store_search MATCH :words", " AND ".join(map(_fts5, phrases))
        query += " AND rowid BETWEEN :first AND :last" if span else ""
    else:
        query, words = (
            "SELECT sequence FROM store_search WHERE words @@ CAST(:words AS tsquery)",
            " & ".join(map(_tsquery, phrases)),
        )
        query += " AND sequence BETWEEN :first AND :last" if span else ""
    bound: list[BindParameter[Any]] = [bindparam("words", words, unique=True)]
    if span:
        bound += [bindparam("first", span[0], unique=True), bindparam("last", span[1], unique=True)]
    return text(query).bindparams(*bound).columns(column("sequence"))


def _fts5(phrase: Phrase) -> str:
    """The phrase in FTS5's syntax. Words hold letters, marks and digits alone, so nothing in them needs escaping."""
    prefix = "*" if phrase[-1].endswith("*") else ""
    return f'"{" ".join(phrase).removesuffix("*")}"{prefix}'


def _tsquery(phrase: Phrase) -> str:
    terms = [f"'{word.removesuffix('*')}'{':*' if word.endswith('*') else ''}" for word in phrase]
    return f"({' <-> '.join(terms)})"


def _tsvector(entry: Entry) -> str:
    """Words and their positions as PostgreSQL reads them; a gap keeps phrases from crossing from title to text."""
    title, body = entry.title.split(), entry.text.split()
    places = [(word, place) for place, word in enumerate(title, 1)]
    places += [(word, place) for place, word in enumerate(body, len(title) + 2)]
    return " ".join(f"'{word}':{min(place, _POSITIONS)}" for word, place in places)
