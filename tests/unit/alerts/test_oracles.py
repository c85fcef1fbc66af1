"""10,000 random messages that we sign are verified by three libraries that are not ours, and not one that was changed."""

import json
import os
import random
import shutil
import string
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import standardwebhooks
import svix.webhooks

from services.alerts.core.signature import headers, secret_of, signer

ROOT = Path(__file__).parents[3]
NODE = ROOT / "build" / "node"
COUNT = 10_000
LETTERS = string.ascii_letters + string.digits + 'تأشيرة هجرة العمل签证移民🛂é\u202eÄ"\\/<>&'


class Message(NamedTuple):
    """A message with the headers it would be sent with."""

    secret: str
    headers: dict[str, str]
    body: str


def value(chance: random.Random, depth: int = 0) -> Any:
    """Some JSON value."""
    kind = chance.randrange(6 if depth < 3 else 4)
    if kind == 0:
        return chance.randrange(-(2**53), 2**53)
    if kind == 1:
        return chance.choice([True, False, None, chance.random()])
    if kind < 4:
        return "".join(chance.choices(LETTERS, k=chance.randrange(40)))
    if kind == 4:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {f"k{n}": value(chance, depth + 1) for n in range(chance.randrange(4))}


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    seed = int(os.environ.get("RASID_TEST_SEED", 20261125))
    chance, made, now = random.Random(seed), list[Message](), int(datetime.now(UTC).timestamp())
    for _ in range(COUNT):
        secret = secret_of(chance.randbytes(chance.randrange(24, 65)))
        body = json.dumps({"data": value(chance)}, ensure_ascii=chance.random() < 0.5)
        message = "msg_" + "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        made.append(Message(secret, headers([signer(secret)], message, now, body.encode()), body))
    return made


def forged(message: Message) -> dict[str, str]:
    """Its headers with another id."""
    return message.headers | {"webhook-id": message.headers["webhook-id"][:-1] + "8"}


def test_standardwebhooks_for_python_verifies_them(messages: list[Message]) -> None:
    for message in messages:
        known = standardwebhooks.Webhook(message.secret)
        assert known.verify(message.body, message.headers) == json.loads(message.body)
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            known.verify(message.body, forged(message))


def test_svix_for_python_verifies_them(messages: list[Message]) -> None:
    for message in messages:
        known = svix.webhooks.Webhook(message.secret)
        known.verify(message.body, message.headers)  # returns nothing; raises where it does not verify
        with pytest.raises(svix.webhooks.WebhookVerificationError):
            known.verify(message.body, forged(message))


def test_standardwebhooks_for_node_verifies_them(messages: list[Message]) -> None:
    if (missing := _missing()) and os.environ.get("CI") != "true":
        pytest.skip(missing)
    assert not missing, missing
    lines = [{"secret": m.secret, "headers": m.headers, "body": m.body} for m in messages]
    lines += [{"secret": m.secret, "headers": forged(m), "body": m.body} for m in messages[:500]]
    answered = subprocess.run(
        ["node", "tests/oracles/verify.js"],
        cwd=ROOT,
        env=os.environ | {"NODE_PATH": str(NODE / "node_modules")},
        input="\n".join(json.dumps(line) for line in lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout.splitlines()
    assert answered[:COUNT] == ["ok"] * COUNT
    assert answered[COUNT:] == ["No matching signature found"] * 500


def _missing() -> str:
    if shutil.which("node") is None:
        return "node is not on the path"
    if not (NODE / "node_modules" / "standardwebhooks").is_dir():
        return "npm's standardwebhooks is not in build/node; `make test` puts it there"
    return ""
