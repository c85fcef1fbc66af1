"""Which encoding a feed or a page is in. The order: byte order mark, a test for UTF-8, what it declares of itself, the header,
a guess.

A body that is almost wholly valid UTF-8 is UTF-8 with some broken bytes: one bad byte must not turn an Arabic feed into
mojibake. What a server or a file says of itself comes after what the bytes prove. The encodings that are all ASCII to a test
for UTF-8 (ISO-2022, HZ) are the exception: they count where they are declared and their escapes are there.
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
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # <?xm in EBCDIC
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["']""")
_IN_PAGE = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_ALIASES = dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1", "us-ascii", "ascii", "iso_8859-1"), "cp1252")
_ALIASES |= dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk", "chinese"), "gb18030")
_ALIASES |= dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932")
_ALIASES |= dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949"), "cp949")
_ALIASES |= {"big5": "big5hkscs", "x-x-big5": "big5hkscs", "iso-8859-9": "cp1254", "latin5": "cp1254"}
_ALIASES |= dict.fromkeys(("windows-874", "tis-620", "iso-8859-11", "tis620"), "cp874")
_ALIASES |= {"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "unicode-1-1-utf-8": "utf-8", "utf-8mb4": "utf-8"}
_ALIASES |= {"x-mac-cyrillic": "mac-cyrillic", "macintosh": "mac-roman", "x-mac-roman": "mac-roman"}
_WINDOWS = re.compile(r"(?:x-)?(?:cp|win|windows|ms)-?(125\d|866|874|93[26]|949|950)")
_TEXT_CODECS = re.compile(r"utf|cp|iso|koi|mac|gb|big5|euc|shift|johab|hz|tis|ptcp|hp|kz")
_SEVEN_BIT = re.compile(r"iso2022|iso-2022|hz")
_ESCAPES = re.compile(rb"\x1b[$(]|~\{")
_HIGH = re.compile(rb"[\x80-\xff]+")
_MOSTLY, _SAID_SO = 0.01, 0.3
"""Of the characters beyond ASCII, how many may be broken in what is still UTF-8: unasked, and where it says so itself."""


class Decoded(NamedTuple):
    """The text, the encoding it was in, and what had to be repaired (None: nothing)."""

    text: str
    encoding: str
    problem: str | None = None


def decode(body: bytes, content_type: str = "", *, page: bool = False) -> Decoded:
    """Never fails: what no encoding explains is replaced. `page`: HTML, which declares its encoding in a `meta`."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], encoding, None)
    for start, encoding in _UNMARKED:
        if body.startswith(start):
            return _lenient(body, encoding, "no byte order mark")
    declared, in_header = _declared(body, page), None
    if found := _IN_HEADER.search(content_type):
        in_header = _known(found[1])
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _broken_utf8(body, declared, in_header) or _other(body, declared, in_header)
    for name in (declared, in_header):
        if name and _SEVEN_BIT.match(name) and _ESCAPES.search(body):
            return _lenient(body, name, None)
    return Decoded(text, "utf-8")


def _declared(body: bytes, page: bool) -> str | None:
    found = _DECLARED.match(body[:512]) or (_IN_PAGE.search(body[:8192]) if page else None)
    name = _known(found[1].decode("ascii")) if found else None
    return "utf-8" if name and name.startswith(("utf-16", "utf-32")) else name  # it could not have been read in either


def _broken_utf8(body: bytes, declared: str | None, in_header: str | None) -> Decoded | None:
    """The text where it is UTF-8 all the same: some characters beyond ASCII are whole."""
    repaired = body.decode("utf-8", "replace")
    broken = repaired.count("\ufffd")
    if repaired.replace("\ufffd", "").isascii():
        return None
    beyond = sum(map(len, _HIGH.findall(body))) / 2 or 1
    said = "utf-8" in (declared, in_header)
    if broken / beyond < (_SAID_SO if said else _MOSTLY) or (said and broken / len(repaired) < _MOSTLY / 10):
        return Decoded(repaired, "utf-8", f"{broken} broken bytes in UTF-8 replaced")
    return None


def _other(body: bytes, declared: str | None, in_header: str | None) -> Decoded:
    guess = _guess(body)
    for name in (declared, in_header, guess):
        if name and name != "utf-8":
            try:
                return Decoded(body.decode(name), name, None if name == declared else f"encoding taken to be {name}")
            except UnicodeDecodeError:
                continue
    name = next((one for one in (declared, in_header) if one and one != "utf-8"), guess)
    return _lenient(body, name, "bytes no encoding explains replaced")


def _lenient(body: bytes, encoding: str, problem: str | None) -> Decoded:
    try:
        return Decoded(body.decode(encoding), encoding, problem)
    except UnicodeDecodeError:
        return Decoded(body.decode(encoding, "replace"), encoding, f"broken bytes in {encoding} replaced")


def _known(name: str) -> str | None:
    """Python's name of an encoding of text, or None. What the web calls Latin-1 is windows-1252."""
    name = name.lower()
    if windows := _WINDOWS.fullmatch(name):
        name = f"cp{windows[1]}"
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    return found if _TEXT_CODECS.match(found) else None


def _guess(body: bytes) -> str:
    """The encoding whose letters these would be, by how frequent letters are in the languages that use it. Single letters
    beyond ASCII between others are a Latin alphabet's accents."""
    sample = body[:65536]
    found = {name: _common(sample, name, likely) / least for name, likely, least in _MULTIBYTE}
    if (best := max(found, key=lambda name: found[name])) and found[best] >= 1:
        return best
    runs = _HIGH.findall(sample)
    if sum(map(len, runs)) < 2 * len(runs):
        return "cp1252"
    letters = b"".join(runs)[:8192]
    scored = {name: _share(letters, name, frequent) for name, frequent in _SINGLE.items()}
    best = max(scored, key=lambda name: scored[name])
    return best if scored[best] > 0.5 else "cp1252"


def _common(sample: bytes, name: str, likely: re.Pattern[str]) -> float:
    """The share of common letters among those beyond ASCII; 0 where the bytes are not of this encoding."""
    try:
        text = _BELOW.sub("", codecs.getincrementaldecoder(name)().decode(sample))
    except UnicodeDecodeError:
        return 0.0
    return len(likely.findall(text)) / len(text) if text else 0.0


def _share(letters: bytes, name: str, frequent: str) -> float:
    text = letters.decode(name, "replace")
    return sum(map(text.count, frequent)) / len(text) if text else 0.0


_BELOW = re.compile("[\x00-\x7f]+")
_KANA = re.compile("[\u3041-\u3093\u30a1-\u30f6\u30fc]")
_HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家政府今天新這為個國來們時於對會發動過說產種後學經進間從當與臺灣門問東長關開電車見員現點"
)
_MULTIBYTE = (
    ("euc_jp", _KANA, 0.2),
    ("cp932", _KANA, 0.2),
    ("cp949", re.compile("[\uac00-\ud7a3]"), 0.9),
    ("gb18030", re.compile(f"[{_HAN}]"), 0.12),
    ("big5hkscs", re.compile(f"[{_HAN}]"), 0.12),
)
"""By decoding: bytes of one of these are seldom valid in another and then make no common letters. The last: the share of all
letters beyond ASCII that the common ones have at least."""
_SINGLE = {
    "cp1256": "المينتةدرسهوعبفقكح",
    "iso8859-6": "المينتةدرسهوعبفقكح",
    "cp1251": "оеаинтсрвлкмдпуяыьгзбчйОЕАИНТСРВЛКМДПУ",
    "koi8-r": "оеаинтсрвлкмдпуяыьгзбчй",
    "cp1255": "אבגדהוזחטיכלמנסעפצקרשתםןך",
    "cp1253": "αεοιτσνηρπκλμςυάέόίή",
    "cp874": "าานรอกเงมยลวดทสตะปบคหแจพชขใไโ่้ีัิื็",
}
