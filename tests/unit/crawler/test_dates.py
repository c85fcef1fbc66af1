from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.dates import FIRST_YEAR, LAST_YEAR, moment

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Sun, 22 Nov 2026 10:00:00 GMT",
            "Sun, 22 Nov 2026 13:00:00 +0300",
            "22 Nov 26 10:00 UT",
            "Sun, 22 Nov 2026 05:00:00 EST",
        ),
        *("2026-11-22T10:00:00Z", "2026-11-22T13:00:00.000+03:00", "2026-11-22 10:00:00 +0000", "2026-11-22T10:00Z"),
        *("Sun, 22 Nov 2026 13:00:00 GMT+0300", "Sun, 22 Nov 2026 10:00:00 +0000 (UTC)", "Sun Nov 22 10:00:00 GMT 2026"),
        *("22 novembre 2026 10:00 Z", "الأحد، ٢٢ نوفمبر ٢٠٢٦ ١٠:٠٠:٠٠ +0000", "22 تشرين الثاني 2026 10:00 GMT", "1795341600"),
        *("1795341600000", "1795341600.0", "/Date(1795341600000)/", "20261122T100000Z", "Sun,22 Nov 2026 10:00:00 GMT"),
        *("Sun, 22 Nov 2026 13:00:00 UTC+3", "Sun Nov 22 13:00:00 GMT+03:00 2026", "Nov 22, 2026 5:00 AM EST"),
        *("Sun, 22-Nov-26 10:00:00 GMT", "Sun, 22 Nov 2026 05:00:00 America/New_York", "Sun, 22 Nov 2026 10:00:00 +0000 GMT"),
        *("Sunday, 22 November 2026 11:00 CET", "2026-11-22T10:00:00.000000Z", "Sun, 22 Nov 2026 10:00:00 Z"),
    ],
)
def test_one_moment_in_many_spellings(text):
    found = moment(text)
    assert found is not None
    assert (found.at, found.zoneless) == (TEN, False)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-22 10:00:00", "Sun, 22 Nov 2026 10:00:00", "2026/11/22 10:00:00", "Sunday, November 22, 2026 10:00 AM"),
        *("22.11.2026, 10:00 Uhr", "2026年11月22日 上午10:00", "الأحد، ٢٢ نوفمبر ٢٠٢٦ - ١٠:٠٠ ص", "10:00, 22 نوفمبر 2026"),
        *("Sun, 22 Nov 2026 10:00:00 A", "۱ آذر ۱۴۰۵ ۱۰:۰۰", "2026-11-22T10:00", "22 novembre 2026 à 10:00"),
    ],
)
def test_a_time_without_a_zone_is_read_as_utc_and_told(text):
    assert moment(text) == (TEN, True)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-22", "22 Nov 2026", "November 22, 2026", "22.11.2026", "22/11/2026", "11/22/2026", "20261122", "22 Nov 26"),
        *(
            "22 نوفمبر 2026م",
            "٢٢ تشرين الثاني ٢٠٢٦",
            "22. November 2026",
            "22 de noviembre de 2026",
            "2026年11月22日",
            "2026년 11월 22일",
        ),
        *(
            "22 พฤศจิกายน 2569",
            "22 tháng 11, 2026",
            "воскресенье, 22 ноября 2026 г.",
            "۱ آذر ۱۴۰۵",
            "1405/09/01",
            "2026. 11. 22.",
        ),
        *("Sunday, November 22nd, 2026", "dim. 22 nov. 2026", "22 नवंबर 2026", "22 Kasım 2026", "22 ноября 2026"),
    ],
)
def test_a_day_is_its_first_moment(text):
    assert moment(text) == (TEN.replace(hour=0), False)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "soon", "10:00", "01/02/2026", "Mon, 32 Jan 2026 10:00:00 GMT", "2026-02-30", "22 Foo 2026"),
        *(
            "Mon, 01 Jan 2024 00:00:00 AST",
            "Mon, 01 Jan 2024 00:00:00 IST",
            "Mon, 01 Jan 2024 00:00:00 +9900",
            "22 جمادى الأولى 1447",
        ),
        *(
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "0000-00-00 00:00:00",
            "1447-05-22",
            "2026-11-22T25:00:00Z",
            "99999999999999",
            "9" * 5000,
        ),
    ],
)
def test_what_names_no_moment_for_sure_is_unknown(text):
    assert moment(text) is None


@given(st.text() | st.from_regex(r"[0-9]{0,5}[-/ ][0-9]{0,3}[-/ ][0-9]{0,5}T?[0-9:]{0,9}[+-]?[0-9]{0,5}"))
def test_any_text_is_answered_sanely(text):
    found = moment(text)
    assert found is None or FIRST_YEAR <= found.at.year <= LAST_YEAR


@given(st.integers(800_000_000, 3_800_000_000))
def test_every_moment_is_read_back(seconds):
    at = datetime.fromtimestamp(seconds, UTC)
    for text in (at.isoformat(), at.strftime("%a, %d %b %Y %H:%M:%S GMT"), at.strftime("%Y-%m-%dT%H:%M:%SZ")):
        found = moment(text)
        assert found is not None
        assert found.at == at
