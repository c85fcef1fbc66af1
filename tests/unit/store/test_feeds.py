"""Articles as Atom, RSS and JSON Feed."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import feedparser
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.store.core import feeds
from services.store.core.feeds import Feed
from services.store.core.query import Kept
from shared import wire
from tests.builders import NOON, TEXT, TITLE, classified, fetched, filed, tag

NASTY = "</title><script>alert(1)</script>&amp; ]]> \"'\x00\x0b\ud800 <b>"
WRITERS = (feeds.atom, feeds.rss)


def feed(*articles: wire.Article, full_text: bool = True) -> Feed:
    kept = [Kept(article, number, number, NOON + timedelta(hours=number)) for number, article in enumerate(articles)]
    names = {"trafficking": "Human trafficking"}
    return Feed(
        "rasid: <Human trafficking>", "https://rasid.example", "https://rasid.example/f?a=1&b=2", kept, names, full_text
    )


def article(**changes: Any) -> wire.Article:
    return msgspec.structs.replace(wire.article(filed(classified(fetched(revision=2)))), **changes)


@pytest.mark.parametrize("write", WRITERS)
def test_a_feed_reader_finds_what_was_put_in(write: Callable[[Feed], bytes]) -> None:
    read = feedparser.parse(BytesIO(write(feed(article()))))
    assert not read.bozo
    assert read.feed.title == "rasid: <Human trafficking>"
    [entry] = read.entries
    assert entry.title == TITLE
    assert entry.link == "https://news.example/1"
    assert entry.id == "urn:rasid:article:article-1"
    assert entry.published_parsed[:6] == NOON.timetuple()[:6]
    assert [each.term for each in entry.tags] == ["trafficking"]
    assert entry.author == "ليلى"
    assert TEXT.splitlines()[1] in entry.content[0].value
    assert entry.content[0].value.count("<p") == 2


@pytest.mark.parametrize("write", WRITERS)
def test_markup_in_a_title_or_text_stays_text(write: Callable[[Feed], bytes]) -> None:
    tree = etree.fromstring(write(feed(article(title=NASTY, text=NASTY))))
    names = {etree.QName(node).localname for node in tree.iter() if isinstance(node.tag, str)}
    assert not names & {"script", "b", "p"}
    [title] = [node.text for node in tree.iter("{*}title") if "alert" in (node.text or "")]
    assert title == "</title><script>alert(1)</script>&amp; ]]> \"' <b>"
    read = feedparser.parse(BytesIO(write(feed(article(title=NASTY, text=NASTY)))), sanitize_html=False)
    assert "<script" not in read.entries[0].content[0].value
    assert "<script" not in read.entries[0].summary or write is feeds.atom  # Atom's summary says that it is text


@pytest.mark.parametrize("write", WRITERS)
@given(text=st.text(), language=st.text(min_size=1, max_size=8))
def test_any_text_gives_well_formed_xml(write: Callable[[Feed], bytes], text: str, language: str) -> None:
    made = article(title=text, text=text, lang=language, url=f"https://news.example/{text}", authors=(text,))
    etree.fromstring(write(feed(made)))


def test_the_language_of_an_article_is_told_on_its_entry() -> None:
    for write in WRITERS:
        tree = etree.fromstring(write(feed(article(), article(lang=None))))
        entries = list(tree.iter("{*}entry", "{*}item"))
        assert [node.get("{http://www.w3.org/XML/1998/namespace}lang") for node in entries] == ["ar", None]


def test_atom_has_what_the_standard_asks_for() -> None:
    tree = etree.fromstring(feeds.atom(feed(article(), article(published_at=None))))
    names = {"a": "http://www.w3.org/2005/Atom"}
    for path in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:link[@rel='self']"):
        assert len(tree.xpath(path, namespaces=names)) == 1, path
    assert tree.findtext("a:updated", namespaces=names) == "2026-11-22T13:00:00Z"
    for entry in tree.findall("a:entry", names):
        for path in ("a:id", "a:title", "a:updated", "a:link[@rel='alternate']"):
            assert len(entry.xpath(path, namespaces=names)) == 1, path


def test_a_link_no_reader_may_follow_leads_to_the_article_here() -> None:
    for url in (None, "javascript:alert(1)"):
        read = feedparser.parse(BytesIO(feeds.atom(feed(article(url=url)))))
        assert read.entries[0].link == "https://rasid.example/articles/article-1"


def test_an_article_without_a_title_is_called_by_its_first_words() -> None:
    read = feedparser.parse(BytesIO(feeds.rss(feed(article(title="")))))
    assert read.entries[0].title.startswith("أعلنت الشرطة")


def test_json_feed_is_version_1_1_and_carries_the_evidence() -> None:
    made = msgspec.json.decode(feeds.json(feed(article(topics=(tag(),)), article(lang=None, published_at=None))))
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["feed_url"] == "https://rasid.example/f?a=1&b=2"
    first, second = made["items"]
    assert {"id", "url", "title", "content_text", "date_published", "language", "tags", "authors"} <= first.keys()
    assert first["date_published"] == "2026-11-22T12:00:00Z"
    assert first["_rasid"]["topics"][0]["evidence"][0]["surface"] == "تهريب"
    assert first["_rasid"]["about"].startswith("https://")
    assert not {"language", "date_published"} & second.keys()


def test_without_full_text_only_a_summary_leaves() -> None:
    long = "كلمة " * 2_000
    for form in feeds.FORMATS.values():
        assert len(form.write(feed(article(text=long), full_text=False))) < 8_000
        assert len(form.write(feed(article(text=long)))) > 18_000


def test_a_feed_without_articles_is_a_feed() -> None:
    for write in WRITERS:
        assert not feedparser.parse(BytesIO(write(feed()))).bozo
