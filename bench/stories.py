"""How well articles that report the same are brought together: reprints, and reports of one event in other words.

Reprints are made of our own articles (tests/fixtures/stories/articles.jsonl) as sites make them: a tail cut off, another
headline, an agency's credit, words changed by an editor, sentences left out, a page's furniture around. Events are written by
hand (events.jsonl), two or three reports each, beside others of the same kind that are not theirs; one half of them was
looked at while the thresholds were set, the other was not. All are filed by the real stages in a real database, in a shuffled
order.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rasid import schema
from services.classifier.adapters import rules
from services.classifier.adapters.worker import Question, label_one
from services.classifier.core.tagging import Tagger
from services.store import app as store
from services.store.core.words import words_of
from services.store.settings import Settings
from shared.database import Database
from shared.events import ArticleClassified, ArticleFetched, ArticleFiled, SourceRef, StoryChanged
from shared.handlers import Context, TopicHandler
from shared.sketch import sentences
from shared.text import normalise
from shared.workers import Workers

FOLDER = Path(__file__).parents[1] / "tests" / "fixtures" / "stories"
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
FURNITURE = {
    "ar": ("تابعوا آخر الأخبار عبر قناتنا على تلغرام", "اقرأ أيضا", "جميع الحقوق محفوظة لصحيفة اليوم"),
    "en": ("Follow the latest news on our channel", "Read also", "All rights reserved to the publisher"),
}
CREDITS = {"ar": ("(وكالات) - ", "(أ ف ب)"), "en": ("(Reuters) - ", "Reporting by Jane Smith; Editing by John Doe")}


class Copy(NamedTuple):
    """An article to be filed. `group`: what it belongs to; `appended`: a new fact that stands only in it."""

    id: str
    group: str
    lang: str
    title: str
    text: str
    appended: str = ""


class Score(NamedTuple):
    """Pairs of articles: brought together rightly, wrongly, and left apart wrongly."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


class Outcome(NamedTuple):
    """What came of filing: story and relation by article, and what each was told to have that is new."""

    story: dict[str, str]
    news: dict[str, tuple[str, ...]]
    joined: list[StoryChanged]


def articles() -> list[Copy]:
    """Our own articles, each an event of its own."""
    lines = (json.loads(line) for line in (FOLDER / "articles.jsonl").read_text(encoding="utf-8").splitlines())
    return [Copy(line["id"], line["id"], line["lang"], line["title"], line["text"]) for line in lines]


def events(half: str) -> list[Copy]:
    """Hand-written reports; those of one event have one group."""
    lines = [json.loads(line) for line in (FOLDER / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Copy(f"{line['event']}/{number}", line["event"], line["lang"], line["title"], line["text"])
        for number, line in enumerate(lines)
        if line["half"] == half
    ]


def reprints(of: Copy, others: Sequence[Copy], chance: random.Random) -> Iterator[Copy]:
    """Four copies of an article as other sites print it; nothing of a text too short to be told from another."""
    parts = _parts(of.text)
    if len(parts) < 5:
        return
    before, after = CREDITS.get(of.lang, CREDITS["en"])
    yield of._replace(id=f"{of.id}/cut", text=before + " ".join(parts[: max(3, len(parts) * 55 // 100)]))
    edited = [_edited(part, chance) for part in parts]
    yield of._replace(id=f"{of.id}/edited", title=_headline(parts[1]), text="\n".join(edited))
    fewer = [part for part in parts[1:] if chance.random() < 0.75]
    yield of._replace(id=f"{of.id}/fewer", title=_headline(parts[0]), text=f"{' '.join(fewer)}\n{after}")
    cut = [_edited(part, chance, 0.12) for part in parts[: max(4, len(parts) * 6 // 10)]]
    yield of._replace(id=f"{of.id}/page", title=_headline(parts[2]), text=_page(cut, of.lang, others, chance))


def follow_up(of: Copy, other: Copy) -> Copy | None:
    """The same article with a sentence more that stands in no other."""
    parts, more = _parts(of.text), _parts(other.text)
    if len(parts) < 5 or len(more) < 3:
        return None
    return of._replace(id=f"{of.id}/more", text=f"{of.text}\n{more[2]}", appended=more[2])


def _parts(text: str) -> list[str]:
    """The sentences of a text; one that repeats no figures of another's makes no difference here."""
    flat = normalise(text)
    return [flat[span.start : span.end] + "." for span in sentences(flat)]


def _headline(sentence: str) -> str:
    return " ".join(sentence.split()[:9]) if " " in sentence else sentence[:22]


def _edited(sentence: str, chance: random.Random, share: float = 0.07) -> str:
    """So many of its words left out."""
    words = sentence.split()
    return " ".join(word for word in words if len(words) < 6 or chance.random() > share)


def _page(parts: Sequence[str], lang: str, others: Sequence[Copy], chance: random.Random) -> str:
    first, also, last = FURNITURE.get(lang, FURNITURE["en"])
    links = [f"{also}: {other.title}" for other in chance.sample(others, min(4, len(others)))]
    middle = len(parts) // 2
    return "\n".join([first, *parts[:middle], *links[:2], *parts[middle:], *links[2:], last])


def file(copies: Sequence[Copy], *, batch: int = 40, settings: Settings | None = None) -> Outcome:
    """Files these in this order, some minutes apart, through the real stages; a database of its own."""
    settings = settings or Settings()
    told: dict[str, str] = {}
    news: dict[str, tuple[str, ...]] = {}
    joined: list[StoryChanged] = []
    with TemporaryDirectory() as folder:
        workers, database = Workers(1), Database(f"sqlite:///{Path(folder) / 'stories.db'}")
        try:
            schema.migrate(database)
            [stage, *_] = [each for each in store.handlers(settings, workers) if isinstance(each, TopicHandler)]
            classified = list(_classified(copies))
            for at in range(0, len(classified), batch):
                part = classified[at : at + batch]
                words = words_of([(each.article.title, each.article.text) for each in part])
                replies = database.transact_now(lambda tx: list(stage.decide(part, words, Context(BEGIN, tx))))  # noqa: B023
                for event in (event for reply in replies for event in reply):
                    if isinstance(event, ArticleFiled) and event.story:
                        told[event.classified.article.article_id] = event.story.id
                    if isinstance(event, StoryChanged):
                        told = {article: event.story_id if story in event.merged else story for article, story in told.items()}
                        joined.append(event)
                        news[event.article_id] = tuple(passage.text for passage in event.new)
        finally:
            database.close()
            workers.close()
    return Outcome(told, news, joined)


def _classified(copies: Iterable[Copy]) -> Iterator[ArticleClassified]:
    tagger = Tagger(rules.load())
    for number, copy in enumerate(copies):
        at = BEGIN + timedelta(minutes=3 * number)
        label = label_one(tagger, Question(copy.title, copy.text, copy.lang, at.date()))
        article = ArticleFetched(
            event_id=f"fetched {copy.id}",
            observed_at=at,
            published_at=at,
            article_id=copy.id,
            revision=1,
            source=SourceRef(id=f"source {number % 17}", name=f"source {number % 17}"),
            title=copy.title,
            text=copy.text,
            language=copy.lang,
        )
        yield ArticleClassified(
            event_id=f"classified {copy.id}",
            observed_at=at,
            published_at=at,
            article=article,
            topics=label.topics,
            rules_seq=1,
            rules_version="bench",
            language=label.language,
            countries=label.entities.countries,
            organisations=label.entities.organisations,
            dates=label.entities.dates,
            fingerprint=label.fingerprint,
        )


def score(copies: Sequence[Copy], story: dict[str, str]) -> Score:
    """Pairs of articles, counted."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for one, other in combinations(copies, 2):
        counts[one.group == other.group, story[one.id] == story[other.id]] += 1
    return Score(counts[True, True], counts[False, True], counts[True, False])


def mistakes(copies: Sequence[Copy], story: dict[str, str]) -> dict[str, list[str]]:
    """Stories that hold more than one group, and groups that lie in more than one story; for a person to look at."""
    together, apart = defaultdict(set), defaultdict(set)
    for copy in copies:
        together[story[copy.id]].add(copy.group)
        apart[copy.group].add(story[copy.id])
    return {
        "together": [" + ".join(sorted(groups)) for groups in together.values() if len(groups) > 1],
        "apart": [group for group, stories in apart.items() if len(stories) > 1],
    }


def reprint_set(seed: int = 1) -> list[Copy]:
    """Our articles with their reprints, and one in four with a fact more, in a shuffled order; the first stands before its
    copies no more often than after them."""
    chance = random.Random(seed)  # noqa: S311 - which copies are made, no secret
    every = articles()
    by_lang = defaultdict(list)
    for each in every:
        by_lang[each.lang].append(each)
    copies: list[Copy] = []
    for number, each in enumerate(every):
        others = [other for other in by_lang[each.lang] if other.id != each.id]
        copies += [each, *reprints(each, others, chance)]
        if number % 4 == 0 and (more := follow_up(each, others[number % len(others)])):
            copies.append(more)
    chance.shuffle(copies)
    return copies


def jaccard(one: str, other: str) -> float:
    """Of three-word shingles: how alike two texts are by the measure that is not used."""
    first, second = (
        set(zip(words, words[1:], words[2:], strict=False)) for words in (normalise(one).split(), normalise(other).split())
    )
    return len(first & second) / len(first | second) if first | second else 0.0


class Measured(NamedTuple):
    """A set that was filed: how many articles, and the pairs."""

    name: str
    articles: int
    score: Score


def measure() -> tuple[list[Measured], int, int]:
    """Each set's score; and of the facts appended to a copy that joined a story, how many were told as new, and all."""
    copies = reprint_set()
    outcome = file(copies)
    found = [Measured("reprints", len(copies), score(copies, outcome.story))]
    for half in ("tuned", "held"):
        mixed = [*events(half), *articles()]
        random.Random(1).shuffle(mixed)  # noqa: S311 - an order, no secret
        found.append(Measured(f"events, {half}", len(mixed), score(mixed, file(mixed).story)))
    appended = [copy for copy in copies if copy.appended and copy.id in outcome.news]
    return found, sum(is_told(copy, outcome) for copy in appended), len(appended)


def is_told(copy: Copy, outcome: Outcome) -> bool:
    """Whether the fact appended to this copy was told as new."""
    return any(normalise(passage)[:40] in copy.appended for passage in outcome.news[copy.id])
