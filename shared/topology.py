"""The one map of what flows where. Data, nothing else.

An event type travels on exactly one topic, so no handler ever names a topic: it returns events and their type routes
them. From this map come routing, topic creation, dead-letter topics, the table and the diagram in README.md.
"""

from typing import Literal, NamedTuple

from shared.events import (
    ArticleClassified,
    ArticleFetched,
    ArticleFiled,
    ArticleRecalled,
    DeadLetter,
    DeliverySettled,
    EntryFound,
    Event,
    SourcePolled,
    StoryChanged,
    TracesRecorded,
)

MIB = 1 << 20


class Topic(NamedTuple):
    """A topic and its rules. `key`: dotted path of the attribute messages are ordered by. `partitions` is never changed in
    place. `max_bytes`: a larger message is refused where it is made."""

    name: str
    event: type[Event]
    key: str
    partitions: int = 6
    retention_hours: int = 7 * 24
    max_bytes: int = MIB - 64 * 1024


class Stage(NamedTuple):
    """A step, which service runs it, and what it may read and write. `kind`: fed by topics; by a timer over due rows; or a
    `door` through which something outside (a command) puts events in. `state`: has a transaction of its own.
    `traced`: what it does with a message is part of the article's trace."""

    name: str
    service: str
    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    kind: Literal["topic", "timer", "door"] = "topic"
    state: bool = True
    traced: bool = False
    does: str = ""

    @property
    def dead_letters(self) -> Topic:
        """Where this stage sets messages aside."""
        return Topic(f"{self.name}.dead-letters", DeadLetter, key="key", partitions=1, retention_hours=90 * 24)


SOURCES_POLLED = Topic("sources.polled", SourcePolled, key="source.id")
ENTRIES_FOUND = Topic("entries.found", EntryFound, key="article_id")
ARTICLES_FETCHED = Topic("articles.fetched", ArticleFetched, key="article_id")
ARTICLES_RECALLED = Topic("articles.recalled", ArticleRecalled, key="article.article_id")
ARTICLES_CLASSIFIED = Topic("articles.classified", ArticleClassified, key="article.article_id")
ARTICLES_FILED = Topic("articles.filed", ArticleFiled, key="classified.article.article_id")
STORIES_CHANGED = Topic("stories.changed", StoryChanged, key="story_id")
DELIVERIES_SETTLED = Topic("deliveries.settled", DeliverySettled, key="endpoint_id")
TRACES_RECORDED = Topic("traces.recorded", TracesRecorded, key="key", retention_hours=24)

TOPICS = (
    SOURCES_POLLED,
    ENTRIES_FOUND,
    ARTICLES_FETCHED,
    ARTICLES_RECALLED,
    ARTICLES_CLASSIFIED,
    ARTICLES_FILED,
    STORIES_CHANGED,
    DELIVERIES_SETTLED,
    TRACES_RECORDED,
)

POLL = Stage(
    "poll",
    "crawler",
    writes=(SOURCES_POLLED, ENTRIES_FOUND),
    kind="timer",
    does="fetches due sources and finds entries not seen before",
)
INGEST = Stage(
    "ingest", "replay", writes=(ENTRIES_FOUND,), kind="door", does="brings history (text files) into the live system"
)
ENQUEUE = Stage(
    "enqueue", "crawler", reads=(ENTRIES_FOUND,), traced=True, does="keeps each entry's content as a page row to be fetched"
)
FETCH = Stage(
    "fetch",
    "crawler",
    writes=(ARTICLES_FETCHED,),
    kind="timer",
    does="gives each article its text, its page's where its feed says little, and its revision",
)
CLASSIFY = Stage(
    "classify",
    "classifier",
    reads=(ARTICLES_FETCHED, ARTICLES_RECALLED),
    writes=(ARTICLES_CLASSIFIED, TRACES_RECORDED),
    state=False,
    traced=True,
    does="tags by topic, with evidence",
)
WITNESS = Stage("witness", "store", reads=(ENTRIES_FOUND,), does="keeps which sources carried an article")
HEALTH = Stage("health", "store", reads=(SOURCES_POLLED,), does="keeps what came of each source's polls")
FILE = Stage(
    "file",
    "store",
    reads=(ARTICLES_CLASSIFIED,),
    writes=(ARTICLES_FILED, STORIES_CHANGED),
    traced=True,
    does="keeps articles, revisions and tags; makes them findable; groups them into stories",
)
RECORD = Stage(
    "record", "store", reads=(TRACES_RECORDED, DELIVERIES_SETTLED, STORIES_CHANGED), does="keeps the trace of every URL"
)
RETAG = Stage(
    "retag",
    "store",
    writes=(ARTICLES_RECALLED,),
    kind="timer",
    does="has the articles tagged again that a change of rules can touch",
)
MATCH = Stage(
    "match", "alerts", reads=(ARTICLES_FILED,), traced=True, does="finds the subscriptions an article is for; writes deliveries"
)
DELIVER = Stage(
    "deliver", "alerts", writes=(DELIVERIES_SETTLED,), kind="timer", does="sends signed webhooks until accepted or dead"
)
REDRIVE = Stage("redrive", "alerts", kind="timer", does="makes deliveries that ended due again, where someone asks for it")
DIGEST = Stage("digest", "alerts", kind="timer", does="sends what was gathered for a subscription as one message")

STAGES = (POLL, INGEST, ENQUEUE, FETCH, CLASSIFY, WITNESS, HEALTH, FILE, RETAG, RECORD, MATCH, DELIVER, REDRIVE, DIGEST)


def topic_of(event: type[Event], stages: tuple[Stage, ...] = STAGES) -> Topic:
    """The one topic this event type travels on. Raises LookupError for a type the map does not know."""
    for topic in (topic for stage in stages for topic in (*stage.reads, *stage.writes)):
        if topic.event is event:
            return topic
    raise LookupError(f"no topic carries {event.__name__}; add it to shared/topology.py")
