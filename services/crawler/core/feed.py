"""From the bytes of a feed to its entries. Never raises, never touches the network or a path: bytes in, a ParsedFeed out.

XML is read from a tree of lxml, JSON Feed by its own reader; feedparser is asked where XML is too broken for a tree. Run it in
a worker process with a time limit all the same.
"""

import re
from collections.abc import Mapping

from services.crawler.core import jsonfeed, xmlfeed
from services.crawler.core.charset import decode
from services.crawler.core.model import ParsedFeed
from services.crawler.core.repair import Mended, find_root

_WALL = re.compile(
    r"captcha|cf-chl|challenge-platform|just a moment\.\.\.|attention required|access denied|are you a robot|"
    r"verify (?:you are|that you are) (?:a )?human|enable javascript and cookies|unusual traffic|bot detection|"
    r"perimeterx|datadome|incapsula|imperva|sucuri|ddos-guard|consent\.(?:google|yahoo)|cookie consent|before you continue|"
    r"""<input[^>]{1,200}type=["']?password|log ?in to continue|sign in to continue|subscribe to (?:continue|read)""",
    re.IGNORECASE,
)
_WALL_BYTES = 32 * 1024
_HEAD = 64 * 1024
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)


def parse(body: bytes, headers: Mapping[str, str] | None = None, url: str | None = None) -> ParsedFeed:
    """The feed these bytes hold. `headers`: what came with them (Content-Type, Content-Language; any case); `url`: where
    relative links start. Where they hold none, `format` is empty."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    if not body.strip(b"\x00 \t\r\n"):
        return ParsedFeed(problems=("empty",))
    decoded = decode(body, lower.get("content-type", ""))
    problems = [decoded.problem] if decoded.problem else []
    text = decoded.text.lstrip("\ufeff\x00 \t\r\n")
    if text.startswith(("{", "[")):
        return jsonfeed.parse(text, url, problems)
    root, page = find_root(text), _HTML.search(text[:_HEAD])
    if root is None or (page is not None and page.start() < root.start()):
        return ParsedFeed(problems=(*problems, "a web page, not a feed" if page else "not a feed"))
    mended = Mended(text)
    return xmlfeed.parse(mended, lower, url, problems + mended.problems)


def is_wall(body: bytes) -> bool:
    """Whether these bytes are a page put before the feed: a bot wall, a login, a consent form, a pay wall."""
    text = body[:_WALL_BYTES].decode("utf-8", "replace")
    return bool(_HTML.search(text)) and find_root(text) is None and bool(_WALL.search(text))
