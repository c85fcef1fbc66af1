"""The examples in the shipped topic files: what must match does, and what must not does not."""

import pytest

from services.classifier.adapters import rules
from services.classifier.core.tagging import Tagger

EVERYTHING, FAULTS = rules.read(None)
EXAMPLES = [example for written in EVERYTHING.topics for example in written.examples]
TAGGER = Tagger(EVERYTHING.rules)


def test_the_shipped_files_have_no_faults():
    assert [str(fault) for fault in FAULTS if fault.kind == "error"] == []


@pytest.mark.parametrize("language", sorted({example.language for example in EXAMPLES}))
def test_shipped_examples_are_tagged_as_they_say(language):
    wrong = []
    for example in (each for each in EXAMPLES if each.language == language):
        topics = {tag.topic for tag in TAGGER.tag(example.title, example.text, language).topics}
        if (example.topic in topics) != example.wanted:
            wrong.append(f"{example.file}:{example.line}: {example.title or example.text}")
    assert wrong == []
