"""Messages for chats, within what each of them takes, and so that no text can command them.

Limits are the vendors': Slack 3,000 characters a section and 50 blocks; Discord 2,000 characters; Teams (Workflows) 28 KB;
ntfy 4,096 bytes. What does not fit is left out from the end, and its number told.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from services.alerts.core.telling import Telling, Told, clipped, isolated, telling

SLACK_SECTION, SLACK_BLOCKS = 3000, 50
DISCORD_CHARS = 2000
TEAMS_BYTES = 28 * 1024
NTFY_BYTES = 4096
_TITLE, _TEXT, _WHY = 250, 400, 300
_LONGEST_URL = 1000


def slack(body: bytes) -> bytes:
    """Blocks of Slack's incoming webhooks."""
    said = telling(body)
    sections = [_section(f"*{_slack_safe(isolated(said.heading))}*")]
    room = SLACK_BLOCKS - 2
    sections += [_section(_slack_alert(alert)) for alert in said.alerts[:room]]
    if len(said.alerts) > room:
        sections.append(_section(f"and {len(said.alerts) - room} more"))
    first = said.alerts[0].title if said.alerts else said.heading
    fallback = _slack_safe(clipped(first, _TITLE))
    return _json({"text": fallback, "blocks": sections, "unfurl_links": False, "unfurl_media": False})


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _slack_alert(alert: Told) -> str:
    """As much of it as fits a section once it is escaped, which makes a text up to five times as long."""
    said = ""
    for title_chars, text_chars, why_chars in ((_TITLE, _TEXT, _WHY), (_TITLE, 100, 0), (100, 0, 0)):
        title = isolated(_slack_safe(clipped(alert.title, title_chars)).replace("|", "¦"))
        url = _url(alert.url)
        lines = [_word(alert) + (f"<{url}|{title}>" if url else f"*{title}*"), _slack_safe(clipped(alert.about, 100))]
        texts = ((alert.text, text_chars), (alert.why, why_chars))
        lines += [isolated(_slack_safe(clipped(text, most))) for text, most in texts if text and most]
        said = "\n".join(lines)
        if len(said) <= SLACK_SECTION:
            break
    return said


def _slack_safe(text: str) -> str:
    """Its three control characters escaped (Slack, Formatting text): no mention, no link, no command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def discord(body: bytes) -> bytes:
    """A message of Discord's webhooks; it mentions no one, whatever stands in it."""
    said = telling(body)
    content = _fitting(
        f"**{_markdown_safe(isolated(clipped(said.heading, _TITLE)))}**",
        [_discord_alert(alert) for alert in said.alerts],
        lambda text: len(text.encode("utf-16-le")) // 2 <= DISCORD_CHARS,
    )
    return _json({"content": content, "allowed_mentions": {"parse": []}, "flags": 4})  # 4: links are not unfurled


def _discord_alert(alert: Told) -> str:
    title = isolated(_markdown_safe(clipped(alert.title, _TITLE)))
    url = _url(alert.url)
    linked = f"[{title}](<{url}>)" if url else f"**{title}**"
    lines = [_word(alert) + linked, _markdown_safe(clipped(alert.about, _TITLE))]
    lines += [isolated(_markdown_safe(clipped(alert.text, _TEXT)))] if alert.text else []
    return "\n".join(lines)


def _markdown_safe(text: str) -> str:
    return "".join("\\" + char if char in "\\`*_{}[]()<>#+-.!|~:@" else char for char in text)


def teams(body: bytes) -> bytes:
    """An Adaptive Card for a Teams workflow."""
    said = telling(body)
    alerts = list(said.alerts)
    while True:
        made = _json(_card(said, alerts))
        if len(made) <= TEAMS_BYTES or not alerts:
            return made
        alerts.pop()


def _card(said: Telling, alerts: Sequence[Told]) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [_block(isolated(clipped(said.heading, _TITLE)), weight="Bolder")]
    for alert in alerts:
        title, url = isolated(_markdown_safe(clipped(alert.title, _TITLE))), _url(alert.url)
        blocks.append(_block(_word(alert) + (f"[{title}]({url})" if url else title), size="Medium"))
        blocks.append(_block(_markdown_safe(clipped(alert.about, _TITLE)), isSubtle=True, spacing="None"))
        texts = ((alert.text, _TEXT), (alert.why, _WHY))
        blocks += [_block(isolated(_markdown_safe(clipped(text, most)))) for text, most in texts if text]
    if len(alerts) < len(said.alerts):
        blocks.append(_block(f"and {len(said.alerts) - len(alerts)} more"))
    card: dict[str, Any] = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard"}
    card |= {"version": "1.4", "body": blocks}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _block(text: str, **looks: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def ntfy(body: bytes, url: str) -> bytes:
    """A message for ntfy, published as JSON to the server of this topic's URL."""
    said = telling(body)
    lines = [_ntfy_alert(alert) for alert in said.alerts]
    text = _fitting("", lines, lambda found: len(found.encode()) <= NTFY_BYTES - 64)
    message = {"topic": urlsplit(url).path.strip("/"), "title": clipped(said.heading, _TITLE), "message": text or said.heading}
    click = said.alerts[0].url if len(said.alerts) == 1 else None
    return _json(message | ({"click": click} if click else {}))


def _ntfy_alert(alert: Told) -> str:
    lines = [_word(alert) + isolated(clipped(alert.title, _TITLE)), clipped(alert.about, _TITLE)]
    return "\n".join([*lines, isolated(clipped(alert.text, _TEXT))] if alert.text else lines)


def ntfy_server(url: str) -> str:
    """Where messages for a topic's URL are published."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _fitting(heading: str, alerts: Sequence[str], fits: Callable[[str], bool]) -> str:
    """The heading and as many alerts as fit, and how many more there are."""
    for count in range(len(alerts), -1, -1):
        rest = len(alerts) - count
        said = "\n\n".join(part for part in (heading, *alerts[:count], f"and {rest} more" if rest else "") if part)
        if fits(said):
            return said
    return ""


def _word(alert: Told) -> str:
    return f"{alert.word}: " if alert.word else ""


def _url(url: str | None) -> str | None:
    """A URL in which nothing can end the link it stands in; None for one that no message should be filled with."""
    quoted = quote(url or "", safe="/:?#@!$&'*+,;=%~-._")
    return quoted if 0 < len(quoted) <= _LONGEST_URL else None


def _json(message: dict[str, Any]) -> bytes:
    return msgspec.json.encode(message)
