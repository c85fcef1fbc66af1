"""Whose turn it is at a host: a least time between two requests to it, and rest where it asked for rest. In memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

HOSTS = 50_000
"""Of how many hosts the last turn is remembered; the one longest not asked is forgotten first."""

LONGEST_REST = 3600.0
"""Most seconds for which a host that said Retry-After to one request is left alone by all others."""


class Later(NamedTuple):
    """The host's turn is too far off to wait for: come back in so many seconds."""

    seconds: float


@dataclass(slots=True)
class _Host:
    """`free_at`: when it may be asked next; `told`: up to when others were told to come back."""

    free_at: float = 0.0
    told: float = 0.0


class Turns:
    """Turns at hosts, `gap` seconds apart. `clock` gives seconds that only grow."""

    def __init__(self, gap: float, clock: Callable[[], float] = monotonic) -> None:
        self._gap, self._clock = gap, clock
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def take(self, host: str, patience: float, gap: float = 0.0) -> float | Later:
        """Takes a turn, and says in how many seconds it comes. One more than `patience` away is not taken: those who come back
        then are told different times. `gap`: what this host asks for between two requests, if that is longer."""
        now, known, gap = self._clock(), self._known(host), max(self._gap, gap)
        wait = max(0.0, known.free_at - now)
        if wait > patience:
            known.told = max(known.told, known.free_at) + gap
            return Later(known.told - gap - now)
        known.free_at = now + wait + gap
        return wait

    def rest(self, host: str, seconds: float) -> None:
        """Nobody asks this host for so many seconds, LONGEST_REST at most."""
        known = self._known(host)
        known.free_at = max(known.free_at, self._clock() + min(seconds, LONGEST_REST))

    def _known(self, host: str) -> _Host:
        known = self._hosts.setdefault(host, _Host())
        self._hosts.move_to_end(host)
        if len(self._hosts) > HOSTS:
            self._hosts.popitem(last=False)
        return known
