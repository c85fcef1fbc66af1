"""What can be set in the crawler."""

from typing import Annotated

from msgspec import Meta, Struct

from services.crawler.core.fulltext import Mode
from shared.network import networks

AFTER_PAGE = 10.0


class Settings(Struct, frozen=True, kw_only=True):
    """The crawler's part of the settings; each field is the variable RASID_ and its name."""

    contact: Annotated[str, Meta(description="e-mail or URL of whoever runs this, sent in the user agent")] = ""
    min_poll_seconds: Annotated[float, Meta(gt=0, description="shortest time between two polls of a source")] = 300.0
    max_poll_seconds: Annotated[float, Meta(gt=0, description="longest time between two polls of a source")] = 86400.0
    fetch_timeout: Annotated[float, Meta(gt=0, description="seconds a fetch may take in all, redirects included")] = 30.0
    fetch_max_bytes: Annotated[int, Meta(gt=0, description="most bytes of an answer, after decompression")] = 16 * 1024 * 1024
    fetch_max_redirects: Annotated[int, Meta(ge=0, description="most redirects a fetch follows")] = 10
    fetch_allow_networks: Annotated[
        tuple[str, ...], Meta(description="networks (CIDR, with commas) fetched from although they are not public")
    ] = ()
    poll_concurrency: Annotated[int, Meta(gt=0, description="sources polled at the same time")] = 16
    poll_per_host: Annotated[int, Meta(gt=0, description="requests to one host at the same time")] = 2
    host_interval: Annotated[float, Meta(ge=0, le=60, description="least seconds between two requests to one host")] = 1.0
    pages: Annotated[
        Mode, Meta(description="when an article's page is fetched: its feed's text is short (short), always, or never")
    ] = "short"
    pages_below: Annotated[int, Meta(ge=0, description="letters below which the text of a feed's entry is short")] = 1000
    page_timeout: Annotated[float, Meta(gt=0, description="seconds for an article's page in all, robots.txt included")] = 30.0
    page_patience: Annotated[
        float, Meta(ge=0, description="most seconds an article waits for a turn at its host; then its feed's text must do")
    ] = 300.0
    page_concurrency: Annotated[int, Meta(gt=0, description="article pages under way at the same time")] = 16
    parse_seconds: Annotated[float, Meta(gt=0, description="seconds a feed may take to parse before it is given up")] = 15.0
    extract_seconds: Annotated[float, Meta(gt=0, description="seconds an article page may take to extract")] = 15.0
    worker_max_bytes: Annotated[
        int, Meta(ge=256 * 1024 * 1024, description="most bytes of memory a process may take that parses or extracts files")
    ] = 2 * 1024 * 1024 * 1024
    body_max_bytes: Annotated[
        int, Meta(gt=0, le=512 * 1024, description="most bytes of an article's text; the rest is cut")
    ] = 256 * 1024
    entries_max: Annotated[int, Meta(gt=0, description="most entries taken from one poll; the rest is left, and said")] = 2000
    backfill_hours: Annotated[
        float, Meta(ge=0, description="on a source's first poll, entries older than this are history and alert no one")
    ] = 48.0
    fetch_lease: Annotated[float, Meta(gt=0, description="seconds after which an article under work is taken up again")] = 60.0

    def __post_init__(self) -> None:
        """Raises ValueError for networks that are none and bounds that exclude each other."""
        try:
            networks(self.fetch_allow_networks)
        except ValueError as error:
            raise ValueError(f"RASID_FETCH_ALLOW_NETWORKS: {error}") from error
        if self.fetch_lease <= self.page_deadline:
            raise ValueError(f"RASID_FETCH_LEASE is not more than RASID_PAGE_TIMEOUT and {AFTER_PAGE:g} s")
        if self.max_poll_seconds < self.min_poll_seconds:
            raise ValueError("RASID_MAX_POLL_SECONDS is less than RASID_MIN_POLL_SECONDS")

    @property
    def page_deadline(self) -> float:
        """Seconds after which reading a page counts as a failure of ours: it should have ended by itself."""
        return self.page_timeout + AFTER_PAGE

    @property
    def poll_deadline(self) -> float:
        """Seconds a poll may take in all: waiting for its host, the fetch, the parse, and some for a worker to be free."""
        return 2 * self.fetch_timeout + self.parse_seconds + 30.0

    @property
    def poll_lease(self) -> float:
        """Seconds after which a source whose poll was cut off is taken up again: longer than any poll may take."""
        return self.poll_deadline + 30.0
