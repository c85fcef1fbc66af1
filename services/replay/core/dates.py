"""Dates as people write them: ISO, numbers, and month names in Arabic (Egyptian, Levantine, Maghrebi), English and others.

What is not said stays unknown: a date without a year has none, and `05/06/2024` names no day because two readings exist.
"""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

_MONTHS = {
    1: "يناير|كانون الثاني|جانفي|january|jan|janvier|enero|januar|janeiro|gennaio|ocak|января|januari|ژانویه",
    2: "فبراير|شباط|فيفري|february|feb|février|febrero|februar|fevereiro|febbraio|şubat|февраля|februari|فوریه",
    3: "مارس|اذار|march|mar|mars|marzo|märz|março|mart|марта|maret",
    4: "ابريل|نيسان|افريل|april|apr|avril|abril|aprile|nisan|апреля|آوریل",
    5: "مايو|ايار|ماي|may|mai|mayo|maio|maggio|mayıs|мая|mei",
    6: "يونيو|يونيه|حزيران|جوان|june|jun|juin|junio|juni|junho|giugno|haziran|июня",
    7: "يوليو|يوليه|يوليوز|تموز|جويلية|july|jul|juillet|julio|juli|julho|luglio|temmuz|июля",
    8: "اغسطس|اب|غشت|اوت|august|aug|août|agosto|ağustos|августа|agustus",
    9: "سبتمبر|ايلول|شتنبر|september|sept|sep|septembre|septiembre|setembro|settembre|eylül|сентября",
    10: "اكتوبر|تشرين الاول|october|oct|octobre|octubre|oktober|outubro|ottobre|ekim|октября",
    11: "نوفمبر|تشرين الثاني|نونبر|november|nov|novembre|noviembre|novembro|kasım|ноября",
    12: "ديسمبر|كانون الاول|دجنبر|december|dec|décembre|diciembre|dezember|dezembro|dicembre|aralık|декабря|desember",
}
_MONTH_OF = {name: month for month, names in _MONTHS.items() for name in names.split("|")}
_NAME = "(?:" + "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True)) + r")(?!\w)\.?"
_MONTH = rf"(?P<month>{_NAME})(?:\s?[/(]\s?{_NAME}\)?)?"  # يوليو/تموز, تموز (يوليو)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?<!\d)(?P<day>\d{1,2})"
_OF = r"(?:\s+(?:من|شهر|de|of|del))*"
_COMMA = r"\s*[,،]?\s*(?:de\s+|عام\s+|سنة\s+|năm\s+)?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_YEAR}\s?[-/.]\s?(?P<month>\d{{1,2}})\s?[-/.]\s?(?P<day>\d{{1,2}})(?!\d)",
        rf"{_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]",
        rf"{_DAY}(?:st|nd|rd|th|er|\.|º)?{_OF}\s*{_MONTH}{_COMMA}{_YEAR}",
        rf"(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*[,،]?\s*{_YEAR}",
        rf"{_DAY}\s+tháng\s+(?P<month>\d{{1,2}}){_COMMA}{_YEAR}",
        rf"{_DAY}\s?[-/.]\s?(?P<month>\d{{1,2}})\s?[-/.]\s?{_YEAR}",
    )
)
_RANGES = (
    re.compile(rf"{_DAY}\s*(?:الي|حتي|to|-|–|—|au|al|bis)\s*(?P<last>\d{{1,2}}){_OF}\s+{_MONTH}(?:{_COMMA}{_YEAR})?"),
    re.compile(rf"(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}})\s*(?:to|-|–|—)\s*(?P<last>\d{{1,2}})(?!\d)(?:{_COMMA}{_YEAR})?"),
)
_UPDATED = re.compile(
    r"(?:(?:last )?(?:updated|modified)|(?:اخر|تاريخ)\s+(?:ال)?تحديث|تم التحديث|mis à jour"
    r"|actualizado|aktualisiert|обновлено)\b"
)
_PUBLISHED = re.compile(
    r"(?:(?:date )?(?:published|posted|publication date|released)|(?:تم )?(?:نشر|النشر)(?:ت)?|تاريخ(?: النشر)?"
    r"|publié|publicado|veröffentlicht"
    r"|опубликовано|发布时间|发布日期|date|datum|fecha|дата|日期|時間|时间)\b"
)
_WEEKDAY = re.compile(
    r"(?<!\w)(?:ال(?:احد|اثنين|ثلاثاء|اربعاء|خميس|جمعة|سبت)|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)(?!\w)"
)
_TIME = re.compile(
    r"(?<!\d)\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?|[صم](?!\w))?\s*(?:z|gmt|utc"
    r"|ast|est|cet|غرينتش|[+-]\d\d:?\d\d)?(?!\w)"
)
_HIJRI = re.compile(
    r"\d{1,2}\s*[-/]?\s*(?:محرم|صفر|ربيع (?:الاول|الاخر|الثاني)|جماد[ىي] (?:الاولى?|الاخرة|الثانية)|رجب|شعبان|رمضان|شوال"
    r"|ذ[ويى] (?:القعدة|الحجة))\s*[-/]?\s*1[34]\d\d\s*(?:هـ?)?"
)
_JOINING = re.compile(
    r"(?<!\w)(?:on|at|am|في|الساعة|بتاريخ|بتوقيت|الموافق|تمام|le|à|el|um|uhr|هـ?|م)(?!\w)"
    r"|[\s,،|\-–—·•:：()\[\]/]"
)
_DIGITS = {ord(digit): str(value % 10) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_FOLDED = str.maketrans("أإآٱى", "ااااي") | _DIGITS | {ord("ـ"): None} | dict.fromkeys(range(0x64B, 0x653))
_LONGEST_LINE = 120
_MOST_EVENTS = 20


class LoneDate(NamedTuple):
    """A line that is a date and nothing else. `when` is None where two readings are possible; a day without a time is its
    midnight in UTC; a time without a zone is left out."""

    when: datetime | None
    label: str  # "published", "updated" or "": what the line says the date is


def lone_date(line: str) -> LoneDate | None:
    """What this line dates, where it holds a date and nothing else ("Published: 14 October 2025, 10:00"); else None."""
    if len(line) > _LONGEST_LINE or not any(character.isdigit() for character in line):
        return None
    folded = _fold(line)
    label = "updated" if _UPDATED.search(folded) else "published" if _PUBLISHED.search(folded) else ""
    for pattern in _DATES:
        if match := pattern.search(folded):
            rest = folded[: match.start()] + " " + folded[match.end() :].removeprefix("t")
            for noise in (_UPDATED, _PUBLISHED, _HIJRI, _TIME, _WEEKDAY, _JOINING):
                rest = noise.sub(" ", rest)
            if rest.strip():
                return None
            return LoneDate(_exact(line) or _day(match), label)
    return None


def moment(text: str) -> datetime | None:
    """The moment a text that should be a date names for sure: RFC 3339 with a zone, or a day; else None."""
    text = text.strip()
    lone = lone_date(text)
    return _exact(text) or (lone.when if lone else None)


def event_dates(text: str) -> tuple[str, ...]:
    """The days a text speaks of, as ISO 8601 (`2025-09-17`, `2024-09-09/2024-09-10`); without a year `--07-16/--07-18`."""
    folded, found, taken = _fold(text), list[tuple[int, str]](), list[tuple[int, int]]()
    for pattern in (*_RANGES, *_DATES):
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            if written := _written(match):
                taken.append(match.span())
                found.append((match.start(), written))
    return tuple(dict.fromkeys(written for _, written in sorted(found)))[:_MOST_EVENTS]


def _fold(text: str) -> str:
    return text.lower().translate(_FOLDED).replace("\u00a0", " ")


def _exact(line: str) -> datetime | None:
    """The moment, where the line is a full RFC 3339 time with its zone."""
    try:
        exact = datetime.fromisoformat(line.translate(_DIGITS).split(" ")[-1])
        return exact.astimezone(UTC) if exact.tzinfo else None
    except (ValueError, OverflowError):  # no such form; or a day whose UTC lies outside the calendar
        return None


def _day(match: re.Match[str]) -> datetime | None:
    month, day, year = _month(match["month"]), int(match["day"]), int(match["year"])
    if match["month"].isdigit() and match.end("year") == match.end():  # 05/06/2024: a day and a month, in either order
        if max(day, month) > 12:
            day, month = max(day, month), min(day, month)
        elif day != month:
            return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTH_OF[name.removesuffix(".")]


def _written(match: re.Match[str]) -> str:
    fields = match.groupdict()
    if not fields.get("last"):
        when = _day(match)
        return when.date().isoformat() if when else ""
    month, first, last = _month(fields["month"]), int(fields["day"]), int(fields["last"])
    year = int(fields["year"]) if fields["year"] else None
    try:
        days = [date(year or 2000, month, day) for day in (first, last)]  # 2000 has every day
    except ValueError:
        return ""
    return "/".join(day.isoformat() if year else f"--{day:%m-%d}" for day in days) if first < last else ""
