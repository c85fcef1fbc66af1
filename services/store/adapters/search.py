"""The full-text index: FTS5 on SQLite, a tsvector on PostgreSQL, the same words (core/words.py) and the same answers in both.

The index is not one of SQLAlchemy's tables. Both keep the words they index: SQLite since an update needs the old ones,
PostgreSQL to look for phrases in them, since a tsvector knows no place behind the 16,383rd word and no more than 256 of a
word. Words come parted and normalised, so that no tokenizer or dictionary of a database has anything to decide.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, TextualSelect, bindparam, column, text

from services.store.core.words import Phrase

_CREATE = {
    "sqlite": ("CREATE VIRTUAL TABLE IF NOT EXISTS store_search USING fts5(title, text, tokenize='ascii')",),
    "postgresql": (
        'CREATE TABLE IF NOT EXISTS store_search (sequence bigint PRIMARY KEY, title text COLLATE "C" NOT NULL,'
        ' text text COLLATE "C" NOT NULL, words tsvector GENERATED ALWAYS AS'
        " (array_to_tsvector(array_remove(string_to_array(title || ' ' || text, ' '), ''))) STORED)",
        "CREATE INDEX IF NOT EXISTS ix_store_search_words ON store_search USING gin (words)",
    ),
}

_PUT = {
    "sqlite": "INSERT OR REPLACE INTO store_search (rowid, title, text) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO store_search (sequence, title, text) VALUES (%s, %s, %s) "
    "ON CONFLICT (sequence) DO UPDATE SET title = excluded.title, text = excluded.text",
}

_TITLE_BYTES, _TEXT_BYTES = 100_000, 900_000
"""What the different words of a title and of a text may weigh; a tsvector takes a little more than both. Only a text of some
hundred thousand letters, hardly two words of it the same, has more."""


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
    if entries:
        rows: list[Any] = [tuple(capped(entry)) for entry in entries]
        tx.exec_driver_sql(_PUT[tx.dialect.name], rows)


def capped(entry: Entry) -> Entry:
    """The entry as an index can take it."""
    return Entry(entry.sequence, _capped(entry.title, _TITLE_BYTES), _capped(entry.text, _TEXT_BYTES))


def matching(dialect: str, phrases: Sequence[Phrase], span: tuple[int, int] | None = None) -> TextualSelect:
    """The sequences of the articles (from the first to the last of `span`) that hold each of these phrases."""
    key = "rowid" if dialect == "sqlite" else "sequence"
    condition, bound = _fts5(phrases) if dialect == "sqlite" else _tsquery(phrases)
    if span:
        condition += f" AND {key} BETWEEN :first AND :last"
        bound += [bindparam("first", span[0], unique=True), bindparam("last", span[1], unique=True)]
    query = text(f"SELECT {key} FROM store_search WHERE {condition}")  # noqa: S608 - made of our own words alone
    return query.bindparams(*bound).columns(column("sequence"))


Condition = tuple[str, list[BindParameter[Any]]]


def _fts5(phrases: Sequence[Phrase]) -> Condition:
    """Words hold letters, marks and digits alone, so nothing in them needs escaping."""
    terms = [f'"{" ".join(phrase).removesuffix("*")}"{"*" if phrase[-1].endswith("*") else ""}' for phrase in phrases]
    return "store_search MATCH :words", [bindparam("words", " AND ".join(terms), unique=True)]


def _tsquery(phrases: Sequence[Phrase]) -> Condition:
    """The index says which articles hold every word; of a phrase, whether its words stand side by side, the words say."""
    words = dict.fromkeys(word for phrase in phrases for word in phrase)
    terms = [f"'{word.removesuffix('*')}'{':*' if word.endswith('*') else ''}" for word in words]
    condition = "words @@ CAST(:words AS tsquery)"
    bound: list[BindParameter[Any]] = [bindparam("words", " & ".join(terms), unique=True)]
    for number, phrase in enumerate(phrase for phrase in phrases if len(phrase) > 1):
        name = f"phrase_{number}"
        condition += f" AND (strpos(' ' || title || ' ', :{name}) > 0 OR strpos(' ' || text || ' ', :{name}) > 0)"
        bound.append(bindparam(name, f" {' '.join(phrase)} ", unique=True))
    return condition, bound


def _capped(words: str, most: int) -> str:
    """The words up to where they are too many for an index."""
    if len(words) * 4 <= most or len(words.encode()) <= most:
        return words
    seen, weight, kept = set[str](), 0, list[str]()
    for word in words.split():
        if word not in seen:
            seen.add(word)
            weight += len(word.encode())
        if weight > most:
            break
        kept.append(word)
    return " ".join(kept)
