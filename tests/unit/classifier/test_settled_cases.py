"""When a topic is right: the cases settled with analysts, in Arabic and English, under the shipped rules."""

import pytest

from services.classifier.adapters.rules import load
from services.classifier.core.tagging import Tagger

TAGGER = Tagger(load())
FILLER_AR = "وافتتح المعرض أبوابه صباح اليوم بحضور عدد كبير من الزوار والعارضين في قاعة المدينة الكبرى. " * 6
FILLER_EN = "The fair opened its doors this morning to a large crowd of visitors and exhibitors in the city hall. " * 6


def topics(title: str, text: str, language: str) -> set[str]:
    return {tag.topic for tag in TAGGER.tag(title, text, language).topics}


@pytest.mark.parametrize(
    ("language", "title", "text", "wanted"),
    [
        pytest.param(
            "ar",
            "افتتاح معرض الكتاب",
            FILLER_AR + "وقالت نائبة مساعد الوزير للهجرة ومكافحة الاتجار بالبشر إن المعرض ناجح.",
            set(),
            id="ar: a job title",
        ),
        pytest.param(
            "en",
            "Book fair opens",
            FILLER_EN + "The assistant minister for migration and combating human trafficking praised it.",
            set(),
            id="en: a job title",
        ),
        pytest.param(
            "ar",
            "لقاء ثنائي في العاصمة",
            FILLER_AR + "وبحث الجانبان التجارة والتعليم والاتجار بالبشر والمناخ والزراعة.",
            set(),
            id="ar: one item of a list",
        ),
        pytest.param(
            "en",
            "Ministers meet in the capital",
            FILLER_EN + "They discussed trade, climate, human trafficking and farming.",
            set(),
            id="en: one item of a list",
        ),
        pytest.param(
            "ar",
            "شركات توقع على الميثاق العالمي",
            "وقعت عشرون شركة على الميثاق العالمي للأمم المتحدة بشأن الاستدامة وحوكمة الشركات.",
            set(),
            id="ar: the compact of companies",
        ),
        pytest.param(
            "en",
            "Bank joins the UN Global Compact",
            "The company joined the United Nations Global Compact and its ten principles.",
            set(),
            id="en: the compact of companies",
        ),
        pytest.param(
            "ar",
            "المنتدى العالمي للاجئين",
            "ناقش المنتدى الاتفاق العالمي بشأن اللاجئين وتقاسم الأعباء.",
            set(),
            id="ar: the compact on refugees",
        ),
        pytest.param(
            "en",
            "Refugee forum closes",
            "The forum follows up on the Global Compact on Refugees.",
            set(),
            id="en: the compact on refugees",
        ),
        pytest.param(
            "ar", "الشرطة تضبط شبكة", "ضبطت الشرطة شبكة لتهريب المخدرات والأسلحة عبر الحدود.", set(), id="ar: drugs and arms"
        ),
        pytest.param(
            "en",
            "Ring broken up",
            "Police arrested six men for drug trafficking and arms smuggling.",
            set(),
            id="en: drugs and arms",
        ),
        pytest.param(
            "ar",
            "الأهلي يحجز تأشيرة التأهل",
            "خطف الفريق تأشيرة العبور إلى نصف النهائي بهدف متأخر.",
            set(),
            id="ar: a figure of speech",
        ),
        pytest.param(
            "ar", "أرباح فيزا ترتفع", "أعلنت شركة فيزا لبطاقات الائتمان ارتفاع إنفاق المستهلكين.", set(), id="ar: Visa Inc."
        ),
        pytest.param("en", "Visa profit up", "Visa Inc and Mastercard said card payments rose.", set(), id="en: Visa Inc."),
        pytest.param(
            "en", "Advisable steps", "It is advisable to revise the supervisable list.", set(), id="en: inside other words"
        ),
        pytest.param(
            "en", "Death in the harbour", "Police ruled out human trafficking in the case.", set(), id="en: ruled out"
        ),
        pytest.param("ar", "وفاة في الميناء", "استبعدت الشرطة شبهة الاتجار بالبشر في القضية.", set(), id="ar: ruled out"),
        pytest.param(
            "ar",
            "الداخلية تنفي تغيير شروط التأشيرة",
            "نفت الوزارة ما تردد عن تعديل شروط منح التأشيرات للأجانب.",
            {"visa_policy"},
            id="ar: a denial of a change",
        ),
        pytest.param(
            "en",
            "Ministry denies that it will change visa rules",
            "A spokesman said no change was planned.",
            {"visa_policy"},
            id="en: a denial of a change",
        ),
        pytest.param(
            "ar",
            "إعفاء مواطني البلدين من التأشيرة",
            "وقّع الوزيران اتفاقية تعفي حاملي الجوازات من التأشيرة.",
            {"visa_policy"},
            id="ar: a waiver",
        ),
        pytest.param(
            "en",
            "Visa-free travel for citizens of both countries",
            "The agreement was signed.",
            {"visa_policy"},
            id="en: a waiver",
        ),
        pytest.param(
            "ar",
            "بيان ختامي للندوة",
            FILLER_AR + "وأشاد البيان بتدابير تسهيل زيارة الأجانب للبلاد ودراستهم وإقامتهم.",
            {"visa_policy"},
            id="ar: told without the key word",
        ),
        pytest.param(
            "ar",
            "تفكيك شبكة للاتجار بالبشر",
            "أوقفت الشرطة سبعة متهمين وحررت عشرين ضحية.",
            {"trafficking"},
            id="ar: a network broken up",
        ),
        pytest.param(
            "en",
            "Six charged with human trafficking",
            "The victims were freed in a raid.",
            {"trafficking"},
            id="en: a network broken up",
        ),
        pytest.param(
            "ar",
            "إنقاذ عمال من مجمع احتيال",
            "استُدرج الشبان بإعلانات عن وظائف وصودرت جوازاتهم وأُجبروا على العمل.",
            {"trafficking"},
            id="ar: a scam compound, told without the key word",
        ),
        pytest.param(
            "ar",
            "سجن ثلاثة من مهربي المهاجرين",
            "حكمت المحكمة على مهربي البشر بالسجن.",
            {"trafficking"},
            id="ar: smugglers sentenced",
        ),
        pytest.param(
            "ar",
            "البرلمان يشدد عقوبات الاتجار بالأشخاص",
            "قال الوزير إن القانون يفي بتعهد في إطار الاتفاق العالمي من أجل الهجرة الآمنة والمنظمة والنظامية.",
            {"trafficking", "global_compact"},
            id="ar: a measure that fulfils a pledge",
        ),
        pytest.param(
            "en",
            "Parliament toughens trafficking in persons law",
            "The minister said it fulfils a pledge under the Global Compact for Safe, Orderly and Regular Migration.",
            {"trafficking", "global_compact"},
            id="en: a measure that fulfils a pledge",
        ),
        *(
            pytest.param(
                "ar", "ندوة", f"ناقش المشاركون تنفيذ {name} العالمي من أجل الهجرة.", {"global_compact"}, id=f"ar: {name}"
            )
            for name in ("الاتفاق", "الميثاق", "العهد", "للاتفاق", "وبالميثاق")
        ),
    ],
)
def test_a_topic_is_given_where_it_is_right(language, title, text, wanted):
    assert topics(title, text, language) == wanted


def test_a_job_title_stays_visible_as_a_near_miss():
    text = FILLER_AR + "وقالت نائبة مساعد الوزير للهجرة ومكافحة الاتجار بالبشر إن المعرض ناجح."
    [tag] = [tag for tag in TAGGER.tag("افتتاح معرض", text, "ar").near_misses if tag.topic == "trafficking"]
    assert tag.score == 0.0
    assert all(hit.negated_by for hit in tag.evidence)
