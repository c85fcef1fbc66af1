"""Links as a feed gives them, made absolute and nothing more; shared/urls.py makes them canonical."""

import re
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from services.crawler.core.text import clean

LONGEST = 8192
_SCHEME_LOST = re.compile(r"^(https?)(?::/*|//)(?=[\w-]+\.[\w.-]+(?:[/:?#]|$))", re.IGNORECASE)


def apart(url: str) -> tuple[str, str]:
    """The URL without the user and password in it, which may be shown, and these two as `user:password` ('' for none)."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), unquote(user)


def absolute(link: str | None, base: str | None, schemes: tuple[str, ...] = ("http", "https")) -> str | None:
    """This link from where it stands; None where it is none (no web address, or relative with nothing to start from)."""
    text = clean(link or "").strip().replace("\n", "").replace("\r", "").replace("\t", "")
    if not text or len(text) > LONGEST:
        return None
    if text[:4].lower() == "www.":
        text = f"http://{text}"
    elif text.startswith("//") and not base:
        text = f"https:{text}"
    elif "://" not in text[:8] and text[:4].lower() == "http":
        text = _SCHEME_LOST.sub(lambda found: f"{found[1].lower()}://", text, count=1)
    whole = base is None or text[:8].lower().startswith(("http://", "https://"))
    try:
        joined = text if whole else urljoin(base or "", text)
        parts = urlsplit(joined)
    except ValueError:
        return None
    if parts.scheme.lower() not in schemes:
        return None
    return joined if parts.netloc or parts.scheme == "magnet" else None
