"""Stories in the store: filed, told, read over HTTP; and how well they are found."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import event, select

from bench import stories as measured
from services.classifier.core.fingerprint import fingerprint
from services.store.adapters import stories as kept
from services.store.adapters.tables import STORIES, STORY_KEYS, STORY_MEMBERS
from services.store.core.stories import Dial, member
from services.store.settings import Settings
from shared.database import Database
from shared.events import ArticleClassified, ArticleFiled, StoryChanged
from shared.text import Normal
from shared.workers import Workers
from tests.builders import NOON, classified, fetched
from tests.integration.store.conftest import Stages
from tests.unit.store.test_grouping import BODY, FACT, OTHER, TITLE

Client = TestClient[Litestar]


def article(number: int, text: str = BODY, title: str = TITLE, hours: float = 0, **changes: Any) -> ArticleClassified:
    at = NOON + timedelta(hours=hours)
    made = fetched(
        article_id=f"a{number}", url=f"https://news.example/{number}", title=title, text=text, published_at=at, **changes
    )
    print_ = fingerprint(title, Normal(f"{title}\n\n{text}"))
    return classified(made, event_id=f"e{number}-{made.revision}", fingerprint=print_)


def told(values: list[bytes]) -> tuple[list[ArticleFiled], list[StoryChanged]]:
    """What was published, parted by kind."""
    filed, changed = list[ArticleFiled](), list[StoryChanged]()
    for value in values:
        if "classified" in msgspec.json.decode(value):
            filed.append(msgspec.json.decode(value, type=ArticleFiled))
        else:
            changed.append(msgspec.json.decode(value, type=StoryChanged))
    return filed, changed


def stories(client: Client, **params: Any) -> list[Any]:
    items: list[Any] = client.get("/stories", params=params).json()["items"]
    return items


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
def test_copies_are_one_story_whichever_batch_brings_them(stages: Stages, together: bool) -> None:
    events = [article(1), article(2, text=f"{BODY} {FACT}")]
    values = stages.file(*events) if together else [*stages.file(events[0]), *stages.file(events[1])]
    filed, [changed] = told(values)
    assert [each.story.id for each in filed if each.story] == ["s-a1", "s-a1"]
    assert (changed.story_id, changed.articles, len(changed.new)) == ("s-a1", 2, 1)


def test_the_same_messages_come_again_get_the_same_bytes_whatever_came_between(stages: Stages) -> None:
    first, second = article(1), article(2)
    before = [*stages.file(first), *stages.file(second)]
    stages.file(article(3), article(4, title="مكتبة", text=OTHER))
    assert [*stages.file(first), *stages.file(second)] == before


def test_two_stories_become_one_and_every_id_leads_to_it(stages: Stages, client: Client) -> None:
    half = BODY.index("وأضاف")
    stages.file(article(1, BODY[:half], "أول"), article(2, BODY[half:], "ثان"))
    stages.file(article(3, BODY[half:], "ثالث"))
    assert [one["id"] for one in stories(client)] == ["s-a2"]
    _, [changed] = told(stages.file(article(4, BODY, "رابع")))
    assert (changed.story_id, changed.merged) == ("s-a1", ("s-a2",))
    shown = {story: client.get(f"/stories/{story}").json() for story in ("s-a1", "s-a2", "s-a4")}
    assert {one["story"]["id"] for one in shown.values()} == {"s-a1"}
    assert [item["article"]["id"] for item in shown["s-a2"]["items"]] == ["a1", "a2", "a3", "a4"]
    assert [one["articles"] for one in stories(client)] == [4]
    assert client.get("/articles/a2").json()["story"] == {"id": "s-a1", "relation": "first", "articles": 4}


def test_a_story_shows_its_articles_with_what_each_says_that_is_new(stages: Stages, client: Client) -> None:
    stages.file(article(1), article(2, f"{BODY} {FACT}", "نبأ"))
    shown = client.get("/stories/s-a1").json()
    assert [(item["article"]["id"], item["relation"], item["of"]) for item in shown["items"]] == [
        ("a1", "first", None),
        ("a2", "copy", "a1"),
    ]
    assert [passage["text"] for passage in shown["items"][1]["new"]] == [FACT[:-1]]
    assert shown["story"]["sources"] == ["نشرة الهجرة"]


def test_a_story_of_one_is_found_by_its_id_and_in_no_list(stages: Stages, client: Client) -> None:
    stages.file(article(1))
    assert stories(client) == []
    shown = client.get("/stories/s-a1").json()
    assert (shown["story"]["articles"], len(shown["items"])) == (1, 1)
    assert client.get("/stories/s-nothing").status_code == 404
    assert client.get("/stories/a1").status_code == 404


def test_a_list_of_stories_is_filtered_by_their_articles_and_neither_skips_nor_repeats(stages: Stages, client: Client) -> None:
    for number in range(0, 6, 2):
        text = f"{BODY.replace('القارب', f'القارب{number}' * 3)} {OTHER.replace('المكتبة', f'المكتبة{number}')}"
        days = 30 * 24 * number
        stages.file(article(number, text, f"عنوان{number}", days), article(number + 1, text, f"نبأ{number}", days))
    first = client.get("/stories", params={"limit": 2}).json()
    rest = client.get("/stories", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ["s-a4", "s-a2", "s-a0"]
    assert rest["next"] is None
    assert stories(client, lang="fr") == []
    assert len(stories(client, topic="trafficking")) == 3


def test_switched_off_no_article_has_a_story(database: Database, workers: Workers, client: Client) -> None:
    stages = Stages(database, Settings(stories=False), workers)
    filed, changed = told(stages.file(article(1), article(2)))
    assert ([each.story for each in filed], changed) == ([None, None], [])
    assert client.get("/articles/a1").json()["story"] is None


def test_a_revision_is_found_by_what_it_says_now(stages: Stages, database: Database) -> None:
    stages.file(article(1, OTHER, "مكتبة"))
    stages.file(article(1, BODY, "قارب", revision=2))
    with database.read() as db:
        keys = {row.key for row in db.execute(select(STORY_KEYS.c.key))}
    assert keys == set(member(article(1, BODY, "قارب"), 1).found_by())
    _, [changed] = told(stages.file(article(2, BODY, "نبأ")))
    assert changed.of == "a1"


def test_what_a_batch_reads_does_not_grow_with_the_store(stages: Stages, database: Database) -> None:
    def reads() -> tuple[int, int]:
        statements = []
        with database.read() as db:
            event.listen(db, "before_cursor_execute", lambda *each: statements.append(each[2]))
            known = kept.known(db, [member(article(999, OTHER, "مكتبة", 24 * 400), -1)], Dial())
        return len(statements), len(known.members)

    before = reads()
    for number in range(40):
        stages.file(article(number, f"{BODY} {number}", f"{TITLE} {number}", 24 * 20 * number))
    statements, members = reads()
    assert statements <= before[0] + 4
    assert members == 0


def test_a_story_too_large_to_be_read_whole_moves_as_a_whole(
    stages: Stages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = BODY.index("وأضاف")
    stages.file(article(1, BODY[:half], "أول"))
    stages.file(*(article(number, BODY[half:], f"ثان {number}") for number in range(2, 56)))
    monkeypatch.setattr(kept, "MOST_MEMBERS", 2)
    stages.file(article(56, BODY, "ثالث"))
    with database.read() as db:
        assert set(db.execute(select(STORY_MEMBERS.c.story)).scalars()) == {1}
        assert db.execute(select(STORIES.c.sequence, STORIES.c.articles)).all() == [(1, 56)]


def test_a_mark_that_many_articles_have_is_no_sign_of_one_story(stages: Stages, database: Database) -> None:
    footer = "تابعوا آخر الأخبار والتحليلات عبر قناتنا على تطبيق الرسائل واشتركوا في نشرتنا البريدية اليومية المجانية"
    for number in range(100, 180):
        stages.file(article(number, footer, f"عنوان{number} جديد{number} مختلف{number}", number / 60))
    with database.read() as db:
        known = kept.known(db, [member(article(1, footer, "شيء آخر تماما"), -1)], Dial())
    assert known.having == {}  # counted and left
    filed, changed = told(stages.file(article(1, footer, "شيء آخر تماما")))
    assert changed == []
    assert filed[0].story is not None
    assert filed[0].story.id == "s-a1"


def test_rows_and_counts_agree_after_every_batch(stages: Stages, database: Database) -> None:
    half = BODY.index("ونقل")
    for batch in (
        [article(1), article(2, BODY[:half])],
        [article(3, BODY[half:]), article(4, OTHER)],
        [article(5), article(1)],
    ):
        stages.file(*batch)
        with database.read() as db:
            members = db.execute(select(STORY_MEMBERS.c.story)).scalars().all()
            counted = {row.sequence: row.articles for row in db.execute(select(STORIES))}
        assert counted == {story: members.count(story) for story in set(members) if members.count(story) > 1}


def test_reprints_are_brought_together_and_others_left_apart() -> None:
    copies = measured.reprint_set(seed=4)
    outcome = measured.file(copies)
    score = measured.score(copies, outcome.story)
    assert score.precision >= 0.95, measured.mistakes(copies, outcome.story)["together"]
    assert score.recall >= 0.85, measured.mistakes(copies, outcome.story)["apart"]
    appended = [copy for copy in copies if copy.appended and copy.id in outcome.news]
    assert sum(measured.is_told(copy, outcome) for copy in appended) >= 0.9 * len(appended)


def test_a_stricter_dial_joins_no_more() -> None:
    copies = measured.reprint_set(seed=5)[:200]
    loose, strict = (
        measured.score(copies, measured.file(copies, settings=Settings(story_strictness=dial)).story) for dial in (0.0, 1.0)
    )
    assert strict.right + strict.wrong <= loose.right + loose.wrong
    assert strict.precision >= loose.precision
