"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

from rasid.settings import PARTS
from shared.settings import load

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md")])
A_PATH = re.compile(r"`((?:rasid|services|shared|tests|docs|bench|infra)/[\w./*-]+)`")
A_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
A_SETTING = re.compile(r"\bRASID_[A-Z_]*[A-Z]\b")
NOT_OURS = {"RASID_TEST_CHROMIUM", "RASID_TEST_SEED"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = [path for path in A_PATH.findall(text) if not list(ROOT.glob(path.replace("/X/", "/*/")))]
    missing += [link for link in A_LINK.findall(text) if not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_a_document_names_can_be_set(document: Path) -> None:
    known = {entry.name for entry in load(PARTS, environ={}).entries()} | NOT_OURS
    named = set(A_SETTING.findall(document.read_text(encoding="utf-8")))
    assert named <= known
