"""Which place a classified article takes, and what is answered."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.core.filing import Books, Known
from shared.events import ArticleClassified, ArticleFiled
from shared.outcomes import Dropped
from tests.builders import classified, fetched


def message(article: int = 1, revision: int = 1, rules: int = 1, body_from: str = "feed") -> ArticleClassified:
    return classified(
        fetched(article_id=f"article-{article}", revision=revision, body_from=body_from),
        rules_seq=rules,
        event_id=f"classified-{article}-{revision}-{rules}",
    )


def empty() -> Books:
    return Books(0, 0, {})


MESSAGES = st.lists(st.builds(message, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)), max_size=30)


@given(MESSAGES)
def test_a_message_come_again_gets_the_same_bytes_whatever_came_between(messages: list[ArticleClassified]) -> None:
    books, answers = empty(), dict[str, bytes]()
    for event in [*messages, *messages]:
        answer = books.enter(event)
        if isinstance(answer, ArticleFiled):
            assert answers.setdefault(event.event_id, msgspec.json.encode(answer)) == msgspec.json.encode(answer)
        else:
            assert event.event_id not in answers


@given(MESSAGES)
def test_an_article_only_grows_and_its_sequence_stays(messages: list[ArticleClassified]) -> None:
    books = empty()
    for event in messages:
        books.enter(event)
    changes = [filing.change for filing, _ in books.changed]
    assert changes == list(range(1, len(changes) + 1))
    for known in books.known.values():
        places = [filing.place for filing, _ in books.changed if filing.sequence == known.sequence]
        assert places == sorted(set(places))
        assert known.place == places[-1]
    assert sorted(known.sequence for known in books.known.values()) == list(range(1, len(books.known) + 1))


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        pytest.param(message(revision=2), "revised", id="the feed has a new text"),
        pytest.param(message(revision=2, body_from="page"), "enriched", id="the page in place of the feed's text"),
        pytest.param(message(rules=2), "retagged", id="the same text under new rules"),
        pytest.param(message(revision=2, rules=2), "revised", id="a new text under new rules"),
        pytest.param(message(article=2), "new", id="another article"),
    ],
)
def test_the_kind_of_a_filing_says_what_is_new_about_it(second: ArticleClassified, kind: str) -> None:
    books = empty()
    books.enter(message())
    [answer] = books.enter(second)
    assert isinstance(answer, ArticleFiled)
    assert answer.kind == kind


@pytest.mark.parametrize("older", [message(revision=1, rules=9), message(revision=2, rules=1)])
def test_an_older_place_never_filed_is_left_with_a_reason(older: ArticleClassified) -> None:
    books = Books(1, 1, {"article-1": Known(1, (2, 2), "feed")})
    answer = books.enter(older)
    assert isinstance(answer, Dropped)
    assert "revision 2 under rules 2" in answer.reason
    assert not books.changed
