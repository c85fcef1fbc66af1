"""Where secrets are kept: encrypted in the database, with a key that lies beside it in a file of its own (mode 0600).

AES-256-GCM, bound to the endpoint they belong to, so that a row's secrets cannot be moved to another.
"""

import os
import secrets
from functools import cached_property
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.alerts.core.keyring import Secrets

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


_HELP = "put the key file there that they were sealed with, or remove the subscriptions they belong to"


class CannotOpen(Exception):
    """The key in the file is not the one this was sealed with."""


class Vault:
    """Seals and opens, with the key in the file at `path`; the file is made when first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, owner: str, opened: Secrets) -> bytes:
        """The secrets as they may be kept. Raises OSError where the key file can be neither read nor made."""
        return self.seal_bytes(owner, msgspec.json.encode(opened))

    def prove(self, owner: str, sealed: bytes) -> None:
        """Raises OSError where the key is not the one this was sealed with, or is not there; none is made then."""
        if not self.path.exists():
            raise OSError(f"{self.path} is not there, but secrets are kept that were sealed with a key; {_HELP}")
        try:
            self.open(owner, sealed)
        except CannotOpen:
            raise OSError(f"{self.path} holds another key than that which the kept secrets were sealed with; {_HELP}") from None

    def open(self, owner: str, sealed: bytes) -> Secrets:
        """What was sealed for this owner. Raises CannotOpen, or OSError as above."""
        try:
            return msgspec.json.decode(self.open_bytes(owner, sealed), type=Secrets)
        except msgspec.DecodeError as error:
            raise self._cannot_open() from error

    def seal_bytes(self, owner: str, opened: bytes) -> bytes:
        """`seal`, of whatever bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, opened, owner.encode())

    def open_bytes(self, owner: str, sealed: bytes) -> bytes:
        """`open`, of what `seal_bytes` made."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, owner.encode())
        except InvalidTag as error:
            raise self._cannot_open() from error

    def _cannot_open(self) -> CannotOpen:
        return CannotOpen(f"its secret cannot be opened with the key in {self.path.name}")

    @cached_property
    def _cipher(self) -> AESGCM:
        try:
            key = self.path.read_bytes()
        except FileNotFoundError:
            _make(self.path)
            key = self.path.read_bytes()
        if len(key) != KEY_BYTES:
            raise OSError(f"{self.path} holds {len(key)} bytes; a key has {KEY_BYTES}")
        return AESGCM(key)


def _make(path: Path) -> None:
    """Makes the key file whole or not at all; of two processes that do so at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, secrets.token_bytes(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
