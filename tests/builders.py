"""A valid event of each kind, with what a test wants changed."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.events import (
    ArticleClassified,
    ArticleFetched,
    ArticleFiled,
    ArticleRecalled,
    DeadLetter,
    DeliverySettled,
    EntryFound,
    Evidence,
    Passage,
    SourcePolled,
    SourceRef,
    StoryChanged,
    Tag,
    TraceRow,
    TracesRecorded,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = SourceRef(id="src-1", name="نشرة الهجرة", url="https://news.example/feed.xml")
TITLE = "الشرطة تفكك شبكة تهريب"
TEXT = "أعلنت الشرطة أنها فككت شبكة تهريب مهاجرين.\nوقالت إنها حررت عشرين ضحية."


def found(**changes: Any) -> EntryFound:
    """An entry of a feed."""
    event = EntryFound(
        event_id="found-1",
        observed_at=NOON,
        published_at=NOON,
        article_id="article-1",
        source=SOURCE,
        title=TITLE,
        text=TEXT,
        url="https://news.example/1",
        link="https://news.example/1?utm_source=rss",
        guid="1",
        language="ar",
        authors=("ليلى",),
        published_raw="Sun, 22 Nov 2026 12:00:00 GMT",
    )
    return msgspec.structs.replace(event, **changes)


def fetched(**changes: Any) -> ArticleFetched:
    """The first revision of an article."""
    event = ArticleFetched(
        event_id="fetched-1",
        observed_at=NOON,
        published_at=NOON,
        article_id="article-1",
        revision=1,
        source=SOURCE,
        title=TITLE,
        text=TEXT,
        url="https://news.example/1",
        language="ar",
        authors=("ليلى",),
    )
    return msgspec.structs.replace(event, **changes)


def tag(topic: str = "trafficking", **changes: Any) -> Tag:
    """A tag with one hit in the title."""
    start = TITLE.index("تهريب")
    evidence = Evidence(
        term="تهريب", field="title", start=start, end=start + 5, surface="تهريب", weight=2.0, context="شبكة تهريب"
    )
    made = Tag(topic=topic, score=0.8, threshold=0.5, rules_version="r1", evidence=(evidence,))
    return msgspec.structs.replace(made, **changes)


def classified(article: ArticleFetched | None = None, **changes: Any) -> ArticleClassified:
    """An article tagged as trafficking."""
    event = ArticleClassified(
        event_id="classified-1",
        observed_at=NOON,
        published_at=NOON,
        article=article or fetched(),
        topics=(tag(),),
        rules_seq=1,
        rules_version="r1",
        language="ar",
    )
    return msgspec.structs.replace(event, **changes)


def recalled(article: ArticleFetched | None = None, **changes: Any) -> ArticleRecalled:
    """That article, to be tagged again by rules 2."""
    event = ArticleRecalled(
        event_id="recalled-1", observed_at=NOON, published_at=NOON, backfill=True, article=article or fetched(), rules_seq=2
    )
    return msgspec.structs.replace(event, **changes)


def filed(made: ArticleClassified | None = None, **changes: Any) -> ArticleFiled:
    """That article in the store."""
    event = ArticleFiled(
        event_id="filed-1", observed_at=NOON, published_at=NOON, classified=made or classified(), sequence=1, change=1
    )
    return msgspec.structs.replace(event, **changes)


def story_changed(**changes: Any) -> StoryChanged:
    """A second article joined the story of the first."""
    event = StoryChanged(
        event_id="story-1",
        observed_at=NOON,
        published_at=NOON,
        story_id="s-article-1",
        number=1,
        articles=2,
        article_id="article-2",
        revision=1,
        title=TITLE,
        source=SOURCE,
        relation="copy",
        of="article-1",
        share=0.93,
        topics=("trafficking",),
        new=(Passage(start=0, end=len(TITLE), text=TITLE),),
    )
    return msgspec.structs.replace(event, **changes)


def polled(**changes: Any) -> SourcePolled:
    """A poll that found two new entries."""
    event = SourcePolled(event_id="polled-1", observed_at=NOON, source=SOURCE, cause="ok", status=200, entries=30, found=2)
    return msgspec.structs.replace(event, **changes)


def settled(**changes: Any) -> DeliverySettled:
    """A delivery that was accepted at once."""
    event = DeliverySettled(
        event_id="settled-1",
        observed_at=NOON,
        delivery_id="delivery-1",
        webhook_id="msg_1",
        subscription_id="subscription-1",
        endpoint_id="endpoint-1",
        article_id="article-1",
        state="ok",
        url="https://news.example/1",
        attempts=1,
    )
    return msgspec.structs.replace(event, **changes)


def traced(**changes: Any) -> TracesRecorded:
    """One row of one stage."""
    row = TraceRow(
        article_id="article-1", stage="classify", outcome="handled", at=NOON, event_id="fetched-1", reason="trafficking 0.80"
    )
    return msgspec.structs.replace(TracesRecorded(event_id="traced-1", observed_at=NOON, rows=(row,)), **changes)


def dead(**changes: Any) -> DeadLetter:
    """A message that was refused."""
    event = DeadLetter(
        event_id="dead-1",
        observed_at=NOON,
        stage="classify",
        reason="no title and no text",
        kind="reject",
        topic="articles.fetched",
        key="article-1",
        partition=0,
        offset=7,
        value=b"{}",
        size=2,
    )
    return msgspec.structs.replace(event, **changes)


ONE_OF_EACH = (found(), fetched(), recalled(), classified(), filed(), story_changed(), polled(), settled(), traced(), dead())
