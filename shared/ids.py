"""Every id that flows, made from what it stands for and nothing else.

The same input gives the same id on every machine and at every repetition; that is what lets a stage run twice without
harm (docs/architecture.md). Ids are lower-case base 32 of a BLAKE2b digest: 26 characters, 128 bits.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_SHIFTS = range(120, -1, -10)
"""Base 32 two letters at a time: ids are made for every message, and most of their cost was the library's encoding."""


def digest(*parts: str | bytes | int | None) -> str:
    """The id of these parts in this order; None is a part of its own, told apart from ''."""
    state = blake2b(digest_size=16)
    for part in parts:
        data = b"\xff" if part is None else part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big") + data)
    bits = int.from_bytes(state.digest(), "big") << 2  # 128 bits and 2 of padding: 26 letters
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def event_id(stage: str, inputs: Iterable[str], ordinal: int = 0, rules_seq: int | None = None) -> str:
    """The id of the `ordinal`-th event that `stage` makes of these inputs, under these rules where it has rules."""
    return digest("event", stage, rules_seq, ordinal, *inputs)


def source_id(url: str) -> str:
    """The id of the source polled at this URL, as first added."""
    return digest("source", url)


def article_id(canonical_url: str) -> str:
    """The id of the article at this canonical URL (shared/urls.py makes a URL canonical)."""
    return digest("article", canonical_url)


def article_id_without_url(source: str, guid: str | None, title: str, published_at: datetime | None) -> str:
    """The id of an entry that has no URL: its guid within the source, else its title and date there."""
    if guid:
        return digest("article-guid", source, guid)
    return digest("article-title", source, title, published_at.isoformat() if published_at else None)


def article_id_of_bytes(body: bytes) -> str:
    """The id of an article that came as a text file: its bytes."""
    return digest("article-bytes", body)


def story_id(first_article: str) -> str:
    """The id of the story that this article began; `first_of` leads back."""
    return f"s-{first_article}"


def first_of(story: str) -> str:
    """The article that began the story of this id; what it belongs to now is the story, whatever became of it since."""
    return story.removeprefix("s-")


def webhook_id(subscription: str, kind: str, subject: str, number: int) -> str:
    """`webhook-id` of one alert: subscription, kind, article or story id, revision or follow-up number."""
    return "msg_" + digest("webhook", subscription, kind, subject, number)
