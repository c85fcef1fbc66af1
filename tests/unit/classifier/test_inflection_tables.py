"""Key words of each language in the forms in which newspapers write them, by tables: `inflections/<language>.toml`.

A row is a term as the language's files write it, the words it must meet, and lookalikes it must not:

    [[forms]]
    term = "мигрант~"
    meets = "мигрант мигранта мигрантами"      # apart by spaces; or a list, where a form has spaces of its own
    not = "мигрантка"
"""

import tomllib
from pathlib import Path

import pytest

from services.classifier.adapters.rules import load
from services.classifier.core.compiled import morphology
from services.classifier.core.matching import Matcher
from services.classifier.core.terms import parse

TABLES = {
    path.stem: tomllib.loads(path.read_text("utf-8"))["forms"]
    for path in sorted(Path(__file__).parent.glob("inflections/*.toml"))
}
COMMON = load().common
MORPHOLOGY = {language: morphology(COMMON, language) for language in TABLES}


def split(forms: str | list[str]) -> list[str]:
    return forms.split() if isinstance(forms, str) else forms


@pytest.mark.parametrize("language", TABLES)
def test_key_words_are_met_in_the_forms_of_their_language_and_not_in_lookalikes(language):
    faults = []
    for row in TABLES[language]:
        matcher = Matcher([parse(row["term"], MORPHOLOGY[language])], [[0]])
        for form in split(row["meets"]) + split(row.get("not", [])):
            met = 0 in matcher.find(matcher.read("", f"( {form} )")).groups
            if met is not (form in split(row["meets"])):
                faults.append(f"{row['term']} {'meets' if met else 'does not meet'} {form}")
    assert faults == []
