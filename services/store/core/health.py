"""How what came of a poll counts for the health of its source."""

WELL = frozenset({"ok", "unchanged", "moved", "empty", "undated", "duplicates", "frozen"})
"""Words of docs/interfaces.md that say that the source answered and could be read; what the answer lacked is another matter."""


def is_well(cause: str) -> bool:
    """Whether the source answered as a feed should."""
    return cause in WELL
