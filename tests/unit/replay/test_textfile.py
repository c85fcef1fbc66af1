"""Text files in general: encodings, headlines, dates, sources, and what is not text."""

import re
import textwrap
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.replay.core import encoding, textfile
from services.replay.core.textfile import NotText

ENGLISH = """News
Local

Visa rules change for seasonal workers

GENEVA, 3 May 2024 - The ministry published new rules for seasonal workers on Friday.

The rules take effect in June, the ministry said.
"""
ARABIC = (
    "تعديل قواعد التأشيرات للعمال الموسميين\n\nأعلنت الوزارة عن قواعد جديدة للعمال الموسميين في البلاد."
    "\n\nوتسري القواعد من الشهر المقبل."
)


def read(text: str, encoding: str = "utf-8") -> textfile.TextArticle:
    return textfile.read(text.encode(encoding), "a.txt")


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def dropped(article: textfile.TextArticle) -> dict[str, str]:
    return {line.text: line.reason for line in article.dropped}


def test_section_words_stand_above_the_headline():
    article = read(ENGLISH)
    assert article.title == "Visa rules change for seasonal workers"
    assert article.text.startswith("GENEVA, 3 May 2024")
    assert article.text.endswith("ministry said.")
    assert dropped(article) == {"News": "section name", "Local": "section name"}
    assert article.language == "en"


def test_a_section_word_below_the_headline_is_a_heading():
    assert "\nNews\n" in read(ENGLISH.replace("The rules take", "News\n\nThe rules take")).text


def test_a_dateline_is_not_the_publication_date():
    article = read(ENGLISH)
    assert article.published is None
    assert article.event_dates == ("2024-05-03",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "utf-32"])
def test_the_encoding_is_found_out(encoding):
    article = read(ARABIC, encoding)
    assert article.title == "تعديل قواعد التأشيرات للعمال الموسميين"
    assert (article.text, article.language) == (read(ARABIC).text, "ar")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(
            "Décès à Genève\n\nLe ministère a annoncé des règles à l'été, où elles sont dès à présent.", "cp1252", id="French"
        ),
        pytest.param(
            "Новые правила\n\nМинистерство сообщило о новых правилах для рабочих в этом году.", "cp1251", id="Russian"
        ),
    ],
)
def test_other_one_byte_pages_are_not_read_as_arabic(text, encoding):
    assert read(text, encoding).text == text.split("\n\n")[1]


def test_a_file_cut_within_a_character_is_still_read():
    article = textfile.read(ARABIC.removesuffix(".").encode()[:-1], "a.txt")
    assert article.language == "ar"
    assert article.problems == ("1 characters are not valid UTF-8",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n\t\n", "empty", id="blank"),
        pytest.param(b"%PDF-1.7 x", "a PDF", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture", id="picture"),
        pytest.param(bytes(range(32)) * 20, "bytes", id="bytes"),
        pytest.param("-\n•\n[إعلان رقم 2]\n".encode(), "boilerplate", id="boilerplate only"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(body, reason):
    with pytest.raises(NotText, match=reason):
        textfile.read(body, "a.txt")


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2025-10-14", datetime(2025, 10, 14, tzinfo=UTC)),
        ("2025-10-14T08:30:00+03:00", datetime(2025, 10, 14, 5, 30, tzinfo=UTC)),
        ("14 أكتوبر 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("١٤ تشرين الأول ٢٠٢٥", datetime(2025, 10, 14, tzinfo=UTC)),
        ("نُشر في: الثلاثاء، 14 أكتوبر/تشرين الأول 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("تاريخ النشر: 30 تموز 2024 - 14:20", datetime(2024, 7, 30, tzinfo=UTC)),
        ("الخميس 18 يوليو/تموز 2024", datetime(2024, 7, 18, tzinfo=UTC)),
        ("• 2024 / 7 / 18", datetime(2024, 7, 18, tzinfo=UTC)),
        ("14 كانون الثاني 2025", datetime(2025, 1, 14, tzinfo=UTC)),
        ("Published: Tuesday, October 14, 2025, 10:00 am", datetime(2025, 10, 14, tzinfo=UTC)),
        ("Posted on 14th October 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("14 oct. 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("14/10/2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("14 octobre 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("2025年10月14日", datetime(2025, 10, 14, tzinfo=UTC)),
        ("14 октября 2025", datetime(2025, 10, 14, tzinfo=UTC)),
        ("14 أكتوبر 2025 - 22 ربيع الآخر 1447 هـ", datetime(2025, 10, 14, tzinfo=UTC)),
    ],
)
def test_a_date_alone_on_its_line_is_the_publication(line, moment):
    article = read(f"{ARABIC}\n\n{line}\n")
    assert article.published == moment
    assert article.text == read(ARABIC).text


@pytest.mark.parametrize("line", ["14 أكتوبر", "القاهرة، 14 أكتوبر 2025", "في 31 فبراير 2025", "Budget 2025"])
def test_a_line_with_more_or_less_than_a_date_is_none(line):
    article = read(f"{ARABIC}\n\n{line}\n")
    assert article.published is None


def test_a_date_that_reads_two_ways_is_unknown_and_told():
    article = read(f"{ARABIC}\n05/06/2024")
    assert (article.published, article.problems) == (None, ("the date can be read in two ways",))


def test_an_update_is_not_the_publication():
    article = read(f"{ARABIC}\nPublished: 2024-05-03\nLast updated: 2024-06-01")
    assert article.published == datetime(2024, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("المصدر: https://example.org/a?b=1", "source address"),
        ("Source: Reuters", "source name"),
        ("https://example.org/story", "source address"),
        ("[Ad 3]", "advertisement marker"),
        ("إعلان", "advertisement marker"),
        ("3 Comments", "counter"),
        ("تعليقات (12)", "counter"),
        ("شارك على فيسبوك", "button"),
        ("اقرأ أيضاً: مقتل خمسة في حادث", "link to another text"),
        ("The minister at the podium (Photo: Jane Doe)", "photo caption or credit"),
        ("صورة أرشيفية: مطار عمّان", "photo caption or credit"),
        ("Photo: Jane Doe / AFP", "photo caption or credit"),
        ("For more information, please contact Jane Doe: jane@example.org", "press contact"),
        ("© 2024 Example News. All rights reserved.", "copyright notice"),
        ("بقلم: جمال حسن", "byline"),
        ("***", "no words"),
    ],
)
def test_a_line_that_is_no_text_goes_with_its_reason(line, reason):
    article = read(f"{ARABIC}\n{line}\n")
    assert dropped(article) == {line: reason}
    assert article.text == read(ARABIC).text


@pytest.mark.parametrize(
    "line",
    [
        "وقال الوزير إن الإعلان عن القواعد الجديدة سيتم غدا.",
        "The commentators (3 of them) said that the photo was taken in May.",
        "Contact with the crew was lost on Monday, officials said.",
        "Source countries include Nepal: many workers come from there, the ministry said on Monday in Kathmandu.",
    ],
)
def test_a_sentence_that_only_speaks_of_such_things_stays(line):
    assert line in read(f"{ARABIC}\n{line}\nوختم الوزير كلمته بالشكر.").text


def test_a_caption_that_repeats_the_paragraph_beside_it_goes():
    thanked = "عن تقديرها الكبير لدور البلاد كرئيس مشارك لمجموعة العمل من عام 2020 حتى الآن"
    paragraph, caption = f"وأعربت السفيرة {thanked} خلال زيارتها للعاصمة يوم الأحد.", f"السفيرة تعرب {thanked}"
    article = read(f"{ARABIC}\n{paragraph}\n{caption}\nوختمت كلمتها بالشكر.")
    assert caption not in article.text
    assert paragraph in article.text


def test_a_sentence_that_comes_twice_stays_once_and_a_caption_goes_wholly():
    sentence, caption = "وهذه فقرة كاملة تنتهي بنقطة.", "نظرة على المنتدى الفرعي"
    article = read(f"{ARABIC}\n{sentence}\n{caption}\n{sentence}\n{caption}")
    assert article.text.count(sentence) == 1
    assert caption not in article.text


@pytest.mark.parametrize("width", [50, 72, 80])
def test_lines_broken_at_a_width_are_joined_to_paragraphs(width):
    headline = (
        "Ministers speak of the Global Compact for Safe, Orderly and Regular Migration and of those who fight trafficking"
    )
    first = (
        "The ministers said that the whole region would now apply the Global Compact for Safe, Orderly and Regular Migration. "
        * 3
    )
    second = (
        "Human trafficking would be fought, and victims of trafficking in persons protected by law, they said in Accra. " * 2
    )
    article = read("\n\n".join("\n".join(textwrap.wrap(part, width)) for part in (headline, first, second)))
    assert (article.title, article.text) == (headline, f"{first.strip()}\n{second.strip()}")


def test_short_lines_that_were_not_broken_stay_apart():
    lines = ["Visas", "Residence permits for workers", "Work", "Family", "Study in the country"]
    assert read("A list of all subjects\n\n" + "\n".join(lines)).text == "\n".join(lines)


def test_a_file_without_a_headline_has_none():
    article = read("وصلت طائرة تقل ستة وأربعين شابا إلى المطار فجر الأربعاء.\nوقالت الوزارة إنهم بخير.")
    assert article.title == ""
    assert article.text.startswith("وصلت")


def test_a_labelled_title_is_one_though_it_ends_like_a_sentence():
    assert read("Title: It is over.\n\nThe talks are over, the minister said.").title == "It is over."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("وزارت کشور اعلام کرد که این قانون از ماه آینده برای کارگران اجرا می شود.", "fa"),
        ("Le ministère des affaires étrangères a annoncé les règles pour la saison.", "fr"),
        ("内政部宣布了针对季节性工人的新规定。", "zh"),
        ("今年の新しい規則について省が発表した。", "ja"),
        ("12345 67890", None),
    ],
)
def test_the_language_is_told_by_script_and_common_words_or_unknown(text, language):
    assert read(f"x 1.\n{text}").language == language


@given(st.text(max_size=400))
def test_any_text_is_an_article_or_refused_and_nothing_disappears(text):
    body = text.encode("utf-8", "surrogatepass")
    try:
        article = textfile.read(body, "a.txt")
    except NotText:
        return
    assert "\0" not in article.title + article.text
    assert article == textfile.read(body, "a.txt")
    assert all(line.reason for line in article.dropped)
    kept = [article.title, article.text, *(line.text for line in article.dropped)]
    assert words("\n".join(kept)) == words(encoding.decode(body).text)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_article_or_refused(body):
    try:
        assert textfile.read(body, "a.txt").id
    except NotText:
        return


def test_stray_zero_bytes_do_not_make_a_text_utf_16():
    article = textfile.read(ENGLISH.encode().replace(b"rules ", b"rules\0 ").replace(b"3 May", b"3\0 May"), "a.txt")
    assert (article.title, article.encoding) == ("Visa rules change for seasonal workers", "utf-8")
    assert article.problems == ("4 zero bytes removed",)


HINDI = "नई दिल्ली में वीज़ा नियम\n\nउन्होंने कहा कि नियम आज से लागू होंगे।\n" * 3
CHINESE = "签证 新闻\n\n不上 三\n" * 3


@pytest.mark.parametrize("text", [ARABIC, ENGLISH, HINDI, CHINESE], ids=["ar", "en", "hi", "zh"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_as_such(text, encoding):
    assert textfile.read(text.encode(encoding), "a.txt").encoding == encoding


def test_broken_bytes_among_good_utf_8_cost_no_more_than_themselves():
    broken = ARABIC.encode().replace(b" ", b" \xff ", 4)
    article = textfile.read(broken, "a.txt")
    assert article.encoding == "utf-8"
    assert "وتسري القواعد من الشهر المقبل." in article.text
    assert article.problems == ("4 characters are not valid UTF-8",)
