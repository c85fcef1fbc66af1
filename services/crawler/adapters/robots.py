"""What the robots.txt of each site lets us fetch (RFC 9309), asked for when first needed and remembered for a while."""

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from services.crawler.adapters.web import Web
from services.crawler.core.answer import NoAnswer
from services.crawler.core.robots import LONGEST, ask

AGENT = "rasid"
REMEMBERED, UNREACHED = 3600.0, 600.0
"""Seconds for which a file is used; for which a site whose file cannot be had is left alone."""
SITES = 5000
DELAY = 60.0
"""Most seconds of a Crawl-delay that are kept."""


class Allowed(NamedTuple):
    """`reason`: why not, '' where it is allowed; `delay`: seconds the site wants between two requests."""

    reason: str
    delay: float = 0.0


class _File(NamedTuple):
    text: str
    fault: str
    until: float


class Robots:
    """The files of sites met lately."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._files: OrderedDict[str, asyncio.Task[_File]] = OrderedDict()

    async def ask(self, url: str) -> Allowed:
        """Whether this URL may be fetched. A site without a file allows all; one whose file cannot be had allows nothing."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        found = await asyncio.shield(self._file(site))
        if found.fault:
            return Allowed(f"its site's robots.txt cannot be had: {found.fault}")
        answer = ask(found.text, AGENT, url)
        return Allowed("" if answer.allowed else "robots.txt does not allow its page", min(answer.crawl_delay or 0.0, DELAY))

    def _file(self, site: str) -> "asyncio.Task[_File]":
        known = self._files.get(site)
        if known is None or (known.done() and (known.cancelled() or known.exception() or known.result().until <= monotonic())):
            known = self._files[site] = asyncio.ensure_future(self._fetch(site))
        self._files.move_to_end(site)
        if len(self._files) > SITES:
            self._files.popitem(last=False)
        return known

    async def _fetch(self, site: str) -> _File:
        answer = await self._web.get(f"{site}/robots.txt", accept="text/plain, */*;q=0.5")
        if isinstance(answer, NoAnswer):
            return _File("", f"{answer.cause} {answer.detail}".strip(), monotonic() + UNREACHED)
        self._web.heed(answer.url, answer)
        if answer.status >= 500 or answer.status == 429:
            return _File("", str(answer.status), monotonic() + UNREACHED)
        text = answer.body[:LONGEST].decode("utf-8", "replace") if 200 <= answer.status < 300 else ""
        return _File(text, "", monotonic() + REMEMBERED)
