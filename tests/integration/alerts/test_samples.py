"""The receivers in docs/receivers do what they say, against our own deliveries."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.alerts.desk import Desk, article

SAMPLES = Path(__file__).parents[3] / "docs" / "receivers"
KINDS = {"python": [sys.executable, "receiver.py"], "node": ["node", "receiver.mjs"]}


@contextmanager
def sample(kind: str, secret: str, port: int, folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A receiver, running; its address."""
    command, script = KINDS[kind]
    if shutil.which(command) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{command} is not on the path")
        pytest.skip(f"{command} is not on the path")
    process = subprocess.Popen(
        [command, str(SAMPLES / script), str(port)],
        env=os.environ | {"WEBHOOK_SECRET": secret, "WEBHOOK_SEEN": str(folder / f"seen-{kind}")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield process.stderr.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def lines(process: "subprocess.Popen[str]") -> list[str]:
    """What it printed until it was ended."""
    process.terminate()
    return process.communicate(timeout=20)[0].splitlines()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sample_takes_a_message_once_however_often_it_comes(desk: Desk, kind: str, tmp_path: Path) -> None:
    made = desk.subscribe("http://127.0.0.1:9/")
    with sample(kind, made.secret, 0, tmp_path) as (url, process):
        desk.redirect(made.endpoint, url)
        desk.match(article("a"))
        [row] = desk.take()
        answers = [(await desk.attempt([row]))[0].status for _ in range(3)]
        assert answers == [204] * 3
        [line] = lines(process)
        assert line.startswith(f"article.tagged {row.webhook_id} ")
    with sample(kind, made.secret, 0, tmp_path) as (url, process):  # it remembers
        desk.redirect(made.endpoint, url)
        desk.now = desk.now.replace(hour=15)
        [again] = desk.take()
        assert (await desk.attempt([again]))[0].status == 204
        assert lines(process) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sample_refuses_what_is_not_ours(desk: Desk, kind: str, tmp_path: Path) -> None:
    made = desk.subscribe("http://127.0.0.1:9/")
    with sample(kind, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0, tmp_path) as (url, process):
        desk.redirect(made.endpoint, url)
        desk.match(article("a"))
        assert [outcome.status for outcome in await desk.attempt(desk.take())] == [401]
        assert lines(process) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sample_answers_a_challenge(desk: Desk, kind: str, tmp_path: Path) -> None:
    made = desk.subscribe("http://127.0.0.1:9/", ownership="challenge")
    with sample(kind, made.secret, 0, tmp_path) as (url, _):
        desk.redirect(made.endpoint, url)
        await desk.round()
    assert desk.endpoint(made.endpoint).state == "active"


async def test_the_node_sample_verifies_with_a_public_key(desk: Desk, tmp_path: Path) -> None:
    made = desk.subscribe("http://127.0.0.1:9/", scheme="v1a")
    with sample("node", made.public_key, 0, tmp_path) as (url, process):
        desk.redirect(made.endpoint, url)
        desk.match(article("a"))
        assert [outcome.status for outcome in await desk.attempt(desk.take())] == [204]
        assert len(lines(process)) == 1
