"""What a stage may answer besides events: two errors, and silence.

`Retry`: the world was wrong, the same message comes again. `Reject`: the message is wrong, it is set aside with its
reason. `Dropped`: on purpose, counted and traced. Anything else raised is a bug: retried, then set aside.
"""

from typing import NamedTuple


class Retry(Exception):
    """The world was wrong: offer the same message again after `after` seconds. It has no end."""

    def __init__(self, reason: str, *, after: float = 1.0) -> None:
        super().__init__(reason)
        self.after = after


class Reject(Exception):
    """The message is wrong: set it aside, with this reason for a person to read."""


class Dropped(NamedTuple):
    """This input was left on purpose, for this reason; never silent."""

    reason: str


class MapError(Exception):
    """A stage returned an event the map does not grant it. A bug in the map: the process stops."""


class Noted(NamedTuple):
    """A detail for the trace of an input that was handled ("trafficking 0.82")."""

    detail: str
