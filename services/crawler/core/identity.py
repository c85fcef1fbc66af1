"""Which article an entry is, and whether it says something new.

Feeds lie about identity in every way: one guid for all items, guids that change with the headline or by position, links that
gain tracking parameters or change their scheme. The rules, in order: a URL known is that article; a guid known in this source
is its article, unless the guid was plainly given to another entry; else the entry is a new article.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from services.crawler.core.model import ParsedEntry
from shared import ids
from shared.urls import canonical_url, without_scheme

AHEAD = timedelta(days=1)
"""What claims to be published further in the future has no date of publication."""

_SPACE = re.compile(r"\s+")


class Known(NamedTuple):
    """What is kept of an entry seen in a source."""

    article_id: str
    url_key: str | None
    title_key: str
    content_key: str
    published_at: datetime | None
    version: int


class Candidate(NamedTuple):
    """An entry with the keys it is looked up by. `url` is canonical; `guid_key` tells it apart within its source."""

    entry: ParsedEntry
    url: str | None
    url_key: str | None
    guid_key: str
    title_key: str
    content_key: str
    published_at: datetime | None


class Sighting(NamedTuple):
    """What an entry turned out to be: its article, whether anything is new (`fresh`), the n-th text under its key (`version`),
    and whether a known article merely came under a new guid (`churned`)."""

    candidate: Candidate
    article_id: str
    fresh: bool
    version: int
    churned: bool = False


def url_key(url: str) -> str:
    """What a canonical URL is looked up by: http and https are one."""
    return ids.digest("url", without_scheme(url))


def content_key(title: str, text: str) -> str:
    """What title and text say, whatever their spacing and case."""
    return ids.digest("content", _SPACE.sub(" ", title).strip().casefold(), _SPACE.sub(" ", text).strip().casefold())


def candidates(source: str, entries: Sequence[ParsedEntry], base: str, now: datetime) -> list[Candidate]:
    """The entries with their keys, each once. A guid that several different links share is none."""
    urls = _apart([(entry, canonical_url(entry.origin or entry.link or "", base)) for entry in entries])
    links = defaultdict(set)
    for entry, url in zip(entries, urls, strict=True):
        links[entry.id].add(url or entry.title)
    found: dict[str, Candidate] = {}
    for entry, url in zip(entries, urls, strict=True):
        guid = entry.id if entry.id and len(links[entry.id]) == 1 else None
        candidate = _candidate(source, entry, url, guid, now)
        found.setdefault(candidate.url_key or candidate.guid_key, candidate)
    return list(found.values())


def _apart(found: Sequence[tuple[ParsedEntry, str | None]]) -> list[str | None]:
    """The URLs; entries of one page that link to different places in it are different articles, and keep these places."""
    titles: dict[str, set[str]] = defaultdict(set)
    places: dict[str, set[str]] = defaultdict(set)
    for entry, url in found:
        if url:
            titles[url].add(entry.title)
            places[url].add((entry.link or "").partition("#")[2])
    return [
        f"{url}#{quote(place)}"
        if url and len(titles[url]) > 1 and len(places[url]) > 1 and (place := (entry.link or "").partition("#")[2]) not in url
        else url
        for entry, url in found
    ]


def _candidate(source: str, entry: ParsedEntry, url: str | None, guid: str | None, now: datetime) -> Candidate:
    published = entry.published or entry.updated
    if published and published - now > AHEAD:
        published = None
    if guid or not url:
        guid_key = ids.digest("guid", ids.article_id_without_url(source, guid, entry.title, published))
    else:
        guid_key = ids.digest("guid-url", url_key(url))
    return Candidate(
        entry=entry,
        url=url,
        url_key=url_key(url) if url else None,
        guid_key=guid_key,
        title_key=ids.digest("title", _SPACE.sub(" ", entry.title).strip().casefold()),
        content_key=content_key(entry.title, entry.text),
        published_at=published,
    )


def sightings(
    source: str, entries: Sequence[Candidate], seen: dict[str, Known], by_article: dict[str, Known], aliases: dict[str, str]
) -> list[Sighting]:
    """What each entry is. `seen`: of this source by guid key; `by_article`: of this source by article; `aliases`: URL
    key to article, of all sources. Oldest first, as a reader would have met them."""
    here = {candidate.url_key for candidate in entries if candidate.url_key}
    taken: Counter[str] = Counter()
    found = []
    for candidate in reversed(entries):
        sighting = _sighting(source, candidate, here, seen, by_article, aliases)
        taken[sighting.article_id] += 1
        if taken[sighting.article_id] == 1:  # two entries of one article: the newer stands below, the first says enough
            found.append(sighting)
    return found


def _sighting(
    source: str,
    candidate: Candidate,
    here: set[str],
    seen: dict[str, Known],
    by_article: dict[str, Known],
    aliases: dict[str, str],
) -> Sighting:
    by_guid = seen.get(candidate.guid_key)
    article = aliases.get(candidate.url_key) if candidate.url_key else None
    if article is None and by_guid is not None and not _another(candidate, by_guid, here):
        article = by_guid.article_id
    if article is None:
        article = _minted(source, candidate)
    before = by_article.get(article) or (by_guid if by_guid and by_guid.article_id == article else None)
    if before is None:
        return Sighting(candidate, article, fresh=True, version=1)
    churned = by_guid is None
    if before.content_key == candidate.content_key:
        return Sighting(candidate, article, fresh=False, version=before.version, churned=churned)
    return Sighting(candidate, article, fresh=True, version=before.version + 1, churned=churned)


def _another(candidate: Candidate, before: Known, here: set[str]) -> bool:
    """Whether a guid seen before now names another entry: what it named stands elsewhere here, or nothing is as it was."""
    if candidate.url_key is None or candidate.url_key == before.url_key:
        return False
    if before.url_key in here:
        return True
    return candidate.title_key != before.title_key and candidate.published_at != before.published_at


def _minted(source: str, candidate: Candidate) -> str:
    if candidate.url:
        return ids.article_id(candidate.url)
    entry = candidate.entry
    return ids.article_id_without_url(source, entry.id, entry.title, candidate.published_at)
