"""When an article has become another text, and when it only ticks (counters, "3 hours ago")."""

import re

from shared import ids

_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_BETWEEN = b" \t\n\r\f\v.,:;!?()[]\"'-"


def revision_key(title: str, text: str) -> str:
    """Texts with the same key are the same revision: the title differs at most in case and spacing, the body at most in its
    numbers, punctuation and case. Numbers count in a title (a toll that rises), not in a body (a counter, a date)."""
    said = _DIGITS.sub("", text).encode("utf-8", "surrogatepass").translate(None, _BETWEEN).lower()
    return ids.digest("revision", _SPACE.sub(" ", title).strip().casefold(), said)
