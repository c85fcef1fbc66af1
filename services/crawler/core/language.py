"""Language tags as BCP 47 writes them."""

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?(?:[-_][A-Za-z0-9]{5,8})*")


def tag(text: str | None) -> str | None:
    """`ar_sa` as `ar-SA`, `zh-hant` as `zh-Hant`; None for what is no language tag."""
    text = (text or "").strip()
    if not _TAG.fullmatch(text):
        return None
    first, *rest = re.split("[-_]", text)
    parts = [part.title() if len(part) == 4 else part.upper() if len(part) < 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *parts])
