"""One poll of an address, nothing kept, every step of it told: what `rasid sources check` prints."""

from typing import Any, NamedTuple

from services.crawler.adapters.web import Web
from services.crawler.core.answer import Answer, NoAnswer
from services.crawler.core.cadence import Bounds, asked_by, pace, retry_after
from services.crawler.core.feed import parse
from services.crawler.core.identity import candidates
from services.crawler.core.links import apart
from services.crawler.core.model import ParsedFeed
from services.crawler.core.verdict import READ, Verdict, read, verdict
from shared.clock import now
from shared.workers import WorkerFailed, Workers


class Checked(NamedTuple):
    """What one poll comes to. `cause`: a word of docs/interfaces.md; `steps`: `{"step","detail"}` in the order they were done;
    `failed`: there was nothing to read."""

    url: str
    cause: str
    status: int | None
    title: str
    entries: int
    detail: str
    failed: bool
    steps: list[dict[str, str]]


async def check(web: Web, workers: Workers, url: str, bounds: Bounds, seconds: float) -> Checked:
    """Polls this address once, as if for the first time. `seconds`: how long the feed may take to be read."""
    steps: list[dict[str, str]] = []

    def told(step: str, detail: str) -> None:
        steps.append({"step": step, "detail": detail})

    answer = await web.get(url, heard=told)
    told("answer", _answered(answer))
    feed, failure = None, ""
    if isinstance(answer, Answer) and answer.status in READ:
        try:
            feed = await workers.run_within(seconds, parse, answer.body, answer.headers, answer.url)
            told("parse", _parsed(feed))
        except (WorkerFailed, MemoryError) as failed:
            failure = str(failed) or "it needs more memory than a worker may take"
            told("parse", f"given up: {failure}")
    judged = verdict(answer, feed, same=False, known=False, failure=failure)
    if feed is not None and feed.entries and not judged.failed:
        judged = _entries(url, answer, feed, judged, told)
    told("verdict", ": ".join(part for part in (judged.cause, judged.detail) if part))
    told("schedule", _schedule(answer, feed, judged, bounds))
    title, entries = (feed.title, len(feed.entries)) if feed is not None else ("", 0)
    return Checked(apart(url)[0], judged.cause, answer.status, title, entries, judged.detail, judged.failed, steps)


def _answered(answer: Answer | NoAnswer) -> str:
    if isinstance(answer, NoAnswer):
        return f"none to use: {answer.cause} {answer.detail}".strip()
    kind = answer.headers.get("content-type", "no content type")
    validators = [name for name in ("etag", "last-modified") if name in answer.headers]
    return f"{answer.status}, {kind}, {len(answer.body)} bytes unpacked, validators: {', '.join(validators) or 'none'}"


def _parsed(feed: ParsedFeed) -> str:
    mended = f"; {'; '.join(feed.problems)}" if feed.problems else ""
    return f"{feed.format or 'no feed'}, {len(feed.entries)} entries{mended}"


def _entries(url: str, answer: Answer | NoAnswer, feed: ParsedFeed, judged: Verdict, told: Any) -> Verdict:
    base = answer.url if isinstance(answer, Answer) else url
    found = candidates("", feed.entries, base, now())
    undated = sum(one.published_at is None for one in found)
    linked = sum(one.url is not None for one in found)
    told("entries", f"{len(found)} articles of {len(feed.entries)} entries, {linked} with a link, {undated} without a date")
    return read(judged, len(found), undated, len(found), 0)


def _schedule(answer: Answer | NoAnswer, feed: ParsedFeed | None, judged: Verdict, bounds: Bounds) -> str:
    headers = answer.headers if isinstance(answer, Answer) else {}
    hint, asked = asked_by(headers, feed.ttl if feed else None), retry_after(headers, now())
    count = len(feed.entries) if feed else 0
    if judged.cause == "gone":
        return "never again: gone"
    step = pace((bounds.shortest, 0), judged, (count, count), hint, asked, bounds)
    why = (
        f"Retry-After asks for {asked:.0f} s"
        if asked is not None
        else f"it asks for {hint:.0f} s"
        if hint
        else "it asks for nothing"
    )
    return f"next poll in {step.wait:.0f} s; {why}"
