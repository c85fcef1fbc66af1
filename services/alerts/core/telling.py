"""A message as a person reads it: made of the same bytes a webhook carries, for chats and for mail.

Text of either direction stays what it is: each piece is set apart by Unicode's isolates (FSI ... PDI, UAX #9), so that an
Arabic title does not turn round the Latin words beside it, and is cut between words and never inside a character.
"""

import unicodedata
from typing import Any, NamedTuple

import msgspec

FSI, PDI = "\u2068", "\u2069"
_CONTROLS = {ord(char): None for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00"}
"""Characters that change the direction of what follows, beyond the piece they stand in."""

_WORDS = {"article.corrected": "Corrected", "article.withdrawn": "Withdrawn"}
_JOINERS = "\u200d\ufe0f"


class Told(NamedTuple):
    """One alert. `word`: what it is, where it is not just news; `about`: where and when; `why`: what it was found by."""

    word: str
    title: str
    url: str | None
    about: str
    text: str
    why: str


class Telling(NamedTuple):
    """A message: a heading, and its alerts."""

    heading: str
    alerts: tuple[Told, ...]


def telling(body: bytes) -> Telling:
    """What this message says."""
    message: dict[str, Any] = msgspec.json.decode(body)
    data = message["data"]
    name = plain(data.get("subscription", {}).get("name", ""))
    if message["type"] == "digest":
        items = data["items"]
        return Telling(f"{name}: {len(items)} alerts", tuple(_told(item["type"], item) for item in items))
    if "article" not in data:
        return Telling(f"{name}: {data.get('message', message['type'])}", ())
    return Telling(name, (_told(message["type"], data),))


def _told(kind: str, data: dict[str, Any]) -> Told:
    article = data["article"]
    dated = (article.get("published_at") or article["fetched_at"])[:16].replace("T", " ")
    found = [line for reason in data["why"] for line in reason.get("found", ())]
    return Told(
        word=_WORDS.get(kind, ""),
        title=plain(article["title"]) or (article.get("url") or article["id"]),
        url=article.get("url"),
        about=f"{isolated(article['source']['name'])} · {dated} UTC",
        text=plain(article.get("summary") or article.get("text") or ""),
        why=plain("; ".join(found)),
    )


def plain(text: str) -> str:
    """In one line, without characters that would turn round what follows."""
    return " ".join(text.translate(_CONTROLS).split())


def isolated(text: str) -> str:
    """A piece whose direction is its own."""
    return f"{FSI}{plain(text)}{PDI}" if text else ""


def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words where it can be, never inside a character, and marked where it was cut."""
    if len(text) <= most:
        return text
    if most < 1:
        return ""
    cut = most - 1
    while cut > 0 and _continues(text[cut], text[cut - 1]):
        cut -= 1
    space = text.rfind(" ", cut // 2, cut)
    return text[: space if space > 0 else cut].rstrip() + "…"


def _continues(char: str, before: str) -> bool:
    """Whether a character belongs to the one before: marks, joined emoji, the second half of a flag are not parted."""
    return (
        unicodedata.category(char)[0] == "M"
        or char in _JOINERS
        or before == _JOINERS[0]
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )
