"""Logs on stderr: a JSON object a line, or short lines where a person watches.

The text of a message is constant; its facts are fields. WARNING heals itself; ERROR wants a person, and
docs/operations.md says what to do.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

NOISY = {
    "aiokafka": "error",
    "alembic": "warning",
    "asyncio": "warning",
    "faust": "critical",
    "httpcore": "warning",
    "httpx": "warning",
    "mode": "critical",
    "uvicorn": "warning",
}
"""Libraries whose own lines say less than ours; the least level that is let through."""


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _PLAIN}


class Json(logging.Formatter):
    """One JSON object: time, level, logger, message, the facts, and the error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


class Plain(logging.Formatter):
    """`12:00:01 warning  Waiting for the world. stage=file wait=1.0`"""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        clock = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line = f"{clock} {record.levelname.lower():8} {record.getMessage()} {facts}".rstrip()
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        return line


def configure(level: str = "info", style: str = "auto", stream: TextIO | None = None) -> None:
    """Sends every log of this process to `stream` (stderr). `style`: json, plain, or auto (plain on a terminal)."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    plain = style == "plain" or (style == "auto" and stream.isatty())
    handler.setFormatter(Plain() if plain else Json())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in NOISY.items():
        logging.getLogger(name).setLevel(least.upper())
