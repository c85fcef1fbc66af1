"""What the trace of an article says of the story it joined."""

from shared.events import StoryChanged, TraceRow


def row(event: StoryChanged) -> TraceRow:
    """`copy (0.93) of ARTICLE in story STORY, nothing new`; the words where it is a report."""
    why = f"{event.relation} ({event.share:.2f})" + (f" by {', '.join(event.words[:5])}" if event.relation != "copy" else "")
    news = f"{len(event.new)} new passages" if event.new else "nothing new"
    return TraceRow(
        article_id=event.article_id,
        stage="story",
        outcome="handled",
        at=event.observed_at,
        event_id=event.event_id,
        url=event.url,
        reason=f"{why} of {event.of} in story {event.story_id}, {news}",
    )
