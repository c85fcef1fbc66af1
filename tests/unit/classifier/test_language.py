"""Which language an article is in."""

import pytest

from services.classifier.adapters.worker import guess
from services.classifier.core.language import canonical, language


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
