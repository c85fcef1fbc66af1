"""The crawler's tables: what it polls, what it has seen, and what waits to become an article."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text

from shared.tables import METADATA, Big, Instant

SOURCES = Table(
    "crawler_sources",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("state", String(16), nullable=False),  # active | paused | set-aside
    Column("cause", String(32)),  # what came of the last poll; None before the first
    Column("status", Integer),
    Column("detail", Text, nullable=False, default=""),
    Column("added_at", Instant, nullable=False),
    Column("polled_at", Instant),
    Column("first_ok_at", Instant),  # until then every poll is the first one (back catalogue)
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("lease_token", String(32)),
    Column("interval", Float, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(32)),
    Column("moved_to", Text),
    Column("moved_seen", Integer, nullable=False, default=0),
    Column("entries", Integer, nullable=False, default=0),
    Column("found", Integer, nullable=False, default=0),
    Column("pages", String(8)),  # short | always | never; None: as the settings say
    Column("pending", LargeBinary),  # events of a poll decided and not yet done
    Index("ix_crawler_sources_due", "state", "due_at"),
)

SEEN = Table(
    "crawler_seen",
    METADATA,
    Column("source_id", String(32), primary_key=True),
    Column("guid_key", String(32), primary_key=True),
    Column("article_id", String(32), nullable=False),
    Column("url_key", String(32)),
    Column("title_key", String(32), nullable=False),
    Column("content_key", String(32), nullable=False),
    Column("published_at", Instant),
    Column("version", Integer, nullable=False),  # how many texts were found under it
    Index("ix_crawler_seen_article", "source_id", "article_id"),
)

ALIASES = Table(
    "crawler_aliases",
    METADATA,
    Column("url_key", String(32), primary_key=True),
    Column("article_id", String(32), nullable=False),
)

PAGES = Table(
    "crawler_pages",
    METADATA,
    Column("article_id", String(32), primary_key=True),
    Column("source_id", String(32), nullable=False),  # whose text it is; other sources are witnesses
    Column("entry_id", String(32), nullable=False),  # event id of the newest entry taken
    Column("version", Integer, nullable=False),  # of that entry: EntryFound.version
    Column("revision", Integer, nullable=False),
    Column("content_key", String(32), nullable=False),  # of the current revision; empty before the first
)

FETCHES = Table(
    "crawler_fetches",
    METADATA,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("entry_id", String(32), nullable=False),
    Column("article_id", String(32), nullable=False),
    Column("due_at", Instant),  # NULL: set aside
    Column("entry", LargeBinary, nullable=False),  # the EntryFound, encoded
    Index("ix_crawler_fetches_article", "article_id", "seq"),
)

FETCH_LEASES = Table(
    "crawler_fetch_leases",
    METADATA,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("until", Instant, nullable=False),
    Column("token", String(32), nullable=False),
    Column("revision", Integer),  # given when decided; 0: no new one
    Column("told", LargeBinary),  # given then too: the entry with its page's text (Body); None: as the feed gave it
)
