"""What is mended in a feed's XML before any parser sees it, each fault one that makes parsers raise or silently lie.

Character references to what is no character, bare ampersands (`&copy=` in a link becomes a sign), HTML's named entities,
what stands before and after the feed (warnings of PHP, advertisements), and the document type: it is taken out whole, so
there is nothing left to expand or to fetch. Each rule looks at a text once, however it is made.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from itertools import islice

ROOTS = "rss|feed|rdf|channel|urlset|sitemapindex|entry"
_ROOT = re.compile(rf"<(?P<name>(?:[\w.-]{{1,40}}:)?(?:{ROOTS}))(?=[\s>/])", re.IGNORECASE)
_INSTRUCTION = re.compile(r"<\?xml[^>]{0,300}\?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,2000}(?:\[(?P<inside>[^\]]*(?:\][^>\s][^\]]*)*)\]\s{0,100})?>", re.IGNORECASE)
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(["'])([^"'<&%]{0,200})\2\s*>""")
_REFERENCE = re.compile(
    r"&(?:#(?:[xX](?P<hex>[0-9a-fA-F]{1,12})|(?P<decimal>[0-9]{1,12}));|(?P<name>[A-Za-z_][\w.-]{0,40});|(?P<bare>))"
)
_LONG_TAG = re.compile(r"<(?P<name>[\w:.-]+)(?=\s)[^<>]{8000,}")
_SECTION = re.compile(r"<!\[CDATA\[|<!--")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_ATTRIBUTES = 500
_OWN_EXPANSIONS = 10_000
"""How often a feed's own entities are put in; a feed that uses more of them is a bomb."""
_HEAD = 64 * 1024
"""How far into the text a feed may begin."""


class Mended:
    """A text and what had to be done to it. `netscape`: its document type is that of RSS 0.91 by Netscape."""

    def __init__(self, text: str) -> None:
        self.problems: list[str] = []
        self.netscape = False
        self._left = _OWN_EXPANSIONS
        self._high: int | None = None
        self.text = self._mend(text)

    def _mend(self, text: str) -> str:
        if _UNFIT.search(text):
            self._say("characters XML does not allow removed")
            text = _UNFIT.sub("", text)
        own, text = self._alone(text)
        slim = without_floods(text)
        if slim != text:
            self._say("a tag of too many attributes emptied")
            text = slim
        if "&" not in text:
            return text
        return "".join(part if closed else self._resolved(part, own) for part, closed in sections(text))

    def _alone(self, text: str) -> tuple[dict[str, str], str]:
        """The entities the document type declares, and the feed's element with nothing before or after it."""
        root = find_root(text)
        start = root.start() if root else 0
        before = text[:start]
        place = before.upper().find("<!DOCTYPE")
        doctype = _DOCTYPE.match(text, place) if place >= 0 else None
        own = {}
        if doctype is not None:
            self.netscape = "netscape" in doctype[0].lower()
            own = {name: value for name, _, value in _ENTITY.findall(doctype["inside"] or "")}
            if doctype.end() > start:  # the search found its root in the document type
                root = find_root(text, doctype.end())
                start = root.start() if root else doctype.end()
            before = text[:place] + text[doctype.end() : start]
        junk = _INSTRUCTION.sub("", _without_comments(before)).strip("\ufeff \t\r\n")
        if junk and not junk.startswith("<?"):
            self._say("text before the feed removed")
        return own, self._ended(text[start:], root["name"] if root else None)

    def _ended(self, text: str, root: str | None) -> str:
        """Without what follows the feed."""
        place = text.rfind(f"</{root}") if root else -1
        end = text.find(">", place) if place > 0 else -1
        if end < 0:
            return text.rstrip("\x00 \t\r\n")
        if _without_comments(text[end + 1 :]).strip("\ufeff \t\r\n"):
            self._say("text after the feed removed")
        return text[: end + 1]

    def _resolved(self, text: str, own: dict[str, str]) -> str:
        return _REFERENCE.sub(lambda found: self._reference(found, own), text) if "&" in text else text

    def _reference(self, found: re.Match[str], own: dict[str, str]) -> str:
        high, self._high = self._high, None
        if found["name"]:
            return self._named(found["name"], own)
        if found["bare"] is not None and not (found["hex"] or found["decimal"]):
            self._say("bare ampersands escaped")
            return "&amp;"
        code = int(found["hex"], 16) if found["hex"] else int(found["decimal"])
        if 0xD800 <= code <= 0xDBFF and found.string.startswith("&#", found.end()):
            self._high = code  # the first half of a pair, written as UTF-16 does
            return ""
        if high is not None and 0xDC00 <= code <= 0xDFFF:
            self._say("surrogate pairs joined")
            return chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00))
        if code > 0x10FFFF or _UNFIT.match(chr(code)):
            self._say("references to what is no character removed")
            return ""
        return found[0]

    def _named(self, name: str, own: dict[str, str]) -> str:
        if name in _XML_NAMES:
            return f"&{name};"
        if name in own and self._left > 0:
            self._left -= 1
            return own[name]
        if character := html5.get(name + ";"):
            return "".join(f"&#{ord(one)};" for one in character)
        self._say("unknown entities escaped")
        return f"&amp;{name};"

    def _say(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def without_floods(text: str) -> str:
    """The text with no attribute left in a tag that has thousands: libxml2 takes minutes over one."""
    return _LONG_TAG.sub(_emptied, text)


def _emptied(tag: re.Match[str]) -> str:
    if tag[0].count("=") <= _ATTRIBUTES:
        return tag[0]
    return f"<{tag['name']}{'/' if tag[0].endswith('/') else ''}"


def sections(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces; those that are a CDATA section or a comment, closed, are told from the others."""
    start = place = 0
    unclosed = set()
    while found := _SECTION.search(text, place):
        end = "]]>" if found[0] == "<![CDATA[" else "-->"
        close = -1 if end in unclosed else text.find(end, found.end())
        if close < 0:
            unclosed.add(end)
            place = found.end()
            continue
        yield text[start : found.start()], False
        start = place = close + len(end)
        yield text[found.start() : place], True
    yield text[start:], False


def find_root(text: str, start: int = 0) -> re.Match[str] | None:
    """The first tag that may be a feed's own, outside of comments."""
    for found in islice(_ROOT.finditer(text, start, start + _HEAD), 20):
        if text.rfind("<!--", start, found.start()) <= text.rfind("-->", start, found.start()):
            return found
    return None


def _without_comments(text: str) -> str:
    return "".join(part for part, closed in sections(text) if not (closed and part.startswith("<!--")))
