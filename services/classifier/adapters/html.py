"""A saved HTML page as title, text and language, for `rasid classify FILE`: the main part of the page as the page marks it."""

from typing import Any, NamedTuple

import html_text
import lxml.etree
import lxml.html

_ASIDE = "//script|//style|//noscript|//template|//nav|//header|//footer|//aside|//form|//figcaption|//*[@hidden]"
_MAIN = ("//article", "//main", "//*[@role='main']", "//body")


class Page(NamedTuple):
    """What a page says. `title` is '' where it has none; `language` as declared."""

    title: str
    text: str
    language: str | None


class NotHtml(ValueError):
    """Bytes that hold no page; says why."""


def is_html(body: bytes, name: str) -> bool:
    """Whether a file is to be read as HTML, by its name or its first bytes."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return name.lower().endswith((".html", ".htm", ".xhtml")) or start.startswith((b"<!doctype html", b"<html"))


def read(body: bytes) -> Page:
    """The page in these bytes. Raises NotHtml."""
    try:
        tree: Any = lxml.html.document_fromstring(body)  # typed by lxml as whatever an XPath may give
    except (lxml.etree.LxmlError, ValueError) as error:
        raise NotHtml(f"not HTML: {error}") from error
    title = _title(tree)
    for element in tree.xpath(_ASIDE):
        element.drop_tree()
    roots = next((found for path in _MAIN if (found := tree.xpath(path))), [tree])
    longest = max((html_text.extract_text(root, guess_layout=True) for root in roots), key=len)
    text = "\n".join(line for line in (line.strip() for line in longest.split("\n")) if line and line != title)
    if not (title or text):
        raise NotHtml("a page without words")
    return Page(title, text, tree.get("lang") or None)


def _title(tree: Any) -> str:
    """What the page is headed with: its only h1, what it says to others, its title."""
    headings = tree.xpath("//h1")
    candidates = [
        *([headings[0].text_content()] if len(headings) == 1 else []),
        *tree.xpath("//meta[@property='og:title']/@content"),
        *tree.xpath("//title/text()"),
    ]
    return next((" ".join(one.split()) for one in candidates if one.strip()), "")
