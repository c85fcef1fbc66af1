"""The normal form and the way back from it."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.text import Normal, _irregular, _pieces, _scanned, normalise

ARABIC_MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0655\u0670\u0640"
TRICKY = (
    "\ufdfa\ufb01\ufefb½…ßİıǰΐ\u00a0\u200b\u200c\u200f\u00ad\r\n\t\u1100\u1161\u11a8각ﷺ가\U0001d7ce\U0001e950𝐀👩\u200d👧\ufe0f"
)
characters = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("ابتةىيكأإآءؤئهو" + ARABIC_MARKS + "١٢٣ ۱۲ یکے"),
    st.sampled_from(TRICKY),
    st.sampled_from(" \n\t\u0301\u0307\u0345\u3099"),
)
texts = st.text(characters, max_size=60)


@pytest.mark.parametrize(
    ("written", "also_written"),
    [
        pytest.param("إقامة", "اقامه", id="hamza below alef, ta marbuta"),
        pytest.param("تأشيرة", "تاشيرة", id="hamza above alef"),
        pytest.param("آليات", "اليات", id="madda"),
        pytest.param("مسؤول", "مسوول", id="hamza on waw"),
        pytest.param("الهجـــرة", "الهجرة", id="tatweel"),
        pytest.param("تَأْشِيرَةٌ", "تأشيرة", id="short vowels"),
        pytest.param("على", "علي", id="alef maqsura"),
        pytest.param("یکی", "يكي", id="Persian ya and kaf"),
        pytest.param("می‌شود", "میشود", id="zero-width non-joiner"),
        pytest.param("٢٠٢٤", "2024", id="Arabic-Indic digits"),
        pytest.param("۲۰۲۴", "2024", id="Persian digits"),
        pytest.param("ﻻ", "لا", id="presentation form"),
        pytest.param("İSTANBUL", "istanbul", id="Turkish dotted capital"),
        pytest.param("ISPARTA", "ısparta", id="Turkish dotless small"),
        pytest.param("Straße", "STRASSE", id="case folding that lengthens"),
        pytest.param("e\u0301migre\u0301", "émigré", id="composed"),
        pytest.param("visa\u00a0\u00a0free", "visa free", id="no-break spaces"),
        pytest.param("a \r\n\t b", "a\nb", id="a run that holds a line end"),
        pytest.param("e‑visa", "e-visa", id="no-break hyphen"),
    ],
)
def test_two_ways_of_writing_have_one_normal_form(written, also_written):
    assert normalise(written) == normalise(also_written)


@pytest.mark.parametrize(
    ("one", "other"), [("بشر", "بشرة"), ("ذهب", "ذهبية"), ("منح", "منحة"), ("تجارة", "تجار"), ("tráfico", "trafico")]
)
def test_different_words_stay_different(one, other):
    assert normalise(one) != normalise(other)


@given(texts)
@example("ab\u200f c")
@example("\u0301\u0301a")
def test_the_mapped_form_is_the_plain_form(text):
    assert Normal(text).text == normalise(text)


@given(texts)
def test_a_map_never_goes_back_and_stays_inside(text):
    normal = Normal(text)
    spans = [normal.span(i, i + 1) for i in range(len(normal.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.start <= b.start and a.end <= b.end for a, b in itertools.pairwise(spans))


@given(texts, st.data())
def test_what_a_span_names_normalises_to_at_least_what_was_asked(text, data):
    normal = Normal(text)
    if not normal.text:
        return
    start = data.draw(st.integers(0, len(normal.text) - 1))
    end = data.draw(st.integers(start + 1, len(normal.text)))
    surface = text[slice(*normal.span(start, end))]
    assert normal.text[start:end] in normalise(surface)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_span_of_simple_arabic_words_is_exact(noise):
    normal = Normal(noise + " تَأْشِيرَة " + noise)
    start = normal.text.index("تاشيره")
    assert normal.original[slice(*normal.span(start, start + 6))] == "تَأْشِيرَة"


def test_an_empty_span_is_empty_wherever_it_stands():
    normal = Normal("abc…")
    assert normal.span(0, 0) == (0, 0)
    assert normal.span(6, 6) == (4, 4)


def test_no_character_outside_the_scanned_ranges_needs_a_piece():
    """The tables are built from a part of Unicode; this looks at the rest."""
    _, _joining = _irregular()
    seen = set(_scanned())
    for code in range(0x80, 0x110000):
        char = chr(code)
        if char in seen or unicodedata.category(char) == "Cs":
            continue
        assert not unicodedata.combining(unicodedata.normalize("NFKD", char)[0]), hex(code)
        assert len(normalise(char)) == 1, hex(code)


def test_marks_are_one_piece_with_the_letter_they_stand_on():
    (_, joining) = _irregular()
    pieces = list(_pieces("شَّß", 1, 4, joining))
    assert [(p.start, p.end, p.length) for p in pieces] == [(0, 3, 1), (3, 4, 2)]
