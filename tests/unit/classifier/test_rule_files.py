"""Topic files: a user's own, and faulty ones."""

from pathlib import Path

import pytest

from services.classifier.adapters.rules import BadRules, load
from services.classifier.core.tagging import Tagger
from tests.unit.classifier.rules import group, rules, topic

FLOODS = topic(
    "floods", '[words.en]\nwater = ["flood(s)", "river burst*"]', group("en", 0.7, "@water"), group("ar", 0.7, "فيضان", "سيول")
)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_users_topic_needs_no_code(tmp_path):
    tagger = Tagger(load(write(tmp_path, floods=FLOODS)))
    [tag] = tagger.tag("Floods after the storm", "", "en").topics
    assert tag.topic == "floods"
    assert {t.topic for t in tagger.tag("فيضانات وتفكيك شبكة للاتجار بالبشر", "", "ar").topics} == {"floods", "trafficking"}


def test_a_users_file_takes_the_place_of_a_shipped_topic(tmp_path):
    own = load(write(tmp_path, mine=topic("trafficking", group("en", 0.9, "pigeon"))))
    assert [t.topic for t in own.topics] == ["global_compact", "trafficking", "visa_policy"]
    assert Tagger(own).tag("Human trafficking", "", "en").topics == ()


def test_two_files_for_one_topic_are_refused(tmp_path):
    with pytest.raises(BadRules, match=r"two\.toml:1: the topic floods is in .*one\.toml too"):
        load(write(tmp_path, one=FLOODS, two=FLOODS))


def test_every_fault_of_every_file_is_named_with_its_line(tmp_path):
    bad = (
        'topic = "Bad Name"\nthreshold = 3\ncolour = "red"\n\n[words.en]\nw = [\n  "ok",\n  "vi(sa",\n]\n\n'
        '[[terms]]\nlang = "en"\nweight = "much"\nany = ["visa", "|"]\n\n'
        '[[terms]]\nlang = "en"\nweight = 0.5\nany = ["@nothing"]\n'
        'nera = ["x"]\n'
        '\n[[masks]]\nlang = "en"\nany = ["..."]\nreach = "world"\n'
    )
    with pytest.raises(BadRules) as caught:
        load(write(tmp_path, bad=bad, worse="topic = ", empty="").joinpath())
    told = [f"{Path(fault.file).name}:{fault.line}: {fault.what}" for fault in caught.value.faults]
    for start, part in [
        ("bad.toml:1:", "topic:"), ("bad.toml:1:", "threshold:"), ("bad.toml:3:", "colour is not known"),
        ("bad.toml:8:", "words.en.w[2] 'vi(sa'"), ("bad.toml:11:", "weight:"), ("bad.toml:16:", "nera is not known"),
        ("bad.toml:22:", "reach:"), ("empty.toml:1:", "it has no [[terms]]"), ("empty.toml:1:", "topic is missing"),
        ("worse.toml:1:", "this is not TOML"),
    ]:  # fmt: skip
        assert any(line.startswith(start) and part in line for line in told), (start, part, told)


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(BadRules, match="no such folder"):
        load(tmp_path / "nowhere")


def test_the_version_depends_on_what_the_rules_say_and_nothing_else(tmp_path):
    first = load(write(tmp_path, floods=FLOODS)).version
    assert load(write(tmp_path, floods="# a remark\n" + FLOODS)).version == first
    (tmp_path / "floods.toml").rename(tmp_path / "other.toml")
    assert load(tmp_path).version == first
    assert load(write(tmp_path, other=FLOODS.replace("0.7", "0.71"))).version != first
    assert rules(FLOODS).version == rules(FLOODS).version
