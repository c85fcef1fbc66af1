"""Topic files: a user's own, and faulty ones."""

from pathlib import Path

import pytest

from services.classifier.adapters.rules import BadRules, load, read
from services.classifier.core.tagging import Tagger
from tests.unit.classifier.rules import pattern, topic

FLOODS = topic(
    "floods",
    '[concepts]\nwater = "where it should not be"\n[[patterns]]\nany = ["@water"]\nweight = 0.7',
    '[languages.en.concepts]\nwater = ["flood(s)", "river burst*"]\n[languages.ar.concepts]\nwater = ["فيضان", "سيول"]',
)


def write(folder: Path, **files: str) -> Path:
    """These topic files in a folder; `floods__ar` is floods/ar.toml."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def topics(tagger: Tagger, title: str, language: str) -> set[str]:
    return {tag.topic for tag in tagger.tag(title, "", language).topics}


def test_a_users_topic_needs_no_code(tmp_path):
    tagger = Tagger(load(write(tmp_path, floods=FLOODS)))
    assert topics(tagger, "Floods after the storm", "en") == {"floods"}
    assert topics(tagger, "فيضانات وتفكيك شبكة للاتجار بالبشر", "ar") == {"floods", "trafficking"}


def test_a_users_topic_takes_the_place_of_a_shipped_one(tmp_path):
    own = load(write(tmp_path, trafficking=topic("trafficking", pattern("en", 0.9, "pigeon"))))
    assert {"global_compact", "trafficking", "visa_policy"} <= {t.topic for t in own.topics}
    assert topics(Tagger(own), "Human trafficking ring broken up", "en") == set()
    assert topics(Tagger(own), "A pigeon", "en") == {"trafficking"}


def test_a_users_language_is_added_to_a_shipped_topic(tmp_path):
    concepts = '[concepts]\ntrafficking = ["ka ganacsiga dadka"]\narrest = []\n'
    own = Tagger(load(write(tmp_path, trafficking__so=concepts.replace("arrest = []\n", ""))))
    assert topics(own, "Kooxda ka ganacsiga dadka", "so") == {"trafficking"}
    assert topics(own, "Human trafficking ring broken up", "en") == {"trafficking"}


def test_a_language_without_a_topic_is_refused(tmp_path):
    with pytest.raises(BadRules, match="there is no topic storms"):
        load(write(tmp_path, storms__en='[concepts]\nwind = ["gale"]'))


def test_a_file_is_named_for_its_topic(tmp_path):
    with pytest.raises(BadRules, match=r"mine\.toml:1: the file is named for the topic mine: name it floods\.toml"):
        load(write(tmp_path, mine=FLOODS))


def test_every_fault_of_every_file_is_named_with_its_line(tmp_path):
    bad = (
        'topic = "Bad Name"\nthreshold = 3\ncolour = "red"\n\n[concepts]\nw = "water"\n\n'
        '[[patterns]]\nweight = "much"\nany = ["@w"]\n\n'
        '[[patterns]]\nweight = 0.5\nany = ["@nothing"]\nnera = ["x"]\n\n'
        '[[masks]]\nall = ["..."]\nreach = "world"\n'
    )
    german = '[concepts]\nw = [\n  "ok",\n  "vi(sa",\n  "|",\n]\nunknown = ["x"]\n'
    with pytest.raises(BadRules) as caught:
        load(write(tmp_path, bad=bad, bad__de=german, worse="topic = ", empty='[concepts]\nx = "y"', refers=REFERS))
    told = [f"{Path(fault.file).name}:{fault.line}: {fault.what}" for fault in caught.value.faults]
    for start, part in [
        ("bad.toml:1:", "the file is named for the topic bad"), ("bad.toml:1:", "topic:"), ("bad.toml:1:", "threshold:"),
        ("bad.toml:3:", "colour is not known"), ("bad.toml:8:", "weight:"), ("bad.toml:12:", "nera is not known"),
        ("bad.toml:17:", "reach:"), ("de.toml:4:", "concepts.w 'vi(sa'"), ("de.toml:5:", "concepts.w '|'"),
        ("de.toml:7:", "the concept unknown is not declared"), ("empty.toml:1:", "it has no [[patterns]]"),
        ("empty.toml:1:", "threshold is missing"), ("worse.toml:1:", "this is not TOML"),
        ("refers.toml:4:", "there is no concept nothing"),
    ]:  # fmt: skip
        assert any(line.startswith(start) and part in line for line in told), (start, part, told)


REFERS = 'threshold = 0.5\n\n[[patterns]]\nany = ["@nothing"]\nweight = 0.5\n'


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(BadRules, match="no such folder"):
        load(tmp_path / "nowhere")


def test_the_version_depends_on_what_the_rules_say_and_nothing_else(tmp_path):
    first = load(write(tmp_path, floods=FLOODS)).version
    assert load(write(tmp_path, floods="# a remark\n" + FLOODS)).version == first
    assert load(write(tmp_path, floods=FLOODS.replace("0.7", "0.71"))).version != first


def test_the_shipped_files_have_no_fault():
    _, faults = read()
    assert faults == []
