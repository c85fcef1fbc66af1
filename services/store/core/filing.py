"""Which place in the store a classified article takes, and what is to be answered.

An article changes only if (revision, rules_seq) grows. The same message, come again, gets the answer it got before; any
other message about a place already taken or passed is left.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

from services.store.core.stories import NOTHING, Told
from services.store.core.verdicts import Said, Verdicts, overlaid
from shared import ids
from shared.events import ArticleClassified, ArticleFiled, Event
from shared.outcomes import Dropped

Group = Callable[[ArticleClassified, int], Told]
"""Finds the story of an article that is being filed under this sequence."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Told).decode

_verdicts = msgspec.json.Decoder(dict[str, Said]).decode

Kind = Literal["new", "revised", "enriched", "retagged"]
Place = tuple[int, int]
"""(revision, rules_seq); compared in this order."""


class Filing(NamedTuple):
    """One filing as it is kept: which place of the article, in which order, by which message; `told`: what was told of its
    story then (msgspec JSON of a Told); `human`: the verdicts of people there were (msgspec JSON)."""

    change: int
    sequence: int
    revision: int
    rules_seq: int
    kind: Kind
    event_id: str
    told: bytes | None = None
    human: bytes | None = None

    @property
    def place(self) -> Place:
        return self.revision, self.rules_seq


@dataclass(slots=True)
class Known:
    """What the store knows of an article before a message is looked at."""

    sequence: int
    place: Place
    body_from: str
    filings: dict[Place, Filing] = field(default_factory=dict)


@dataclass(slots=True)
class Books:
    """The store's books while a batch is decided: the last numbers given, what is known of the batch's articles, and what
    is new in them. `changed`: the messages whose article changes, in order, with their filing; `verdicts`: what people said, by
    article and topic."""

    sequence: int
    change: int
    known: dict[str, Known]
    changed: list[tuple[Filing, ArticleClassified]] = field(default_factory=list)
    group: Group | None = None
    verdicts: dict[str, dict[str, Said]] = field(default_factory=dict)

    def enter(self, event: ArticleClassified) -> list[Event] | Dropped:
        """Files the article, or tells why not; for a message filed before, what was answered then. With `group`, its story is
        told too."""
        place = event.article.revision, event.rules_seq
        known = self.known.get(event.article.article_id)
        if known is not None:
            filing = known.filings.get(place)
            if filing is not None and filing.event_id == event.event_id:
                return answer(filing, event)
            if filing is not None or place <= known.place:
                return Dropped(f"{_named(place)} is not newer than {_named(known.place)}, which is kept")
        filing = self._file(known, place, judged(event, self.verdicts.get(event.article.article_id)))
        self.changed.append((filing, event))
        return answer(filing, event)

    def _file(self, known: Known | None, place: Place, event: ArticleClassified) -> Filing:
        self.change += 1
        kind = _kind(known, event)
        if known is None:
            self.sequence += 1
            known = self.known[event.article.article_id] = Known(self.sequence, place, event.article.body_from)
        told = _encode(self.group(event, known.sequence)) if self.group else None
        verdicts = self.verdicts.get(event.article.article_id)
        human = _encode(verdicts) if verdicts else None
        filing = Filing(self.change, known.sequence, *place, kind, event.event_id, told, human)
        known.place, known.body_from = place, event.article.body_from
        known.filings[place] = filing
        return filing


def answer(filing: Filing, event: ArticleClassified) -> list[Event]:
    """What the stage tells of this filing: the same for the same message, whenever it comes."""
    told = _decode(filing.told) if filing.told else NOTHING
    event = judged(event, _verdicts(filing.human) if filing.human else None)
    filed = ArticleFiled(
        event_id=ids.event_id("file", [event.event_id], rules_seq=event.rules_seq),
        observed_at=event.observed_at,
        published_at=event.published_at,
        backfill=event.backfill,
        classified=event,
        sequence=filing.sequence,
        change=filing.change,
        kind=filing.kind,
        story=told.place,
    )
    return [filed, *told.changes]


def judged(event: ArticleClassified, verdicts: Verdicts | None) -> ArticleClassified:
    """The article with what people said of its topics over what the rules say."""
    return msgspec.structs.replace(event, topics=overlaid(event.topics, verdicts)) if verdicts else event


def latest(changed: Iterable[tuple[Filing, ArticleClassified]]) -> dict[int, tuple[Filing, ArticleClassified]]:
    """By sequence, what each changed article comes to after the batch."""
    return {filing.sequence: (filing, event) for filing, event in changed}


def note(event: ArticleClassified) -> str:
    """What the trace says of a filed article: its topics and scores."""
    return ", ".join(f"{tag.topic} {tag.score:.2f}" for tag in event.topics) or "no topic"


def _kind(known: Known | None, event: ArticleClassified) -> Kind:
    if known is None:
        return "new"
    if event.article.revision == known.place[0]:
        return "retagged"
    return "enriched" if (known.body_from, event.article.body_from) == ("feed", "page") else "revised"


def _named(place: Place) -> str:
    return f"revision {place[0]} under rules {place[1]}"
