"""Walls that import-linter cannot see: who reads the clock, who reads the environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for part in ("rasid", "services", "shared") for path in (ROOT / part).rglob("*.py"))
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv"}


def names(path: Path) -> Iterator[str]:
    """Every dotted name the module uses."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


@pytest.mark.parametrize(
    ("forbidden", "keeper"),
    [
        pytest.param(CLOCKS, "shared/clock.py", id="the clock"),
        pytest.param(ENVIRONMENT, "shared/settings.py", id="the environment"),
    ],
)
def test_only_its_keeper_reads(forbidden: set[str], keeper: str) -> None:
    readers = {str(path.relative_to(ROOT)) for path in SOURCES if forbidden & set(names(path))}
    assert readers == {keeper}


def test_no_file_is_without_a_word_on_what_it_is_for() -> None:
    silent = [
        path for path in SOURCES if path.read_text(encoding="utf-8") and ast.get_docstring(ast.parse(path.read_bytes())) is None
    ]
    assert silent == []
