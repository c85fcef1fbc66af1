"""`rasid dead-letters`: what stages set aside, why, and the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from rasid.home import open_home
from rasid.letters import EmbeddedLetters, KafkaLetters, Letter, Letters, letter_of
from rasid.settings import Differs
from shared import jsontext
from shared.outcomes import Reject
from shared.topology import STAGES

STAGE = click.Choice([stage.name for stage in STAGES if stage.kind != "door"])


@click.group("dead-letters")
def dead_letters() -> None:
    """Messages and due rows that a stage set aside: what they were, why, and the way back. Prints JSON Lines.

    \b
    Example:  rasid dead-letters list --stage classify
              rasid dead-letters retry --all
    """


@dead_letters.command("list")
@click.option("--stage", type=STAGE, help="Only what this stage set aside.")
def list_(stage: str | None) -> None:
    """Every dead letter with its reason, a line each, the oldest first.

    \b
    Example:  rasid dead-letters list | jq -r '[.id, .stage, .reason] | @tsv'
    """
    with _letters() as letters:
        for letter in letters.lying(stage):
            _echo(_summary(letter))


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
def show(letter_id: str) -> None:
    """One dead letter with the message it wraps.

    \b
    Example:  rasid dead-letters show 5mfywk6c7wxkx4c2h3l7d4ytqe | jq .message
    """
    with _letters() as letters:
        letter = letter_of(letters, letter_id)
    if letter is None:
        raise Differs(f"there is no dead letter {letter_id}")
    _echo({**_summary(letter), **_message(letter.letter.value)})


@dead_letters.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them (of --stage).")
@click.option("--stage", type=STAGE, help="With --all: only what this stage set aside.")
def retry(letter_ids: tuple[str, ...], everything: bool, stage: str | None) -> None:
    """Puts the wrapped messages back on their topics, where every stage that reads it meets them again.

    What poll, fetch and deliver set aside is a row (a source, an entry, a delivery): it is made due again. A letter that was
    cut because its message was too large cannot go back. Exits with 1 where one could not.

    \b
    Example:  rasid dead-letters retry 5mfywk6c7wxkx4c2h3l7d4ytqe
              rasid dead-letters retry --all --stage file
    """
    if everything == bool(letter_ids) or (stage and not everything):
        raise click.UsageError("name the dead letters, or say --all (with --stage, if you like)")
    with _letters() as letters:
        lying = {letter.letter.event_id: letter for letter in letters.lying(stage)}
        answers = [_retry(letters, letter_id, lying) for letter_id in (letter_ids or lying)]
    for answer in answers:
        _echo(answer)
    if failed := sum("error" in answer for answer in answers):
        raise Differs(f"{failed} of {len(answers)} dead letters stay where they are")


def _retry(letters: Letters, letter_id: str, lying: dict[str, Letter]) -> dict[str, Any]:
    letter = lying.get(letter_id)
    if letter is None:
        return {"id": letter_id, "error": "there is no such dead letter"}
    try:
        if not letters.put_back(letter):
            return {"id": letter_id, "error": "someone else has put it back meanwhile"}
    except Reject as error:
        return {"id": letter_id, "error": str(error)}
    return {"id": letter_id, "topic": letter.letter.topic or None, "retried": True}


@contextmanager
def _letters() -> Iterator[Letters]:
    """The dead letters of the log these settings name."""
    with open_home() as home:
        yield KafkaLetters(home.common.kafka, home.database) if home.common.kafka else EmbeddedLetters(home.database)


def _summary(found: Letter) -> dict[str, Any]:
    letter = found.letter
    return {
        "id": letter.event_id,
        "stage": letter.stage,
        "reason": letter.reason,
        "kind": letter.kind,
        "tries": letter.tries,
        "at": letter.observed_at,
        "article_id": letter.article_id,
        "url": letter.url,
        "topic": letter.topic or None,
        "key": letter.key,
        "size": letter.size,
        "truncated": letter.truncated,
    }


def _message(value: bytes) -> dict[str, Any]:
    """The message as JSON where it is JSON, as text where it is text, in base64 where it is neither."""
    try:
        return {"message": jsontext.decode(value)}
    except jsontext.NotJson:
        pass
    try:
        return {"message_text": value.decode()}
    except UnicodeDecodeError:
        return {"message_base64": value}


def _echo(line: dict[str, Any]) -> None:
    click.echo(msgspec.json.encode(line))
