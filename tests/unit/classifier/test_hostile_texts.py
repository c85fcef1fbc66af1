"""Texts that were made to hurt, or are only broken: time grows with their length and no faster, and offsets stay exact."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.adapters.rules import load
from services.classifier.core import chains, lexicon
from services.classifier.core.tagging import Tagged, Tagger

RULES = load()
TAGGER = Tagger(RULES)
TERMS = sorted({term for topic in RULES.topics for terms in topic.concepts.get("ar", {}).values() for term in terms})
WORDS = sorted({word for term in TERMS for word in term.replace("(", " ").replace(")", " ").replace("|", " ").split()})


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, are called by it: its cost, whatever else the machine is doing."""
    count = 0

    def counting(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def exact(title: str, text: str, tagged: Tagged) -> bool:
    """Whether every offset leads to what the evidence says stands there."""
    evidence = [one for tag in (*tagged.topics, *tagged.near_misses) for one in tag.evidence]
    return all((title if one.field == "title" else text)[one.start : one.end] == one.surface != "" for one in evidence)


def sized(part: str) -> Callable[[int], str]:
    """Texts of any size of this, over and over."""
    return lambda size: (part * (size // len(part) + 1))[:size]


def of_terms(size: int) -> str:
    """All terms over and over, as they are written."""
    made, length = list[str](), 0
    for word in cycle(WORDS):
        made.append(word)
        length += len(word) + 1
        if length >= size:
            return " ".join(made)
    return ""


HOSTILE = {
    "one letter": sized("ا"),
    "one letter, spaced": sized("و "),
    "one word of a term": sized("تأشيرة "),
    "a phrase": sized("الاتجار بالبشر "),
    "all words of all terms": of_terms,
    "words of terms without spaces": lambda size: "".join(islice(cycle(WORDS), size))[:size],
    "combining marks": sized("a" + "\u0301\u0650\u064e" * 40),
    "direction marks": sized("تأ\u200fشي\u202bرة\u202c "),
    "sentences": sized("أوقفت الشرطة مهرب مهاجرين. "),
    "lines": sized("تأشيرة\n"),
    "dashes": sized("visa-"),
    "digits in threes": sized("500 "),
    "numbers and a word": sized("4 500 يورو "),
    "punctuation": sized("؟!.،"),
    "brackets": sized("([|"),
    "Chinese": sized("签证政策蛇头偷渡"),
    "Chinese and Arabic": sized("签证 تأشيرة "),
    "related links": sized("اقرأ أيضا\n"),
    "zero bytes and lone surrogates": sized("\x00\ud800 تأشيرة "),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_four_times_the_text_costs_no_more_than_four_times_the_work(kind):
    make, language = HOSTILE[kind], "en" if kind == "dashes" else "ar"
    TAGGER.tag(make(100), make(16_000), language)  # words are met for the first time
    small, large = (calls(partial(TAGGER.tag, make(100), make(size), language)) for size in (4_000, 16_000))
    assert large <= 4.8 * small + 2_000


@pytest.mark.parametrize("kind", HOSTILE)
def test_offsets_are_exact_in_hostile_texts(kind):
    title, text = HOSTILE[kind](200), HOSTILE[kind](20_000)
    assert exact(title, text, TAGGER.tag(title, text, "ar"))


_WORDS = "تأشيرة بالتأشيرات، إعفاء تَأْشِيرَةً تأشـــيرة visa-free d'asile 签证 免签 شبكة تفكيك #منح_تأشيرة إقامة"
_PHRASES = (
    "الاتجار بالبشر",
    "مهرّبي المهاجرين",
    "human trafficking",
    "الاتفاق العالمي من أجل الهجرة",
    "the visa waiver",
    "4 500",
)
PIECES = st.sampled_from([*_WORDS.split(), *_PHRASES])
NOISE = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            " ",
            "\n",
            "\r\n",
            "\u2028",
            "\u200f",
            "\u00a0",
            "\u0301",
            "ﻻ",
            "ﷺ",
            "ß",
            "İ",
            "½",
            "ﬁ",
            ". ",
            "، ",
            "🛂",
            "\ufdd0",
            "한",
            "e\u0301",
        ]
    ),
)
TEXTS = st.lists(st.one_of(PIECES, PIECES.map(lambda piece: f" {piece} "), NOISE), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["ar", "en", None]))
def test_offsets_are_exact_in_any_text(title, text, language):
    assert exact(title, text, TAGGER.tag(title, text, language))


def test_forgetting_changes_no_answer(monkeypatch):
    text = of_terms(3_000)
    remembered = TAGGER.tag("", text, "ar")
    monkeypatch.setattr(lexicon, "REMEMBERED", 5)
    monkeypatch.setattr(chains, "REMEMBERED_STEPS", 5)
    forgetful = Tagger(RULES)
    assert [forgetful.tag("", text, "ar") for _ in range(2)] == [remembered] * 2
