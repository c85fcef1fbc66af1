"""JSON that others wrote: what it says, or one reason why not."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import jsontext

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from('\\"ud8\ud83d\ude00'))


@given(ANY_TEXT)
def test_every_text_comes_through_but_for_lone_surrogates(text: str) -> None:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    assert jsontext.decode(json.dumps({text: [text]}).encode()) == {whole: [whole]}


def test_a_mark_before_the_text_is_passed_over() -> None:
    assert jsontext.decode(b'\xef\xbb\xbf{"id": 1}') == {"id": 1}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b'{"a":' + b"[" * 200_000, "too deeply", id="deep"),
        pytest.param(b'{"id": "\xff"}', "not JSON", id="not UTF-8"),
        pytest.param(b'{"id": ', "not JSON", id="cut"),
        pytest.param(b'{"id": "\\ud8', "not JSON", id="cut in an escape"),
        pytest.param(b"\0", "not JSON", id="a zero byte"),
        pytest.param(b"[1]", "Expected", id="another shape"),
    ],
)
def test_what_cannot_be_used_has_one_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(jsontext.NotJson, match=reason) as told:
        jsontext.decode(raw, dict[str, Any])
    assert "\n" not in str(told.value)


@given(st.binary())
def test_nothing_else_is_raised_whatever_the_bytes(raw: bytes) -> None:
    with contextlib.suppress(jsontext.NotJson):
        jsontext.decode(raw)
