"""How a source fares, in one word and in a sentence."""

from typing import NamedTuple


class Health(NamedTuple):
    """`word`: `new` (not polled yet), `well`, `failing`, `paused` (by a person), `gone` (410; polled no more) or `set-aside`
    (rasid itself failed over it). `reason`: why, '' where it is well."""

    word: str
    reason: str = ""


def health(state: str, cause: str | None, failures: int, detail: str) -> Health:
    """What the row of a source amounts to. `failures`: polls in a row that brought nothing to read."""
    said = ": ".join(part for part in (cause or "", detail) if part)
    if state == "set-aside":
        return Health("set-aside", f"{said}; `rasid dead-letters retry` polls it again")
    if state == "paused":
        if cause == "gone":
            return Health("gone", "its server says that it is gone for good (410); `rasid sources resume` asks again")
        return Health("paused", "paused by hand; `rasid sources resume` polls it again")
    if cause is None:
        return Health("new")
    if failures or cause == "internal-error":
        return Health("failing", f"{said} ({failures} times in a row)" if failures > 1 else said)
    return Health("well")
