"""Ids are what they are said to be: lower-case base 32 of a digest."""

from base64 import b32encode
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import digest


@given(st.binary(max_size=40))
def test_a_digest_is_the_librarys_base_32(part: bytes) -> None:
    expected = blake2b(len(part).to_bytes(8, "big") + part, digest_size=16).digest()
    assert digest(part) == b32encode(expected).decode().rstrip("=").lower()


@given(st.lists(st.text() | st.none(), max_size=4), st.lists(st.text() | st.none(), max_size=4))
def test_other_parts_are_another_id(some: list[str | None], others: list[str | None]) -> None:
    assert (digest(*some) == digest(*others)) is (some == others)
