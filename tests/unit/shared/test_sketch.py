"""What two texts share word for word, and what one says that the other does not."""

from hypothesis import given
from hypothesis import strategies as st

from shared.sketch import Marks, length, marks, pack, passages, sentences, shared, unpack
from shared.text import normalise

SENTENCES = (
    "أعلنت الشرطة اليوم أنها فككت شبكة تهريب مهاجرين كانت تنشط في ثلاث مدن ساحلية",
    "وقالت المتحدثة باسم الحكومة إن التحقيقات ستستمر حتى توقيف بقية أفراد المجموعة",
    "The ministry said on Monday that seasonal workers would be given permits good for three years",
    "警方表示将继续调查该团伙在三个沿海城市的活动并追捕其余成员",
    "Las autoridades confirmaron que los menores fueron trasladados a un centro de acogida en la capital",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5, unique=True)


def sketch(text: str) -> list[Marks]:
    normal = normalise(text)
    return [marks(normal[span.start : span.end]) for span in sentences(normal)]


def known(text: str) -> frozenset[int]:
    return frozenset(mark for sentence in sketch(text) for mark in sentence.marks)


@given(st.text())
def test_a_sketch_survives_being_packed(text: str) -> None:
    assert unpack(pack(sketch(text))) == sketch(text)


@given(TEXTS, TEXTS)
def test_the_share_is_that_of_the_sentences_in_common(one: list[str], other: list[str]) -> None:
    first, second = ". ".join(one), ".\n".join(other)
    common = sum(marks(normalise(sentence)).shingles for sentence in set(one) & set(other))
    assert shared(sketch(first), known(second)) == common
    assert length(sketch(first)) == sum(marks(normalise(sentence)).shingles for sentence in one)


@given(TEXTS, st.sampled_from(SENTENCES))
def test_what_is_new_is_what_was_not_said_before(told: list[str], sentence: str) -> None:
    text = ". ".join([*told, sentence]) + "."
    new = [text[span.start : span.end] for span in passages(text, known(". ".join(told)), 1)]
    assert new == ([] if sentence in told else [sentence])


@given(st.text(), st.text())
def test_every_passage_is_a_slice_that_holds_something(text: str, other: str) -> None:
    for span in passages(text, known(other), 1):
        assert text[span.start : span.end].strip()


def test_a_sentence_with_a_word_changed_is_still_known() -> None:
    changed = SENTENCES[2].replace("Monday", "Tuesday")
    assert list(passages(changed, known(SENTENCES[2]), 1)) == []


def test_the_same_words_in_another_order_are_no_copy() -> None:
    backwards = " ".join(reversed(SENTENCES[2].split()))
    assert shared(sketch(backwards), known(SENTENCES[2])) == 0


def test_spelling_variants_of_arabic_make_no_difference() -> None:
    assert known("قالت إدارة الهجرة إنّ المراكب آمنة وإنها ستعود") == known("قالت ادارة الهجره ان المراكب امنه وانها ستعود")


def test_short_lines_are_furniture_and_left_out_of_what_is_new() -> None:
    assert list(passages("Read also:\n" + SENTENCES[2], frozenset(), 3)) == [(11, 11 + len(SENTENCES[2]))]
