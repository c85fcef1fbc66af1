"""What is done to a feed that is not well-formed, before its tree is made: the faults that would break the tree up.

A text cut off in the middle, markup put into a title or a description without escaping, a `<` that begins no tag. Where a
value is cut its element is left out: half a link is a wrong link.
"""

import re

from services.crawler.core.repair import sections

_LEAVES = re.compile(
    r"<((?:[\w.-]{1,40}:)?(?:title|description|encoded|summary|subtitle|tagline|content|copyright|rights|info|creator|author))"
    r"(\s[^<>]{0,2000})?>",
    re.IGNORECASE,
)
_NO_TAG = re.compile(r"<(?![A-Za-z_/!?])")
_UNQUOTED = re.compile(r"""(\s[A-Za-z_][\w:.-]*=)([^\s"'<>=][^\s"'<>]*)(?=[\s/>])""")
_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_ADDRESSES = ("link", "guid", "id", "url", "loc")


def salvaged(text: str) -> str:
    """The text, mended as far as rules can; it may still not be well-formed."""
    return _whole_tags(_leaves_closed(_end_closed(text)))


def _end_closed(text: str) -> str:
    """Without an element whose value the end of the text cuts; a long text that is cut is kept as it is."""
    text = text.rstrip()
    opened = text.rfind("<![CDATA[")
    if opened > text.rfind("]]>"):
        tag = text.rfind("<", 0, opened)
        return text[:tag] if _is_address(text[tag:opened]) else text + "]]>"
    if text.endswith(">"):
        return text
    tag = text.rfind("<")
    return text[:tag] if ">" not in text[tag:] or _is_address(text[tag:]) else text


def _is_address(tag: str) -> bool:
    name = re.match(r"<(?:[\w.-]+:)?(\w+)", tag)
    return name is not None and name[1].lower() in _ADDRESSES


def _leaves_closed(text: str) -> str:
    """Markup inside an element of text becomes its value: `<description>a<br>b</description>`."""
    done, place, missing = [], 0, set()
    for found in _LEAVES.finditer(text):
        name = found[1]
        if found.start() < place or (found[2] or "").endswith("/") or name in missing or name.lower().startswith("media:"):
            continue
        end = text.find(f"</{name}", found.end())
        if end < 0:
            missing.add(name)
            continue
        value = text[found.end() : end]
        if "<" not in value or value.lstrip().startswith("<![CDATA[") or f"<{name}" in value or _holds_entries(value):
            continue
        done += [text[place : found.end()], "<![CDATA[", value.replace("]]>", "]]&gt;"), "]]>"]
        place = end
    return "".join([*done, text[place:]])


def _holds_entries(value: str) -> bool:
    return re.search(r"<(?:[\w.-]+:)?(?:item|entry|link|guid|pubdate)[\s>]", value, re.IGNORECASE) is not None


def _whole_tags(text: str) -> str:
    """A `<` that begins no tag is text; values of attributes get their quotes."""
    return "".join(part if closed else _TAG.sub(_quoted, _NO_TAG.sub("&lt;", part)) for part, closed in sections(text))


def _quoted(tag: re.Match[str]) -> str:
    return _UNQUOTED.sub(r'\1"\2"', tag[0]) if "=" in tag[0] and '"' not in tag[0] and "'" not in tag[0] else tag[0]
