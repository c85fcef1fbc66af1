"""What is at an address that someone wants polled: a feed, a page that has one, or nothing that can be used."""

from typing import NamedTuple

from services.crawler.adapters.web import Web
from services.crawler.core.answer import Answer, NoAnswer
from services.crawler.core.discovery import Offered, discover
from services.crawler.core.feed import parse
from services.crawler.core.model import ParsedFeed
from services.crawler.core.verdict import READ, verdict
from shared.workers import WorkerFailed, Workers

TRIES = 12
"""How many of the feeds a page may have are asked for."""


class Found(NamedTuple):
    """`url` is what to poll for the address `asked`; None where there is no feed. `cause` as docs/interfaces.md lists them, for
    what was asked; `title` and `entries` of the feed; `detail` says what was found in words."""

    asked: str
    url: str | None
    cause: str
    title: str = ""
    entries: int | None = None
    detail: str = ""


async def find(web: Web, workers: Workers, url: str, seconds: float) -> Found:
    """Asks for the address, and where it is a web page, for the feeds it may have. An address that does not answer is to be
    polled as it is: the network may be to blame. `seconds`: how long a page or feed may take to be read."""
    answer = await web.get(url)
    if isinstance(answer, NoAnswer):
        return Found(url, url, answer.cause, detail=f"not checked: {answer.cause} {answer.detail}".strip())
    feed = await _read(workers, answer, seconds)
    judged = verdict(answer, feed, same=False, known=False)
    if feed is not None and not judged.failed:
        return Found(url, url, judged.cause, feed.title, len(feed.entries), _said("a feed", feed))
    if answer.status not in READ:
        return Found(url, url, judged.cause, detail=f"not checked: answers {answer.status}")
    try:
        offered = await workers.run_within(seconds, discover, answer.body, answer.url, answer.headers.get("content-type", ""))
    except WorkerFailed as failed:
        return Found(url, None, "malformed", detail=str(failed))
    for one in offered[:TRIES]:
        if (there := await _feed_at(web, workers, one, seconds)) is not None:
            how = "named by" if one.named else "found beside"
            return Found(url, one.url, "ok", there.title, len(there.entries), _said(f"a feed {how} {answer.url}", there))
    return Found(
        url, None, judged.cause, detail=f"no feed: {judged.detail or judged.cause}, and none of its usual places has one"
    )


async def _feed_at(web: Web, workers: Workers, one: Offered, seconds: float) -> ParsedFeed | None:
    answer = await web.get(one.url)
    if isinstance(answer, NoAnswer) or answer.status not in READ:
        return None
    feed = await _read(workers, answer, seconds)
    return feed if feed is not None and feed.entries and feed.format != "sitemapindex" else None


async def _read(workers: Workers, answer: Answer, seconds: float) -> ParsedFeed | None:
    if answer.status not in READ:
        return None
    try:
        return await workers.run_within(seconds, parse, answer.body, answer.headers, answer.url)
    except WorkerFailed:
        return None


def _said(what: str, feed: ParsedFeed) -> str:
    mended = f"; mended: {'; '.join(feed.problems)}" if feed.problems else ""
    return f"{what}: {feed.format}, {feed.title or 'without a title'}, {len(feed.entries)} entries{mended}"[:500]
