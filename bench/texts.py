"""Articles to measure with: Arabic, some 3 KB in UTF-8, one in six on a topic, one in ten a reprint of an earlier one under
another headline, the same every run.

Sentences of news, and between them words of a vocabulary as large and as uneven as that of news: roots in patterns, the next
word half as frequent at double the rank. So most words of an article are common, some are rare, and articles share no more
with each other than articles do.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from shared import ids
from shared.events import ArticleClassified, ArticleFetched, ArticleFiled, EntryFound, Evidence, SourceRef, Tag

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = SourceRef(id="bench", name="مقياس", url="https://bench.example/feed.xml")
BYTES = 3_000
APART = timedelta(seconds=20)
REPRINTS = 10
VOCABULARY = 20_000

_PLACES = ("القاهرة", "بيروت", "الرباط", "تونس", "عمّان", "بغداد", "الخرطوم", "الدوحة", "مسقط", "نواكشوط", "طرابلس", "صنعاء")
_PEOPLE = ("الوزير", "المتحدثة باسم الحكومة", "رئيس البلدية", "مديرة المعهد", "الخبير الاقتصادي", "نائبة الرئيس", "المدرب")
_DEEDS = ("أعلن", "أكد", "أوضح", "نفى", "ذكر", "أضاف", "شدد على", "رحب بما قاله", "استعرض", "افتتح")
_THINGS = (
    "أن أسعار الخضروات ارتفعت خلال الشهر الماضي بسبب موجة الحر التي أصابت المحاصيل",
    "مشروع توسعة الميناء الذي يستمر العمل فيه حتى نهاية العام المقبل",
    "نتائج الانتخابات المحلية التي جرت يوم الأحد وسط إقبال متوسط",
    "أن المنتخب سيخوض مباراته القادمة على أرضه أمام جمهوره",
    "خطة لتحديث شبكة المياه في الأحياء القديمة وربطها بمحطة التحلية",
    "معرض الكتاب الدولي بمشاركة دور نشر من ثلاثين دولة",
    "أن البنك المركزي أبقى سعر الفائدة دون تغيير للمرة الثالثة",
    "اتفاقا مع شركات الطيران لزيادة عدد الرحلات في موسم الصيف",
)
_ON_TOPIC = (
    "أن الشرطة فككت شبكة تهريب مهاجرين وحررت ضحايا الاتجار بالبشر الذين احتجزوا في مزرعة",
    "قرار الحكومة إعفاء المواطنين من تأشيرة الدخول المسبقة ابتداء من مطلع العام",
    "تنفيذ الاتفاق العالمي من أجل الهجرة الآمنة والمنظمة والنظامية وتعهدات الدول الأعضاء",
)
_CONSONANTS = "بتثجحخدذرزسشصضطظعغفقكلمنه"
_PATTERNS = (
    "1ا23",
    "م12و3",
    "ت12ي3",
    "12ا3",
    "م1ا23ة",
    "است12ا3",
    "ان12ا3",
    "1ت1ا3",
    "12ي3",
    "12و3",
    "ت1ا23",
    "إ12ا3",
    "م123ة",
    "يت12ى3",
    "12ا3ات",
    "م12ي3",
)
_BETWEEN = ("من", "على", "إلى", "في", "التي", "الذي", "عن", "مع", "بعد", "قبل", "هذا", "كما", "بين", "لم", "قد", "حتى")


def entries(count: int, seed: int = 1) -> Iterator[EntryFound]:
    """So many entries, as `ingest` brings them."""
    chance = random.Random(seed)  # noqa: S311 - texts to measure with, no secret
    texts: list[str] = []
    for number in range(count):
        again = number % REPRINTS == REPRINTS - 1
        texts.append(_reprint(chance, texts) if again else _text(chance, on_topic=number % 6 == 0))
        title, text = _headline(chance, number), texts[-1]
        url = f"https://bench.example/{seed}/{number}"
        yield EntryFound(
            event_id=ids.event_id("bench", [url]),
            observed_at=BEGIN + number * APART,
            published_at=BEGIN + number * APART,
            article_id=ids.article_id(url),
            source=SOURCE,
            title=title,
            text=text,
            url=url,
            language="ar",
            backfill=True,
            body_from="file",
        )


def filed(count: int, seed: int = 1, topics: Sequence[str] = ("trafficking",)) -> Iterator[ArticleFiled]:
    """So many articles as the store files them, each on one or more of these topics, with evidence from the text."""
    chance = random.Random(seed)  # noqa: S311 - as above
    for number, entry in enumerate(entries(count, seed)):
        text, title = entry.text, entry.title
        hits = tuple(
            Evidence(
                term="x", field="text", start=at, end=at + 6, surface=text[at : at + 6], weight=1.0, context=text[at : at + 60]
            )
            for at in (10, 90, 170)
        )
        chosen = chance.sample(list(topics), chance.randint(1, len(topics)))
        tags = tuple(
            Tag(topic=topic, score=round(chance.uniform(0.5, 1), 3), threshold=0.5, rules_version="bench", evidence=hits)
            for topic in chosen
        )
        common: dict[str, Any] = {"observed_at": entry.observed_at, "published_at": entry.published_at}
        article = ArticleFetched(
            event_id=f"fetched-{seed}-{number}", article_id=entry.article_id, revision=1, source=entry.source, title=title,
            text=text, url=entry.url, language="ar", **common,
        )  # fmt: skip
        classified = ArticleClassified(
            event_id=f"classified-{seed}-{number}", article=article, topics=tags, rules_seq=1, rules_version="bench",
            language="ar", **common,
        )  # fmt: skip
        yield ArticleFiled(
            event_id=f"filed-{seed}-{number}", classified=classified, sequence=number + 1, change=number + 1, **common
        )


def _headline(chance: random.Random, number: int) -> str:
    return f"{chance.choice(_PLACES)}: {_words(chance)} ({number})"


def _text(chance: random.Random, *, on_topic: bool) -> str:
    sentences: list[str] = []
    size = 0
    while size < BYTES:
        who, where, count = chance.choice(_PEOPLE), chance.choice(_PLACES), chance.randrange(9999)
        if on_topic and not sentences:
            what = chance.choice(_ON_TOPIC)
        else:
            what = chance.choice(_THINGS) if len(sentences) % 3 == 2 else _words(chance)
        sentence = f"و{chance.choice(_DEEDS)} {who} في {where} {what} رقم {count}."
        sentences.append(sentence + ("\n" if len(sentences) % 4 == 3 else " "))
        size += len(sentences[-1].encode())
    return "".join(sentences).strip()


def _words(chance: random.Random) -> str:
    words, weights = _vocabulary()
    chosen = chance.choices(words, cum_weights=weights, k=chance.randint(9, 15))
    return " ".join(f"{chance.choice(_BETWEEN)} {word}" if at % 3 else word for at, word in enumerate(chosen))


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """The words, and what they weigh up to each."""
    chance = random.Random(3)  # noqa: S311 - as above
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        root, pattern = chance.sample(_CONSONANTS, 3), chance.choice(_PATTERNS)
        for place, letter in zip("123", root, strict=True):
            pattern = pattern.replace(place, letter)
        words[chance.choice(("", "", "ال", "ال", "وال", "ب")) + pattern] = None
    return list(words), list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


def _reprint(chance: random.Random, texts: Sequence[str]) -> str:
    """One of the last hundred, cut at its end."""
    return chance.choice(texts[-100:]).rsplit("\n", 1)[0]
