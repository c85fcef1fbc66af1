"""When an article has become another text, and when it only ticks (counters, "3 hours ago")."""

import re

from shared import ids

_WORDS = re.compile(r"[^\W\d_]+")
_SPACE = re.compile(r"\s+")


def revision_key(title: str, text: str) -> str:
    """Texts with the same key are the same revision: the title differs at most in case and spacing, the body's words are the
    same in the same order. Numbers count in a title (a toll that rises), not in a body (a counter, a date)."""
    return ids.digest("revision", _SPACE.sub(" ", title).strip().casefold(), " ".join(_WORDS.findall(text.casefold())))
