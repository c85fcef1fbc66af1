"""From the bytes of a feed to its entries. Never raises, never touches the network or a path: bytes in, a ParsedFeed out.

feedparser is the parser of record for XML; JSON Feed has its own reader. Run it in a worker process with a time limit:
some bytes take feedparser many seconds.
"""

import re
from collections.abc import Mapping

from services.crawler.core import jsonfeed, xmlfeed
from services.crawler.core.charset import decode
from services.crawler.core.model import ParsedFeed
from services.crawler.core.repair import Mended

_WALL = re.compile(
    r"captcha|cf-chl|challenge-platform|just a moment\.\.\.|attention required|access denied|are you a robot|"
    r"verify (?:you are|that you are) (?:a )?human|enable javascript and cookies|unusual traffic|bot detection|"
    r"perimeterx|datadome|incapsula|imperva|sucuri|ddos-guard|consent\.(?:google|yahoo)|cookie consent|before you continue|"
    r"""<input[^>]{1,200}type=["']?password|log ?in to continue|sign in to continue|subscribe to (?:continue|read)""",
    re.IGNORECASE,
)
_WALL_BYTES = 32 * 1024
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_FEED = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>/]", re.IGNORECASE)


def parse(body: bytes, headers: Mapping[str, str] | None = None, url: str | None = None) -> ParsedFeed:
    """The feed these bytes hold. `headers`: what came with them (Content-Type, Content-Language; any case); `url`: where
    relative links start. Where they hold none, `format` is empty."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    if not body.strip(b"\x00 \t\r\n"):
        return ParsedFeed(problems=("empty",))
    decoded = decode(body, lower.get("content-type", ""))
    problems = [decoded.problem] if decoded.problem else []
    text = decoded.text.lstrip("\ufeff\x00 \t\r\n")
    if text.startswith("{"):
        return jsonfeed.parse(text, url, problems)
    if not _FEED.search(text[:20_000]):
        what = "a web page" if _HTML.search(text[:20_000]) else "not a feed"
        return ParsedFeed(problems=(*problems, f"{what}, not a feed" if what == "a web page" else what))
    mended = Mended(text)
    return xmlfeed.parse(mended, lower, url, problems + mended.problems)


def is_wall(body: bytes) -> bool:
    """Whether these bytes are a page put before the feed: a bot wall, a login, a consent form, a pay wall."""
    text = body[:_WALL_BYTES].decode("utf-8", "replace")
    return bool(_HTML.search(text)) and not _FEED.search(text) and bool(_WALL.search(text))
