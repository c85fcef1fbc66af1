"""What a term written in a topic file matches, and what it does not."""

import pytest

from services.classifier.core.matching import Matcher
from services.classifier.core.morphology import Morphology, TermError
from services.classifier.core.terms import parse
from shared.text import normalise

ARABIC = Morphology("ar")
ENGLISH = Morphology("en", prefixes=frozenset(["", "re"]), endings=frozenset(["", "s", "ed"]))


def hits(term: str, text: str, morphology: Morphology | None = None) -> list[str]:
    """What this term meets in this text, in normal form."""
    matcher = Matcher([parse(term, morphology or (ARABIC if term[0] > "\u0600" else ENGLISH))], [[0]])
    scanned = matcher.read("", text)
    spans = (scanned.span(place) for place in matcher.find(scanned).ordered(0))
    return [_parted(normalise(text[start:end])) for start, end in spans]


def _parted(text: str) -> str:
    return text.replace("-", " ").replace("_", " ")


@pytest.mark.parametrize(
    ("term", "text", "met"),
    [
        pytest.param("visa", "A visa is needed", ["visa"], id="a word"),
        pytest.param("visa", "The advisable, supervisable; revisado avisado effektivisering", [], id="not inside words"),
        pytest.param("visa(s)", "VISAS and a Visa", ["visas", "visa"], id="a part that may be missing"),
        pytest.param("(exempt|waive) visas", "to waive visas", ["waive visas"], id="a choice"),
        pytest.param("(exempt|waive) visas", "visas", [], id="a choice may not be missing"),
        pytest.param("e( |-)visa", "an e-visa, an e visa, an e‑visa", ["e visa", "e visa", "e visa"], id="dashes"),
        pytest.param("traffick*", "traffickers trafficked traffic", ["traffickers", "trafficked"], id="any ending"),
        pytest.param("visa free", "visa \u00a0 free", ["visa free"], id="any white space"),
        pytest.param("visa free", "visa\nfree", [], id="not from one line to the next"),
        pytest.param("ease ... visa", "ease the rules for a visa", ["ease the rules for a visa"], id="a gap of four words"),
        pytest.param("ease ... visa", "ease a b c d e visa", [], id="a gap too wide"),
        pytest.param("ease ...9 visa", "ease a b c d e visa", ["ease a b c d e visa"], id="a gap as wide as said"),
        pytest.param("ease ... visa", "They ease up. A visa is old.", [], id="no gap over the end of a sentence"),
        pytest.param("ease ... visa", "visa ease", [], id="a gap keeps the order"),
        pytest.param("ease ... visa", "ease ease visa visa", ["ease ease visa", "ease visa"], id="each to the next"),
        pytest.param("visa free", "visa-free", ["visa free"], id="a hyphen is a space"),
        pytest.param("visa free", "visa, free", [], id="a comma is none"),
        pytest.param("abolish~ ... visa", "abolished the visa", ["abolished the visa"], id="declared endings"),
        pytest.param("abolish~", "abolishment", [], id="no other endings"),
        pytest.param("~open~", "reopened and open, unopened", ["reopened", "open"], id="declared prefixes"),
        pytest.param("*visum", "ein Touristenvisum, Visum", ["touristenvisum", "visum"], id="any letters before"),
        pytest.param("traffick* person~", "trafficking persons", ["trafficking persons"], id="any ending inside a term"),
        pytest.param("# (euros|dollars)", "4,500 euros, € 90, 12 dollars", ["4,500 euros", "12 dollars"], id="a number"),
        pytest.param("# each", "paid €4 500 each", ["4 500 each"], id="a number with a space in it"),
        pytest.param("أوقف/يوقف ... شبكة", "وأوقفت أمس شبكات", ["واوقفت امس شبكات"], id="an Arabic verb"),
        pytest.param("منح تأشيرة", "#منح_تأشيرة", ["منح تاشيره"], id="the underscore of a hashtag is"),
        pytest.param("签证", "中国签证政策", ["签证"], id="no spaces in Chinese"),
    ],
)
def test_a_term_meets_what_it_says(term, text, met):
    assert hits(term, text) == met


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        ("", "nothing to look for"),
        ("  ...3 visa", "words on both sides"),
        ("visa ...", "words on both sides"),
        ("visa (free", "without its `)`"),
        ("visa) free", "without its `(`"),
        ("visa|free", "outside"),
        ("vi*sa free", "beginning or the end of a word"),
        ("أوقف/وقف", "past/present"),
        ("(visa)", "no letters"),
        ("-", "no letters"),
        ("(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)", "more than"),
    ],
)
def test_a_term_that_cannot_be_used_says_why(term, reason):
    with pytest.raises(TermError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        parse(term, ENGLISH)


def test_phrases_of_many_topics_are_found_in_one_pass():
    phrases = [parse(f"word{number}", ENGLISH) for number in range(3000)]
    matcher = Matcher(phrases, [[number] for number in range(3000)])
    assert matcher.find(matcher.read("", "word7 and word2999 and word29990")).groups == {7, 2999}
