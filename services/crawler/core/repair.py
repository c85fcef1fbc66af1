"""What is mended in a feed's XML before any parser sees it, each fault one that makes feedparser raise or silently lie.

Character references to what is no character, bare ampersands (`&copy=` in a link becomes a sign), HTML's named entities,
and the document type: it is taken out whole, so there is nothing left to expand or to fetch.
"""

import re
from html.entities import html5

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,2000}(?:\[(?P<inside>.*?)\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(r"<[A-Za-z]")
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(["'])([^"'<&%]{0,200})\2\s*>""")
_REFERENCE = re.compile(
    r"&(?:#(?:[xX](?P<hex>[0-9a-fA-F]{1,12})|(?P<decimal>[0-9]{1,12}));|(?P<name>[A-Za-z_][\w.-]{0,40});|(?P<bare>))"
)
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->)", re.DOTALL)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_OWN_EXPANSIONS = 10_000
"""How often a feed's own entities are put in; a feed that uses more of them is a bomb."""


class Mended:
    """A text and what had to be done to it."""

    def __init__(self, text: str) -> None:
        self.problems: list[str] = []
        self.netscape = False
        self._left = _OWN_EXPANSIONS
        self._high: int | None = None
        self.text = self._mend(text)

    def _mend(self, text: str) -> str:
        text = _DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n")
        if _UNFIT.search(text):
            self._say("characters XML does not allow removed")
            text = _UNFIT.sub("", text)
        if not text.startswith("<") and 0 < (start := text.find("<")) < 4096:
            self._say("text before the first tag removed")
            text = text[start:]
        own, text = self._document_type(text)
        if "&" not in text:
            return text
        parts = _CDATA.split(text)
        for number in range(0, len(parts), 2):  # the odd ones are CDATA and comments
            if "&" in parts[number]:
                parts[number] = _REFERENCE.sub(lambda found: self._reference(found, own), parts[number])
        return "".join(parts)

    def _document_type(self, text: str) -> tuple[dict[str, str], str]:
        """The entities the document type declares, and the text without it. It stands before the first element."""
        root = _ELEMENT.search(text)
        start = text[: root.start() if root else None].upper().find("<!DOCTYPE")
        found = _DOCTYPE.match(text, start) if start >= 0 else None
        if found is None:
            return {}, text
        self.netscape = "netscape" in found[0].lower()
        own = {name: value for name, _, value in _ENTITY.findall(found["inside"] or "")}
        return own, text[:start] + text[found.end() :]

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
