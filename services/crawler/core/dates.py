"""What moment a feed's date text names: a full and sane reading, or None.

A parser that always answers lies silently (epoch seconds read as the year 1763, an unknown zone read as UTC), so here only
what is complete and unambiguous counts; the raw text travels beside it. The single concession: a time without a zone is
read as UTC, and `zoneless` tells the caller to say so.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1990, 2100

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier ene enero يناير جانفي",
            "feb february févr fév février febrero فبراير شباط فيفري",
            "mar march mars marzo مارس آذار اذار",
            "apr april avr avril abr abril أبريل ابريل إبريل نيسان أفريل افريل",
            "may mai mayo مايو أيار ايار ماي",
            "jun june juin junio يونيو حزيران جوان يونيه",
            "jul july juil juillet julio يوليو تموز جويلية يوليه",
            "aug august août aout ago agosto أغسطس اغسطس آب أوت غشت",
            "sep sept september septembre septiembre سبتمبر أيلول ايلول شتنبر",
            "oct october octobre octubre أكتوبر اكتوبر",
            "nov november novembre noviembre نوفمبر نونبر",
            "dec december déc décembre dic diciembre ديسمبر دجنبر",
        ),
        start=1,
    )
    for name in names.split()
}
_TWO_WORDS = {"كانون الثاني": "يناير", "تشرين الأول": "أكتوبر", "تشرين الاول": "أكتوبر", "تشرين الثاني": "نوفمبر"}
_TWO_WORDS |= {"كانون الأول": "ديسمبر", "كانون الاول": "ديسمبر"}
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420}
_ZONES |= {"mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180, "jst": 540}
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_ZONE = r"(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?\s?[+-]\d{1,2}(?::?\d{2})?)"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?:(?:\s*T|\s)\s*{_TIME}\s*{_ZONE}?)?"
)
_WORDS = re.compile(
    rf"(?:[^\W\d]+\.?[,،]?\s+)?(?P<day>\d{{1,2}})(?:\s+|-)(?P<name>[^\W\d]+)\.?,?(?:\s+|-)(?P<year>\d{{4}}|\d{{2}})"
    rf"(?:,?\s+(?:-\s+)?{_TIME}\s*(?:{_ZONE}(?:\s*\([^)]*\))?)?)?"
)
_MONTH_FIRST = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<name>[^\W\d]+)\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_TIME}\s*{_ZONE}?)?"
)
_ASCTIME = re.compile(
    rf"[A-Za-z]{{3}}\s+(?P<name>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})"
)
_EPOCH = re.compile(r"(?P<seconds>\d{10})(?P<milliseconds>\d{3})?")


class Moment(NamedTuple):
    """When, in UTC, and whether the text named no zone."""

    at: datetime
    zoneless: bool = False


def moment(raw: str | None) -> Moment | None:
    """The moment this text names; None where it names none for sure, or one no feed means."""
    text = " ".join((raw or "").translate(_DIGITS).split())[:100]
    for words, word in _TWO_WORDS.items():
        text = text.replace(words, word)
    if epoch := _EPOCH.fullmatch(text):
        return _sane(datetime.fromtimestamp(int(epoch["seconds"]), UTC), False)
    for form in (_ISO, _WORDS, _MONTH_FIRST, _ASCTIME):
        if match := form.fullmatch(text):
            return _moment(match.groupdict())
    return None


def _moment(part: dict[str, str | None]) -> Moment | None:
    month = int(part["month"] or 0) if "month" in part else _MONTHS.get((part["name"] or "").lower().rstrip("."), 0)
    year = int(part["year"] or 0)
    if len(part["year"] or "") == 2:
        year += 2000 if year < 70 else 1900
    offset = _offset(part["zone"])
    if offset is None:
        return None
    try:
        at = datetime(
            year,
            month,
            int(part["day"] or 0),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            min(int(part["second"] or 0), 59),  # a leap second
            int((part["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=timezone(timedelta(minutes=offset)),
        )
        return _sane(at.astimezone(UTC), part["zone"] is None and part["hour"] is not None)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> int | None:
    """Minutes east of UTC; None for a name that means different things in different places (AST, IST) or nothing."""
    if not zone:
        return 0
    text = zone.lower().replace(" ", "")
    if text in _ZONES:
        return _ZONES[text]
    text = text.removeprefix("gmt").removeprefix("utc")
    if text[:1] not in ("+", "-"):
        return None
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


def _sane(at: datetime, zoneless: bool) -> Moment | None:
    return Moment(at, zoneless) if FIRST_YEAR <= at.year <= LAST_YEAR else None
