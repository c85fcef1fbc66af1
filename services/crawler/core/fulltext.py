"""Whose text an article gets: its feed's or its page's."""

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from services.crawler.core.identity import AHEAD
from services.crawler.core.page import Page
from services.crawler.core.text import cut
from shared import ids
from shared.events import ArticleFetched, EntryFound
from shared.topology import FETCH

Mode = Literal["short", "always", "never"]
"""When a page is asked for: where the feed's text is short, for every new entry, for none."""

_WALLS = frozenset(("a bot wall", "a login page", "a consent page"))
_DENSE = 0x2E80
"""From here on a character of Unicode says about as much as three letters: Chinese, Japanese, Korean."""


class Body(msgspec.Struct, frozen=True):
    """The entry with the text it goes on with. `note`: why that is the feed's though its page was wanted; else ''."""

    entry: EntryFound
    note: str = ""


def wants_page(entry: EntryFound, mode: Mode, short: int) -> bool:
    """Whether the page is to be asked for. History is left as it is: it alerts no one, and comes by the dozen. `short`: the
    letters from which on a text is not short."""
    if mode == "never" or entry.backfill or entry.body_from != "feed" or not entry.url:
        return False
    return mode == "always" or _length(entry.text) < short


def _length(text: str) -> int:
    return len(text) if text.isascii() else sum(3 if ord(one) >= _DENSE else 1 for one in text)


def of_page(entry: EntryFound, page: Page, at: str, most: int) -> Body:
    """The entry with the page's text, where that says more than the feed's. `at`: where the page was found in the end; `most`:
    bytes a text may have. The feed's title stands: it is what the entry is known by."""
    if urlsplit(at).path in ("", "/") and urlsplit(entry.url or "").path not in ("", "/"):
        return Body(entry, f"its link leads to the front page {at}")
    walls = [problem for problem in page.problems if problem in _WALLS]
    if walls:
        return Body(entry, f"its page shows {walls[0]}")
    if len(page.text) <= len(entry.text):
        return Body(entry, "its page says no more than its feed" if page.text else "no article text found on its page")
    published = page.published if page.published and page.published - entry.observed_at <= AHEAD else None
    return Body(
        msgspec.structs.replace(
            entry,
            text=cut(page.text, most),
            title=entry.title or page.title,
            language=entry.language or page.language,
            authors=entry.authors or page.authors[:20],
            published_at=entry.published_at or published,
            body_from="page",
        )
    )


def fetched(body: Body, revision: int) -> ArticleFetched:
    """The article as this entry tells it; times are the entry's, so the same page gives the same bytes."""
    entry = body.entry
    return ArticleFetched(
        event_id=ids.event_id(FETCH.name, (entry.event_id,)),
        observed_at=entry.observed_at,
        published_at=entry.published_at,
        backfill=entry.backfill,
        article_id=entry.article_id,
        revision=revision,
        source=entry.source,
        title=entry.title,
        text=entry.text,
        url=entry.url,
        language=entry.language,
        authors=entry.authors,
        updated_at=entry.updated_at,
        body_from=entry.body_from,
        body_note=body.note[:300],
    )


def noted(body: Body, revision: int) -> str:
    """What the trace is told of this revision."""
    said = f"revision {revision}, text of its {body.entry.body_from}"
    return f"{said}: {body.note}" if body.note else said
