"""Articles as feeds that other readers can subscribe to: Atom, RSS 2.0, JSON Feed 1.1.

A feed is a pure function of its articles, so that the same articles give the same bytes (and ETag). Whatever came from
outside is text here and is escaped on its way out; characters that XML cannot hold are left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Final, NamedTuple

import msgspec

from services.store.core.query import Kept
from shared.wire import Article, summary

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feed(NamedTuple):
    """What a feed is made of. `base`: address of this server without a slash at the end; `address`: the feed's own;
    `names`: how topics are called; `full_text`: the text, not a summary."""

    title: str
    base: str
    address: str
    kept: list[Kept]
    names: Mapping[str, str]
    full_text: bool = True

    @property
    def updated(self) -> datetime:
        """When the newest change among its articles was made; 1970 where it has none."""
        return max((kept.changed_at for kept in self.kept), default=_NEVER)


def atom(feed: Feed) -> bytes:
    """RFC 4287."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_xml(feed.address)}</id>",
        f"<title>{_xml(feed.title)}</title>",
        f"<updated>{_time(feed.updated)}</updated>",
        f'<link rel="self" type="application/atom+xml" href="{_xml(feed.address)}"/>',
        f'<link rel="alternate" type="text/html" href="{_xml(feed.base)}/"/>',
        "<generator>rasid</generator>",
        "<author><name>rasid</name></author>",
        *(line for kept in feed.kept for line in _atom_entry(feed, kept)),
        "</feed>",
    ]
    return "\n".join(lines).encode()


def rss(feed: Feed) -> bytes:
    """RSS 2.0."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">',
        "<channel>",
        f"<title>{_xml(feed.title)}</title>",
        f"<link>{_xml(feed.base)}/</link>",
        f"<description>{_xml(feed.title)}</description>",
        f'<atom:link rel="self" type="application/rss+xml" href="{_xml(feed.address)}"/>',
        f"<lastBuildDate>{format_datetime(feed.updated.astimezone(UTC), usegmt=True)}</lastBuildDate>",
        "<generator>rasid</generator>",
        *(line for kept in feed.kept for line in _rss_item(feed, kept)),
        "</channel>",
        "</rss>",
    ]
    return "\n".join(lines).encode()


def json(feed: Feed) -> bytes:
    """JSON Feed 1.1; `_rasid` in each item is our extension: the topics with their evidence, the source, the revision."""
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": f"{feed.base}/",
            "feed_url": feed.address,
            "items": [_json_item(feed, kept) for kept in feed.kept],
        }
    )


class Format(NamedTuple):
    """One way to write a feed."""

    media_type: str
    write: Callable[[Feed], bytes]


FORMATS: Final[Mapping[str, Format]] = {
    "atom": Format("application/atom+xml; charset=utf-8", atom),
    "rss": Format("application/rss+xml; charset=utf-8", rss),
    "json": Format("application/feed+json; charset=utf-8", json),
}


def _atom_entry(feed: Feed, kept: Kept) -> Iterable[str]:
    article = kept.article
    yield f"<entry{_language(article)}>"
    yield f"<id>{_xml(_entry_id(article))}</id>"
    yield f'<title type="text">{_xml(_title(article))}</title>'
    yield f"<updated>{_time(kept.changed_at)}</updated>"
    if article.published_at is not None:
        yield f"<published>{_time(article.published_at)}</published>"
    yield f'<link rel="alternate" href="{_xml(_link(feed, article))}"/>'
    for name in article.authors or (article.source.name,):
        yield f"<author><name>{_xml(name)}</name></author>"
    for tag in article.topics:
        yield f'<category term="{_xml(tag.topic)}" label="{_xml(feed.names.get(tag.topic, tag.topic))}"/>'
    yield f'<summary type="text">{_xml(summary(_text(article)))}</summary>'
    if feed.full_text:
        yield f'<content type="html">{_xml(_html(article))}</content>'
    yield "</entry>"


def _rss_item(feed: Feed, kept: Kept) -> Iterable[str]:
    article = kept.article
    yield f"<item{_language(article)}>"
    yield f"<title>{_xml(_title(article))}</title>"
    yield f"<link>{_xml(_link(feed, article))}</link>"
    yield f'<guid isPermaLink="false">{_xml(_entry_id(article))}</guid>'
    if article.published_at is not None:
        yield f"<pubDate>{format_datetime(article.published_at.astimezone(UTC), usegmt=True)}</pubDate>"
    for name in article.authors or (article.source.name,):
        yield f"<dc:creator>{_xml(name)}</dc:creator>"
    for tag in article.topics:
        yield f"<category>{_xml(tag.topic)}</category>"
    if article.source.url:
        yield f'<source url="{_xml(article.source.url)}">{_xml(article.source.name)}</source>'
    yield f"<description>{_xml(escape(summary(_text(article))))}</description>"  # readers take it for HTML
    if feed.full_text:
        yield f"<content:encoded>{_xml(_html(article))}</content:encoded>"
    yield "</item>"


def _json_item(feed: Feed, kept: Kept) -> dict[str, object]:
    article = kept.article
    item: dict[str, object] = {
        "id": _entry_id(article),
        "url": _link(feed, article),
        "title": _title(article),
        "content_text": _text(article) if feed.full_text else summary(_text(article)),
        "summary": summary(_text(article)),
        "date_modified": kept.changed_at,
        "authors": [{"name": name} for name in article.authors or (article.source.name,)],
        "tags": [tag.topic for tag in article.topics],
        "_rasid": {
            "about": f"{feed.base}/docs",
            "id": article.id,
            "revision": article.revision,
            "source": article.source,
            "topics": article.topics,
        },
    }
    if article.published_at is not None:
        item["date_published"] = article.published_at
    if article.lang is not None:
        item["language"] = article.lang
    return item


def _entry_id(article: Article) -> str:
    """The same wherever this server is reached."""
    return f"urn:rasid:article:{article.id}"


def _title(article: Article) -> str:
    return article.title or summary(_text(article), 80) or article.id


def _link(feed: Feed, article: Article) -> str:
    """Where the article is read: at its source, or here if it has no address that a reader may follow."""
    if article.url and article.url.startswith(("http://", "https://")):
        return article.url
    return f"{feed.base}/articles/{article.id}"


def _text(article: Article) -> str:
    shown = article.text if isinstance(article.text, str) else article.summary
    return shown if isinstance(shown, str) else ""


def _html(article: Article) -> str:
    """The text as HTML that holds nothing but paragraphs; each finds its own direction."""
    paragraphs = [line.strip() for line in _text(article).splitlines() if line.strip()]
    return "".join(f'<p dir="auto">{escape(line)}</p>' for line in paragraphs)


def _language(article: Article) -> str:
    return f' xml:lang="{_xml(article.lang)}"' if article.lang else ""


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
