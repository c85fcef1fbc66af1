"""How it is shown that a receiver wants messages before it gets the first: asked by one message, which it must answer rightly.

`challenge`: a signed POST whose body holds a random word; the receiver sends the word back, alone or as JSON
`{"challenge": WORD}`. `consent`: the OPTIONS request of CloudEvents' webhook specification, answered with
`WebHook-Allowed-Origin`. `none`: whoever asked is trusted to know (an administrator, the command line).
"""

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from shared import wire

Ownership = Literal["none", "challenge", "consent"]
Proof = Literal["challenge", "consent"]
UNPROVEN = "the receiver has not shown yet that it wants messages"
PROOFS: tuple[Proof, ...] = get_args(Proof)
"""Kinds of messages that ask; they go where nothing else does yet."""


def question(proof: Proof, word: str, *, at: datetime) -> bytes:
    """The body that asks. CloudEvents' has none, but keeps the word so that it can be told apart."""
    return msgspec.json.encode({"type": proof, "timestamp": wire.utc(at), "data": {"challenge": word}})


def is_echoed(body: bytes, answer: bytes) -> bool:
    """Whether this answer holds the word of this question: as it is, or in JSON under the name it was sent by."""
    word: str = msgspec.json.decode(body)["data"]["challenge"]
    said = answer.strip()
    if said.strip(b'"') == word.encode():
        return True
    try:
        found: Any = msgspec.json.decode(said)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("challenge") == word


def consents(allowed: str | None, origin: str) -> bool:
    """Whether `WebHook-Allowed-Origin` names us or anyone (CloudEvents HTTP webhooks 1.0, 4.2)."""
    return allowed is not None and allowed.strip().lower() in ("*", origin.lower())
