"""How an endpoint is doing: its circuit breaker, and when it is given up. A state machine; every step is pure.

The breaker opens after so many failures in a row, or where most of the attempts of the last minutes failed. While it is open
nothing is attempted but a probe now and then, and no attempt spends a delivery's schedule: what waits, waits. The first
success closes it. Where nothing but failures came for days the endpoint is disabled, after notices on the way there; a daily
probe goes on looking whether it is back. One that said Gone is never probed: only a person calls it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.alerts.core.ownership import UNPROVEN
from services.alerts.core.verdict import Verdict

State = Literal["active", "paused", "disabled", "unproven"]
"""`paused`: by a person. `unproven`: that the receiver wants this has not been shown yet."""

Slot = tuple[int, int, int]
"""A tenth of the window: its number since 1970, the attempts that ended in it, and how many of them failed."""

BY_A_PERSON = "paused by a person"
SLOTS = 10
PERCENTS = (50, 70, 90)
"""Shares of the time until it is disabled at which people are told."""


@dataclass(frozen=True, kw_only=True)
class HealthRules:
    """`failures` in a row, or more than `share` of at least `least` attempts within `window`, open the breaker. A probe comes
    after `first_probe`, and after twice as long each time, up to `longest_probe`. `disable_after` so long, it is disabled."""

    failures: int
    share: float
    least: int
    window: timedelta
    first_probe: timedelta
    longest_probe: timedelta
    disable_after: timedelta
    disabled_probe: timedelta


@dataclass(frozen=True, kw_only=True)
class Health:
    """`failures` in a row, since `failing_since`. `opened_at`: the breaker is open since. `probe_at`: when the next probe may
    be made, of an open breaker or a disabled endpoint; None where none will be. `noticed`: the last share people were told
    of."""

    state: State = "active"
    reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    probe_wait: timedelta = timedelta(0)
    recent: tuple[Slot, ...] = ()
    noticed: int = 0

    @property
    def is_well(self) -> bool:
        """Whether a success changes nothing but the counts."""
        return self.state == "active" and self.failures == 0 and self.opened_at is None

    @property
    def spends(self) -> bool:
        """Whether a failed attempt that ends now counts against the delivery's schedule."""
        return self.opened_at is None and self.state != "disabled"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What people are told of an endpoint. `is_urgent`: alerts are no longer sent."""

    kind: Literal["endpoint.failing", "endpoint.disabled", "endpoint.recovered"]
    message: str
    is_urgent: bool = False


def after(health: Health, verdict: Verdict, rules: HealthRules, now: datetime, *, is_proof: bool = False) -> Health:
    """The endpoint once this was decided about one of its attempts. `is_proof`: it asked whether the receiver wants any."""
    if verdict.state == "ok":
        well = succeeded(health, rules, now)
        return replace(well, state="active", reason="") if is_proof and well.state == "unproven" else well
    if verdict.state == "dead" and is_proof:
        return gone(health, f"it did not show that it wants messages: {verdict.error}")
    if verdict.disable is not None:
        return gone(health, verdict.disable)
    ill = failed(health, rules, now)
    return asked_to_wait(ill, verdict.pause) if verdict.pause is not None else ill


def succeeded(health: Health, rules: HealthRules, now: datetime, times: int = 1) -> Health:
    """The endpoint once so many attempts were accepted: whatever was wrong is over. What a person paused stays paused, and what
    said Gone stays disabled."""
    was_open = health.opened_at is not None or health.state == "disabled"
    well = replace(
        health,
        failures=0,
        failing_since=None,
        noticed=0,
        recent=() if was_open else _counted(health.recent, rules, now, times),
    )
    if health.state == "disabled":
        if health.probe_at is None:
            return well
        well = replace(well, state="active", reason="")
    return replace(well, opened_at=None, probe_at=None, probe_wait=timedelta(0))


def failed(health: Health, rules: HealthRules, now: datetime) -> Health:
    """The endpoint once an attempt failed."""
    ill = replace(
        health,
        failures=health.failures + 1,
        failing_since=health.failing_since or now,
        recent=_counted(health.recent, rules, now, 1, 1),
    )
    if health.state == "disabled":
        return _probed_in_vain(ill, rules.disabled_probe, rules.disabled_probe, now)
    if health.opened_at is not None:
        ill = _probed_in_vain(ill, 2 * health.probe_wait, rules.longest_probe, now)
    elif ill.failures >= rules.failures or _mostly_failed(ill.recent, rules, now):
        wait = rules.first_probe
        ill = replace(ill, opened_at=now, probe_wait=wait, probe_at=now + wait)
    return _given_up(ill, rules, now)


def asked_to_wait(health: Health, until: datetime) -> Health:
    """The endpoint once it asked to be left alone until then; it never shortens what it asked for before."""
    return replace(health, paused_until=max(health.paused_until or until, until))


def gone(health: Health, reason: str) -> Health:
    """The endpoint once it said that it wants nothing more. It is never probed."""
    ill = replace(health, failures=health.failures + 1, opened_at=None, probe_at=None, probe_wait=timedelta(0), noticed=100)
    return replace(ill, state="disabled", reason=reason)


def enabled(_health: Health) -> Health:
    """The endpoint once a person says it may be called again: all is forgotten."""
    return Health()


def unproven(_health: Health) -> Health:
    """The same, for one that has yet to show that it wants messages."""
    return Health(state="unproven", reason=UNPROVEN)


def paused(health: Health, reason: str) -> Health:
    """The endpoint once a person says that nothing is to be sent for now."""
    return replace(health, state="paused", reason=reason)


def notices(before: Health, after: Health, rules: HealthRules) -> Iterator[Notice]:
    """What people are to be told, now that the one has become the other."""
    if after.state == "disabled" and before.state != "disabled":
        yield Notice(kind="endpoint.disabled", message=f"disabled: {after.reason}", is_urgent=True)
    elif after.noticed > before.noticed:
        days = rules.disable_after / timedelta(days=1)
        yield Notice(
            kind="endpoint.failing",
            message=f"nothing but failures for {after.noticed} % of the {days:g} days after which it is disabled",
        )
    elif after.noticed < before.noticed and after.failures == 0:
        yield Notice(kind="endpoint.recovered", message="accepts messages again")


def _probed_in_vain(ill: Health, wait: timedelta, longest: timedelta, now: datetime) -> Health:
    """The next probe, if this failure was one; an attempt begun before the breaker opened is none."""
    if ill.probe_at is None or now < ill.probe_at:
        return ill
    wait = min(wait, longest)
    return replace(ill, probe_wait=wait, probe_at=now + wait)


def _given_up(ill: Health, rules: HealthRules, now: datetime) -> Health:
    """Failing for long, and often: a few failures of a week with few alerts are no reason."""
    if ill.failing_since is None or ill.failures < rules.failures:
        return ill
    share = (now - ill.failing_since) / rules.disable_after
    if share >= 1:
        return replace(
            ill,
            state="disabled",
            reason=f"nothing but failures since {ill.failing_since:%Y-%m-%d %H:%M} UTC",
            opened_at=None,
            probe_wait=rules.disabled_probe,
            probe_at=now + rules.disabled_probe,
            noticed=100,
        )
    return replace(ill, noticed=max([ill.noticed, *(percent for percent in PERCENTS if share * 100 >= percent)]))


def _counted(recent: tuple[Slot, ...], rules: HealthRules, now: datetime, ended: int, failed: int = 0) -> tuple[Slot, ...]:
    """The counts with these attempts among them, and what is older than the window forgotten."""
    current = _slot(rules, now)
    kept = {number: (attempts, failures) for number, attempts, failures in recent if current - SLOTS < number <= current}
    attempts, failures = kept.get(current, (0, 0))
    kept[current] = (attempts + ended, failures + failed)
    return tuple((number, *counts) for number, counts in sorted(kept.items()))


def _mostly_failed(recent: tuple[Slot, ...], rules: HealthRules, now: datetime) -> bool:
    counted = [slot for slot in recent if slot[0] > _slot(rules, now) - SLOTS]
    attempts, failures = sum(slot[1] for slot in counted), sum(slot[2] for slot in counted)
    return attempts >= rules.least and failures > rules.share * attempts


def _slot(rules: HealthRules, now: datetime) -> int:
    return int(now.timestamp() * SLOTS // rules.window.total_seconds())
