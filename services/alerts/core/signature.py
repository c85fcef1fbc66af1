"""Standard Webhooks 1.0.0: how a message is signed, and how a receiver knows that it is ours.

Signed is `id.timestamp.body`, so neither can be changed alone. A secret is `whsec_` and 24 to 64 random bytes in base64.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
TOLERANCE = 300
"""Seconds by which a timestamp may be off, so that an old message cannot be played again."""


class NotOurs(ValueError):
    """The message does not carry a signature by this secret, or too old a one; says which."""


def key_of(secret: str) -> bytes:
    """The bytes of a `whsec_...` secret. Raises ValueError for what is none, without repeating it."""
    encoded = secret.removeprefix(PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is whsec_ and base64") from None
    if encoded == secret or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is whsec_ and the base64 of {SHORTEST} to {LONGEST} bytes")
    return key


def secret_of(key: bytes) -> str:
    """How these bytes are told to a receiver."""
    return PREFIX + b64encode(key).decode()


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The `v1` signature (HMAC-SHA256)."""
    return "v1," + b64encode(hmac.digest(key, _signed(message_id, timestamp, body), "sha256")).decode()


def sign_ed25519(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The `v1a` signature (ed25519); the key is the seed, which the public part may follow."""
    private = Ed25519PrivateKey.from_private_bytes(key[:32])
    return "v1a," + b64encode(private.sign(_signed(message_id, timestamp, body))).decode()


def headers(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of an attempt; one signature a key, so that a secret can be changed while both are good."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, message_id, timestamp, body) for key in keys),
    }


def verify(key: bytes, given: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The message's id, if it is ours and of now; header names in any case. Raises NotOurs."""
    found = {name.lower(): value for name, value in given.items()}
    try:
        message_id, stamp, signatures = (found[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        timestamp = int(stamp)
    except (KeyError, ValueError) as error:
        raise NotOurs(f"webhook-id, webhook-timestamp or webhook-signature is missing or malformed: {error}") from None
    if abs(now - timestamp) > TOLERANCE:
        raise NotOurs(f"the timestamp is {round(now - timestamp)} s off")
    expected = sign(key, message_id, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" ")):
        raise NotOurs("no signature fits")
    return message_id


def _signed(message_id: str, timestamp: int, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body
