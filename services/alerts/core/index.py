"""The subscriptions an article is for, found by what the article has instead of by asking each.

Each distinct filter is asked once, however many subscriptions share it, and only where the article has a value that the
filter cannot do without: the rarest it names. Filters that name none (`{}`, `not`, `min_score` alone) are asked always.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from services.alerts.core.manner import AT_ONCE, Manner
from shared.filter import Facts, Filter, Key


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What matching needs to know of a subscription."""

    id: str
    name: str
    endpoint_id: str
    filter: Filter
    include_backfill: bool = False
    manner: Manner = AT_ONCE


@dataclass(eq=False)
class _Group:
    """Subscriptions with the same filter."""

    filter: Filter
    members: dict[str, Subscription]


class Index:
    """The subscriptions there are; may be added to and taken from at any time."""

    def __init__(self, subscriptions: Iterable[Subscription] = ()) -> None:
        self.by_id: dict[str, Subscription] = {}
        self._groups: dict[str, _Group] = {}
        self._by_key: dict[Key, set[_Group]] = defaultdict(set)
        self._always: set[_Group] = set()
        self._fields: Counter[str] = Counter()
        for subscription in subscriptions:
            self.add(subscription)

    def add(self, subscription: Subscription) -> None:
        """Adds it, or puts it in the place of the one with its id."""
        self.remove(subscription.id)
        name = subscription.filter.canonical
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _Group(subscription.filter, {})
            keys = group.filter.keys()
            if keys is None:
                self._always.add(group)
            for key in keys or ():
                self._by_key[key].add(group)
                self._fields[key.field] += 1
        group.members[subscription.id] = self.by_id[subscription.id] = subscription

    def remove(self, subscription_id: str) -> None:
        """Takes it out, if it is there."""
        subscription = self.by_id.pop(subscription_id, None)
        if subscription is None:
            return
        name = subscription.filter.canonical
        group = self._groups[name]
        del group.members[subscription_id]
        if group.members:
            return
        del self._groups[name]
        self._always.discard(group)
        for key in group.filter.keys() or ():
            self._by_key[key].discard(group)
            self._fields[key.field] -= 1
            if not self._by_key[key]:
                del self._by_key[key]

    def matching(self, facts: Facts) -> list[Subscription]:
        """Whose filter this article passes. One without topics is no one's: an alert says that an article was tagged."""
        if not facts.scores:
            return []
        near = set(self._always)
        for key in facts.keys([field for field, count in self._fields.items() if count]):
            near |= self._by_key.get(key, _NONE)
        found = [group for group in near if group.filter.matches(facts)]
        return [subscription for group in found for subscription in group.members.values()]


_NONE: frozenset[_Group] = frozenset()
