"""Links as a feed gives them, made absolute and nothing more; shared/urls.py makes them canonical."""

from urllib.parse import urljoin, urlsplit

from services.crawler.core.text import clean

LONGEST = 8192


def absolute(link: str | None, base: str | None) -> str | None:
    """This link from where it stands; None where it is none (no web address, or relative with nothing to start from)."""
    text = clean(link or "").strip().replace("\n", "").replace("\t", "")
    if not text or len(text) > LONGEST:
        return None
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme.lower() in ("http", "https") and parts.netloc else None
