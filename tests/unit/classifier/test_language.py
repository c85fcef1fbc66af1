"""Which language an article is in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.adapters.worker import guess
from services.classifier.core.language import canonical, language

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("title", "text", "declared", "code"),
    [
        pytest.param("تفكيك شبكة", "أوقفت الشرطة سبعة متهمين", None, "ar", id="Arabic by its script"),
        pytest.param("تفكيك شبكة", "أوقفت الشرطة سبعة متهمين", "ar-EG", "ar-EG", id="declared in full, and right"),
        pytest.param("تفكيك شبكة", "أوقفت الشرطة سبعة متهمين", "en-US", "ar", id="a template's default"),
        pytest.param("تأشيرة", "", None, "ar", id="one Arabic word"),
        pytest.param("", "قوانین مهاجرت در ایران تغییر می‌کند و گذرنامه‌ها", None, "fa", id="Persian"),
        pytest.param("", "پاکستان میں ویزا کے نئے قوانین کا اعلان کیا گیا ہے", None, "ur", id="Urdu"),
        pytest.param("Ministry denies it will change visa rules", "It said so on Monday.", None, "en", id="English"),
        pytest.param(
            "Le gouvernement annonce", "Le ministère de l'Intérieur a annoncé de nouvelles règles pour les visas.", "en", "fr",
            id="French declared English",
        ),
        pytest.param("Visa policy", "", "en", "en", id="short: what is declared"),
        pytest.param("Visa policy", "", None, None, id="short, nothing declared: unknown"),
        pytest.param("中国将对韩国免签", "", "zh-Hant", "zh-Hant", id="Chinese as declared"),
        pytest.param("ビザの規則が変わる", "", None, "ja", id="Japanese"),
        pytest.param("", "", None, None, id="nothing"),
        pytest.param("政府放寬簽證規定", "", None, "zh-Hant", id="traditional characters"),
        pytest.param("إيڤا وپاريس وگوگل في معرض الكتاب", "", None, "ar", id="Arabic with foreign names"),
        pytest.param("", "قوانين مهاجرت در ايران و پاكستان براي گردشگران تغيير مي كند و چند گذرنامه", None, "fa",
            id="Persian typed on an Arabic keyboard"),
        pytest.param("BBC News", "أعلنت الشرطة في بيان اليوم أنها أوقفت سبعة متهمين في المدينة", "en", "ar",
            id="an English masthead over Arabic"),
        pytest.param("Visa", "Полиция освободила двадцать рабочих с фермы под городом", None, "ru",
            id="an English word over Russian"),
        pytest.param("Harga roti naik lagi", "", "ms", "ms", id="near kin: what is declared"),
        pytest.param("Девет години затвор за трафикантите", "", "bg", "bg", id="near kin in Cyrillic: what is declared"),
        pytest.param("Devet godina zatvora za krijumčare ljudi", "", "bs", "bs", id="kin of what was found: what is declared"),
        pytest.param("Müller und Şahin", "Die Polizei hat am Montag zwanzig Arbeiter auf einem Hof befreit.", None, "de",
            id="a foreign letter in a name"),
        pytest.param("12 %", "", "AR_eg", "ar-EG", id="no letters: what is declared"),
    ],
)  # fmt: skip
def test_the_language_of_an_article(title, text, declared, code):
    assert language(title, text, declared, guess).code == code


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("EN_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
        ("ar-EG-x-a", "ar-EG"),
    ],
)
def test_a_declared_language_is_written_one_way(declared, code):
    assert canonical(declared) == code


HEADLINES = [line.split("\t") for line in (ROOT / "tests/fixtures/headlines.tsv").read_text(encoding="utf-8").splitlines()]


def test_headlines_of_five_to_ten_words_are_known_in_fifty_languages():
    wrong = [(code, language(text, "", None, guess).code, text) for code, text in HEADLINES]
    wrong = [each for each in wrong if each[0] != each[1]]
    assert len({code for code, _ in HEADLINES}) >= 50
    assert len(wrong) <= 0.03 * len(HEADLINES), wrong


@pytest.mark.parametrize(
    "code", ["ar", "fa", "ur", "ps", "ckb", "ug", "uk", "be", "kk", "he", "am", "ko", "th", "ka", "hy", "el"]
)
def test_where_letters_settle_it_every_headline_is_right(code):
    assert {language(text, "", None, guess).code for known, text in HEADLINES if known == code} == {code}


@given(st.text(), st.text(), st.one_of(st.none(), st.sampled_from(["ar", "en-US", "zh-Hant", "xx", "sr", "bs"])))
def test_any_text_has_a_language_or_none_and_a_confidence(title, text, declared):
    found = language(title, text, declared, guess)
    assert 0.0 <= found.confidence <= 1.0
    assert found.code is None or canonical(found.code) == found.code
