"""Whether a reader already has what it asks for (RFC 9110, section 13)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def has_it(etag: str, modified: datetime | None, *, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the answer is 304. The tag decides where the reader sends one; the date only where it does not."""
    if if_none_match is not None:
        sent = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in sent or etag.removeprefix("W/") in sent
    if if_modified_since is None or modified is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))
