"""What an article is said to speak of: countries, organisations, days; in its language and its inflections."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import gazetteer
from services.classifier.adapters.gazetteer import finder
from services.classifier.core.entities import Entities
from shared.text import Normal

ROOT = Path(__file__).parents[3]
WEDNESDAY = date(2026, 11, 25)


def speaks_of(text: str, language: str | None, published: date | None = WEDNESDAY) -> Entities:
    return finder().find(Normal(text), language, published)


def countries(text: str, language: str | None) -> dict[str, int]:
    return {one.id: one.count for one in speaks_of(text, language).countries}


NAMED = [
    ("ar", "وصل مهاجرون سوريون وسودانيات من ليبيا إلى إيطاليا", {"SY", "SD", "LY", "IT"}),
    ("ar", "وللأردن حدود مع السعودية، وبالعراق أكراد", {"JO", "SA", "IQ"}),
    ("ar", "رعايا الولايات المتحدة والمملكة المتحدة والإمارات العربية المتحدة", {"US", "GB", "AE"}),
    ("ar", "قالت الداخلية التونسيّة إن إيڤواريين", {"TN"}),
    ("ar", "جنوب السودان غير السودان", {"SS", "SD"}),
    ("en", "Lebanese police freed Nigerians in Niger and in the UAE", {"LB", "NG", "NE", "AE"}),
    ("en", "The U.S. and the U.K. told us", {"US", "GB"}),
    ("en", "Equatorial Guinea, Papua New Guinea and Guinea-Bissau are not Guinea", {"GQ", "PG", "GW", "GN"}),
    ("en", "North Korea and South Koreans", {"KP", "KR"}),
    ("fr", "Des Nigérianes et des Nigériens au Tchad, selon le gouvernement libanais", {"NG", "NE", "TD", "LB"}),
    ("fr", "La Côte d’Ivoire et l'Algérie", {"CI", "DZ"}),
    ("es", "Los venezolanos en Perú y las salvadoreñas en EE.UU.", {"VE", "PE", "SV", "US"}),
    ("pt", "Os venezuelanos no Brasil e angolanas em Portugal", {"VE", "BR", "AO", "PT"}),
    ("it", "I migranti tunisini a Lampedusa e i nigeriani in Libia", {"TN", "IT", "NG", "LY"}),
    ("de", "Deutschlands Grenzen und syrische Flüchtlinge aus der Türkei", {"DE", "SY", "TR"}),
    ("ru", "В Германии и Саудовской Аравии задержали граждан Узбекистана и россиян", {"DE", "SA", "UZ", "RU"}),
    ("ru", "Из Нигерии в Нигер, из Судана в Чад", {"NG", "NE", "SD", "TD"}),
    ("uk", "Громадяни України у Польщі та Німеччині", {"UA", "PL", "DE"}),
    ("pl", "Obywatele Ukrainy w Polsce i Niemczech", {"UA", "PL", "DE"}),
    ("tr", "Türkiye'nin Suriyelilere kapısı, Almanya'ya göç", {"TR", "SY", "DE"}),
    ("fa", "مهاجران افغان در ایران و ترکیه", {"AF", "IR", "TR"}),
    ("ur", "پاکستان اور متحدہ عرب امارات کے درمیان", {"PK", "AE"}),
    ("hi", "भारत, नेपाल और बांग्लादेशी नागरिक", {"IN", "NP", "BD"}),
    ("bn", "বাংলাদেশের শ্রমিক মালয়েশিয়ায়", {"BD"}),
    ("zh", "中国公民在缅甸和泰国", {"CN", "MM", "TH"}),
    ("zh", "美國與韓國", {"US", "KR"}),
    ("ja", "日本とベトナムの技能実習生", {"JP", "VN"}),
    ("ko", "한국은 네팔에서 노동자를 받는다", {"KR", "NP"}),
    ("vi", "Công dân Việt Nam tại Campuchia và nước Anh", {"VN", "KH", "GB"}),
    ("id", "WNI di Kamboja dan Arab Saudi", {"ID", "KH", "SA"}),
    ("sw", "Wahamiaji kutoka Ethiopia nchini Kenya na Tanzania", {"ET", "KE", "TZ"}),
    ("he", "מהגרים מסודן ובאריתריאה", {"SD", "ER"}),
    ("ar", "بيان: Saudi Arabia and Kenya signed", {"SA", "KE"}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "codes"), NAMED)
def test_countries_are_known_by_name_people_and_short_name(language: str, text: str, codes: set[str]) -> None:
    assert countries(text, language).keys() == codes


AMBIGUOUS = [
    ("en", "Georgia and Armenia opened the border near Tbilisi", "GE", True),
    ("en", "Farm workers in Georgia and Alabama sued in Atlanta", "GE", False),
    ("en", "Refugees in Jordan await papers", "JO", True),
    ("en", "Jordan Peterson spoke in Toronto", "JO", False),
    ("en", "Turkey hosts refugees", "TR", True),
    ("en", "The family cooked a turkey", "TR", False),
    ("en", "Turkey prices rose before Thanksgiving", "TR", False),
    ("en", "Chad hosts a million Sudanese", "TD", True),
    ("en", "Acting secretary Chad Wolf resigned", "TD", False),
    ("en", "Families fled from Goma as fighting in Congo spread", "CD", True),
    ("en", "Families fled as fighting in Congo spread", "CD", False),
    ("en", "Officials from Brazzaville said Congo would help", "CG", True),
    ("en", "They crossed the Gulf of Guinea", "GN", False),
    ("en", "She sailed the Gulf of Oman", "OM", False),
    ("en", "Please polish the table", "PL", False),
    ("ar", "أعلنت سلطنة عمان نظاما جديدا للعمال في عمان", "OM", True),
    ("ar", "التقى الوزير في العاصمة الأردنية عمان بنظيره", "OM", False),
    ("ar", "التقى الوزير في عمّان بنظيره", "OM", False),
    ("ar", "التقى الوزير في عمّان بنظيره", "JO", True),
    ("ar", "وزارة العمل في عُمان", "OM", True),
    ("ar", "دول الخليج: سلطنة عمان وقطر", "OM", True),
    ("ar", "سبح في نهر الأردن", "JO", False),
    ("ar", "مخيم في الضفة الغربية", "PS", True),
    ("ar", "قدم الصندوق دعم مالي للبلديات ونظام مالي جديد", "ML", False),
    ("ar", "قتل جنود في مالي والنيجر", "ML", True),
    ("ar", "أصيب في ساقه اليمنى", "YE", False),
    ("ar", "مواطن يمني في اليمن", "YE", True),
    ("ar", "دول المغرب العربي", "MA", False),
    ("ar", "دول أمريكا اللاتينية", "US", False),
    ("ar", "الأمير تركي الفيصل", "TR", False),
    ("ru", "страны Латинской Америки", "US", False),
    ("zh", "约旦河西岸", "JO", False),
    ("zh", "约旦政府", "JO", True),
    ("ms", "mereka cuba masuk", "CU", False),
    ("vi", "chị Nga và anh Nam", "RU", False),
    ("vi", "anh ấy có ý kiến, mặc áo", "GB", False),
    ("tr", "Mısır ile Libya", "EG", True),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "code", "is_meant"), AMBIGUOUS)
def test_an_ambiguous_name_is_settled_by_its_company_or_left(language: str, text: str, code: str, is_meant: bool) -> None:
    assert (code in countries(text, language)) is is_meant


def test_a_country_counts_as_often_as_it_is_named() -> None:
    assert countries("Kenya said that Kenyans in Uganda may return to Kenya.", "en") == {"KE": 3, "UG": 1}


ORGANISATIONS = [
    ("ar", "وقالت المنظمة الدولية للهجرة ومفوضية اللاجئين", {"iom", "unhcr"}),
    ("ar", "بيان لمجلس التعاون لدول الخليج العربية والجامعة العربية", {"gcc", "arab-league"}),
    ("en", "IOM, UNHCR and the Bali Process", {"iom", "unhcr", "bali-process"}),
    ("en", "the eu, an ilo, unhappy", set()),
    ("fr", "selon l'OIM, le HCR et l'Union européenne", {"iom", "unhcr", "eu"}),
    ("es", "según la OIM y ACNUR", {"iom", "unhcr"}),
    ("pt", "segundo a OIT e a União Europeia", {"ilo", "eu"}),
    ("it", "secondo Frontex e l'OIM", {"frontex", "iom"}),
    ("de", "das UN-Flüchtlingshilfswerk und Europol", {"unhcr", "europol"}),
    ("ru", "по данным МОМ и Международной организации труда", {"iom", "ilo"}),
    ("zh", "国际移民组织和国际劳工组织", {"iom", "ilo"}),
    ("tr", "Uluslararası Göç Örgütü ve BM", {"iom", "un"}),
    ("fa", "سازمان بین‌المللی مهاجرت", {"iom"}),
    ("ur", "اقوام متحدہ اور انٹرپول", {"un", "interpol"}),
    ("id", "PBB dan Interpol", {"un", "interpol"}),
    ("vi", "Tổ chức Di cư Quốc tế", {"iom"}),
    ("hi", "संयुक्त राष्ट्र और इंटरपोल", {"un", "interpol"}),
    ("sw", "Umoja wa Mataifa na IOM", {"un", "iom"}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "ids"), ORGANISATIONS)
def test_organisations_are_known_by_name_and_abbreviation(language: str, text: str, ids: set[str]) -> None:
    assert {one.id for one in speaks_of(text, language).organisations} == ids


def test_an_organisation_of_a_country_speaks_for_the_country() -> None:
    found = speaks_of("The State Department published its report", "en")
    assert [one.id for one in found.countries] == ["US"]
    assert [(one.id, one.name) for one in found.organisations] == [("state-department", "US Department of State")]


DAYS = [
    ("ar", "في 21 نوفمبر 2026", ["2026-11-21"]),
    ("ar", "يوم ٢١ تشرين الثاني/نوفمبر الجاري", ["2026-11-21"]),
    ("ar", "في 3 جويلية 2025 ثم 5 غشت 2025 ثم 7 آب 2025", ["2025-07-03", "2025-08-05", "2025-08-07"]),
    ("ar", "أعلن يوم الأحد الماضي", ["2026-11-22"]),
    ("ar", "تبدأ يوم الاثنين المقبل", ["2026-11-30"]),
    ("ar", "قتل الاثنان أمس", ["2026-11-24"]),
    ("en", "on November 21, 2026 and on 3 October", ["2026-10-03", "2026-11-21"]),
    ("en", "on Monday, and next Friday", ["2026-11-23", "2026-11-27"]),
    ("en", "by May, she may", []),
    ("en", "in June 2024", ["2024-06"]),
    ("en", "2026-11-21 and 21/11/2025 and 11/21/2024", ["2024-11-21", "2025-11-21", "2026-11-21"]),
    ("fr", "le 1er décembre", ["2026-12-01"]),
    ("es", "el 21 de noviembre de 2026", ["2026-11-21"]),
    ("pt", "em 21 de novembro de 2026", ["2026-11-21"]),
    ("de", "am 21. November 2026", ["2026-11-21"]),
    ("it", "il 3 ottobre", ["2026-10-03"]),
    ("ru", "21 ноября 2026 года, в среду", ["2026-11-21", "2026-11-25"]),
    ("tr", "21 Kasım 2026'da", ["2026-11-21"]),
    ("id", "21 November 2026", ["2026-11-21"]),
    ("zh", "2026年11月21日", ["2026-11-21"]),
    ("ko", "11월 21일", ["2026-11-21"]),
    ("vi", "ngày 21/11 và ngày 3 tháng 10 năm 2025", ["2025-10-03", "2026-11-21"]),
    ("hi", "21 नवंबर 2026", ["2026-11-21"]),
    ("sw", "tarehe 21 Novemba 2026", ["2026-11-21"]),
    ("fa", "۲۱ نوامبر ۲۰۲۶", ["2026-11-21"]),
    ("en", "on 31 February 2026", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "days"), DAYS)
def test_days_are_read_as_the_language_writes_them(language: str, text: str, days: list[str]) -> None:
    assert [one.id for one in speaks_of(text, language).dates] == days


def test_a_day_without_a_year_is_of_the_year_that_brings_it_closest() -> None:
    assert [one.id for one in speaks_of("on 28 December", "en", date(2026, 1, 4)).dates] == ["2025-12-28"]


def test_an_undated_article_has_no_relative_days() -> None:
    assert speaks_of("yesterday, on Monday, on 3 March", "en", None).dates == ()


@given(st.text(), st.sampled_from([None, "ar", "en", "ru", "zh", "vi"]))
def test_any_text_can_be_looked_through(text: str, language: str | None) -> None:
    speaks_of(text, language)


def test_the_names_are_those_of_cldr() -> None:
    written = (ROOT / gazetteer.FILE).read_text(encoding="utf-8")
    assert json.loads(written) == json.loads(gazetteer.made()), "run `make gazetteer`"
