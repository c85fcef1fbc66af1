"""The secrets of an endpoint: which of them sign now, and what becomes of them when there is a new one."""

from datetime import datetime

import msgspec
from msgspec import Struct

MOST = 5
"""Secrets that sign at once: each takes its place in a header."""


class Secrets(Struct, frozen=True, kw_only=True):
    """What no one but the endpoint may read: signing secrets, the newest first, and headers. `until`: when a secret that was
    replaced ends; those not named there do not. `url`: where it is, of a chat whose address is its secret."""

    secrets: tuple[str, ...]
    headers: dict[str, str]
    until: dict[str, datetime] = {}
    url: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"  # they never stand in a log


def live(kept: Secrets, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now, the newest first."""
    return tuple(secret for secret in kept.secrets if secret not in kept.until or kept.until[secret] > now)


def rotated(kept: Secrets, fresh: str, now: datetime, end: datetime) -> Secrets:
    """With a new secret; those there were are good until `end`, or sooner where that was so. What has ended is forgotten.
    Raises ValueError where too many would sign at once, or where the new one is among them."""
    before = [secret for secret in live(kept, now) if end > now]
    if fresh in before:
        raise ValueError("it is in use already")
    if len(before) >= MOST:
        raise ValueError(f"{MOST} secrets are good already; wait for one to end, or rotate with an overlap of 0")
    until = {secret: min(kept.until.get(secret, end), end) for secret in before}
    return msgspec.structs.replace(kept, secrets=(fresh, *before), until=until)
