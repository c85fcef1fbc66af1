"""What travels between stages: facts, frozen, self-contained, named in the past participle.

Each event type travels on exactly one topic (shared/topology.py). Fields are only added, with a default, and each
change brings a golden example to tests/contract/events; an incompatible change is a new event on a new topic. Readers
ignore fields they do not know. Every event has its *event time* (`published_at`, what the world says, or None) and its
*observed time* (`observed_at`, when rasid first saw it); nothing downstream reads a clock instead.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Moment = Annotated[datetime, Meta(tz=True)]
"""An aware time; written as RFC 3339."""

BodyFrom = Literal["feed", "page", "file"]
"""Where an article's text came from."""


class SourceRef(Struct, frozen=True, kw_only=True):
    """Which source an entry was seen in, as a reader needs it: id, name as shown, feed or site URL (None for a file)."""

    id: str
    name: str
    url: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """One hit of one term. `start` and `end` count code points of the article's `title` (field `title`) or `text` (all
    other fields), and that slice equals `surface`. `pattern`: the name of the pattern that held there."""

    term: str
    field: Literal["title", "lead", "text", "caption"]
    start: int
    end: int
    surface: str
    weight: float
    negated_by: str | None = None
    context: str = ""
    pattern: str = ""


class Tag(Struct, frozen=True, kw_only=True):
    """A topic, how sure (0 to 1, beside the threshold it was held against), by which rules, and why."""

    topic: str
    score: float
    threshold: float
    rules_version: str
    subtopics: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Mention(Struct, frozen=True, kw_only=True):
    """What a text speaks of, and how often. `id`: a country's ISO 3166-1 code, an organisation's id, a day (`2026-11-22`) or
    a month (`2026-11`); `name`: as it is shown, where the id does not say it."""

    id: str
    count: int
    name: str = ""


class Fingerprint(Struct, frozen=True, kw_only=True):
    """By what an article is known again. `sketch`: the marks of its sentences (shared/sketch.py); `words`: roughly stemmed
    words of title and lead that tell its event, the first `titled` of them the title's; `names`: those that are written like
    names or are figures."""

    sketch: bytes = b""
    words: tuple[str, ...] = ()
    titled: int = 0
    names: tuple[str, ...] = ()


Relation = Literal["first", "copy", "report"]
"""What an article is to its story: the one it begins with; the same text as another; a report of the same event."""


class StoryPlace(Struct, frozen=True, kw_only=True):
    """The story an article belongs to, as it stood when the article was filed. `articles`: how many it had; `number`: how many
    of these said something new after the first."""

    id: str
    relation: Relation = "first"
    articles: int = 1
    number: int = 0


class Passage(Struct, frozen=True, kw_only=True):
    """A sentence of an article's text: `start` and `end` count code points, and that slice is `text`."""

    start: int
    end: int
    text: str


class Event(Struct, frozen=True, kw_only=True):
    """What every event carries. `backfill`: history brought in; kept and searchable, alerts no one by default."""

    event_id: str
    observed_at: Moment
    published_at: Moment | None = None
    schema: int = 1
    backfill: bool = False


class SourcePolled(Event, frozen=True, kw_only=True):
    """A source was polled. `cause` is one of the words of docs/interfaces.md; `found` counts entries not seen before."""

    source: SourceRef
    cause: str
    status: int | None = None
    entries: int = 0
    found: int = 0
    next_poll: Moment | None = None
    detail: str = ""


class EntryFound(Event, frozen=True, kw_only=True):
    """An entry was seen in a source for the first time, or with a new text. `text` is the content it carried, plain, paragraphs
    parted by newlines; `url` is canonical, `link` as the feed gave it; `language` is what the feed declares. `version` counts
    the texts of an article in its source: a larger one is newer, whatever the clocks said (0: not counted)."""

    article_id: str
    source: SourceRef
    title: str
    text: str = ""
    url: str | None = None
    link: str | None = None
    guid: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    updated_at: Moment | None = None
    published_raw: str | None = None
    body_from: BodyFrom = "feed"
    version: int = 0


class ArticleFetched(Event, frozen=True, kw_only=True):
    """A revision of an article is known: title and text as they are to be tagged, stored and shown. `body_note`: why the
    text is the feed's though the page was asked for."""

    article_id: str
    revision: int
    source: SourceRef
    title: str
    text: str
    url: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    updated_at: Moment | None = None
    body_from: BodyFrom = "feed"
    body_note: str = ""


class ArticleRecalled(Event, frozen=True, kw_only=True):
    """A kept article is to be tagged again: as it stands in the store, by rules of this number or a later one. `backfill` is
    true: it is no news. Whether the article was history when it came, `article.backfill` says."""

    article: ArticleFetched
    rules_seq: int


class ArticleClassified(Event, frozen=True, kw_only=True):
    """An article was given its topics. Times are copied from the input, so a second run gives the same bytes.
    `language` is the detected one, and how sure; `near_misses` scored, below their threshold; `countries`, `organisations`
    and `dates` are what title and text speak of."""

    article: ArticleFetched
    topics: tuple[Tag, ...]
    rules_seq: int
    rules_version: str
    near_misses: tuple[Tag, ...] = ()
    language: str | None = None
    language_confidence: float = 0.0
    countries: tuple[Mention, ...] = ()
    organisations: tuple[Mention, ...] = ()
    dates: tuple[Mention, ...] = ()
    fingerprint: Fingerprint | None = None


class ArticleFiled(Event, frozen=True, kw_only=True):
    """The store keeps this (revision, rules_seq) of the article. `sequence` is its place in the store for good (cursors of
    lists); `change` grows with every filing (cursor of the stream). `enriched`: the page's text replaced the feed's. `story` is
    None where stories are switched off."""

    classified: ArticleClassified
    sequence: int
    change: int
    kind: Literal["new", "revised", "enriched", "retagged"] = "new"
    story: StoryPlace | None = None


class StoryChanged(Event, frozen=True, kw_only=True):
    """An article joined a story that others began. `articles`: how many it has now; `number`: counts the articles that said
    something new; `new`: what this one says that no other of the story did, word for word, empty in a mere copy. `relation`,
    `of` (an article's id), `share` (0 to 1; of a copy, the share of text in common) and `words` say why it is the same story.
    `merged`: stories that became this one by it, whose ids lead here from now on."""

    story_id: str
    number: int
    articles: int
    article_id: str
    revision: int
    title: str
    source: SourceRef
    relation: Relation
    of: str
    share: float
    url: str | None = None
    words: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    new: tuple[Passage, ...] = ()
    merged: tuple[str, ...] = ()


class DeliverySettled(Event, frozen=True, kw_only=True):
    """Nothing more will be attempted for this delivery: it was accepted, or is dead, or a newer one took its place."""

    delivery_id: str
    webhook_id: str
    subscription_id: str
    endpoint_id: str
    article_id: str
    state: Literal["ok", "dead", "superseded"]
    url: str | None = None
    attempts: int = 0
    error: str = ""


Outcome = Literal["handled", "dropped", "set_aside"]


class TraceRow(Struct, frozen=True, kw_only=True):
    """What one stage did with one message about one article. `event_id` is the message's; `at` the stage's time."""

    article_id: str
    stage: str
    outcome: Outcome
    at: Moment
    event_id: str
    url: str | None = None
    reason: str = ""


class TracesRecorded(Event, frozen=True, kw_only=True):
    """What a stage without state did with a batch; stages with state write the same rows in their own transaction."""

    rows: tuple[TraceRow, ...]

    @property
    def key(self) -> str:
        """The first row's article: a batch needs a key, its order matters to no one."""
        return self.rows[0].article_id


class DeadLetter(Event, frozen=True, kw_only=True):
    """A message was set aside. `value` is the message as it came (base64 on the wire), cut where `truncated`; `topic`, `key`,
    `partition`, `offset` tell where it stood; `kind`: the message was refused, or a bug met it `tries` times."""

    stage: str
    reason: str
    kind: Literal["reject", "bug"]
    topic: str
    key: str
    partition: int
    offset: int
    value: bytes
    size: int
    truncated: bool = False
    tries: int = 1
    article_id: str | None = None
    url: str | None = None
