"""What moment a feed's date text names: a full and sane reading, or None.

A parser that always answers lies silently (epoch seconds read as the year 1763, an unknown zone read as UTC), so here only
what is complete and unambiguous counts; the raw text travels beside it. The single concession: a time without a zone is
read as UTC, and `zoneless` tells the caller to say so. Dates of the Hijri calendar name no day for sure (its months begin when
the moon is seen); those of the Solar Hijri calendar of Iran do.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from services.crawler.core.months import MONTHS
from services.crawler.core.zones import offset

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = 100

_LEVANT = {"كانون الثاني": "يناير", "تشرين الأول": "أكتوبر", "تشرين الاول": "أكتوبر", "تشرين الثاني": "نوفمبر"}
_LEVANT |= {"كانون الأول": "ديسمبر", "كانون الاول": "ديسمبر"}
_SOLAR = (
    *("فروردین حمل", "اردیبهشت ثور", "خرداد جوزا", "تیر سرطان", "مرداد اسد", "شهریور سنبله"),
    *("مهر میزان", "آبان عقرب", "آذر قوس", "دی جدی", "بهمن دلو", "اسفند حوت"),
)
_SOLAR_MONTHS = {name: number for number, names in enumerate(_SOLAR, start=1) for name in names.split()}
_SOLAR_YEARS = range(1370, 1420)
"""Written in numbers: years that the Hijri calendar had from 1950 to 1999."""
_THAI = range(2533, 2644)
"""Years of the Buddhist era, which Thai months go with."""
_AFTERNOON = re.compile(r"p\.?m\.?|م|مساءً?|ب\.?ظ|下午|午後|오후|μμ", re.IGNORECASE)
_FILLING = re.compile(
    r"(?<![^\s,])(?:at|à|alle|um|uhr|klo|kl|den|de|del|of|om|ob|в|року|року,|г|г\.|року\.|الساعة|ساعت|le|el|ngày|lúc)(?![^\s,])",
    re.IGNORECASE,
)
_EAST: tuple[tuple[str, str], ...] = (
    ("年", "-"),
    ("月", "-"),
    ("日", " "),
    ("년", "-"),
    ("월", "-"),
    ("일", " "),
    ("時", ":"),
    ("时", ":"),
    ("点", ":"),
)
_EAST += (("시", ":"), ("分", ":"), ("분", ":"), ("秒", ""), ("초", ""))
_DOTTED = re.compile(r"^(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.?(?=\s|$)")
_EAST_DATE = re.compile("[年년]")
_HANGING = re.compile(r"(?<=\d)\s*:(?!\s*\d)|(?<=-)\s+|(?<=:)\s+|\([一-鿿가-힣]\)|[星期周]{2}[一二三四五六日天]")

_HALF = r"(?P<half{n}>[ap]\.?m\.?(?![a-z])|ص|م|صباحاً?|مساءً?|上午|下午|午前|午後|오전|오후)"
_TIME = (
    rf"(?:{_HALF.format(n=1)}\s*)?(?P<hour>\d{{1,2}})[:.h](?P<minute>\d{{2}})"
    rf"(?:[:.](?P<second>\d{{2}})(?:[.,:](?P<fraction>\d{{1,9}}))?)?(?:\s*{_HALF.format(n=2)})?"
)
_OFFSET = r"[+\-−]\d{1,2}(?::?\d{2}(?::?\d{2})?)?"
_PLACE = r"[A-Z][A-Za-z]+/[A-Za-z_/-]{2,40}"
_ZONE = rf"(?P<zone>(?:[A-Za-z]{{1,5}}\s?)?{_OFFSET}|[A-Za-z]{{1,5}}|{_PLACE})(?:\s*\([^()]*\)|(?<=\d)\s*[A-Z]{{1,5}})?"
_NAME = r"[^\s\d,./():-]+"
_WEEKDAY = rf"(?:{_NAME}(?:[\s-]{_NAME})?(?:\.?,\s*|\.?\s+))?"
_AFTER = rf"(?:,?\s*(?:T|[-–|•]\s)?\s*{_TIME}(?:\s*{_ZONE})?)?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|\.|-?го)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_WEEKDAY}(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_AFTER}",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?\s*{_ZONE}?)?",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}}){_ORDINAL}[\s/-]\s*(?P<name>{_NAME})\.?,?[\s/-]\s*(?P<year>\d{{4}}|\d{{2}})\s?م?{_AFTER}",
        rf"{_WEEKDAY}(?P<name>{_NAME})\.?\s+(?P<day>\d{{1,2}}){_ORDINAL},?\s+(?P<year>\d{{4}}){_AFTER}",
        rf"{_WEEKDAY}(?P<year>\d{{4}})[\s/-]\s*(?P<name>{_NAME})\.?[\s/-]\s*(?P<day>\d{{1,2}}){_AFTER}",
        rf"{_WEEKDAY}(?P<name>{_NAME})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})\s+(?:tháng|thg)\s+(?P<month>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_AFTER}",
        rf"{_WEEKDAY}(?P<one>\d{{1,2}})(?P<sep>[-/.])(?P<two>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}){_AFTER}",
        rf"{_TIME}(?:\s*{_ZONE})?,?\s+(?P<day>\d{{1,2}})\s+(?P<name>{_NAME})\.?,?\s+(?P<year>\d{{4}})",
    )
)
_COMMON = (
    re.compile(
        r"(?:[A-Z][a-z]{2}, )?(?P<day>\d{1,2}) (?P<name>[A-Z][a-z]{2}) (?P<year>\d{4})"
        r" (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<zone>GMT|UTC|Z|[+-]\d{4})"
    ),
    re.compile(
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
        r"(?:\.(?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:\d\d)"
    ),
)
"""How nearly all feeds write them; the other forms would read these the same, more slowly."""
_EPOCH = re.compile(r"(?:/Date\()?(?P<seconds>\d{10})(?:\.\d{1,9}|\d{3}|\d{6})?(?:\)/)?")
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff\u200c"))


class Moment(NamedTuple):
    """When, in UTC, and whether the text named no zone."""

    at: datetime
    zoneless: bool = False


def moment(raw: str | None) -> Moment | None:
    """The moment this text names; None where it names none for sure, or one no feed means."""
    if not raw or len(raw) > 4 * LONGEST:
        return None
    for form in _COMMON:
        if match := form.fullmatch(raw.strip()):
            return _moment(match.groupdict())
    text = _plain(raw)
    if len(text) > LONGEST:
        return None
    if epoch := _EPOCH.fullmatch(text):
        return _sane(datetime.fromtimestamp(int(epoch["seconds"]), UTC), False)
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _moment(match.groupdict())
    return None


def _plain(raw: str) -> str:
    """With Western digits, one space between words, and without words that only join."""
    text = " ".join(raw.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_MARKS).replace("،", ",")
        text = "".join(str(unicodedata.decimal(one)) if not one.isascii() and one.isdecimal() else one for one in text)
        for words, word in _LEVANT.items():
            text = text.replace(words, word)
        if _EAST_DATE.search(text):
            for sign, becomes in _EAST:
                text = text.replace(sign, becomes)
            text = _HANGING.sub("", text)
    text = _DOTTED.sub(r"\1-\2-\3", text)
    return " ".join(_FILLING.sub(" ", text).split()).strip(" ,;\"'")


def _moment(part: dict[str, str | None]) -> Moment | None:
    zone = offset(part["zone"])
    if zone is None:
        return None
    try:
        day = _day(part)
        if day is None:
            return None
        hour = _hour(int(part["hour"] or 0), part.get("half1") or part.get("half2"))
        at = datetime(
            day.year,
            day.month,
            day.day,
            hour % 24,
            int(part["minute"] or 0),
            min(int(part["second"] or 0), 59),  # a leap second
            int((part.get("fraction") or "0")[:6].ljust(6, "0")),
            tzinfo=UTC,
        )
        if callable(zone):
            at = zone(at).astimezone(UTC)
        else:
            at = at.replace(tzinfo=timezone(timedelta(minutes=zone))).astimezone(UTC)
        if hour == 24 and not (at.minute or at.second):
            at += timedelta(days=1)
        elif hour > 23:
            return None
        return _sane(at, part["hour"] is not None and _nameless(part["zone"]))
    except (ValueError, OverflowError):
        return None


def _nameless(zone: str | None) -> bool:
    """No zone, or one of the military letters, which RFC 5322 says mean nothing."""
    return not zone or (len(zone) == 1 and zone.lower() != "z")


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return hour if _AFTERNOON.fullmatch(half) or hour == 0 else 99  # `13:00 PM` is what it says
    return hour % 12 + (12 if _AFTERNOON.fullmatch(half) else 0)


def _day(part: dict[str, str | None]) -> date | None:
    """The day, in whatever calendar it is written. Raises ValueError where there is none such."""
    year, day = int(part["year"] or 0), int(part.get("day") or 0)
    if len(part["year"] or "") == 2:
        year += 2000 if year < 70 else 1900
    if name := (part.get("name") or "").lower():
        if month := _SOLAR_MONTHS.get(name):
            return _from_solar(year, month, day)
        if "\u0e00" <= name[0] <= "\u0e7f" and year in _THAI:
            year -= 543
        return date(year, MONTHS.get(name, 0), day)
    if part.get("one"):
        found = _in_order(int(part["one"] or 0), int(part["two"] or 0), part["sep"])
        return date(year, *found) if found else None
    month = int(part["month"] or 0)
    if year in _SOLAR_YEARS:
        return _from_solar(year, month, day)
    return date(year, month, day)


def _in_order(one: int, two: int, separator: str | None) -> tuple[int, int] | None:
    """Month and day; None where either may be the other. With dots the day always comes first."""
    if one > 12 or separator == "." or one == two:
        return two, one
    return (one, two) if two > 12 else None


def _from_solar(year: int, month: int, day: int) -> date:
    """From the Solar Hijri calendar, by the rule of 33 years with 8 leap years, right from 1210 to 1472."""
    if not (1300 <= year < 1473 and 1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError("no such day")
    before = (year - 1) * 365 + (8 * year + 21) // 33 + (31 * (month - 1) if month < 8 else 30 * (month - 1) + 6)
    return date.fromordinal(226_894 + before + day)


def _sane(at: datetime, zoneless: bool) -> Moment | None:
    return Moment(at, zoneless) if FIRST_YEAR <= at.year <= LAST_YEAR else None
