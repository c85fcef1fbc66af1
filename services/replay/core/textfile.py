"""A saved text file to an article: title, body, and what the lines around them say of date and source.

`read` is pure and total over texts: every line ends in the title, in the text, or in `dropped` with its number and reason, so
nothing disappears unseen. What the file does not say stays unknown: a file without a headline has the title "", a text
that only mentions dates has `published` None (a dateline is where and when it happened, not when it was published).
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from services.replay.core import boilerplate, dates, encoding, language
from shared import ids

NotText = encoding.NotText

EDGE = " \t\u00a0\u3000\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_BULLET = re.compile(r"^(?:[•·▪●◦‣■□►▶➢✓*]+|-)\s+")
_TITLE_LABEL = re.compile(
    r"^(?:#{1,3}\s+|(?:title|headline|العنوان|عنوان الخبر|titre|título|titel|заголовок"
    r"|标题)\s*[:：]\s*)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^[(\[]?\s*(?:(?:ال)?مصدر|رابط (?:الخبر|المقال|المصدر)|الرابط|sources?|link|url|via|fuente|quelle|fonte"
    r"|kaynak|источник|منبع|来源|來源|出处|nguồn)"
    r"\s*[:：]\s*(?P<rest>.+?)[)\]]?$",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"'«»،؛]+", re.IGNORECASE)
_BYLINE = re.compile(
    r"^(?:by|written by|author|بقلم|كتبت?|إعداد|الكاتب|par|por|von"
    r"|автор)\s*[:：]\s*(?P<name>[^:.،؛]{3,60})$|^By (?P<en>[A-Z][^:.]{2,58})$"
)
_ENDS = re.compile(r"[.。।።]['\"”’»)\]]*$|[…:؛;,،]$")
_WORDS = re.compile(r"\w+")
_EDGE_LINES = 6  # how many content lines from either end count as head or tail
_LONGEST_TITLE = 300
_LONGEST_NAME = 60
_ECHO_LEAST, _ECHO_MOST, _ECHO_SHARE = 6, 60, 0.85  # words of a caption, and how many word triples stand in the line beside it


_WRAPPED_LEAST, _WRAPPED_WIDEST, _MOSTLY = 3, 100, 0.9  # pairs of lines, characters a line, share of full lines


class DroppedLine(NamedTuple):
    """A line (counted from 1) that is not part of the article's text, and why."""

    number: int
    text: str
    reason: str


class TextArticle(NamedTuple):
    """What a text file says. `title` is "" where the file has none; `text` has one paragraph a line; None is unknown."""

    id: str
    name: str
    title: str
    text: str
    language: str | None
    published: datetime | None
    source_url: str | None
    source_name: str | None
    authors: tuple[str, ...]
    encoding: str
    dropped: tuple[DroppedLine, ...]
    problems: tuple[str, ...]

    @property
    def event_dates(self) -> tuple[str, ...]:
        """The days the text speaks of, as ISO 8601; without a year `--07-16/--07-18`."""
        return dates.event_dates(self.text)


class _Line(NamedTuple):
    number: int
    text: str


class _Reading:
    """The lines still taken for text, and what was learned from those set aside."""

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.dropped: list[DroppedLine] = []
        self.problems: list[str] = []

    def drop(self, why: dict[int, str]) -> None:
        """Sets aside the lines of these numbers, with these reasons."""
        self.dropped += [DroppedLine(line.number, line.text, why[line.number]) for line in self.lines if line.number in why]
        self.lines = [line for line in self.lines if line.number not in why]

    def edges(self) -> list[_Line]:
        """The first and last lines, where a page says things about its text."""
        return self.lines if len(self.lines) <= 2 * _EDGE_LINES else self.lines[:_EDGE_LINES] + self.lines[-_EDGE_LINES:]


def read(body: bytes, name: str) -> TextArticle:
    """The article in the bytes of the text file `name`. Raises NotText with the reason where there is none."""
    decoded = encoding.decode(body)
    numbered = enumerate(decoded.text.splitlines(), 1)
    reading = _Reading([_Line(number, text) for number, raw in numbered if (text := raw.strip(EDGE))])
    if decoded.problem:
        reading.problems.append(decoded.problem)
    reading.drop({line.number: why for line in reading.lines if (why := boilerplate.anywhere(line.text))})
    published = _published(reading)
    source_url, source_name = _source(reading)
    authors = _authors(reading)
    _drop_tail(reading)
    _drop_head(reading)
    _unwrap(reading)
    title = _title(reading)
    _drop_repeats(reading, title)
    _drop_echoes(reading)
    text = "\n".join(_unbulleted(line.text) for line in reading.lines)
    if not (title or text):
        raise NotText("nothing in it but boilerplate")
    return TextArticle(
        id=ids.article_id_of_bytes(body),
        name=name,
        title=title,
        text=text,
        language=language.of_text(f"{title}\n{text}"),
        published=published,
        source_url=source_url,
        source_name=source_name,
        authors=authors,
        encoding=decoded.encoding,
        dropped=tuple(sorted(reading.dropped)),
        problems=tuple(reading.problems),
    )


def _published(reading: _Reading) -> datetime | None:
    """The date a lone date line gives. A date with the word "updated" is never the publication; two different ones are none."""
    found = {line.number: date for line in reading.edges() if (date := dates.lone_date(_unbulleted(line.text)))}
    reading.drop({number: "update date" if date.label == "updated" else "publication date" for number, date in found.items()})
    candidates = [date for date in found.values() if date.label != "updated"]
    if any(date.label == "published" for date in candidates):
        candidates = [date for date in candidates if date.label == "published"]
    moments = list(dict.fromkeys(date.when for date in candidates if date.when))
    if len(moments) == 1:
        return moments[0]
    if candidates:
        reading.problems.append("two publication dates" if moments else "the date can be read in two ways")
    return None


def _source(reading: _Reading) -> tuple[str | None, str | None]:
    """Address and name of where the text is from: a labelled line among the first or last, or an address alone on a line."""
    url = name = None
    why: dict[int, str] = {}
    for line in reading.edges():
        labelled = _SOURCE.match(line.text)
        address = _URL.search(line.text)
        if address and (labelled or address.group() == line.text):
            url = url or address.group().rstrip(".)],")
            why[line.number] = "source address"
        elif labelled and len(labelled["rest"]) <= _LONGEST_NAME:
            name = name or labelled["rest"].strip()
            why[line.number] = "source name"
    reading.drop(why)
    return url, name


def _authors(reading: _Reading) -> tuple[str, ...]:
    why: dict[int, str] = {}
    names: list[str] = []
    for line in reading.edges():
        if match := _BYLINE.match(line.text):
            names.append((match["name"] or match["en"]).strip())
            why[line.number] = "byline"
    reading.drop(why)
    return tuple(dict.fromkeys(names))


def _drop_tail(reading: _Reading) -> None:
    tail = reading.lines[1:][-_EDGE_LINES:]
    reading.drop({line.number: why for line in tail if (why := boilerplate.in_tail(line.text))})


def _drop_head(reading: _Reading) -> None:
    why: dict[int, str] = {}
    for line in reading.lines[:-1]:
        if not (reason := boilerplate.in_head(_unbulleted(line.text))):
            break
        why[line.number] = reason
    reading.drop(why)


def _unwrap(reading: _Reading) -> None:
    """Joins lines that were broken at a fixed width: each but a paragraph's last is so long that the next word did not fit."""
    pairs = [(one, other) for one, other in pairwise(reading.lines) if one.number + 1 == other.number]
    width = max((len(line.text) for line in reading.lines), default=0)
    full = sum(len(one.text) + 1 + len(other.text.split(maxsplit=1)[0]) > width for one, other in pairs)
    ended = sum(bool(_ENDS.search(one.text)) for one, _ in pairs)
    if len(pairs) < _WRAPPED_LEAST or width > _WRAPPED_WIDEST or full < _MOSTLY * len(pairs) or ended > len(pairs) / 2:
        return
    joined: list[_Line] = []
    last = -1
    for line in reading.lines:
        if line.number == last + 1 and not _BULLET.match(line.text):
            joined[-1] = _Line(joined[-1].number, f"{joined[-1].text} {line.text}")
        else:
            joined.append(line)
        last = line.number
    reading.lines = joined


def _title(reading: _Reading) -> str:
    """The first line, where it is a headline: short, and not ended like a sentence; taken out of the lines. Else ""."""
    if not reading.lines:
        return ""
    first = _unbulleted(reading.lines[0].text)
    labelled = _TITLE_LABEL.match(first)
    title = _TITLE_LABEL.sub("", first).strip(EDGE)
    if not labelled and (len(title) > _LONGEST_TITLE or _ENDS.search(title)):
        return ""
    reading.lines = reading.lines[1:]
    return title


def _drop_repeats(reading: _Reading, title: str) -> None:
    """Of lines that come again word for word, a caption goes wherever it stands, a sentence stays once, the title goes."""
    times = Counter(line.text for line in reading.lines)
    why: dict[int, str] = {}
    seen: set[str] = set()
    for line in reading.lines:
        if title and _unbulleted(line.text) == title:
            why[line.number] = "the title again"
        elif times[line.text] > 1 and (line.text in seen or not _ENDS.search(line.text)):
            why[line.number] = "repeated line"
        seen.add(line.text)
    reading.drop(why)


def _drop_echoes(reading: _Reading) -> None:
    """A caption without a credit says what the paragraph beside it says, shorter."""
    why: dict[int, str] = {}
    shingles = [_triples(line.text) for line in reading.lines]
    for index, line in enumerate(reading.lines):
        if not _ECHO_LEAST - 2 <= len(shingles[index]) <= _ECHO_MOST:
            continue
        for beside in (index - 1, index + 1):
            longer = 0 <= beside < len(shingles) and len(shingles[beside]) > len(shingles[index])
            if longer and len(shingles[index] & shingles[beside]) >= _ECHO_SHARE * len(shingles[index]):
                why[line.number] = "repeats the line beside it"
    reading.drop(why)


def _triples(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in _WORDS.findall(text)]
    return set(zip(words, words[1:], words[2:], strict=False))


def _unbulleted(text: str) -> str:
    return _BULLET.sub("", text).strip(EDGE)


def reasons(dropped: Iterable[DroppedLine]) -> dict[str, int]:
    """How many lines were set aside for which reason."""
    return dict(Counter(line.reason for line in dropped))
