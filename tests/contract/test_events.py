"""What is on the wire stays readable: schemas, golden examples, and the map itself."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from rasid import map as made
from shared.events import Event
from shared.topology import STAGES, TOPICS, topic_of
from tests.builders import ONE_OF_EACH, found

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent / "events"
BY_NAME = {type(event).__name__: type(event) for event in ONE_OF_EACH}


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_an_event_survives_the_wire(event: Event) -> None:
    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_an_event_fits_its_published_schema(event: Event) -> None:
    schema = msgspec.json.decode((ROOT / "docs" / "events" / f"{type(event).__name__}.schema.json").read_bytes())
    Draft202012Validator(schema).validate(msgspec.json.decode(msgspec.json.encode(event)))


def test_the_published_schemas_are_those_of_the_code() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "events").glob("*.schema.json")}
    assert on_disk == made.schemas(), "run `make map`"


def test_every_event_has_a_golden_example() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(BY_NAME)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_old_example_still_decodes_to_what_it_said(path: Path) -> None:
    kind = BY_NAME[path.parent.name]
    event = msgspec.json.decode(path.read_bytes(), type=kind)
    said = msgspec.json.decode(path.read_bytes())
    told = msgspec.to_builtins(event, str_keys=True)
    assert _contains(msgspec.json.decode(msgspec.json.encode(told)), said)


def _contains(whole: Any, part: Any) -> bool:
    """Whether everything `part` says stands in `whole`; fields that came later may stand there too."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(_contains, whole, part))
    return bool(whole == part)


def test_a_reader_ignores_fields_it_does_not_know() -> None:
    later = {**msgspec.json.decode(msgspec.json.encode(found())), "invented_tomorrow": 1}
    assert msgspec.json.decode(msgspec.json.encode(later), type=type(found())) == found()


def test_a_time_without_a_zone_is_refused() -> None:
    naive = {**msgspec.json.decode(msgspec.json.encode(found())), "observed_at": datetime(2026, 11, 22).isoformat()}  # noqa: DTZ001 - the fault under test
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.json.decode(msgspec.json.encode(naive), type=type(found()))


def test_an_event_type_travels_on_one_topic_only() -> None:
    assert len({topic.event for topic in TOPICS}) == len(TOPICS)
    assert {topic_of(topic.event) for topic in TOPICS} == set(TOPICS)


def test_every_topic_is_written_and_read() -> None:
    for topic in TOPICS:
        assert any(topic in stage.writes for stage in STAGES), topic.name
        assert any(topic in stage.reads for stage in STAGES), topic.name


def test_the_map_in_the_readme_is_fresh() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert made.within(text) == text, "run `make map`"
