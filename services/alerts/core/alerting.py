"""Who is alerted of an article, of what kind, and why the others are not.

New or old: history (`backfill`, or tagged again) alerts only whom asked for it, and what was published long before it was
seen alerts no one. A revision is told to exactly those who got the article before: as a correction, or as withdrawn where
it is no longer what they asked for. The page's text in place of the feed's is never a correction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.alerts.core.index import Index, Subscription
from shared.events import ArticleFiled

Kind = Literal["article.tagged", "article.corrected", "article.withdrawn"]


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A delivery there is already, about the same article for one subscription."""

    id: str
    kind: str
    number: int
    state: str
    attempts: int

    @property
    def is_untouched(self) -> bool:
        """Never attempted, and still to be."""
        return self.state in ("pending", "parked", "gathering") and self.attempts == 0

    @property
    def is_under_way(self) -> bool:
        """Attempted, alone or in a digest, and not settled."""
        return self.state == "gathered" or (self.state in ("pending", "parked") and self.attempts > 0)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A delivery to be written. `waits_for`: a delivery that must be settled first."""

    subscription: Subscription
    kind: Kind
    number: int
    waits_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an article comes to: deliveries to be written, those they replace, and why no more."""

    alerts: tuple[Alert, ...] = ()
    superseded: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    there: int = 0
    """Deliveries of this very revision that were there before: the input was seen already."""


def find(
    filed: ArticleFiled, matching: Sequence[Subscription], earlier: dict[str, list[Earlier]], index: Index, max_age: timedelta
) -> Finding:
    """What is to be done about this article. `earlier`: the deliveries about it, by subscription id."""
    number = filed.classified.article.revision
    alerts, superseded, reasons = [], list[str](), dict[str, None]()
    for subscription in matching:
        if subscription.id in earlier:
            continue
        if reason := _too_old(filed, subscription, max_age):
            reasons[reason] = None
        else:
            alerts.append(Alert(subscription=subscription, kind="article.tagged", number=number))
    if filed.kind == "revised":
        wanted = {subscription.id for subscription in matching}
        for told, replaced in _revisions(number, wanted, earlier, index):
            alerts.extend(told)
            superseded.extend(replaced)
    there = sum(delivery.number == number for chain in earlier.values() for delivery in chain)
    if not matching and not alerts:
        reasons["no subscription matched" if filed.classified.topics else "it has no topic"] = None
    elif not alerts and not reasons and not there:
        reasons["alerted before"] = None
    return Finding(alerts=tuple(alerts), superseded=tuple(superseded), reasons=tuple(reasons), there=there)


def _too_old(filed: ArticleFiled, subscription: Subscription, max_age: timedelta) -> str | None:
    if filed.backfill or filed.kind == "retagged":
        return None if subscription.include_backfill else "tagged again" if filed.kind == "retagged" else "backfill"
    if filed.published_at is not None and filed.observed_at - filed.published_at > max_age:
        return f"older than {max_age / timedelta(hours=1):g} h"
    return None


def _revisions(
    number: int, wanted: set[str], earlier: dict[str, list[Earlier]], index: Index
) -> Iterator[tuple[list[Alert], list[str]]]:
    """What this revision means to those who have had a delivery about the article."""
    for subscription_id, chain in earlier.items():
        subscription = index.by_id.get(subscription_id)
        if subscription is None or any(delivery.number >= number for delivery in chain):
            continue  # removed meanwhile, or this revision was told already
        yield _revision(number, subscription, subscription_id in wanted, chain)


def _revision(number: int, subscription: Subscription, is_wanted: bool, chain: list[Earlier]) -> tuple[list[Alert], list[str]]:
    replaced = [delivery.id for delivery in chain if delivery.is_untouched]
    under_way = [delivery for delivery in chain if delivery.is_under_way]
    told = sorted((d for d in chain if d.state == "ok" or d in under_way), key=lambda d: d.number)
    if not told:  # nobody there has heard of it: a first alert in place of one never sent, and no correction
        fresh = [Alert(subscription=subscription, kind="article.tagged", number=number)] if is_wanted and replaced else []
        return fresh, replaced
    knows = told[-1].kind != "article.withdrawn"
    if not is_wanted and not knows:
        return [], replaced
    kind: Kind = "article.withdrawn" if not is_wanted else "article.corrected" if knows else "article.tagged"
    waits_for = under_way[-1].id if under_way else None
    return [Alert(subscription=subscription, kind=kind, number=number, waits_for=waits_for)], replaced
