"""The words by which an article is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.core.words import phrases, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("والمهاجرين", "مهاجرين", id="and the"),
        pytest.param("لِلْمُهاجِرين", "مهاجرين", id="to the, with vowels"),
        pytest.param("بالمهاجرين فالمهاجرين", "مهاجرين مهاجرين", id="by the, so the"),
        pytest.param("وزير", "وزير", id="a bare waw may be the word's own"),
        pytest.param("والد", "والد", id="too little would remain"),
        pytest.param("الى إلى", "الي الي", id="two letters are no word: it is no article"),
        pytest.param("Flüchtlinge, Migration-s!", "flüchtlinge migration s", id="Latin"),
        pytest.param("移民政策 2024年", "移民 民政 政策 策 2024 年", id="Chinese in pairs"),
        pytest.param("प्रवासी", "प्रवासी", id="Hindi keeps its vowel signs"),
        pytest.param("a_b #mig_rant", "a b mig rant", id="underscores part words"),
        pytest.param("«الهجرة»، سياسة؟", "هجره سياسه", id="Arabic marks part words"),
    ],
)
def test_a_text_becomes_these_words(text: str, found: str) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        pytest.param("الهجرة سياسة", [("هجره",), ("سياسه",)], id="all words"),
        pytest.param('"سياسة الهجرة"', [("سياسه", "هجره")], id="side by side"),
        pytest.param("“human trafficking” Libya", [("human", "trafficking"), ("libya",)], id="typographic quotes"),
        pytest.param("covid-19", [("covid", "19")], id="one word that falls in two"),
        pytest.param('open "never closed', [("open",), ("never",), ("closed",)], id="a quote without its second"),
        pytest.param("移民政策", [("移民", "民政", "政策")], id="Chinese side by side"),
        pytest.param("移", [("移*",)], id="one character begins a pair"),
        pytest.param('"" * ^ ( ) : -', [], id="nothing to look for"),
        pytest.param("AND OR NOT NEAR", [("and",), ("or",), ("not",), ("near",)], id="operators are words"),
    ],
)
def test_a_query_means_these_phrases(query: str, wanted: list[tuple[str, ...]]) -> None:
    assert phrases(query) == wanted


@given(st.text())
def test_words_hold_nothing_a_query_language_could_trip_over(text: str) -> None:
    for word in words(text).split(" "):
        assert not set(word) & set("\"'*^:(){}+-\\&|!<>\0")


@given(st.text())
def test_every_word_of_a_text_is_found_in_it(text: str) -> None:
    kept = f" {words(text)} "
    for phrase in phrases(text.replace('"', " ")):
        wanted = " ".join(phrase)
        assert (f" {wanted.removesuffix('*')}" in kept) if wanted.endswith("*") else (f" {wanted} " in kept)


def test_a_run_without_spaces_before_a_digit_is_found_as_a_phrase() -> None:
    assert phrases("政策2") == [("政策", "策", "2")]
    assert " 政策 策 2 " in f" {words('签证政策2')} "
