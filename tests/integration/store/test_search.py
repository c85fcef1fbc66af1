"""Finding articles by their words."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.builders import classified, fetched
from tests.integration.store.conftest import Stages

TEXTS = {
    "ar": "قالت المنظمة إن المهاجرين واللاجئين بحاجة إلى سياسة الهجرة الجديدة.",
    "ar2": "والمهاجرين الذين وصلوا إلى إسبانيا",
    "en": "The Global Compact for Migration: safe, orderly and regular migration.",
    "zh": "移民政策改革",
    "de": "Flüchtlinge in der Straße",
}
Found = Callable[[str], set[str]]


@pytest.fixture
def found(stages: Stages, client: TestClient[Litestar]) -> Found:
    stages.file(*(classified(fetched(article_id=name, title=name, text=text), event_id=name) for name, text in TEXTS.items()))

    def search(query: str) -> set[str]:
        answer = client.get("/articles", params={"q": query})
        assert answer.status_code == 200, answer.text
        return {item["id"] for item in answer.json()["items"]}

    return search


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("مهاجرين", {"ar", "ar2"}),
        ("المهاجرين", {"ar", "ar2"}),
        ("والمهاجرين", {"ar", "ar2"}),
        ("لِلمُهاجِرين", {"ar", "ar2"}),
        ("اسبانيا", {"ar2"}),
        ("اللاجئين مهاجرين", {"ar"}),
        ('"سياسة الهجرة"', {"ar"}),
        ('"الهجرة سياسة"', set()),
        ("MIGRATION compact", {"en"}),
        ('"regular migration"', {"en"}),
        ('"orderly migration"', set()),
        ("移民", {"zh"}),
        ("策改", {"zh"}),
        ("革", {"zh"}),
        ("移策", set()),
        ("STRASSE flüchtlinge", {"de"}),
        ("zh", {"zh"}),
        ("migration visa", set()),
    ],
)
def test_a_query_finds_what_holds_all_its_words(found: Found, query: str, wanted: set[str]) -> None:
    assert found(query) == wanted


@pytest.mark.parametrize(
    "query",
    ['"', '""', "*", "a*", "NOT", "AND OR", "NEAR(a b)", "title:x", "^a", "(a", "a)", "-a", "{a}", "a + b", "';--", "\\"],
)
def test_no_input_is_taken_for_the_language_of_the_index(found: Found, query: str) -> None:
    found(query)


@runs(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(query=st.text(max_size=30))
def test_any_text_can_be_searched_for(found: Found, query: str) -> None:
    found(query)


def test_a_changed_text_is_found_by_its_new_words_alone(stages: Stages, found: Found) -> None:
    stages.file(classified(fetched(article_id="de", revision=2, title="de", text="Wohnungen in Berlin"), event_id="again"))
    assert found("Flüchtlinge") == set()
    assert found("Wohnungen") == {"de"}
