"""Articles to measure with: Arabic, some 3 KB in UTF-8, one in six on a topic, every one different and the same every run."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import ids
from shared.events import ArticleClassified, ArticleFetched, ArticleFiled, EntryFound, Evidence, SourceRef, Tag

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = SourceRef(id="bench", name="مقياس", url="https://bench.example/feed.xml")
BYTES = 3_000

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


def entries(count: int, seed: int = 1) -> Iterator[EntryFound]:
    """So many entries, as `ingest` brings them."""
    chance = random.Random(seed)  # noqa: S311 - texts to measure with, no secret
    for number in range(count):
        title, text = _headline(chance, number), _text(chance, on_topic=number % 6 == 0)
        url = f"https://bench.example/{seed}/{number}"
        yield EntryFound(
            event_id=ids.event_id("bench", [url]),
            observed_at=BEGIN + timedelta(seconds=number),
            published_at=BEGIN + timedelta(seconds=number),
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
    return f"{chance.choice(_PLACES)}: {chance.choice(_THINGS)} ({number})"


def _text(chance: random.Random, *, on_topic: bool) -> str:
    sentences: list[str] = []
    size = 0
    while size < BYTES:
        thing = chance.choice(_ON_TOPIC if on_topic and not sentences else _THINGS)
        who, where, count = chance.choice(_PEOPLE), chance.choice(_PLACES), chance.randrange(9999)
        sentence = f"و{chance.choice(_DEEDS)} {who} في {where} {thing} رقم {count}."
        sentences.append(sentence + ("\n" if len(sentences) % 4 == 3 else " "))
        size += len(sentences[-1].encode())
    return "".join(sentences).strip()
