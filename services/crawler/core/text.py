"""From markup to the plain text that is tagged, stored and shown; every offset of evidence refers to what comes out here."""

import re
from html import unescape

import html_text
from lxml.etree import LxmlError

_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--|!\[CDATA\[)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_LINE_SPACE = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Without NUL, control characters and lone surrogates, which neither a database nor JSON takes."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub("", _SURROGATES.sub("", text))


def plain(markup: str) -> str:
    """The text of an HTML fragment, paragraphs parted by an empty line, other lines by a newline. Text without any markup
    keeps its own lines."""
    markup = clean(markup)
    if not _MARKUP.search(markup):
        return _tidy(unescape(markup))
    try:
        text = html_text.extract_text(markup)
    except (LxmlError, AssertionError, ValueError, RecursionError):  # markup no HTML parser makes a tree of
        text = unescape(_TAG.sub(" ", markup))
    return _tidy(text)


def line(markup: str) -> str:
    """The text of a title: markup and line breaks removed."""
    markup = clean(markup)
    text = plain(markup) if _MARKUP.search(markup) else clean(unescape(markup))
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


def _tidy(text: str) -> str:
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n"))
    lines = [_LINE_SPACE.sub(" ", one).strip() for one in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
