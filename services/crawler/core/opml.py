"""Lists of feeds as other readers write them (OPML 1.0 and 2.0, opml.org/spec2.opml), however broken, and as we write them."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

from lxml import etree

from services.crawler.core.charset import decode
from services.crawler.core.repair import without_floods
from services.crawler.core.text import clean, line

_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,2000}(?:\[[^\]]*\]\s{0,100})?>", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)(?P<name>[A-Za-z]\w{1,30};)?")
_OUTLINE = re.compile(r"<outline\s(?P<inside>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?P<name>[\w:.-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_BEGUN = re.compile(r"<outline\s[^<>]*\bxmlurl\s*=", re.IGNORECASE)


class Outline(NamedTuple):
    """A feed of a list: its address as written, and what the list calls it ('' for nothing)."""

    url: str
    title: str = ""


def read(data: bytes) -> list[Outline]:
    """The feeds the list names, each address once, in order, without its folders; empty where there are none. Never raises."""
    text = _mended(decode(data, "").text)
    found = _of_tree(text)
    if len(found) < len(_BEGUN.findall(text)):
        found = max(found, list(_of_tags(text)), key=len)
    return list({one.url: one for one in reversed(found)}.values())[::-1]


def write(feeds: Iterable[Outline], title: str) -> bytes:
    """An OPML 2.0 list of these feeds."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = clean(feed.title) or feed.url
        etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _mended(text: str) -> str:
    """Bare ampersands escaped, HTML's entities put in, no document type: nothing is left to expand or to fetch."""
    return _AMPERSAND.sub(_resolved, without_floods(clean(_DOCTYPE.sub("", text, count=1)))).lstrip("\ufeff \t\r\n")


def _resolved(found: "re.Match[str]") -> str:
    character = unescape(found[0])
    return "&amp;" + found[0][1:] if character == found[0] or found["name"] is None else character


def _of_tree(text: str) -> list[Outline]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return []
    if tree is None:
        return []
    named = (
        _outline({str(name).lower(): str(value) for name, value in element.attrib.items()})
        for element in tree.iter("{*}*")
        if etree.QName(element).localname.lower() == "outline"
    )
    return [one for one in named if one]


def _of_tags(text: str) -> Iterator[Outline]:
    """What stands in each tag by itself, for lists whose elements do not close."""
    for tag in _OUTLINE.finditer(text):
        parts = _ATTRIBUTE.finditer(tag["inside"])
        values = {
            part["name"].lower(): unescape(part["double"] if part["double"] is not None else part["single"]) for part in parts
        }
        if one := _outline(values):
            yield one


def _outline(values: dict[str, str]) -> Outline | None:
    url = values.get("xmlurl") or (values.get("url", "") if values.get("type", "").lower() in ("rss", "atom", "feed") else "")
    return Outline(url.strip(), line(values.get("title") or values.get("text") or "")) if url.strip() else None
