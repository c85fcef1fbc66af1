"""The filter language: what is understood, what is refused and where, and the laws it obeys."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rasid.map import filter_schema
from shared.events import SourceRef, Tag
from shared.filter import DEEPEST, LISTS, Facts, FilterError, facts, parse, parse_json
from shared.filter_schema import schema
from shared.wire import Article, Country, Organisation

TOPICS = ("global_compact", "trafficking", "visa_policy")
FIELDS = ("subtopics", "languages", "countries", "organisations", "sources")
VALUES = {
    "topics": st.sampled_from(TOPICS),
    "subtopics": st.sampled_from(["trafficking/scams", "visa_policy/waivers"]),
    "languages": st.sampled_from(["ar", "en", "zh", "zh-hant"]),
    "countries": st.sampled_from(["JO", "LB"]),
    "organisations": st.sampled_from(["IOM", "ILO"]),
    "sources": st.sampled_from(["un", "iom"]),
}


def _some(parts: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with one or more of these, made so and not sifted out."""
    names = st.sets(st.sampled_from(sorted(parts)), min_size=1)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: parts[name] for name in sorted(chosen)}))


def _operators(field: str) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(VALUES[field], min_size=1, max_size=3)
    return _some({"any": lists, "all": lists})


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "topics": _operators("topics"),
    **{field: _operators(field) for field in FIELDS},
    "min_score": st.sampled_from([0, 0.25, 0.5, 1]),
    "text": st.sampled_from(["visa", '"global compact"', "هجرة", "签证"]),
}
OBJECTS = _some(LEAVES)
FILTERS = st.recursive(
    OBJECTS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}, optional=LEAVES),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}, optional=LEAVES),
        st.fixed_dictionaries({"not": inner}, optional=LEAVES),
    ),
    max_leaves=6,
)
FACTS = st.builds(
    Facts,
    scores=st.dictionaries(st.sampled_from(TOPICS), st.sampled_from([0.2, 0.5, 0.9])),
    values=st.fixed_dictionaries({field: st.frozensets(VALUES[field]) for field in FIELDS}),
    words=st.sampled_from(["", "The Global Compact", "A visa, twice", "الهجرة و هجرة", "新签证政策"]),
)
NOTHING = Facts({}, {})


@given(FILTERS, FACTS)
def test_not_is_the_exact_complement(wanted: dict[str, Any], known: Facts) -> None:
    assert parse({"not": wanted}).matches(known) is not parse(wanted).matches(known)


@given(FILTERS, st.sampled_from(sorted(LEAVES)), st.data(), FACTS)
def test_another_condition_at_the_top_never_widens(
    wanted: dict[str, Any], field: str, data: st.DataObject, known: Facts
) -> None:
    without = {name: value for name, value in wanted.items() if name != field}
    more = {**without, field: data.draw(LEAVES[field])}
    assert parse(without).matches(known) or not parse(more).matches(known)


@given(st.sampled_from(sorted(LEAVES)), st.data())
def test_a_missing_field_never_matches_and_so_its_not_does(field: str, data: st.DataObject) -> None:
    leaf = {field: data.draw(LEAVES[field])}
    assert not parse(leaf).matches(NOTHING)
    assert parse({"not": leaf}).matches(NOTHING)


@given(FILTERS, FACTS)
def test_what_matches_has_a_value_it_is_found_by_and_reasons_by_values_it_has(wanted: dict[str, Any], known: Facts) -> None:
    understood = parse(wanted)
    if understood.matches(known):
        keys = understood.keys()
        assert keys is None or keys & set(known.keys([*LISTS, "text"]))
        there = {*known.scores, *(value for values in known.values.values() for value in values)}
        for reason in understood.reasons(known):
            assert reason.part.endswith(".text") or set(reason.matched) <= there


@given(FILTERS, FACTS)
def test_a_filter_read_back_from_json_is_the_same(wanted: dict[str, Any], known: Facts) -> None:
    assert parse_json(msgspec.json.encode(wanted)).matches(known) is parse(wanted).matches(known)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, True, id="nothing is asked"),
        pytest.param({"topics": {"any": ["trafficking", "visa_policy"]}}, True, id="one of two"),
        pytest.param({"topics": {"all": ["trafficking", "visa_policy"]}}, False, id="both"),
        pytest.param({"topics": {"any": ["trafficking"]}, "min_score": 0.8}, True, id="score reached"),
        pytest.param({"topics": {"any": ["trafficking"]}, "min_score": 0.9}, False, id="score not reached"),
        pytest.param({"topics": {"any": ["visa_policy"]}, "min_score": 0.8}, False, id="another topic's score does not count"),
        pytest.param({"min_score": 0.8}, True, id="any tag's score"),
        pytest.param({"all": [{"min_score": 0.8}, {"topics": {"any": ["trafficking"]}}]}, True, id="apart: any tag's score"),
        pytest.param({"topics": {"any": ["trafficking"]}, "languages": {"any": ["zh"]}}, True, id="a language's parent"),
        pytest.param({"languages": {"any": ["ZH-Hant"]}}, True, id="a language in any case"),
        pytest.param({"languages": {"any": ["zh-Hans"]}}, False, id="another script"),
        pytest.param({"countries": {"all": ["jo", "LB"]}}, True, id="all countries"),
        pytest.param({"countries": {"all": ["JO", "EG"]}}, False, id="not all countries"),
        pytest.param({"subtopics": {"any": ["trafficking/scams"]}}, True, id="a subtopic"),
        pytest.param({"sources": {"any": ["UN News"]}}, True, id="a source by name"),
        pytest.param({"organisations": {"any": ["IOM"]}}, True, id="an organisation by its id"),
        pytest.param({"organisations": {"any": ["international organization for migration"]}}, True, id="by its name"),
        pytest.param({"organisations": {"all": ["IOM", "ILO"]}}, False, id="not all organisations"),
        pytest.param({"text": "COMPACT global"}, True, id="all words in any order"),
        pytest.param({"text": '"global compact"'}, True, id="a phrase across a line end"),
        pytest.param({"text": '"compact global"'}, False, id="a phrase in another order"),
        pytest.param({"text": "compac"}, False, id="part of a word"),
        pytest.param({"text": "الهجره"}, True, id="Arabic letters made one"),
        pytest.param({"text": "签证"}, True, id="a word in a text without spaces"),
        pytest.param({"any": [{"text": "nowhere"}, {"not": {"text": "nowhere"}}]}, True, id="groups"),
    ],
)
def test_an_article_is_held_against_each_field(wanted: dict[str, Any], expected: bool) -> None:
    article = Article(
        id="a",
        url=None,
        title="The Global\nCompact",
        text="الهِجْرة اليوم 新签证政策",
        lang="zh-Hant",
        published_at=None,
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
        source=SourceRef(id="un", name="UN News"),
        topics=(Tag(topic="trafficking", score=0.82, threshold=0.5, rules_version="1", subtopics=("scams",)),),
        countries=(Country(code="JO", count=2), Country(code="LB", count=1)),
        organisations=(Organisation(id="iom", name="International Organization for Migration", count=1),),
        revision=1,
    )
    assert parse(wanted, topics=TOPICS).matches(facts(article)) is expected


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        pytest.param([], ["filter"], id="not an object"),
        pytest.param({"topic": "x"}, ["filter.topic"], id="unknown field"),
        pytest.param({"topics": ["trafficking"]}, ["filter.topics"], id="a bare list"),
        pytest.param({"topics": {}}, ["filter.topics"], id="no operator"),
        pytest.param({"topics": {"none": ["x"]}}, ["filter.topics.none"], id="unknown operator"),
        pytest.param({"topics": {"any": []}}, ["filter.topics.any"], id="empty list"),
        pytest.param({"topics": {"any": ["trafficking", "weather"]}}, ["filter.topics.any[1]"], id="unknown topic"),
        pytest.param({"subtopics": {"any": ["scams"]}}, ["filter.subtopics.any[0]"], id="a subtopic without its topic"),
        pytest.param(
            {"languages": {"any": ["Arabic!", 7]}}, ["filter.languages.any[0]", "filter.languages.any[1]"], id="bad tags"
        ),
        pytest.param({"countries": {"all": ["Jordan"]}}, ["filter.countries.all[0]"], id="a name for a code"),
        pytest.param({"min_score": True}, ["filter.min_score"], id="true is no number"),
        pytest.param({"min_score": 1.5}, ["filter.min_score"], id="above 1"),
        pytest.param({"min_score": float("nan")}, ["filter.min_score"], id="not a number"),
        pytest.param({"text": ' "" '}, ["filter.text"], id="no word"),
        pytest.param({"text": '"open'}, ["filter.text"], id="open quote"),
        pytest.param({"text": None}, ["filter.text"], id="null"),
        pytest.param({"not": {}}, ["filter.not"], id="empty group"),
        pytest.param({"any": {"text": "x"}}, ["filter.any"], id="a group that is no list"),
        pytest.param(
            {"any": [{"text": "x"}, {"all": [{"not": {"min_score": "1"}}]}]}, ["filter.any[1].all[0].not.min_score"], id="deep"
        ),
        pytest.param({"a": 1, "min_score": -1, "text": "x"}, ["filter.a", "filter.min_score"], id="every fault at once"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(wanted: object, places: list[str]) -> None:
    with pytest.raises(FilterError) as refused:
        parse(wanted, topics=TOPICS)
    assert [fault.place for fault in refused.value.faults] == places


def test_a_filter_that_nests_without_end_is_refused() -> None:
    wanted: dict[str, Any] = {"text": "x"}
    for _ in range(DEEPEST + 1):
        wanted = {"not": wanted}
    with pytest.raises(FilterError, match="levels deep"):
        parse(wanted)
    with pytest.raises(FilterError, match="is not JSON"):
        parse_json('{"not":' * 100_000)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from([*LEAVES, "any", "all", "not", "x"]), inner)))  # fmt: skip
def test_whatever_comes_is_understood_or_refused_at_a_place_inside_it(wanted: object) -> None:
    assert all(place.startswith("filter") for place in _places(wanted))


def _places(wanted: object) -> list[str]:
    try:
        parse(wanted, topics=TOPICS).matches(NOTHING)
    except FilterError as error:
        return [fault.place for fault in error.faults]
    return []


SCHEMA = Draft202012Validator(schema())


def fits_schema(wanted: object) -> bool:
    """Whether the published schema takes it, as JSON."""
    try:
        return SCHEMA.is_valid(json.loads(json.dumps(wanted, allow_nan=False)))
    except ValueError:  # NaN is no JSON
        return False


def is_understood(wanted: object) -> bool:
    try:
        parse(wanted)
    except FilterError:
        return False
    return True


def test_the_published_schema_is_made_of_the_language() -> None:
    published = (Path(__file__).parents[3] / "docs" / "filter.schema.json").read_text(encoding="utf-8")
    assert published == filter_schema(), "run `make map`"
    Draft202012Validator.check_schema(json.loads(published))


@given(FILTERS)
def test_the_published_schema_takes_what_is_understood(wanted: dict[str, Any]) -> None:
    assert fits_schema(wanted)


JUNK = st.none() | st.booleans() | st.sampled_from([-1, 0, 0.5, 1, 2, "", "x", "x/y", "ar", "JO", "a b"])
NAMES = [*LEAVES, "any", "all", "not", "x"]


@given(
    st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4))
)
def test_the_published_schema_and_the_parser_refuse_the_same(wanted: object) -> None:
    if fits_schema(wanted):
        assert is_understood(wanted) or "text" in json.dumps(wanted), "only of a text may the parser know better"
    else:
        assert not is_understood(wanted)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param("well-known", "a well-known fact", id="a hyphen inside"),
        pytest.param("हिन्दी", "यह हिन्दी है", id="marks inside words"),
        pytest.param("e.u", "the E.U. said", id="dots"),
        pytest.param('"global compact on migration"', "The Global\nCompact, on migration", id="a phrase over punctuation"),
        pytest.param("签证", "新签证政策", id="no spaces"),
        pytest.param("visa_policy", "the visa_policy file", id="an underscore"),
        pytest.param("الهِجْرة", "عن الهجره اليوم", id="vowel signs"),
    ],
)
def test_a_text_is_found_by_a_word_of_it(query: str, text: str) -> None:
    known, wanted = Facts({"t": 1.0}, {}, text), parse({"text": query})
    matches = wanted.matches(known)
    keys = wanted.keys()
    assert keys is None or not matches or keys & set(known.keys(["text"]))


@given(st.text(max_size=60), st.data())
def test_whatever_words_stand_in_a_text_are_among_those_it_is_found_by(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    query = text[begin : begin + data.draw(st.integers(1, 12))].replace('"', "")
    try:
        wanted = parse({"text": f'"{query}"' if data.draw(st.booleans()) else query})
    except FilterError:
        return
    known = Facts({"t": 1.0}, {}, text)
    keys = wanted.keys()
    assert keys is None or not wanted.matches(known) or keys & set(known.keys(["text"]))
