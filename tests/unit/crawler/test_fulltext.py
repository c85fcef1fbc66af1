"""Whose text an article gets."""

from datetime import timedelta

import pytest

from services.crawler.core.fulltext import of_page, wants_page
from services.crawler.core.page import Page
from tests.builders import NOON, found

URL = "https://news.example/1"


@pytest.mark.parametrize(
    ("changes", "mode", "wanted"),
    [
        ({"text": "x" * 999}, "short", True),
        ({"text": "x" * 1000}, "short", False),
        ({"text": "字" * 334}, "short", False),
        ({"text": "x" * 5000}, "always", True),
        ({"text": ""}, "never", False),
        ({"text": "", "backfill": True}, "always", False),
        ({"text": "", "body_from": "file"}, "always", False),
        ({"text": "", "url": None}, "always", False),
    ],
)
def test_a_page_is_wanted_where_the_feed_says_little_and_nobody_forbids_it(changes, mode, wanted):
    assert wants_page(found(**changes), mode, 1000) is wanted


def test_the_page_gives_its_text_and_what_the_feed_leaves_out():
    entry = found(text="short", language=None, authors=(), published_at=None)
    page = Page(title="Other", text="a longer text", language="ar", authors=("A",), published=NOON)
    body = of_page(entry, page, URL, 1000)
    assert (body.entry.title, body.entry.text, body.entry.body_from, body.note) == (entry.title, "a longer text", "page", "")
    assert (body.entry.language, body.entry.authors, body.entry.published_at) == ("ar", ("A",), NOON)
    assert of_page(entry, Page(text="longer text", published=NOON + timedelta(days=9)), URL, 99).entry.published_at is None
    assert len(of_page(entry, Page(text="é" * 900), URL, 1000).entry.text.encode()) <= 1000


@pytest.mark.parametrize(
    ("page", "at", "why"),
    [
        (Page(text="a longer text", problems=("a bot wall",)), URL, "a bot wall"),
        (Page(text="a longer text", problems=("a consent page",)), URL, "a consent page"),
        (Page(text="no"), URL, "no more than its feed"),
        (Page(), URL, "no article text"),
        (Page(text="a longer text"), "https://news.example/", "front page"),
    ],
)
def test_where_the_page_is_of_no_use_the_feeds_text_stands_and_why_is_said(page, at, why):
    body = of_page(found(text="short"), page, at, 1000)
    assert body.entry == found(text="short")
    assert why in body.note
