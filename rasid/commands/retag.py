"""`rasid retag`: what a change of rules does to the articles there are; done by the running service, told and tried here."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from rasid import tagging
from rasid.home import Home, open_home
from rasid.settings import Differs
from services.classifier.adapters import tables
from services.classifier.core.change import Change, changes, languages
from services.classifier.settings import Settings
from services.store.adapters import retags
from services.store.core.retagging import Kept

ROWS = 500
LOOK_SECONDS = 0.5


@click.command()
@tagging.rules_option
@click.option("--dry-run", is_flag=True, help="Count what these rules would touch; nothing is changed.")
@click.option("--wait", "seconds", type=click.FloatRange(min=0), help="Follow it for so many seconds, or until it is through.")
def retag(folder: Path | None, dry_run: bool, seconds: float | None) -> None:
    """How far the newest change of rules has got, as one object a line; the running service does the work.

    With --dry-run: what the topic files as they are now (or those of --rules) would mean for the articles in the store,
    compared with the rules that were last in force.

    \b
    Example:  rasid retag --dry-run
              rasid retag --wait 600
    """
    if folder is not None and not dry_run:
        raise click.UsageError("--rules is for --dry-run; what is in force is set by RASID_TOPICS_DIR")
    with open_home() as home:
        told = _tried(home, folder) if dry_run else _followed(home, seconds or 0.0)
    click.echo(msgspec.json.encode(told).decode())
    if not dry_run and told["state"] not in ("done", "none") and (seconds is not None or told["state"] == "failed"):
        raise Differs("not through; `rasid run` goes on with it, and `rasid dead-letters list` says what is set aside")


def _followed(home: Home, seconds: float) -> dict[str, Any]:
    until, reached = time.monotonic() + seconds, -1
    while True:
        with home.database.read() as db:
            found, active = retags.newest(db), tables.newest(db)
        if found is None:
            return {"state": "none", "rules_seq": active or None}
        is_behind = found.rules_seq < active
        if found.reached != reached:
            reached = found.reached
            click.echo(f"{min(reached, found.last)} of {found.last} changes, {found.recalled} tagged again", err=True)
        if (found.state != "running" and not is_behind) or time.monotonic() >= until:
            told: dict[str, Any] = msgspec.to_builtins(found)
            return told | ({"state": "waiting", "waits_for_rules": active} if is_behind else {})
        time.sleep(LOOK_SECONDS)


def _tried(home: Home, folder: Path | None) -> dict[str, Any]:
    new = tagging.rules(folder, home.settings.part(Settings))
    with home.database.read() as db:
        last = tables.newest(db)
        kept = tables.kept(db, last, last) if last else None
        if kept is None:
            count = sum(1 for _ in _every(db))
            return {"changes": ["the rules before are not kept"], "languages": None, "articles": count} | {
                "looked_at": 0,
                "touched": count,
            }
        found = changes(kept[last], new)
        concerned = languages(found)
        looked_at = touched = articles = 0
        change = Change([kept[last]], new)
        for one in _every(db):
            articles += 1
            if _concerns(one, concerned):
                looked_at += 1
                text = one.text
                touched += any(change.touches(text.title, text.text, language) for language in text.languages)
            if articles % ROWS == 0:
                click.echo(f"{articles} articles, {touched} touched", err=True)
    return {
        "changes": [f"{one.topic}/{one.language}: {one.what}" for one in found],
        "languages": None if concerned is None else sorted(concerned),
        "articles": articles,
        "looked_at": looked_at,
        "touched": touched,
    }


def _concerns(kept: Kept, concerned: frozenset[str] | None) -> bool:
    return concerned is None or not kept.detected or kept.detected.split("-")[0].lower() in concerned


def _every(db: Any) -> Iterator[Kept]:
    after = 0
    while rows := retags.every(db, after, ROWS):
        yield from (kept for _, kept in rows)
        after = rows[-1][0]
