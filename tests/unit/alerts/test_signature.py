"""Signatures: exact against the specification's vectors, and verified by an implementation that is not ours."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from services.alerts.core.signature import (
    NotOurs,
    headers,
    key_of,
    private_key_of,
    public_key_of,
    secret_of,
    sign,
    signer,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1614265330
BODY = b'{"test": 2432232314}'


def test_v1_is_the_specifications() -> None:
    assert sign(key_of(SECRET), MESSAGE, STAMP, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_v1a_is_the_specifications() -> None:
    secret = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    expected = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
    assert signer(secret)(MESSAGE, STAMP, BODY) == expected
    public = public_key_of(secret)
    assert public is not None
    signed = {"webhook-id": MESSAGE, "webhook-timestamp": str(STAMP), "webhook-signature": expected}
    assert verify(public, signed, BODY, now=STAMP) == MESSAGE


KEYS = st.binary(min_size=24, max_size=64)
BODIES = st.dictionaries(st.text(), st.text() | st.integers()).map(lambda data: json.dumps(data, ensure_ascii=False))


@settings(max_examples=1200)
@given(KEYS, st.from_regex(r"msg_[a-z2-7]{26}", fullmatch=True), BODIES.filter(lambda body: body.isprintable()))
def test_what_we_sign_standardwebhooks_verifies(key: bytes, message: str, body: str) -> None:
    signed = headers([signer(secret_of(key))], message, int(datetime.now(UTC).timestamp()), body.encode())
    assert Webhook(secret_of(key)).verify(body.encode(), signed) == json.loads(body)


def test_while_a_secret_changes_both_verify() -> None:
    old, new, now = b"o" * 32, b"n" * 32, int(datetime.now(UTC).timestamp())
    signed = headers([signer(secret_of(new)), signer(secret_of(old))], MESSAGE, now, BODY)
    for key in (old, new):
        Webhook(secret_of(key)).verify(BODY, signed)
        assert verify(secret_of(key), signed, BODY, now=now) == MESSAGE


@given(KEYS, st.integers(0, 5), st.integers(1, 255))
def test_a_changed_byte_is_noticed(key: bytes, place: int, change: int) -> None:
    signed = headers([signer(secret_of(key))], MESSAGE, STAMP, BODY)
    forged = bytearray(BODY)
    forged[place] ^= change
    with pytest.raises(NotOurs, match="no signature fits"):
        verify(secret_of(key), signed, bytes(forged), now=STAMP)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"webhook-id": "msg_other"}, id="another id"),
        pytest.param({"webhook-timestamp": str(STAMP + 1)}, id="another time"),
        pytest.param({"webhook-timestamp": "soon"}, id="no time"),
        pytest.param({"webhook-signature": "v1,AAAA"}, id="another signature"),
        pytest.param({"webhook-signature": "é"}, id="nonsense"),
    ],
)
def test_what_was_tampered_with_is_not_ours(change: dict[str, str]) -> None:
    signed = headers([signer(SECRET)], MESSAGE, STAMP, BODY) | change
    with pytest.raises(NotOurs):
        verify(SECRET, signed, BODY, now=STAMP)
    with pytest.raises((WebhookVerificationError, UnicodeError, ValueError)):
        Webhook(SECRET).verify(BODY, signed)


def test_an_old_message_is_not_played_again() -> None:
    signed = headers([signer(SECRET)], MESSAGE, STAMP, BODY)
    assert verify(SECRET, signed, BODY, now=STAMP + 299.9) == MESSAGE
    with pytest.raises(NotOurs, match="301 s off"):
        verify(SECRET, signed, BODY, now=STAMP + 301)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "A" * 88, "whsec_é"]
)
def test_a_secret_too_short_too_long_or_in_another_form_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret is") as refused:
        key_of(secret)
    assert secret == "" or secret.removeprefix("whsec_") == "" or secret not in str(refused.value)


@given(KEYS)
def test_a_secret_leads_back_to_its_key(key: bytes) -> None:
    assert key_of(secret_of(key)) == key


SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.integers(0, 5), st.integers(1, 255))
def test_a_changed_byte_is_noticed_by_the_public_key_too(seed: bytes, place: int, change: int) -> None:
    secret = private_key_of(seed)
    public = public_key_of(secret)
    assert public is not None
    signed = headers([signer(secret)], MESSAGE, STAMP, BODY)
    assert verify(public, signed, BODY, now=STAMP) == MESSAGE
    forged = bytearray(BODY)
    forged[place] ^= change
    with pytest.raises(NotOurs, match="no signature fits"):
        verify(public, signed, bytes(forged), now=STAMP)


def test_a_private_key_is_refused_where_its_public_part_is_anothers_and_never_repeated() -> None:
    seed, other = private_key_of(b"a" * 32), private_key_of(b"b" * 32)
    mixed = "whsk_" + b64encode(b64decode(seed[5:])[:32] + b64decode(other[5:])[32:]).decode()
    for secret in (mixed, "whsk_", "whsk_AAAA"):
        with pytest.raises(ValueError, match="whsk_") as refused:
            signer(secret)
        assert len(secret) < 10 or secret not in str(refused.value)
