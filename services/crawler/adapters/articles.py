"""Reading an article's page: asked for politely, extracted in a worker process, and given up where the feed's text must do."""

import asyncio
from typing import NamedTuple

import msgspec

from services.crawler.adapters.pages import Page
from services.crawler.adapters.robots import Robots
from services.crawler.adapters.web import Web
from services.crawler.core.answer import NoAnswer
from services.crawler.core.fulltext import Body, Mode, of_page, wants_page
from services.crawler.core.page import extract
from services.crawler.core.turns import Later
from services.crawler.core.verdict import READ
from shared.events import EntryFound
from shared.workers import WorkerFailed, Workers

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_REST, _GROWTH = 2.0, 4.0
"""How long an entry rests when all places are taken: so many seconds, and this fraction of what it has waited."""


class Rules(NamedTuple):
    """`mode`: where a source says nothing else; `short`: letters below which a text is short; `seconds`: for a page in all;
    `patience`: most seconds an entry waits for its turn; `places`: pages under way at once; `extract_seconds`; `body_bytes`."""

    mode: Mode
    short: int
    seconds: float
    patience: float
    places: int
    extract_seconds: float
    body_bytes: int


class PageReader:
    """The effect of the stage `fetch`. It holds up nothing: what has to wait for a turn is put off, and so is what finds all
    places taken."""

    def __init__(self, web: Web, workers: Workers, rules: Rules) -> None:
        self._web, self._workers, self._rules = web, workers, rules
        self._robots = Robots(web)
        self._under_way = 0

    async def read(self, page: Page) -> Body | Later | None:
        """The article's text and whose it is; when to try again; None where there is nothing to ask for."""
        try:
            entry = page.entry
        except msgspec.MsgspecError:
            return None  # whoever decides meets it again, and answers for it
        if page.is_decided or entry.url is None or not wants_page(entry, page.mode or self._rules.mode, self._rules.short):
            return None
        if page.waited > self._rules.patience:
            return Body(entry, f"its page had no turn within {self._rules.patience:g} s")
        if self._under_way >= self._rules.places:
            return Later(_REST + page.waited / _GROWTH)
        self._under_way += 1
        try:
            async with asyncio.timeout(self._rules.seconds):
                return await self._read(entry, entry.url)
        except TimeoutError:
            return Body(entry, f"its page was not read within {self._rules.seconds:g} s")
        finally:
            self._under_way -= 1

    async def _read(self, entry: EntryFound, url: str) -> Body | Later:
        allowed = await self._robots.ask(url)
        if allowed.reason:
            return Body(entry, allowed.reason)
        if later := await self._web.turn(url, allowed.delay):
            return later
        answer = await self._web.get(url, accept=_ACCEPT, permit=self._permit)
        self._web.heed(url, answer)
        if isinstance(answer, NoAnswer):
            return Body(entry, f"its page cannot be had: {answer.cause} {answer.detail}".strip())
        if answer.status not in READ:
            return Body(entry, f"its page answers {answer.status}")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and "html" not in kind and kind not in ("text/plain", "application/xml", "text/xml"):
            return Body(entry, f"its link leads to {kind[:80]}, not to a page")
        try:
            seconds = self._rules.extract_seconds
            page = await self._workers.run_within(seconds, extract, answer.body, answer.headers, answer.url)
        except (WorkerFailed, MemoryError) as failed:
            return Body(entry, f"its page cannot be read: {failed or 'it needs more memory than a worker may take'}")
        return of_page(entry, page, answer.url, self._rules.body_bytes)

    async def _permit(self, url: str) -> str:
        return (await self._robots.ask(url)).reason
