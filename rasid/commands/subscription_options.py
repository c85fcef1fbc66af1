"""What the options of `rasid subscriptions` ask for, as alerts take it."""

import re
from typing import Any

import click

from rasid.home import Home
from rasid.house import rules
from rasid.settings import Refused
from services.alerts.core.manner import Manner, Quiet
from services.classifier.settings import Settings as ClassifierSettings
from shared import jsontext


def filter_of(wanted: str | None, topics: tuple[str, ...], languages: tuple[str, ...]) -> object:
    """The filter the options ask for, together; not yet looked at. Raises Refused where --filter is no JSON."""
    asked = {field: {"any": list(values)} for field, values in (("topics", topics), ("languages", languages)) if values}
    if wanted is None:
        return asked
    try:
        given = jsontext.decode(wanted.encode("utf-8", "replace"))
    except jsontext.NotJson as error:
        raise Refused(f"--filter: {error}") from None
    if not asked:
        return given
    if isinstance(given, dict) and not given.keys() & asked.keys():
        return asked | given
    return {"all": [asked, given]}


def manner_of(asked: dict[str, Any]) -> Manner:
    """How alerts are to come, as the options say. Raises UsageError for a --quiet of another form."""
    quiet = None
    if asked["quiet"]:
        found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)", asked["quiet"])
        if found is None:
            raise click.UsageError("--quiet: write '22:00-07:00 Asia/Amman'")
        quiet = Quiet(begin=found[1], end=found[2], zone=found[3])
    return Manner(
        kind="at_once" if asked["digest"] is None else "digest",
        window_seconds=asked["digest"] or Manner().window_seconds,
        maximum=asked["maximum"],
        cool_down_seconds=asked["cool_down"],
        quiet=quiet,
    )


def topics_of(home: Home) -> list[str]:
    """The names of the topics there are, shipped and the user's own."""
    return [topic.topic for topic in rules(home.settings.part(ClassifierSettings)).topics]


def headers_of(given: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for header in given:
        name, colon, value = header.partition(":")
        if not colon:
            raise click.UsageError(f"--header: {header!r} is not NAME:VALUE")
        headers[name.strip()] = value.strip()
    return headers
