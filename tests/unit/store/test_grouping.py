"""Which articles belong to one story, as grouping decides it."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.classifier.core.fingerprint import fingerprint
from services.store.core.grouping import Grouper
from services.store.core.stories import Dial, Known, Told
from shared.events import ArticleClassified, Mention
from shared.text import Normal
from tests.builders import NOON, classified, fetched

BODY = (
    "قال خفر السواحل في بيان إن دورية رصدت القارب على بعد عشرين ميلا من الميناء قبيل الفجر بقليل. "
    "ونقل الناجون وعددهم أربعة عشر شخصا إلى مستشفى المدينة حيث تلقوا العلاج ثم أودعوا مركز استقبال. "
    "وأضاف البيان أن القارب الحديدي كان قد أبحر من شاطئ مجاور وعلى متنه أكثر من ستين راكبا معظمهم شبان. "
    "وفتحت النيابة العامة تحقيقا في الحادث وأمرت بتوقيف صاحب القارب الذي اختفى منذ يومين من بيته."
)
TITLE = "غرق قارب حديدي قبالة صفاقس وفقدان أربعين مهاجرا"
FACT = "وأعلنت الوزارة مساء أن غواصين عثروا على صندوق يضم وثائق وهواتف تعود إلى الركاب المفقودين."
OTHER = (
    "افتتح رئيس البلدية المكتبة العامة الجديدة في مبنى محطة القطار القديمة بعد أعمال دامت ثلاث سنوات كاملة. "
    "وتضم المكتبة أربعين ألف كتاب وقاعة للأطفال ومقهى يطل على الحديقة التي زرعت بالأشجار هذا الربيع. "
    "وقال مدير المكتبة إن الدخول مجاني للجميع وإن الاستعارة تتم ببطاقة تصدر في خمس دقائق على الأكثر."
)


def article(number: int, title: str = TITLE, text: str = BODY, hours: float = 0, **changes: Any) -> ArticleClassified:
    """An article with its fingerprint, some hours after noon."""
    at = NOON + timedelta(hours=hours)
    event = fetched(article_id=f"a{number}", title=title, text=text, published_at=at, observed_at=at)
    return classified(
        event,
        event_id=f"e{number}",
        fingerprint=fingerprint(title, Normal(f"{title}\n\n{text}")),
        **{"language": "ar", **changes},
    )


def group(*events: ArticleClassified, dial: Dial | None = None) -> list[Told]:
    """What is told of each, filed one after another."""
    grouper = Grouper(Known(), dial or Dial())
    return [grouper.place(event, number) for number, event in enumerate(events, 1)]


def ids(told: list[Told]) -> list[str]:
    return [each.place.id for each in told if each.place]


def test_an_article_begins_a_story_of_its_own_and_nothing_is_told() -> None:
    [told] = group(article(1))
    assert told.place is not None
    assert (told.place.id, told.place.relation, told.place.articles, told.changes) == ("s-a1", "first", 1, ())


def test_a_copy_joins_under_any_headline_and_says_nothing_new() -> None:
    told = group(article(1), article(2, title="عنوان آخر لا يشبه الأول"))
    assert ids(told) == ["s-a1", "s-a1"]
    [changed] = told[1].changes
    assert (changed.relation, changed.of, changed.articles, changed.number, changed.new) == ("copy", "a1", 2, 0, ())


def test_a_cut_copy_and_a_copy_with_a_credit_line_join() -> None:
    cut = BODY[: BODY.index("وأضاف")]
    told = group(article(1), article(2, title="خبر", text=f"(وكالات) - {cut}"), article(3, title="نبأ", text=f"{BODY} (أ ف ب)"))
    assert ids(told) == ["s-a1"] * 3


def test_a_fact_appended_to_a_copy_is_not_swallowed() -> None:
    told = group(article(1), article(2, text=f"{BODY} {FACT}"))
    [changed] = told[1].changes
    assert [passage.text for passage in changed.new] == [FACT[:-1]]
    assert changed.number == 1
    text = f"{BODY} {FACT}"
    assert all(text[passage.start : passage.end] == passage.text for passage in changed.new)


def test_what_was_new_once_is_not_new_in_the_next_copy() -> None:
    told = group(article(1), article(2, text=f"{BODY} {FACT}"), article(3, text=f"{BODY} {FACT}"))
    assert (told[2].changes[0].new, told[2].changes[0].number) == ((), 1)


def test_another_article_stays_apart() -> None:
    assert ids(group(article(1), article(2, title="مكتبة جديدة في المحطة القديمة", text=OTHER))) == ["s-a1", "s-a2"]


def test_the_same_text_in_another_language_stays_apart() -> None:
    assert ids(group(article(1), article(2, language="fa"))) == ["s-a1", "s-a2"]


def test_a_copy_long_after_is_a_story_of_its_own() -> None:
    dial = Dial(copies=timedelta(days=14))
    assert ids(group(article(1), article(2, hours=13 * 24), article(3, hours=40 * 24), dial=dial)) == ["s-a1", "s-a1", "s-a3"]


REPORTS = (
    article(
        1,
        "تونس تنتشل ثماني جثث بعد انقلاب مركب حديدي قبالة صفاقس",
        "انتشلت وحدات خفر السواحل في تونس ثماني جثث لمهاجرين قضوا في انقلاب مركب حديدي قرب صفاقس.",
        countries=(Mention(id="TN", count=2),),
    ),
    article(
        2,
        "غرق مركب حديدي قرب صفاقس وانتشال ثماني جثث",
        "أعلن الحرس الوطني التونسي انتشال ثماني جثث لمهاجرين بعد غرق مركب حديدي قبالة سواحل صفاقس.",
        countries=(Mention(id="TN", count=1),),
    ),
)


def test_reports_of_one_event_in_other_words_are_one_story_that_says_by_which_words() -> None:
    told = group(*REPORTS)
    [changed] = told[1].changes
    assert changed.relation == "report"
    assert "صفاقس" in changed.words


def test_reports_whose_countries_have_nothing_in_common_stay_apart() -> None:
    elsewhere = article(2, REPORTS[1].article.title, REPORTS[1].article.text, countries=(Mention(id="LY", count=1),))
    assert ids(group(REPORTS[0], elsewhere)) == ["s-a1", "s-a2"]


def test_reports_days_apart_stay_apart() -> None:
    later = article(2, REPORTS[1].article.title, REPORTS[1].article.text, hours=80, countries=REPORTS[1].countries)
    assert ids(group(REPORTS[0], later)) == ["s-a1", "s-a2"]


def test_the_dial_decides_how_alike_copies_must_be() -> None:
    half = f"{OTHER} {BODY[: BODY.index('وأضاف')]}"
    loose, strict = (group(article(1), article(2, title="س", text=half), dial=Dial(strictness=s)) for s in (0.0, 1.0))
    assert ids(strict) == ["s-a1", "s-a2"]
    assert ids(loose) == ["s-a1", "s-a1"]


def test_two_stories_that_turn_out_to_be_one_keep_the_older_id() -> None:
    first, second = BODY[: BODY.index("وأضاف")], BODY[BODY.index("وأضاف") :]
    whole = f"{first} {second}"
    told = group(
        article(1, title="أول", text=first), article(2, title="ثان", text=second), article(3, title="ثالث", text=whole)
    )
    assert ids(told) == ["s-a1", "s-a2", "s-a1"]
    [changed] = told[2].changes
    assert (changed.story_id, changed.merged, changed.articles) == ("s-a1", ("s-a2",), 3)


def test_a_page_that_replaces_a_feeds_summary_finds_its_story() -> None:
    known, dial = Known(), Dial()
    grouper = Grouper(known, dial)
    grouper.place(article(1), 1)
    alone = grouper.place(article(2, title="خبر عاجل", text="تفاصيل قريبا"), 2)
    page = grouper.place(article(2, title="خبر عاجل", text=BODY), 2)
    assert alone.place is not None
    assert page.place is not None
    assert (alone.place.id, page.place.id) == ("s-a2", "s-a1")
    assert page.changes[0].merged == ("s-a2",)


def test_an_article_in_company_stays_where_it_is_whatever_it_becomes() -> None:
    grouper = Grouper(Known(), Dial())
    grouper.place(article(1), 1)
    grouper.place(article(2), 2)
    told = grouper.place(article(2, title="مكتبة", text=OTHER), 2)
    assert told.place is not None
    assert (told.place.id, told.changes) == ("s-a1", ())


TEXTS = [BODY, BODY[: BODY.index("وأضاف")], BODY[BODY.index("ونقل") :], f"{BODY} {FACT}", OTHER, f"{OTHER} {FACT}", ""]


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(TEXTS), st.integers(0, 500)), max_size=14))
def test_every_article_is_in_one_story_that_its_oldest_member_began(messages: list[tuple[int, str, int]]) -> None:
    known = Known()
    grouper = Grouper(known, Dial())
    sequences: dict[int, int] = {}
    for number, text, hours in messages:
        grouper.place(article(number, text=text, hours=hours), sequences.setdefault(number, len(sequences) + 1))
    for member in known.members.values():
        inside = [other for other in known.members.values() if other.story == member.story]
        assert member.story == min(other.sequence for other in inside)
        story = known.stories.get(member.story)
        assert len(inside) == (story.articles if story else 1)
