"""What the suite says of a log: whole, in order, and repeated no more than promised."""

from collections.abc import Iterable, Sequence

import msgspec

from shared.events import DeadLetter
from shared.handlers import Record
from tests.contract.carriers import Carrier
from tests.contract.house import Kept


def ids_of(records: Iterable[Record]) -> list[str]:
    """The event ids, in the order of the log."""
    return [msgspec.json.decode(record.value)["event_id"] for record in records]


def numbers_of(records: Iterable[Record]) -> list[int]:
    """The numbers, in the order of the log."""
    return [msgspec.json.decode(record.value, type=Kept).number for record in records]


def letters_of(records: Iterable[Record]) -> list[DeadLetter]:
    """The dead letters, decoded."""
    return [msgspec.json.decode(record.value, type=DeadLetter) for record in records]


def holds_all(records: Sequence[Record], expected: Sequence[str]) -> bool:
    """Whether every expected id is there."""
    return set(ids_of(records)) >= set(expected)


def assert_whole(carrier: Carrier, records: Sequence[Record], expected: Sequence[str], kills: int = 0) -> None:
    """Exactly the expected ids are there; duplicates stay within the bound, each with the same bytes."""
    found = ids_of(records)
    assert set(found) == set(expected)
    assert len(found) - len(expected) <= carrier.duplicates(kills), "more duplicates than promised"
    assert len({record.value for record in records}) == len(expected), "a duplicate differs from its first"


def assert_in_order(records: Iterable[Record]) -> None:
    """The first occurrences of each key come in order."""
    firsts: dict[str, dict[int, None]] = {}
    for record in records:
        kept = msgspec.json.decode(record.value, type=Kept)
        firsts.setdefault(kept.key, {}).setdefault(kept.number)
    for key, numbers in firsts.items():
        assert list(numbers) == sorted(numbers), f"key {key} came out of order"
