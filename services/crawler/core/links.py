"""Links as a feed gives them, made absolute and nothing more; shared/urls.py makes them canonical."""

from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from services.crawler.core.text import clean

LONGEST = 8192


def apart(url: str) -> tuple[str, str]:
    """The URL without the user and password in it, which may be shown, and these two as `user:password` ('' for none)."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), unquote(user)


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
