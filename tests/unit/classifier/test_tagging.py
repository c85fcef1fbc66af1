"""Scores, reasons and their places."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.core.tagging import Limits, Tagger
from shared.events import Tag
from tests.unit.classifier.rules import mask, pattern, rules, tagger, topic

WORDS = [
    "visa",
    "Visas",
    "تأشيرة",
    "وبالتَّأشيـرات",
    "fee",
    "رسوم",
    "x",
    "…",
    "ß",
    "ﷺ",
    "İ",
    "\u200f",
    "a\u0301",
    "½",
    "(photo: y)",
    "👩‍👧",
]
pieces = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
texts = st.lists(st.tuples(pieces, st.sampled_from([" ", "  ", "\n", ". ", "، ", "_"])), max_size=25).map(
    lambda parts: "".join(piece + space for piece, space in parts)
)
MIXED = tagger(
    pattern("*", 0.5, "visa(s)", "fee ... visa"),
    pattern("ar", 0.5, "تأشيرة"),
    pattern("*", 0.8, "visa", all=["fee | رسوم"], within=6),
    pattern("ar", 0.3, "رسوم", none=["تأشيرة"]),
)


def every(tagged: object) -> list[Tag]:
    return [*tagged.topics, *tagged.near_misses]  # type: ignore[attr-defined]  # Tagged, untyped here


def scored(watch: Tagger, title: str = "", text: str = "", language: str | None = "en") -> float:
    """The score of the one topic, 0 where nothing spoke for it."""
    return next((tag.score for tag in every(watch.tag(title, text, language))), 0.0)


@settings(max_examples=300)
@given(texts, texts)
def test_evidence_is_what_stands_there(title, text):
    for tag in every(MIXED.tag(title, text, None)):
        for hit in tag.evidence:
            field = title if hit.field == "title" else text
            assert field[hit.start : hit.end] == hit.surface
            assert hit.surface.strip()
            assert hit.surface in hit.context or "\n" in hit.surface


@settings(max_examples=200)
@given(texts, texts)
def test_a_score_can_be_recomputed_from_its_evidence(title, text):
    for tag in every(MIXED.tag(title, text, None)):
        doubt = 1.0
        for hit in tag.evidence:
            doubt *= 1.0 if hit.negated_by else 1.0 - hit.weight
        assert tag.score == round(1.0 - doubt, 4)
        assert 0.0 <= tag.score <= 1.0


@given(texts, texts)
def test_the_same_article_has_the_same_tags(title, text):
    assert MIXED.tag(title, text, None) == MIXED.tag(title, text, None)


@given(texts, texts)
def test_a_topic_is_judged_by_its_own_rules_whatever_others_there_are(title, text):
    alone = rules(topic("watched", pattern("*", 0.5, "visa(s)", "تأشيرة")))
    among = rules(
        topic("another", pattern("*", 0.5, "fee", "visa fee", "ß")), topic("watched", pattern("*", 0.5, "visa(s)", "تأشيرة"))
    )
    wanted = [(tag.score, tag.evidence) for tag in every(Tagger(alone).tag(title, text, None))]
    got = [(t.score, t.evidence) for t in every(Tagger(among).tag(title, text, None)) if t.topic == "watched"]
    assert got == wanted


def test_offsets_count_in_the_original_text():
    text = "ﷺ … قال\u200f إنَّ  وبالتَّأشيـرات\u200f الجديدة"
    [tag] = every(MIXED.tag("Straße", text, "ar"))
    [hit] = tag.evidence
    assert text[hit.start : hit.end] == hit.surface == "وبالتَّأشيـرات"
    assert (hit.field, hit.term) == ("lead", "تأشيرة")


def test_a_hit_in_the_title_counts_more_than_in_the_lead_and_there_more_than_below():
    watch = tagger(pattern("en", 0.4, "visa"))
    padding = "Nothing of note was said in this sentence about anything. " * 12
    title, lead = scored(watch, title="A visa"), scored(watch, text="A visa.")
    below, caption = scored(watch, text=padding + "A visa."), scored(watch, text=padding + "\nA visa (Photo: Reuters)\nMore.")
    assert title > lead > below > caption > 0


def test_saying_it_again_adds_less_and_less():
    watch = tagger(pattern("en", 0.3, "visa"))
    scores = [scored(watch, text="A visa. " * times) for times in range(1, 6)]
    gains = [after - before for before, after in itertools.pairwise(scores)]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)


def test_names_in_one_breath_count_less_than_in_two_sentences():
    watch = tagger(pattern("en", 0.3, "smuggling", "trafficking"))
    assert scored(watch, text="Smuggling and trafficking.") < scored(watch, text="Smuggling. And trafficking.")


def test_a_term_that_asks_for_company_counts_only_in_it():
    watch = tagger(pattern("en", 0.5, "visa", all=["fee"], within=3))
    assert scored(watch, text="A visa for a fee") > 0
    assert scored(watch, text="A visa and many other words and a fee") == 0
    assert scored(watch, text="A visa. A fee.") == 0


def test_what_negates_is_named_and_counts_nothing():
    watch = tagger(pattern("en", 0.5, "visa", none=["card"], within=5))
    [tag] = watch.tag("", "The Visa credit card", "en").near_misses
    [hit] = tag.evidence
    assert (tag.score, hit.negated_by, hit.surface) == (0.0, "card", "Visa")


@pytest.mark.parametrize(("reach", "left"), [("words", 2), ("sentence", 1), ("article", 0)])
def test_a_mask_reaches_as_far_as_it_says(reach, left):
    watch = tagger(pattern("en", 0.5, "visa"), mask("en", "visa card", reach=reach))
    [tag] = every(watch.tag("", "A Visa card, a visa. Another visa.", "en"))
    assert sum(hit.negated_by is None for hit in tag.evidence) == left


def test_a_mask_may_ask_that_its_words_tell_what_the_article_is_about():
    watch = tagger(pattern("en", 0.5, "visa"), mask("en", "striker", head=True, reach="article"))
    filler = "The club said so on Monday, and again on Tuesday. " * 20
    assert scored(watch, title="Striker held up", text=filler + "He has no visa.") == 0
    assert scored(watch, text="A striker waits. " + filler + "He has no visa.") == 0
    assert scored(watch, text=filler + "A striker waits. He has no visa.") > 0


def test_a_pattern_may_ask_to_stand_in_the_title_or_the_lead():
    watch = tagger(pattern("en", 0.5, "foreigners", all=["stay"], head=True))
    filler = "The ministry said so on Monday, and again on Tuesday. " * 20
    assert scored(watch, title="Foreigners may stay") > scored(watch, text="Foreigners may stay.") > 0
    assert scored(watch, text=filler + "Foreigners may stay.") == 0


def test_what_negates_may_overlap_what_it_negates():
    watch = tagger(pattern("en", 0.5, "visa", none=["his visa"]))
    assert scored(watch, text="He waits for his visa.") == 0
    assert scored(watch, text="He waits for the visa.") > 0


def test_the_rules_of_another_language_do_not_speak():
    watch = tagger(pattern("en", 0.5, "visa"))
    assert scored(watch, title="Visa hizi", language="sw") == 0
    assert scored(watch, title="Visa rules", language="en-GB") > 0
    assert scored(watch, title="Visa", language=None) > 0


def test_what_scored_below_the_threshold_is_kept_apart():
    tagged = tagger(pattern("en", 0.3, "visa")).tag("", "A visa.", "en")
    assert tagged.topics == ()
    assert [tag.topic for tag in tagged.near_misses] == ["watched"]


def test_evidence_is_capped_and_the_strongest_kept():
    terms = [f"word{number}" for number in range(30)]
    watch = tagger(pattern("en", 0.1, *terms), pattern("en", 0.5, "strong"), limits=Limits(evidence=5, near_misses=8))
    [tag] = every(watch.tag("", ". ".join(terms) + ". strong", "en"))
    assert len(tag.evidence) == 5
    assert "strong" in {hit.surface for hit in tag.evidence}


def test_of_two_terms_over_the_same_words_the_stronger_counts():
    watch = tagger(pattern("en", 0.3, "visa"), pattern("en", 0.7, "visa fee", subtopic="fees"))
    [tag] = every(watch.tag("", "The visa fee", "en"))
    assert [hit.surface for hit in tag.evidence] == ["visa fee"]
    assert tag.subtopics == ("fees",)


def test_many_hits_do_not_take_time_that_grows_with_their_square():
    text = "visa fee. " * 25_000
    [tag] = every(MIXED.tag("", text, "en"))
    assert len(tag.evidence) == Limits().evidence
