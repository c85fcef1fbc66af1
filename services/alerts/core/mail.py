"""A message as mail: plain text and HTML, each text in its own direction, the same bytes at every attempt."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import blake2b
from html import escape

import msgspec

from services.alerts.core.telling import Told, clipped, plain, telling

SUBJECT_CHARS = 150
_MOST_TEXT = 1500


def mail(body: bytes, message_id: str, sender: str, recipient: str) -> bytes:
    """The mail. Its Message-ID is made of the message's own id, so that a second copy is known by it."""
    said = telling(body)
    at = datetime.fromisoformat(msgspec.json.decode(body)["timestamp"])
    subject = said.alerts[0].title if len(said.alerts) == 1 else said.heading
    word = f"{said.alerts[0].word}: " if len(said.alerts) == 1 and said.alerts[0].word else ""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = clipped(word + plain(subject), SUBJECT_CHARS)
    made["From"], made["To"] = sender, recipient
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n\n".join([said.heading, *map(_text, said.alerts)]) + "\n", cte="base64")
    page = f'<h2 dir="auto">{escape(said.heading)}</h2>' + "".join(map(_html, said.alerts))
    made.add_alternative(f"<!doctype html><html><body>{page}</body></html>", subtype="html", cte="base64")
    made.set_boundary(blake2b(body, digest_size=16).hexdigest())
    return made.as_bytes()


def _text(alert: Told) -> str:
    lines = [f"{alert.word}: {alert.title}" if alert.word else alert.title, alert.about, alert.url or ""]
    return "\n".join(line for line in (*lines, clipped(alert.text, _MOST_TEXT), alert.why) if line)


def _html(alert: Told) -> str:
    title = escape(f"{alert.word}: {alert.title}" if alert.word else alert.title)
    url = alert.url or ""
    linked = f'<a href="{escape(url)}">{title}</a>' if url.startswith(("https://", "http://")) else title
    parts = [f'<h3 dir="auto">{linked}</h3>', f'<p dir="auto"><small>{escape(alert.about)}</small></p>']
    parts += [f'<p dir="auto">{escape(text)}</p>' for text in (clipped(alert.text, _MOST_TEXT), alert.why) if text]
    return "".join(parts)
