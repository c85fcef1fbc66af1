"""The one word for what came of a poll, and whether there is something to read."""

from typing import NamedTuple

from services.crawler.core.answer import Answer, NoAnswer
from services.crawler.core.feed import is_wall
from services.crawler.core.model import ParsedFeed

_BY_STATUS = {304: "unchanged", 410: "gone", 404: "missing", 401: "refused", 403: "refused", 407: "refused", 451: "refused"}
READ = frozenset((200, 203, 226))
"""Statuses whose body is the feed."""


class Verdict(NamedTuple):
    """`cause` as docs/interfaces.md lists them. `failed`: there was nothing to read, so the next poll backs off."""

    cause: str
    detail: str = ""
    failed: bool = False


def verdict(answer: Answer | NoAnswer, feed: ParsedFeed | None, *, same: bool, known: bool, failure: str = "") -> Verdict:
    """`feed`: what the body was read as; None where it was not, `failure` saying why. `same`: the body of last time.
    `known`: this source has been a feed before."""
    if isinstance(answer, NoAnswer):
        return Verdict(answer.cause, answer.detail, True)
    if answer.status not in READ:
        return _by_status(answer)
    if same:
        return Verdict("unchanged", "the same bytes")
    if feed is None:
        return Verdict("malformed", failure, True)
    if not feed.format:
        return _no_feed(answer, feed, known)
    if feed.format == "sitemapindex":  # its entries are sitemaps, none of them an article
        named = ", ".join(entry.link or "" for entry in feed.entries[:3])
        return Verdict("not-a-feed", f"an index of sitemaps; add those it names: {named}"[:500], True)
    said = "; ".join(feed.problems)
    if not feed.entries:
        return Verdict("empty", said)
    return Verdict("malformed" if feed.ill_formed else "ok", said)


def read(cause: Verdict, entries: int, undated: int, found: int, churned: int) -> Verdict:
    """The verdict on a feed that was read, once its entries are known: all undated, or all seen before under other guids."""
    if cause.cause != "ok":
        return cause
    if entries and not found and churned:
        return cause._replace(cause="duplicates", detail=f"{churned} known entries came under new guids")
    if entries and undated == entries:
        return cause._replace(cause="undated")
    return cause


def _by_status(answer: Answer) -> Verdict:
    status = answer.status
    if status == 304:
        return Verdict("unchanged")
    if status == 204:
        return Verdict("empty")
    if status == 206:
        return Verdict("truncated", "a part was sent that was not asked for", True)
    if status in (401, 403, 503) and is_wall(answer.body):
        return Verdict("blocked-page", f"a page stands before the feed ({status})", True)
    if status == 429 or (status == 503 and "retry-after" in answer.headers):
        return Verdict("throttled", f"Retry-After: {answer.headers.get('retry-after', 'none')}"[:100], True)
    if status >= 500:
        return Verdict("server-error", "", True)
    if 300 <= status < 400:
        return Verdict("bad-redirect", f"{status} is no redirect that can be followed", True)
    return Verdict(_BY_STATUS.get(status, "refused"), "", True)


def _no_feed(answer: Answer, feed: ParsedFeed, known: bool) -> Verdict:
    said = "; ".join(feed.problems)
    if not answer.body.strip(b"\x00 \t\r\n"):
        return Verdict("empty", "no bytes")
    if is_wall(answer.body) or (known and "web page" in said):
        return Verdict("blocked-page", said, True)
    return Verdict("malformed" if feed.ill_formed else "not-a-feed", said, True)
