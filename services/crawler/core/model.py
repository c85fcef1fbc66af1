"""What a feed is, whatever it was written in: our own shape, the same for RSS, Atom, CDF, sitemaps and JSON Feed."""

from datetime import datetime

from msgspec import Struct


class Enclosure(Struct, frozen=True, kw_only=True):
    """A file that belongs to an entry; `length` in bytes."""

    url: str
    type: str | None = None
    length: int | None = None


class ParsedEntry(Struct, frozen=True, kw_only=True):
    """An entry as the feed gave it. `id` is its guid, `origin` the link a feed proxy replaced; `summary` and `content` are
    plain text; a date is None where its text (`published_raw`) names no moment for sure. `comments` is the address of the
    page where it is talked about."""

    id: str | None = None
    link: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    published_raw: str | None = None
    updated_raw: str | None = None
    origin: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    comments: str | None = None

    @property
    def text(self) -> str:
        """What the entry says: its content, or its summary where that says more."""
        return self.content if len(self.content) >= len(self.summary) else self.summary


class ParsedFeed(Struct, frozen=True, kw_only=True):
    """A feed. `format` is empty where the bytes are none (`problems` say what they are); `ttl` in minutes; `ill_formed`: it
    broke the rules of its format, repaired or not. Of a sitemap index the entries are the sitemaps it names."""

    format: str = ""
    title: str = ""
    link: str | None = None
    language: str | None = None
    hub: str | None = None
    ttl: int | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problems: tuple[str, ...] = ()
    ill_formed: bool = False
    description: str = ""
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    image: str | None = None
