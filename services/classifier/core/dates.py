"""The days an article names: written out in any of the languages, in figures, or relative to the day it was published.

A day and month without a year are of the year that brings them closest to the day of publication; a weekday is the last one
there was, or the next where the text says so. What cannot be placed (a month alone, a relative day in an undated article) is
left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.classifier.core.gazetteer import Entity
from shared.events import Mention

_YEARS = range(1900, 2101)
_DAY_BEFORE = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th|er|º|°|ª|\.|-?го)?[ -]?(?:of |de |di |d'|ngày |من شهر |شهر |من |\w{1,3}/)?$"
)
_DAY_AFTER = re.compile(r"\.? (\d{1,2})(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)")
_YEAR_AFTER = re.compile(
    r"(?: ?/ ?[^\W\d_]+(?: [^\W\d_]+)?| \([^\W\d_]+\))?\.?[ ,-]{0,3}"  # the month's other name: تشرين الثاني/نوفمبر
    r"(?:de |del |of |عام |سنه |لعام |من عام |من العام |năm |г\.? ?)?(\d{4})(?![\d.,]\d|\d)"
)
_FIGURES = re.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})|(?P<a>\d{1,2})[./](?P<b>\d{1,2})[./](?P<c>\d{4}))(?![\d/-]|\.\d)"
)
_IN_FIGURES = re.compile(r"\d[./-]\d{1,2}[./-]\d")
_EAST_ASIAN = re.compile(r"(?:(\d{4}) ?[年년] ?)?(?<!\d)(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]")
_VIETNAMESE = re.compile(r"ngày (\d{1,2})[/-](\d{1,2})(?![\d/-])")
_NEXT_BEFORE = re.compile(
    r"(?:next|coming|prochaine?|próxim[oa]|prossim[oa]|kommenden|nächsten|следующ\w+|будущ\w+|gelecek|önümüzdeki|下) ?$"
)
_NEXT_AFTER = re.compile(
    r" ?(?:المقبل|القادم|next|prochaine?|próxim[oa]|que viene|prossim[oa]|mendatang|depan|tới|آینده|next week)"
)
_ARABIC_DAY = re.compile(r"(?:يوم|مساء|صباح|فجر|ليله|ظهر|عصر|امس|اليوم|نهار|غدا|منذ|حتى) ?[وفبكل]?(?:ال)?$")
_RELATIVE = {"yesterday": -1, "today": 0, "tomorrow": 1}


def dates_of(text: str, finds: Sequence[tuple[int, int, Entity]], published: date | None, most: int) -> tuple[Mention, ...]:
    """The days (`2026-11-22`) and months (`2026-11`) of this text in normal form, in their order. `finds`: where months,
    weekdays and words such as yesterday stand."""
    counts = Counter([*_named(text, finds, published), *_in_figures(text, published)])
    kept = sorted(counts, key=lambda day: (-counts[day], day))[:most]
    return tuple(Mention(id=day, count=counts[day]) for day in sorted(kept))


def _named(text: str, finds: Sequence[tuple[int, int, Entity]], published: date | None) -> Iterator[str]:
    for start, end, entity in finds:
        match entity.kind:
            case "month":
                found = _month(text, start, end, int(entity.id), published)
            case "weekday":
                found = _weekday(text, start, end, int(entity.id), published)
            case _:
                found = published and published + timedelta(days=_RELATIVE[entity.id])
        if found:
            yield str(found)


def _month(text: str, start: int, end: int, month: int, published: date | None) -> date | str | None:
    day = _DAY_BEFORE.search(text, max(0, start - 16), start)
    year = _YEAR_AFTER.match(text, end)
    if day is None and (after := _DAY_AFTER.match(text, end)) is not None:
        day, year = after, _YEAR_AFTER.match(text, after.end())
    if day is not None:
        return _placed(int(year[1]) if year else None, month, int(day[1]), published)
    return f"{year[1]}-{month:02}" if year and int(year[1]) in _YEARS else None


def _weekday(text: str, start: int, end: int, weekday: int, published: date | None) -> date | None:
    before = text[max(0, start - 12) : start]
    if published is None or ("\u0600" <= text[start] <= "\u06ff" and not _ARABIC_DAY.search(before)):
        return None
    if _NEXT_BEFORE.search(before) or _NEXT_AFTER.match(text, end):
        return published + timedelta(days=(weekday - published.weekday() - 1) % 7 + 1)
    return published - timedelta(days=(published.weekday() - weekday) % 7)


def _in_figures(text: str, published: date | None) -> Iterator[str]:
    for match in _FIGURES.finditer(text) if _IN_FIGURES.search(text) else ():
        if match["y"]:
            found = _placed(int(match["y"]), int(match["m"]), int(match["d"]), None)
        else:
            one, two, year = int(match["a"]), int(match["b"]), int(match["c"])
            day, month = (two, one) if two > 12 >= one else (one, two)
            found = _placed(year, month, day, None)
        if found:
            yield str(found)
    if "月" in text or "월" in text:
        for match in _EAST_ASIAN.finditer(text):
            if found := _placed(int(match[1]) if match[1] else None, int(match[2]), int(match[3]), published):
                yield str(found)
    if "ngày" in text:
        for match in _VIETNAMESE.finditer(text):
            if found := _placed(None, int(match[2]), int(match[1]), published):
                yield str(found)


def _placed(year: int | None, month: int, day: int, published: date | None) -> date | None:
    """The day, of the closest year where none is told; None where there is no such day."""
    if year is not None:
        return _day(year, month, day) if year in _YEARS else None
    if published is None:
        return None
    near = [_day(published.year + offset, month, day) for offset in (-1, 0, 1)]
    return min((one for one in near if one), key=lambda one: abs(one - published), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
