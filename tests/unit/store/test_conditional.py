"""Whether a reader already has what it asks for."""

from datetime import UTC, datetime

import pytest

from services.store.core.conditional import has_it

MODIFIED = datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)
SAME = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("match", "since", "answer"),
    [
        pytest.param(None, None, False, id="asks without condition"),
        pytest.param('"a"', None, True, id="the same tag"),
        pytest.param('W/"a"', None, True, id="weakened on its way"),
        pytest.param('"x", "a"', None, True, id="one of several"),
        pytest.param("*", None, True, id="any"),
        pytest.param('"x"', SAME, False, id="the tag decides against the date"),
        pytest.param(None, SAME, True, id="the same second"),
        pytest.param(None, "Sun, 22 Nov 2026 09:59:59 GMT", False, id="older"),
        pytest.param(None, "yesterday", False, id="no date"),
    ],
)
def test_a_reader_has_it(match: str | None, since: str | None, answer: bool) -> None:
    assert has_it('"a"', MODIFIED, if_none_match=match, if_modified_since=since) is answer


def test_without_a_date_of_ours_a_date_of_theirs_decides_nothing() -> None:
    assert not has_it('"a"', None, if_none_match=None, if_modified_since=SAME)
