"""Bytes of a text file to text, without being told the encoding.

A byte-order mark is believed; then valid UTF-8; then UTF-16 by where its zero bytes stand; then the one-byte code page whose
reading looks like words. Bytes that are no text at all (a picture, an archive) are refused with a reason.
"""

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = ((b"%PDF-", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "gzip"), (b"\x89PNG", "a picture"))
_ARABIC = re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06af]")
_ARABIC_BESIDE_ASCII = re.compile("[A-Za-z][\u0621-\u064a]|[\u0621-\u064a][A-Za-z]")
_CYRILLIC_WORD = re.compile("[\u0400-\u04ff]{3,}")
_UNWANTED = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_FEW_BROKEN = 0.2  # of the characters beyond ASCII: text of another encoding hardly ever makes one valid sequence of UTF-8
_FEW_ZEROS = 0.05  # of the bytes: in UTF-16 every space is one
_MOSTLY = 0.8


class NotText(ValueError):
    """These bytes are not a text that can be read; the message says why."""


class Decoded(NamedTuple):
    """The text, the encoding it was read in, and what went wrong on the way ("" where nothing did)."""

    text: str
    encoding: str
    problem: str = ""


def decode(body: bytes) -> Decoded:
    """The text in these bytes. NUL and lone surrogates are removed. Raises NotText."""
    for signature, kind in _SIGNATURES:
        if body.startswith(signature):
            raise NotText(f"not a text file but {kind}")
    found = _marked(body) or _utf8(body) or _utf16(body) or _one_byte(body)
    text = _UNWANTED.sub("", found.text)
    if len(_CONTROL.findall(text)) > len(text) // 50:
        raise NotText("not a text file (control bytes in it)")
    if not text.strip():
        raise NotText("empty")
    return found._replace(text=text)


def _marked(body: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(encoding, "replace")
            return Decoded(text, encoding, f"some bytes are not {encoding}" if "\ufffd" in text else "")
    return None


def _utf8(body: bytes) -> Decoded | None:
    if zeros := body.count(0):
        rest = body.replace(b"\0", b"")
        if zeros > len(body) * _FEW_ZEROS or len(_CONTROL.findall(rest.decode("latin-1"))) > len(rest) // 50:
            return None  # UTF-16, or no text
        found = _utf8(rest)
        return found and found._replace(problem="; ".join(filter(None, (found.problem, f"{zeros} zero bytes removed"))))
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(character > "\x7f" for character in text)
    if broken > max(1, beyond_ascii * _FEW_BROKEN) or beyond_ascii <= 2 * broken:
        return None
    return Decoded(text, "utf-8", f"{broken} characters are not valid UTF-8")


def _utf16(body: bytes) -> Decoded | None:
    """Spaces and line ends are one zero byte beside an ASCII one in every script; on which side tells the order."""
    if b"\0" not in body:
        return None
    even, odd = body[0::2], body[1::2]
    little = sum(odd[i] == 0 for i in range(len(odd)) if even[i] in b" \n\r")
    big = sum(even[i] == 0 for i in range(len(odd)) if odd[i] in b" \n\r")
    encoding = "utf-16-le" if little >= big else "utf-16-be"
    text = body[: len(body) & ~1].decode(encoding, "replace")
    if max(little, big) == 0 or text.count("\ufffd") > len(text) // 50:
        raise NotText("not a text file (zero bytes in it)")
    return Decoded(text, encoding)


def _one_byte(body: bytes) -> Decoded:
    """Arabic letters stand beside Arabic letters; read as Arabic, an accented Latin letter stands beside ASCII ones."""
    text = body.decode("cp1256")
    beyond_ascii = sum(character > "\x7f" for character in text) or 1
    arabic = len(_ARABIC.findall(text))
    if arabic / beyond_ascii > _MOSTLY and len(_ARABIC_BESIDE_ASCII.findall(text)) < arabic / 4:
        return Decoded(text, "windows-1256")
    text = body.decode("cp1251", "replace")
    if sum(map(len, _CYRILLIC_WORD.findall(text))) / beyond_ascii > _MOSTLY:
        return Decoded(text, "windows-1251")
    return Decoded(body.decode("cp1252", "replace"), "windows-1252", "encoding unknown; read as windows-1252")
