"""Standard Webhooks 1.0.0: how a message is signed, and how a receiver knows that it is ours.

Signed is `id.timestamp.body`, so neither can be changed alone. A secret is `whsec_` and 24 to 64 random bytes in base64
(HMAC-SHA256, `v1`), or `whsk_` and an ed25519 key (`v1a`), of which the receiver gets only the public part, `whpk_`.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SYMMETRIC, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SHORTEST, LONGEST = 24, 64
SEED = 32
TOLERANCE = 300
"""Seconds by which a timestamp may be off, so that an old message cannot be played again."""

Scheme = Literal["v1", "v1a"]
Signer = Callable[[str, int, bytes], str]
"""The signature of a message id, a timestamp and a body."""


class NotOurs(ValueError):
    """The message does not carry a signature by this secret, or too old a one; says which."""


def key_of(secret: str) -> bytes:
    """The bytes of a `whsec_...` secret. Raises ValueError for what is none, without repeating it."""
    key = _bytes(secret, SYMMETRIC)
    if key is None:
        raise ValueError("a secret is whsec_ and base64")
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is whsec_ and the base64 of {SHORTEST} to {LONGEST} bytes")
    return key


def secret_of(key: bytes) -> str:
    """How these bytes are told to a receiver."""
    return SYMMETRIC + b64encode(key).decode()


def private_key_of(seed: bytes) -> str:
    """The `whsk_...` of an ed25519 seed of 32 bytes: the seed and its public part."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return PRIVATE + b64encode(seed + public).decode()


def public_key_of(secret: str) -> str | None:
    """The `whpk_...` that a receiver verifies with; None for a secret that both sides share. Raises ValueError."""
    if not secret.startswith(PRIVATE):
        return None
    return PUBLIC + b64encode(_private(secret).public_key().public_bytes_raw()).decode()


def signer(secret: str) -> Signer:
    """What signs with this `whsec_...` or `whsk_...`. Raises ValueError for what is neither, without repeating it."""
    if secret.startswith(PRIVATE):
        private = _private(secret)
        return lambda message_id, timestamp, body: _signed_by(private, message_id, timestamp, body)
    key = key_of(secret)
    return lambda message_id, timestamp, body: sign(key, message_id, timestamp, body)


def _private(secret: str) -> Ed25519PrivateKey:
    key = _bytes(secret, PRIVATE)
    if key is None or len(key) not in (SEED, 2 * SEED):
        raise ValueError(f"a secret is whsk_ and the base64 of an ed25519 seed of {SEED} bytes, its public part may follow")
    private = Ed25519PrivateKey.from_private_bytes(key[:SEED])
    if len(key) > SEED and private.public_key().public_bytes_raw() != key[SEED:]:
        raise ValueError("the public part of the whsk_ key belongs to another seed")
    return private


def _bytes(text: str, prefix: str) -> bytes | None:
    encoded = text.removeprefix(prefix)
    if encoded == text:
        return None
    try:
        return b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The `v1` signature (HMAC-SHA256)."""
    return "v1," + b64encode(hmac.digest(key, _signed(message_id, timestamp, body), "sha256")).decode()


def headers(signers: Sequence[Signer], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of an attempt; one signature a secret, so that one can be changed while both are good."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed(message_id, timestamp, body) for signed in signers),
    }


def verify(secret: str, given: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The message's id, if it is ours and of now. `secret`: `whsec_...`, or the `whpk_...` of a key that only we have; header
    names in any case. Raises NotOurs, or ValueError for a secret that is none."""
    found = {name.lower(): value for name, value in given.items()}
    try:
        message_id, stamp, signatures = (found[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        timestamp = int(stamp)
    except (KeyError, ValueError) as error:
        raise NotOurs(f"webhook-id, webhook-timestamp or webhook-signature is missing or malformed: {error}") from None
    if abs(now - timestamp) > TOLERANCE:
        raise NotOurs(f"the timestamp is {round(now - timestamp)} s off")
    if not any(_fits(secret, signature, message_id, timestamp, body) for signature in signatures.split(" ")):
        raise NotOurs("no signature fits")
    return message_id


def _fits(secret: str, signature: str, message_id: str, timestamp: int, body: bytes) -> bool:
    if not secret.startswith(PUBLIC):
        return hmac.compare_digest(sign(key_of(secret), message_id, timestamp, body).encode(), signature.encode())
    public, given = _bytes(secret, PUBLIC), _bytes(signature, "v1a,")
    if public is None or len(public) != SEED:
        raise ValueError(f"a public key is whpk_ and the base64 of {SEED} bytes")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(given or b"", _signed(message_id, timestamp, body))
    except InvalidSignature:
        return False
    return True


def _signed_by(private: Ed25519PrivateKey, message_id: str, timestamp: int, body: bytes) -> str:
    return "v1a," + b64encode(private.sign(_signed(message_id, timestamp, body))).decode()


def _signed(message_id: str, timestamp: int, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body
