"""Which lines of an article are no part of its story, and where a hit stands, in the layouts that news sites have."""

import pytest

from services.classifier.adapters.rules import load
from services.classifier.core.tagging import Tagger
from shared.events import Evidence

TAGGER = Tagger(load())
BEFORE = "وافتتح المعرض أبوابه صباح اليوم بحضور عدد كبير من الزوار والعارضين في قاعة المدينة الكبرى. " * 6 + "\n"
BEFORE_EN = "The fair opened its doors this morning to a large crowd of visitors in the city hall. " * 6 + "\n"


def evidence(text: str, language: str = "ar", title: str = "معرض الكتاب") -> list[Evidence]:
    tagged = TAGGER.tag(title, text, language)
    return [one for tag in (*tagged.topics, *tagged.near_misses) if tag.topic == "trafficking" for one in tag.evidence]


def counted(text: str, language: str = "ar") -> bool:
    """Whether anything in the text speaks for trafficking."""
    return any(one.negated_by is None for one in evidence(text, language))


LINK = "تفكيك شبكة للاتجار بالبشر وتوقيف سبعة"


@pytest.mark.parametrize(
    "below",
    [
        pytest.param(f"اقرأ أيضا: {LINK}", id="on the line of the heading"),
        pytest.param(f"اقرأ أيضاً\n{LINK}", id="below the heading"),
        pytest.param(f"• اقرأ أيضا\n{LINK}", id="a bullet before the heading"),
        pytest.param(f"مواضيع ذات صلة\n\nأسعار الخضار ترتفع\n{LINK}\nحالة الطقس", id="one of several links"),
        pytest.param(f"اقرأ أيضا :\r\n{LINK}\r\n", id="line ends of Windows"),
    ],
)
def test_related_links_are_no_part_of_the_story(below):
    assert evidence(BEFORE + below)
    assert not counted(BEFORE + below)


def test_what_follows_the_related_links_is_the_story_again():
    story = "وقالت الشرطة إنها فككت شبكة للاتجار بالبشر وأوقفت سبعة صادروا جوازات سفر عمال في مزرعة وحجزوا أجورهم."
    assert counted(f"{BEFORE}اقرأ أيضا\nأسعار الخضار ترتفع\n{story}")


def test_a_heading_inside_a_sentence_is_none():
    assert counted(BEFORE + "وكتب سائق على صفحته اقرأ أيضا عن تفكيك شبكة للاتجار بالبشر وتوقيف سبعة")


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("تابعونا على صفحة مكافحة الاتجار بالبشر", "ar"),
        ("جميع الحقوق محفوظة لموقع ضحايا الاتجار بالبشر", "ar"),
        ("Sign up to our newsletter on human trafficking arrests", "en"),
        ("Follow us on the human trafficking page", "en"),
    ],
)
def test_what_stands_on_every_page_never_counts(line, language):
    text = (BEFORE if language == "ar" else BEFORE_EN) + line
    assert not counted(text, language)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("ضحايا الاتجار بالبشر في مركز إيواء (الصورة: رويترز)", "ar"),
        ("صورة أرشيفية لضحايا الاتجار بالبشر", "ar"),
        ("Human trafficking victims in a shelter (Photo: Reuters)", "en"),
        ("Victims of human trafficking wait at a shelter. Getty Images", "en"),
    ],
)
def test_a_line_with_a_credit_is_a_caption(line, language):
    fields = {one.field for one in evidence((BEFORE if language == "ar" else BEFORE_EN) + line, language)}
    assert fields == {"caption"}


def test_the_fields_are_the_title_the_lead_and_the_text():
    fact = "فككت الشرطة شبكة للاتجار بالبشر."
    found = {one.field: one for one in evidence(f"{fact}\n{BEFORE * 2}{fact}", title=fact)}
    assert found.keys() == {"title", "lead", "text"}
    assert found["title"].weight > found["lead"].weight > found["text"].weight


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("وبحث الجانبان التجارة والتعليم والاتجار بالبشر والمناخ والزراعة.", "ar"),
        ("They discussed trade, education, human trafficking and the climate.", "en"),
    ],
)
def test_one_of_several_subjects_counts_less(sentence, language):
    before = BEFORE if language == "ar" else BEFORE_EN
    alone = "ونددوا أمس بالاتجار بالبشر." if language == "ar" else "They spoke against human trafficking."
    [listed], [told] = (
        [one.weight for one in evidence(before + text, language) if one.negated_by is None][:1] for text in (sentence, alone)
    )
    assert listed < told
