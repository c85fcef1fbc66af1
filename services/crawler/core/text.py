"""From markup to the plain text that is tagged, stored and shown; every offset of evidence refers to what comes out here.

The tree libxml2 makes of the fragment is marked where a browser would break the line, and read in one go: half the time of
walking it in Python.
"""

import re
from html import unescape
from typing import Any

from lxml import etree

_NAMES = (
    "a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br button canvas caption"
    " center cite code col colgroup data dd del details dfn dir div dl dt em embed fieldset figcaption figure font footer form"
    " frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main map mark marquee meta"
    " nav nobr noscript object ol option p param picture pre q rp rt ruby s samp script section select small source span strike"
    " strong style sub summary sup svg table tbody td textarea tfoot th thead time tr track tt u ul var video wbr"
)
_MARKUP = re.compile(rf"</?(?:{'|'.join(sorted(_NAMES.split(), key=len, reverse=True))})(?:\s[^<>]*|/)?>|<!--", re.IGNORECASE)
_PAIRED = re.compile(rf"</(?:{_NAMES.replace(' ', '|')})\s*>|<(?:br|hr|img)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile("[\ufdd0-\ufdd2][ \ufdd0-\ufdd2]*")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SPACE = re.compile(r"\s+")

_BLOCK, _BREAK, _PARAGRAPH = "\ufdd0", "\ufdd1", "\ufdd2"
"""Where a block begins or ends, where the text itself breaks its line, where a paragraph begins or ends. No text holds these:
they are no characters of Unicode, though XML allows them."""
_PARAGRAPHS = "blockquote dl figure h1 h2 h3 h4 h5 h6 hr ol p pre table title ul"
_BLOCKS = (
    "address article aside caption center dd details div dt fieldset figcaption footer form header legend li main nav option"
)
_BLOCKS += " section summary tr"
_MARKS = dict.fromkeys(_PARAGRAPHS.split(), (_PARAGRAPH, _PARAGRAPH))
_MARKS |= dict.fromkeys(_BLOCKS.split(), (_BLOCK, _BLOCK))
_MARKS |= {"br": ("", _BREAK), "td": (" ", " "), "th": (" ", " ")}
_UNSAID = frozenset(
    ("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "textarea", "select", "head")
)
_NOT_SIMPLE = _UNSAID | {"title", "xmp", "plaintext", "listing", "pre", "noembed", "noframes", "math", "html", "body"}
_ATTRIBUTE = r"""\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+))?"""
_SIMPLE_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?:{_ATTRIBUTE})*\s*/?>")
_ANY_TAG = re.compile(r"<[A-Za-z/!?]")
_text_of = etree.XPath("string()")
_HTML = "{http://www.w3.org/1999/xhtml}"


def clean(text: str) -> str:
    """Without NUL, control characters, lone surrogates and noncharacters, which neither a database nor JSON takes."""
    return text if text.isprintable() or _UNFIT.search(text) is None else _UNFIT.sub("", text)


def has_markup(text: str) -> bool:
    """Whether a tag of HTML stands in it; `a < b` and `List<String>` are text."""
    return "<" in text and _MARKUP.search(text) is not None


def is_html(text: str) -> bool:
    """Whether this is HTML though it is said to be text: something is closed in it, or is one of the tags that never are."""
    return "<" in text and _PAIRED.search(text) is not None


def plain(markup: str) -> str:
    """The text of an HTML fragment, paragraphs parted by an empty line, other lines by a newline. Text without any markup
    keeps its own lines."""
    markup = _unwrapped(clean(markup))
    if not has_markup(markup):
        return tidy(unescape(markup) if "&" in markup else markup)
    if (text := of_simple(markup)) is not None:
        return text
    return of_tree(markup)


def _unwrapped(markup: str) -> str:
    """What a section holds that was escaped with its markup: `&lt;![CDATA[<p>x</p>]]&gt;`."""
    return markup.replace("<![CDATA[", "").replace("]]>", "") if "<![CDATA[" in markup else markup


def of_simple(markup: str) -> str | None:
    """`plain` without a tree, for what a feed's markup mostly is: whole tags, none of which hides what is in it. None where
    there is any doubt. tests/unit/crawler/test_plain.py holds it to `of_tree`."""
    doubt = []

    def mark(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        if name in _NOT_SIMPLE:
            doubt.append(name)
        marks = _MARKS.get(name)
        return (marks[1] if tag["end"] or name == "br" else marks[0]) if marks else ""

    text = _SIMPLE_TAG.sub(mark, markup)
    if doubt or _ANY_TAG.search(text):
        return None
    return _laid_out(unescape(text) if "&" in text else text)


def of_tree(markup: str) -> str:
    """`plain` as an HTML parser reads it."""
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        return said(etree.fromstring(f"<div>{markup}", parser))
    except (etree.LxmlError, AssertionError, ValueError, RecursionError):  # markup no HTML parser makes a tree of
        return tidy(unescape(_TAG.sub(" ", markup)))


def said(root: Any) -> str:
    """The text under an element of HTML or XHTML, as `plain` gives it. The tree is changed on the way."""
    unsaid = []
    for element in root.iter(etree.Element):
        name = element.tag.removeprefix(_HTML)
        if name in _UNSAID:
            unsaid.append(element)
        elif marks := _MARKS.get(name):
            if before := marks[0]:
                element.text = before + (_lines(element.text) if name == "pre" else element.text) if element.text else before
            element.tail = marks[1] + element.tail if element.tail else marks[1]
    for element in unsaid:
        _take_out(element)
    return _laid_out(str(_text_of(root)))


def _laid_out(marked: str) -> str:
    """The text with its marks made into lines."""
    return clean(_BREAKS.sub(_breaks, " ".join(marked.split())).replace(" \n", "\n").strip())


def _lines(text: str) -> str:
    """The lines of preformatted text are its own."""
    return text.replace("\n", _BREAK)


def _take_out(element: Any) -> None:
    """Removes an element and keeps what follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if tail := element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


def _breaks(found: re.Match[str]) -> str:
    mark = found[0]
    return "\n\n" if _PARAGRAPH in mark or mark.count(_BREAK) > 1 else "\n"


def line(markup: str) -> str:
    """The text of a title: markup and line breaks removed. A title that is nothing but tags speaks of them."""
    markup = _unwrapped(clean(markup))
    text = (plain(markup) if has_markup(markup) else "") or clean(unescape(markup))
    return _SPACE.sub(" ", text).strip()


def cut(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, ended at a line or word where one is near."""
    data = text.encode()
    if len(data) <= most:
        return text
    head = data[:most].decode("utf-8", "ignore")
    for mark in ("\n", " "):
        place = head.rfind(mark)
        if place > len(head) * 0.9:
            return head[:place].rstrip()
    return head


def tidy(text: str) -> str:
    """Text that is none of HTML: its own lines, without space around them and without heaps of empty ones."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n"))
    lines = [_LINE_SPACE.sub(" ", one).strip() for one in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
