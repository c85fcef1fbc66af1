"""The body of a webhook: the article, for which subscription, why; small enough, and honest about what was cut.

Bodies beyond the target lose first the text (a summary takes its place), then evidence, then long lists; `data.cut` says
how much there was. The bytes are made once and never change afterwards.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from shared import wire
from shared.events import Tag
from shared.filter import Facts, Filter, Reason

_LONGEST_NAME = 500
_MOST_NAMES = 20
_LONGEST_VALUE = 100
_MOST_REASONS = 10
_MOST_SURFACES = 5


class SubscriptionRef(Struct, frozen=True, kw_only=True):
    """For which subscription this is."""

    id: str
    name: str


class Why(Struct, frozen=True, kw_only=True):
    """A part of the filter that held, by which of the article's values, and of topics what they were found by."""

    part: str
    matched: tuple[str, ...]
    found: tuple[str, ...] | UnsetType = UNSET


class Cut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is not whole: the characters the text has, the pieces of evidence there are, what else was shortened."""

    text_chars: int | None = None
    evidence: int | None = None
    shortened: tuple[str, ...] = ()


class Data(Struct, frozen=True, kw_only=True):
    """What an alert about an article says."""

    article: wire.Article
    subscription: SubscriptionRef
    why: tuple[Why, ...]
    cut: Cut | UnsetType = UNSET


class Message(Struct, frozen=True, kw_only=True):
    """The body, as JSON. `timestamp`: when the fact was seen, not when it is sent."""

    type: str
    timestamp: datetime
    data: Data


class Item(Struct, frozen=True, kw_only=True):
    """An alert within a digest."""

    type: str
    timestamp: datetime
    article: wire.Article
    why: tuple[Why, ...]


class Digest(Struct, frozen=True, kw_only=True):
    """What a digest says: the alerts gathered `since` then, the oldest first."""

    subscription: SubscriptionRef
    since: datetime
    count: int
    items: tuple[Item, ...]


class Test(Struct, frozen=True, kw_only=True):
    """A message that carries nothing but proof that the way is open."""

    subscription: SubscriptionRef
    message: str = "This is a test of the way from rasid to you. Nothing happened."


def article_body(
    kind: str,
    article: wire.Article,
    subscription: SubscriptionRef,
    why: tuple[Why, ...],
    *,
    at: datetime,
    target: int,
    most: int,
) -> bytes:
    """The bytes to be sent: at most `target` where cutting can get there, never more than `most`. Raises ValueError where
    even the least is more."""
    body = b""
    subscription = msgspec.structs.replace(subscription, name=subscription.name[:_LONGEST_NAME])
    reasons = _short(why)
    for smaller, cut in _ever_smaller(article, ("why",) if reasons != why else ()):
        data = Data(article=smaller, subscription=subscription, why=reasons, cut=cut)
        body = msgspec.json.encode(Message(type=kind, timestamp=wire.utc(at) or at, data=data))
        if len(body) <= target:
            return body
    if len(body) > most:
        raise ValueError(f"an alert about article {article.id} takes {len(body)} bytes, more than {most}")
    return body


def digest_body(
    bodies: Sequence[bytes], subscription: SubscriptionRef, *, since: datetime, at: datetime, most: int
) -> tuple[bytes, int]:
    """One message of these alerts' bodies, each shortened, and how many of them it holds: the first ones, where all would be
    more than `most` bytes."""
    items = [_item(msgspec.json.decode(body, type=Message)) for body in bodies]
    while True:
        digest = Digest(
            subscription=msgspec.structs.replace(subscription, name=subscription.name[:_LONGEST_NAME]),
            since=wire.utc(since) or since,
            count=len(items),
            items=tuple(items),
        )
        body = msgspec.json.encode({"type": "digest", "timestamp": wire.utc(at), "data": digest})
        if len(body) <= most or len(items) == 1:
            return body, len(items)
        del items[max(1, len(items) // 2) :]


def _item(message: Message) -> Item:
    """An alert as a digest tells it: a summary in place of the text, the weightiest evidence, the reasons."""
    article = _least(message.data.article)
    text = article.text if isinstance(article.text, str) else article.summary if isinstance(article.summary, str) else ""
    article = msgspec.structs.replace(
        article, text=UNSET, summary=wire.summary(text), topics=tuple(_fewer(tag, 2, False) for tag in article.topics)
    )
    return Item(type=message.type, timestamp=message.timestamp, article=article, why=message.data.why)


def test_body(subscription: SubscriptionRef, *, at: datetime) -> bytes:
    """The body of a `test`."""
    return msgspec.json.encode({"type": "test", "timestamp": wire.utc(at), "data": Test(subscription=subscription)})


def why(wanted: Filter, facts: Facts, topics: Sequence[Tag]) -> tuple[Why, ...]:
    """Which parts of the filter held; where it asks for nothing, the topics the article has."""
    tags = {tag.topic: tag for tag in topics}
    reasons = wanted.reasons(facts) or [Reason("topics", tuple(tags))]
    return tuple(
        Why(
            part=part,
            matched=matched,
            found=_found([tags[name] for name in matched if name in tags]) if _of_topics(part) else UNSET,
        )
        for part, matched in reasons
    )


def _of_topics(part: str) -> bool:
    return part.endswith(("topics", "min_score"))


def _found(tags: Sequence[Tag]) -> tuple[str, ...]:
    """`trafficking 0.82 (from 0.50): people smuggling, forced labour`; the weightiest evidence first, each once."""
    told = []
    for tag in tags:
        weighty = sorted(tag.evidence, key=lambda hit: -abs(hit.weight))
        surfaces = list(dict.fromkeys(hit.surface[:_LONGEST_VALUE] for hit in weighty if hit.negated_by is None))
        told.append(f"{tag.topic} {tag.score:.2f} (from {tag.threshold:.2f}): {', '.join(surfaces[:_MOST_SURFACES])}")
    return tuple(told)


def _ever_smaller(article: wire.Article, shortened: tuple[str, ...]) -> Iterator[tuple[wire.Article, Cut | UnsetType]]:
    yield article, Cut(shortened=shortened) if shortened else UNSET
    text = article.text if isinstance(article.text, str) else None
    chars = len(text) if text is not None else None
    if text is not None:
        article = msgspec.structs.replace(article, text=UNSET, summary=wire.summary(text))
        yield article, Cut(text_chars=chars, shortened=shortened)
    hits = sum(len(tag.evidence) for tag in article.topics)
    for most, with_context in ((10, True), (3, False), (0, False)):
        fewer = tuple(_fewer(tag, most, with_context) for tag in article.topics)
        article = msgspec.structs.replace(article, topics=fewer)
        yield article, Cut(text_chars=chars, evidence=hits, shortened=shortened)
    shortened = (*shortened, "title", "authors", "source", "topics", "countries", "organisations", "dates")
    yield _least(article), Cut(text_chars=chars, evidence=hits, shortened=shortened)


def _fewer(tag: Tag, most: int, with_context: bool) -> Tag:
    """The weightiest evidence, in its order."""
    kept = sorted(sorted(tag.evidence, key=lambda hit: -abs(hit.weight))[:most], key=lambda hit: (hit.field, hit.start))
    if not with_context:
        kept = [msgspec.structs.replace(hit, context="") for hit in kept]
    return msgspec.structs.replace(tag, evidence=tuple(kept))


def _least(article: wire.Article) -> wire.Article:
    source = article.source
    return msgspec.structs.replace(
        article,
        title=article.title[:_LONGEST_NAME],
        authors=tuple(author[:_LONGEST_NAME] for author in article.authors[:_MOST_NAMES]),
        source=msgspec.structs.replace(source, name=source.name[:_LONGEST_NAME]),
        topics=tuple(
            msgspec.structs.replace(tag, subtopics=tag.subtopics[:_MOST_NAMES]) for tag in article.topics[:_MOST_NAMES]
        ),
        countries=article.countries[:_MOST_NAMES],
        organisations=article.organisations[:_MOST_NAMES],
        dates=article.dates[:_MOST_NAMES],
    )


def _short(reasons: tuple[Why, ...]) -> tuple[Why, ...]:
    """As many reasons, and values of each, as a reader looks at; the same where there are no more."""
    return tuple(
        msgspec.structs.replace(
            reason,
            part=reason.part[:_LONGEST_NAME],
            matched=tuple(value[:_LONGEST_VALUE] for value in reason.matched[:_MOST_REASONS]),
            found=reason.found if reason.found is UNSET else reason.found[:_MOST_REASONS],
        )
        for reason in reasons[:_MOST_REASONS]
    )
