"""What a change of rules means to kept articles, for whoever keeps them: what changed, and which texts it can touch. Texts are
looked through in worker processes, which get the rules when they first meet a change."""

import asyncio
from collections.abc import Sequence
from itertools import chain

import msgspec
from sqlalchemy import Connection

from services.classifier.adapters import tables
from services.classifier.core.change import Change, changes, languages
from services.classifier.core.rules import RuleSet
from services.classifier.settings import Settings
from shared.retagging import Plan, Text
from shared.workers import Workers

KEPT = 2
"""How many changes a process keeps ready."""

Hop = tuple[int, int]
"""The numbers of the oldest rules an article may bear, and of those in force."""

_changes: dict[tuple[str, ...], Change] = {}


class _Rules(msgspec.Struct, frozen=True):
    sets: tuple[RuleSet, ...]


def touched(key: tuple[str, ...], rules: bytes | None, texts: list[Text]) -> list[bool] | None:
    """In a worker: which of these texts the change `key` can touch; None where this process has not the rules yet and `rules`
    (encoded, the new ones last) were not given."""
    change = _changes.get(key)
    if change is None:
        if rules is None:
            return None
        *old, new = msgspec.msgpack.decode(rules, type=_Rules).sets
        while len(_changes) >= KEPT:
            del _changes[next(iter(_changes))]
        change = _changes[key] = Change(old, new)
    return [any(change.touches(one.title, one.text, language) for language in one.languages) for one in texts]


class Impact:
    """The port through which the store asks what rules did (shared/retagging.py)."""

    def __init__(self, workers: Workers, settings: Settings) -> None:
        self._workers, self._settings = workers, settings
        self._known: dict[Hop, tuple[tuple[str, ...], bytes] | None] = {}

    def newest(self, tx: Connection) -> int:
        """The number of the rules in force; 0 before the first."""
        return tables.newest(tx)

    def plan(self, tx: Connection, base: int, target: int) -> Plan:
        """What changed since the rules `base`, and which languages that concerns."""
        kept = tables.kept(tx, base, target)
        if kept is None:
            return Plan(None, (f"the rules before {target} are not kept: every article is tagged again",))
        found = list(dict.fromkeys(one for old in kept.values() for one in changes(old, kept[target])))
        named = languages(found)
        told = (f"{one.topic}/{one.language}: {one.what}" for one in found)
        return Plan(None if named is None else tuple(sorted(named)), tuple(told))

    def prepare(self, tx: Connection, base: int, target: int) -> None:
        """Reads the rules that `touched` will need."""
        if (base, target) not in self._known:
            kept = tables.kept(tx, base, target)
            sets = tuple(kept.values()) if kept is not None else ()
            self._known = {(base, target): (tuple(one.version for one in sets), _encode(_Rules(sets))) if sets else None}

    async def touched(self, base: int, target: int, texts: Sequence[Text]) -> list[bool]:
        """Which of these texts the change can touch; after `prepare`. Raises WorkerFailed."""
        known = self._known.get((base, target))
        if known is None:
            return [True] * len(texts)
        size = self._settings.classify_chunk
        chunks = [list(texts[at : at + size]) for at in range(0, len(texts), size)]
        found = await asyncio.gather(*(self._chunk(*known, chunk) for chunk in chunks))
        return list(chain.from_iterable(found))

    async def _chunk(self, key: tuple[str, ...], rules: bytes, texts: list[Text]) -> list[bool]:
        answer = await self._run(key, None, texts)
        answer = await self._run(key, rules, texts) if answer is None else answer
        if answer is None:
            raise RuntimeError("a worker process did not take the rules it was given")
        return answer

    async def _run(self, key: tuple[str, ...], rules: bytes | None, texts: list[Text]) -> list[bool] | None:
        return await self._workers.run_within(self._settings.classify_seconds, touched, key, rules, texts)


_encode = msgspec.msgpack.Encoder().encode
