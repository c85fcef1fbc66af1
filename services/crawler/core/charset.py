"""Which encoding a feed is in. The order: byte order mark, a test for UTF-8, the XML declaration, the header, a guess.

A body that is almost wholly valid UTF-8 is UTF-8 with some broken bytes: one bad byte must not turn an Arabic feed into
mojibake. What a server or a file says of itself comes after what the bytes prove.
"""

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["']""")
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_ARABIC_1256 = re.compile(rb"[\xc7\xe1\xed\xe3\xe4\xe6\xca\xc9\xcf\xd1\xd3\xe5]")
_ALIASES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_ALIASES |= {"gb2312": "gb18030", "gbk": "gb18030", "x-sjis": "shift_jis", "windows-874": "cp874", "iso-8859-8-i": "iso-8859-8"}
_TEXT_CODECS = re.compile(r"utf|cp|iso|koi|mac|gb|big5|euc|shift|johab|hz|tis|ptcp|hp|kz")
_MOSTLY, _SAID_SO = 0.01, 0.3
"""Of the characters beyond ASCII, how many may be broken in what is still UTF-8: unasked, and where it says so itself."""


class Decoded(NamedTuple):
    """The text, the encoding it was in, and what had to be repaired (None: nothing)."""

    text: str
    encoding: str
    problem: str | None = None


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Never fails: what no encoding explains is replaced."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], encoding, None)
    for start, encoding in _UNMARKED:
        if body.startswith(start):
            return _lenient(body, encoding, "no byte order mark")
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    declared = _known(found[1].decode("ascii")) if (found := _DECLARED.match(body[:512])) else None
    in_header = _known(found_too[1]) if (found_too := _IN_HEADER.search(content_type)) else None
    repaired = body.decode("utf-8", "replace")
    broken = repaired.count("\ufffd")
    beyond = sum(character > "\x7f" for character in repaired) or 1
    said = "utf-8" in (declared, in_header)
    if broken / beyond < (_SAID_SO if said else _MOSTLY) or (said and broken / len(repaired) < _MOSTLY):
        return Decoded(repaired, "utf-8", f"{broken} broken bytes in UTF-8 replaced")
    for name in (declared, in_header, _guess(body)):
        if name and name != "utf-8":
            try:
                return Decoded(body.decode(name), name, None if name == declared else f"encoding taken to be {name}")
            except UnicodeDecodeError:
                continue
    return _lenient(body, declared or in_header or _guess(body), "bytes no encoding explains replaced")


def _lenient(body: bytes, encoding: str, problem: str | None) -> Decoded:
    try:
        return Decoded(body.decode(encoding), encoding, problem)
    except UnicodeDecodeError:
        return Decoded(body.decode(encoding, "replace"), encoding, f"broken bytes in {encoding} replaced")


def _known(name: str) -> str | None:
    """Python's name of an encoding of text, or None. What the web calls Latin-1 is windows-1252."""
    name = _ALIASES.get(name.lower(), name.lower())
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return found if _TEXT_CODECS.match(found) else None


def _guess(body: bytes) -> str:
    """windows-1256 where the letters most frequent in Arabic stand out, else windows-1252."""
    high = sum(byte > 0x7F for byte in body)
    return "cp1256" if high and len(_ARABIC_1256.findall(body)) / high > 0.45 else "cp1252"
