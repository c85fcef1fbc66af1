"""What a robots.txt allows (RFC 9309). protego decides; where it departs from the RFC, the text is put right for it first.

The departures mended here: a byte order mark makes its first line unreadable; a line of an unknown kind parts a group that
it must not touch; `User-agent: Foo/1.2` and `User-agent: Foo Bar` name Foo; only CR and LF end a line.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from protego import Protego

LONGEST = 512_000
"""Bytes that are read; RFC 9309, 2.5, asks for 500 KiB at least."""

_ENDS = re.compile(r"\r\n|\r|\n")
_NO_ENDS = {ord(one): f"%{ord(one):02X}" for one in "\x0b\x0c\x1c\x1d\x1e"}
_NO_ENDS |= {0x85: " ", 0x2028: "%E2%80%A8", 0x2029: "%E2%80%A9"}
_AGENT = re.compile(r"\s*user[ -]?agent\s*:?\s*(?P<value>[^#]*)", re.IGNORECASE)
_FIELD = re.compile(r"\s*(?P<field>[A-Za-z][A-Za-z0-9_ -]*?)\s*:")
_KNOWN = re.compile(
    r"user[ -]?agent|allow|disallow|dissallow|dissalow|disalow|diasllow|disallaw|site-?maps?|crawl[ -]delay|request[ -]rate"
    r"|visit[ -]time|host",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(\s*allow\s*:\s*[^#\s]*/index\.htm)\s*(?:#.*)?", re.IGNORECASE)
_TOO_COMMON = frozenset(("mozilla", "*"))


class Answer(NamedTuple):
    """Whether this agent may fetch this URL, and how many seconds it should wait between two requests (None: nothing said)."""

    allowed: bool
    crawl_delay: float | None


def ask(robots: str, agent: str, url: str) -> Answer:
    """`robots`: the text of the file; `agent`: a product token or a whole user agent."""
    rules = _rules(robots)
    try:
        allowed = rules.can_fetch(url, agent)
    except ValueError:  # an URL that is none
        allowed = True
    return Answer(allowed, rules.crawl_delay(agent))


@lru_cache(maxsize=64)
def _rules(robots: str) -> Protego:
    return Protego.parse(mended(robots))


def mended(robots: str) -> str:
    """The text as protego needs it."""
    text = robots.removeprefix("\ufeff").removeprefix("ï»¿")
    data = text.encode("utf-8", "replace")
    if len(data) > LONGEST:
        text = data[:LONGEST].decode("utf-8", "ignore").rpartition("\n")[0]
    lines: list[str] = []
    for line in _ENDS.split(text.translate(_NO_ENDS)):
        agent = _AGENT.match(line)
        if agent is not None:
            lines += [f"User-agent: {name}" for name in _names(agent["value"].strip())]
        elif not _is_unknown(line):
            lines.append(line)
            if index := _INDEX.fullmatch(line):
                lines.append(f"{index[1]}l")
    return "\n".join(lines)


def _names(value: str) -> list[str]:
    """What this line calls an agent by: as written, and its product token alone."""
    if value.split(None, 1)[:1] == ["*"]:
        return ["*"]
    token = re.split(r"[/\s]", value, maxsplit=1)[0]
    return [value, token] if token and token != value and token.lower() not in _TOO_COMMON else [value]


def _is_unknown(line: str) -> bool:
    found = _FIELD.match(line)
    return found is not None and not _KNOWN.fullmatch(found["field"]) and not _KNOWN.fullmatch(found["field"].split()[0])
