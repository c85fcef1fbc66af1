"""Which feeds a page offers, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.discovery import MOST, discover

URL = "https://e.org/news/"


def named(html: str, url: str = URL) -> list[str]:
    return [one.url for one in discover(html.encode(), url) if one.named]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', ["https://e.org/rss"]),
        ('<LINK REL="Alternate" TYPE="application/atom+xml" HREF="feed">', ["https://e.org/news/feed"]),
        ('<link rel="alternate" type="application/feed+json" href="//f.org/j">', ["https://f.org/j"]),
        ('<link rel="feed" href="/f">', ["https://e.org/f"]),
        ('<base href="https://cdn.org/x/"><link rel="alternate" type="text/xml" href="y">', ["https://cdn.org/x/y"]),
        ('<link rel="alternate" type="application/rss+xml" href="feed://e.org/f">', ["https://e.org/f"]),
        ('<link rel="alternate" type="application/rss+xml" href="/f?a=1&amp;b=2">', ["https://e.org/f?a=1&b=2"]),
        ('<link rel="alternate" hreflang="ar" href="/ar"><link rel="alternate" type="text/html" href="/m">', []),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/5">', []),
        ('<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">', []),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:x()">', []),
        ('<a href="/about">About</a><a href="/rss.xml">RSS</a>', ["https://e.org/rss.xml"]),
        ('<a href="https://other.org/rss">theirs</a><a href="/press">Press</a>', []),
    ],
)
def test_feeds_a_page_names_are_found(html, found):
    assert named(f"<html><head>{html}</head></html>") == found


def test_the_feed_of_comments_comes_last_and_each_feed_once():
    link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    html = "".join(link.format(*one) for one in (("C", "/comments/feed"), ("A", "/feed"), ("B", "/feed"), ("D", "/ar/feed")))
    offered = [one for one in discover(html.encode(), URL) if one.named]
    assert [(one.title, one.url) for one in offered] == [
        ("A", "https://e.org/feed"),
        ("D", "https://e.org/ar/feed"),
        ("C", "https://e.org/comments/feed"),
    ]


def test_usual_places_follow_what_is_named():
    offered = discover(b'<link rel="alternate" type="application/rss+xml" href="/x">', "https://e.org/a")
    assert [one.named for one in offered] == sorted((one.named for one in offered), reverse=True)
    assert {"https://e.org/a/feed", "https://e.org/feed", "https://e.org/rss.xml"} <= {one.url for one in offered}
    assert len(offered) <= MOST


@given(st.binary())
def test_any_bytes_are_answered(body):
    assert len(discover(b"<link rel=alternate type=application/rss+xml href=" + body, URL)) <= MOST
