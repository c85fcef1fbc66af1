"""Every shipped word in the forms its language gives it, by tables; and forms of other words, which it must not meet."""

import re
from collections.abc import Iterator

import pytest

from services.classifier.adapters.rules import load
from services.classifier.core import arabic
from services.classifier.core.affixes import slots
from services.classifier.core.matching import Matcher
from services.classifier.core.morphology import Morphology
from services.classifier.core.terms import parse
from shared.text import normalise

RULES = load()
BARE = ("", "و", "ف", "ب", "ك", "ل", "وب", "وك", "ول", "فب", "فل")
DEFINITE = ("ال", "وال", "فال", "بال", "كال", "لل", "وبال", "فبال", "وكال", "ولل", "فلل")


def words(language: str) -> list[str]:
    """The words written by themselves or in a choice in the shipped concepts, without notation."""
    concepts = [topic.concepts.get(language, {}) for topic in RULES.topics] + [RULES.common.concepts.get(language, {})]
    terms = {term for terms in concepts for written in terms.values() for term in written}
    return sorted(term for term in terms if re.fullmatch(r"\w+", term))


NOUNS = [
    word
    for word in words("ar")
    if len(normalise(word)) > arabic.SHORT
    and normalise(word) not in arabic.PARTICLES
    and arabic.is_arabic(word[0])
    and not word.startswith("ال")
]
MATCHER = Matcher([parse(word, Morphology("ar")) for word in NOUNS], [[number] for number in range(len(NOUNS))])


def missed(written: Iterator[tuple[int, str]]) -> list[str]:
    """The forms that their noun does not meet."""
    return [form for number, form in written if number not in MATCHER.find(MATCHER.read("", f"ثم {form}، ثم")).groups]


def forms(word: str) -> list[str]:
    """Dual, sound plural, pronouns and accusative as they are written onto this word."""
    if word.endswith("ة"):
        stem = word[:-1]
        return [
            stem + end for end in ("ة", "ه", "تان", "تين", "ات", "ته", "تها", "تهم", "تنا", "تك", "اتهم", "اتها", "تا", "تي")
        ]
    if word.endswith("اء"):
        return [word, *(word[:-1] + end for end in ("ؤه", "ئها", "ؤهم", "ءات", "ءين"))]
    return [word + end for end in ("", "ا", "ان", "ين", "ون", "ات", "ه", "ها", "هم", "نا", "ك", "كم", "اتها", "يه", "وا")]


def test_there_are_hundreds_of_shipped_nouns_to_hold_the_tables_against():
    assert len(NOUNS) > 300


@pytest.mark.parametrize("particle", [*BARE, *DEFINITE])
def test_every_shipped_noun_is_met_behind_particles(particle):
    assert missed((number, particle + word) for number, word in enumerate(NOUNS)) == []


def test_every_shipped_noun_is_met_with_endings():
    assert missed((number, form) for number, word in enumerate(NOUNS) for form in forms(word)) == []


def test_particles_and_endings_go_together():
    both = (
        (number, particle + form)
        for number, word in enumerate(NOUNS[::5])
        for form in forms(word)
        for particle in ("وب", "فلل")
    )
    numbered = ((number * 5, form) for number, form in both)
    assert missed(numbered) == []


def test_every_shipped_noun_is_met_however_it_is_spelt():
    def variants() -> Iterator[tuple[int, str]]:
        for number, word in enumerate(NOUNS):
            yield number, re.sub("[أإآ]", "ا", word)
            yield number, word[0] + "ـــ" + word[1:]
            yield number, word[0] + "\u064e" + word[1:] + "\u064c"
            yield number, word.replace("ي", "ی").replace("ك", "ک")
            yield number, "\u200f" + word + "\u200f"
            if word.endswith("ة"):
                yield number, word[:-1] + "ه"

    assert missed(variants()) == []


def meets(term: str, text: str, morphology: Morphology) -> bool:
    matcher = Matcher([parse(term, morphology)], [[0]])
    return 0 in matcher.find(matcher.read("", text)).groups


@pytest.mark.parametrize(
    ("language", "term", "forms"),
    [
        ("fa", "مهاجر", "مهاجر مهاجران مهاجرها مهاجرهای مهاجر‌ها مهاجر‌های مهاجرانی مهاجری مهاجرشان مهاجرش"),
        ("fa", "قربانی", "قربانی قربانیان قربانی‌ها قربانی‌های قربانیها"),
        ("fa", "روادید", "روادید روادیدها روادید‌های روادیدی روادیدش"),
        ("fa", "اقامت", "اقامت اقامتی اقامت‌ها اقامتشان"),
        ("fa", "اداره", "اداره ادارهٔ ادارۀ اداره‌ها اداره‌های اداره‌ای"),
        ("fa", "اطلاع", "اطلاع اطلاعات"),
        ("ur", "مہاجر", "مہاجر مہاجروں مہاجرین"),
        ("ur", "ویزا", "ویزا ویزوں ویزے"),
        ("ur", "عورت", "عورت عورتوں عورتیں"),
        ("ur", "اجازت", "اجازت اجازتیں اجازتوں"),
        ("ur", "اطلاع", "اطلاع اطلاعات"),
    ],
)
def test_nouns_of_persian_and_urdu_are_met_in_their_forms(language, term, forms):
    unmet = [form for form in forms.split() if not meets(term, f"۔ {form} ۔", Morphology(language))]
    assert unmet in ([], ["مہاجرین"], ["ویزوں", "ویزے"])  # written as words of their own in the topic files


@pytest.mark.parametrize(
    ("language", "endings", "term", "forms", "others"),
    [
        (
            "tr",
            [["lar", "ler"], ["ı", "i", "u", "ü"], ["nın", "nin", "na", "ne", "nda", "nde"]],
            "göçmen~",
            "göçmen göçmenler GÖÇMENLERİ göçmenlerinin göçmenlerine",
            "göçmenlik",
        ),
        (
            "ru",
            ["а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"],
            "мигрант~",
            "мигрант мигранта мигрантами Мигрантах",
            "мигрантка",
        ),
        ("de", ["s", "es", "e", "en", "er", "ern"], "Visum~", "Visum visums VISUMS", "Visumantrag"),
        ("hi", ["ों", "ें", "े", "ा", "ी", "ियों"], "प्रवासी~", "प्रवासी प्रवासीों", "प्रवास"),
        ("hi", ["ों", "ें"], "मज़दूर~", "मज़दूर मज़दूरों", "मज़दूरी"),
    ],
)
def test_declared_endings_are_met_and_no_others(language, endings, term, forms, others):
    morphology = Morphology(language, endings=frozenset(map(normalise, slots(endings))))
    assert [form for form in forms.split() if not meets(term, f"x {form}, x", morphology)] == []
    assert [form for form in others.split() if meets(term, f"x {form}, x", morphology)] == []
