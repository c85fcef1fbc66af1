"""The store's tables. `sequence` is an article's place in the store for good, `change` grows with every filing."""

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from services.store.adapters import search
from shared.tables import METADATA, Big, Instant

COUNTERS = Table(
    "store_counters",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Big, nullable=False),
    Column("change", Big, nullable=False),
)
"""One row, id 1: the last sequence and the last change given. Whoever holds its lock is the one that files."""

ARTICLES = Table(
    "store_articles",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=False),
    Column("article_id", Text, nullable=False, unique=True),
    Column("change", Big, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("rules_seq", Integer, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, index=True),
    Column("language", Text),
    Column("source_id", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("source_url", Text),
    Column("authors", LargeBinary),
    Column("published_at", Instant),
    Column("updated_at", Instant),
    Column("observed_at", Instant, nullable=False),
    Column("dated_at", Instant, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("body_from", Text, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("declared", Text),
    Column("detected", Text),
    Index(None, "language", "sequence"),
    Index(None, "source_id", "sequence"),
    Index(None, "dated_at"),
)
"""Articles as they stand. `dated_at`: published_at, or observed_at where the world gives no date; `authors` and the
`evidence` of tags are msgspec JSON, null where there are none. `declared` and `detected`: the language it came with, and the
one its rules were chosen by; '' where there is none, null in rows of before these were kept."""

REVISIONS = Table(
    "store_revisions",
    METADATA,
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("body_from", Text, nullable=False),
    Column("published_at", Instant),
    Column("updated_at", Instant),
    Column("observed_at", Instant, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("topics", LargeBinary, nullable=False),
)
"""Former revisions, each as it was when the next one took its place, with the topics it had then; the current one is in
store_articles."""

FILINGS = Table(
    "store_filings",
    METADATA,
    Column("change", Big, primary_key=True, autoincrement=False),
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("rules_seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("told", LargeBinary),
    Column("human", LargeBinary),
    UniqueConstraint("sequence", "revision", "rules_seq"),
)
"""Every (revision, rules_seq) of an article that was filed, with the id of the message that brought it, what was told of its
story and the verdicts there were (msgspec JSON): from this the same message, come again, gets the same answer."""

VERDICTS = Table(
    "store_verdicts",
    METADATA,
    Column("article", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("rules_version", Text),
    Column("score", Float),
    Column("tag", LargeBinary),
    sqlite_with_rowid=False,
)
"""What people said of an article's topics; `rules_version` and `score` of what rules had said then; `tag`: what they say now
(msgspec JSON), null where they do not."""

RETAGS = Table(
    "store_retags",
    METADATA,
    Column("rules_seq", Big, primary_key=True, autoincrement=False),
    Column("base", Big, nullable=False),
    Column("languages", LargeBinary),
    Column("changes", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("reached", Big, nullable=False),
    Column("last", Big, nullable=False),
    Column("looked_at", Big, nullable=False),
    Column("recalled", Big, nullable=False),
    Column("lease", Text),
    Column("waits_for", Text),
    Column("lease_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
"""Each change of rules, from those numbered `base` on, and how far it has gone through the articles: up to which change, how
many texts were looked at, how many articles tagged again. `waits_for`: the article that must be filed before more are tagged
again, for as long as `lease_until`. `languages` (null: all) and `changes` are msgspec JSON; `state`: running, done, superseded,
failed."""

STORIES = Table(
    "store_stories",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=False),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("number", Integer, nullable=False),
)
"""Stories of more than one article, by the sequence of the first."""

STORY_MEMBERS = Table(
    "store_story_members",
    METADATA,
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("story", Big, nullable=False, index=True),
    Column("relation", Text, nullable=False),
    Column("of", Big),
    Column("share", Float, nullable=False),
    Column("dated_at", Instant, nullable=False, index=True),
    Column("language", Text, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("titled", Integer, nullable=False),
    Column("names", LargeBinary, nullable=False),
    Column("places", LargeBinary, nullable=False),
    Column("days", LargeBinary, nullable=False),
    Column("news", LargeBinary),
)
"""Each article's story (one of its own at first) and what it is known again by; `news`: its passages that said something new.
`words`, `names`, `places`, `days` and `news` are msgspec JSON."""

STORY_KEYS = Table(
    "store_story_keys",
    METADATA,
    Column("key", Big, primary_key=True, autoincrement=False),
    Column("dated_at", Instant, primary_key=True),
    Column("sequence", Big, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Marks and words by which articles of one time that may tell the same story are found."""

TAGS = Table(
    "store_tags",
    METADATA,
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("topic", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("subtopics", LargeBinary),
    Column("evidence", LargeBinary),
    Index(None, "topic", "sequence", "score"),
    sqlite_with_rowid=False,
)

SUBTOPICS = Table(
    "store_subtopics",
    METADATA,
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("subtopic", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Index(None, "subtopic", "sequence"),
    sqlite_with_rowid=False,
)
"""`topic/sub` of each tag, with the tag's score; for the filter."""

MENTIONS = Table(
    "store_mentions",
    METADATA,
    Column("sequence", Big, ForeignKey("store_articles.sequence", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Index(None, "kind", "id", "sequence"),
    sqlite_with_rowid=False,
)
"""What each article speaks of; `kind`: country, organisation or date."""

WITNESSES = Table(
    "store_witnesses",
    METADATA,
    Column("article_id", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("source_name", Text, nullable=False),
    Column("source_url", Text),
    Column("url", Text, index=True),
    Column("link", Text, index=True),
    Column("title", Text, nullable=False),
    Column("published_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("event_id", Text, nullable=False),
)
"""Which sources carried an article, and when each was first seen to. `link`: as the feed gave it, null where that is `url`."""

SOURCE_HEALTH = Table(
    "store_source_health",
    METADATA,
    Column("source_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("cause", Text, nullable=False),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
    Column("polled_at", Instant, nullable=False),
    Column("next_poll", Instant),
    Column("found_at", Instant),
    Column("well_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("polls", Big, nullable=False),
    Column("found", Big, nullable=False),
)
"""What came of each source's polls: the last one, and counts. `well_at`: the last poll that was answered as it should be;
`failures`: polls since then; `found_at`: the last poll that found something new."""

TRACES = Table(
    "store_traces",
    METADATA,
    Column("article_id", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("url", Text),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
"""What each stage did with each message about an article. A URL leads here by the witnesses and the articles."""


@event.listens_for(ARTICLES, "after_create")
def _create_search(_table: Table, connection: Connection, **_options: object) -> None:
    """The full-text index is no table SQLAlchemy knows: it is made and dropped beside the articles."""
    search.create(connection)


@event.listens_for(ARTICLES, "before_drop")
def _drop_search(_table: Table, connection: Connection, **_options: object) -> None:
    search.drop(connection)
