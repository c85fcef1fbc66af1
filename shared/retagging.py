"""What the store asks of whoever knows the rules, to have articles tagged again: the port, and what goes through it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import Connection


class Text(NamedTuple):
    """An article as it was tagged. `languages`: the language its rules were chosen by; several where that is not known, None
    standing for the rules of all languages."""

    title: str
    text: str
    languages: tuple[str | None, ...]


class Plan(NamedTuple):
    """What a change of rules concerns: articles in these languages (None: in any), and what it is, a line each."""

    languages: tuple[str, ...] | None
    changes: tuple[str, ...]


class Rules(Protocol):
    """The history of rules. Numbers are `rules_seq`."""

    def newest(self, tx: Connection) -> int:
        """The number of the rules in force; 0 before the first."""

    def plan(self, tx: Connection, base: int, target: int) -> Plan:
        """What changed from any of the rules since `base` to `target`."""

    def prepare(self, tx: Connection, base: int, target: int) -> None:
        """Reads what `touched` needs."""

    async def touched(self, base: int, target: int, texts: Sequence[Text]) -> list[bool]:
        """Which of these texts can get other tags by it; never fewer than do."""
