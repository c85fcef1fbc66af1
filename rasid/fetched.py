"""A page of the web, for a command that is given its URL."""

import asyncio

from rasid.settings import Unreachable, read_settings
from services.crawler.adapters.web import Limits, Web
from services.crawler.core.answer import NoAnswer
from services.crawler.settings import Settings
from shared.network import networks


def fetched(url: str) -> bytes:
    """The body of the page at this URL, fetched as the crawler would. Raises Unreachable."""
    settings = read_settings().part(Settings)
    limits = Limits(settings.fetch_timeout, settings.fetch_max_bytes, settings.fetch_max_redirects)
    answer = asyncio.run(Web(limits, networks(settings.fetch_allow_networks), settings.contact).get(url))
    if isinstance(answer, NoAnswer):
        raise Unreachable(f"{url}: {answer.cause}: {answer.detail}")
    return answer.body
