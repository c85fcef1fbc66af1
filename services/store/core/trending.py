"""What may be asked about trends, and how they are shown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from services.store.core.query import Asked as Filters
from services.store.core.query import BadParameter, Limits, query
from services.store.core.trends import DAY, DEFAULT, Cell, Counts, Dial, Window, before, windows

BY = ("topic", "lang", "country")
MOST = 1_000
"""Windows in one answer, of one cell."""

WEEK = timedelta(days=7)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Wanted(NamedTuple):
    """Windows of so many seconds, from number `first` to `last`; told apart by `by`, fields of Cell; among these topics,
    languages (without region) and countries; empty: all."""

    seconds: int
    first: int
    last: int
    by: tuple[str, ...] = ("topic",)
    topics: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def earliest(self, dial: Dial = DEFAULT) -> int:
        """The first window that any of these is held against."""
        return min(before(self.first, self.seconds, dial))


class Shown(Struct, frozen=True, kw_only=True):
    """A window of a cell as it is told; see trends.Window."""

    topic: str | None
    lang: str | None
    country: str | None
    start: datetime
    end: datetime
    reports: int
    articles: int
    sources: int
    alive: int
    expected: float | None
    score: float | None
    spike: bool


class Trends(Struct, frozen=True, kw_only=True):
    """Every window asked for, cell by cell, in order of time."""

    items: list[Shown]
    next: None = None


def wanted(filters: Filters, by: Sequence[str], hours: str | None, now: datetime) -> Wanted:
    """What a request means: of the last week by the day, and by topic, unless it says. Raises BadParameter."""
    read = query(filters, Limits(1, 1, 0))
    seconds = _hours(hours) * 3600
    for name in by:
        if name not in BY:
            raise BadParameter("by", f"is one of {', '.join(BY)}, not {name!r}")
    until = read.until or now
    since = read.since or until - WEEK
    if since >= until:
        raise BadParameter("since", "is not before until")
    first, last = number(since, seconds), number(until - timedelta(microseconds=1), seconds)
    if last - first >= MOST:
        raise BadParameter("since", f"asks for more than {MOST} windows; ask for less time, or longer windows")
    langs = dict.fromkeys(language.split("-")[0].lower() for language in read.languages)
    return Wanted(seconds, first, last, tuple(by) or ("topic",), read.topics, tuple(langs), read.countries)


def shown(found: Mapping[Cell, Counts], asked: Wanted, *, only_spikes: bool, dial: Dial = DEFAULT) -> list[Shown]:
    """Every window of every cell, or those out of the ordinary."""
    numbers = range(asked.first, asked.last + 1)
    every = ((cell, windows(found[cell], numbers, asked.seconds, dial)) for cell in sorted(found, key=_order))
    return [_shown(cell, one, asked.seconds) for cell, each in every for one in each if one.is_spike or not only_spikes]


def number(moment: datetime, seconds: int) -> int:
    """The number of the window this moment is in: windows are counted from 1970, so a day is a day of UTC."""
    return (moment - EPOCH) // timedelta(seconds=seconds)


def start(numbered: int, seconds: int) -> datetime:
    """When a window begins."""
    return EPOCH + timedelta(seconds=seconds) * numbered


def _order(cell: Cell) -> list[str]:
    return [part or "" for part in cell]


def _shown(cell: Cell, window: Window, seconds: int) -> Shown:
    return Shown(
        topic=cell.topic,
        lang=cell.lang,
        country=cell.country,
        start=start(window.number, seconds),
        end=start(window.number + 1, seconds),
        reports=window.reports,
        articles=window.articles,
        sources=window.sources,
        alive=window.alive,
        expected=window.expected,
        score=window.score,
        spike=window.is_spike,
    )


def _hours(text: str | None) -> int:
    if text is None:
        return DAY // 3600
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 168 or len(text) > 3:
        raise BadParameter("hours", f"is a whole number from 1 to 168, not {text!r}")
    return int(text)
