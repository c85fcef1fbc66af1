"""Lists of feeds: read however broken they are, written so that they are read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.opml import Outline, read, write

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp", "Zs", "Co", "Cf")), min_size=1, max_size=20)
A, B = "https://e.org/a?x=1&y=2", "https://e.org/b"


@given(st.lists(st.tuples(TEXTS, TEXTS), unique_by=lambda pair: pair[0]))
def test_what_is_written_is_read_again(pairs):
    feeds = [Outline(f"https://e.org/{path}", title) for path, title in pairs]
    assert read(write(feeds, "mine")) == feeds


@given(st.binary(max_size=300))
def test_no_bytes_raise(data):
    read(b"<opml><body><outline " + data)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '<outline text="F"><outline text="A" xmlUrl="%s"/></outline><outline text="B" xmlUrl="%s"/>', id="folders"
        ),
        pytest.param('<outline text="A" xmlUrl="%s"><outline text="B" xmlUrl="%s">', id="elements that do not close"),
        pytest.param('<outline text="A" XMLURL="%s"/><outline title="B" type=\'rss\' url=\'%s\'/>', id="other spellings"),
        pytest.param('<outline text="A" xmlUrl="%s"/></outline></body><outline text="B" xmlUrl="%s"/>', id="closed too often"),
        pytest.param(
            '<outline text="A" junk=1 xmlUrl="%s"/><outline text="B" "" xmlUrl="%s"/>', id="attributes without quotes"
        ),
    ],
)
@pytest.mark.parametrize("amp", ["&", "&amp;"])
def test_a_list_that_is_not_well_formed_gives_all_its_feeds(body, amp):
    text = f"<?xml version='1.0'?><opml version='1.0'><body>{body % (A.replace('&', amp), B)}</body></opml>"
    assert read(text.encode()) == [Outline(A, "A"), Outline(B, "B")]


def test_entities_of_html_are_characters_and_those_of_the_list_itself_are_never_expanded():
    text = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline text="&eacute;&x;" xmlUrl="https://e.org/a"/></opml>'
    [one] = read(text.encode())
    assert (one.url, one.title) == ("https://e.org/a", "é&x;")


def test_a_feed_named_twice_is_one_and_what_has_no_address_is_none():
    text = '<opml><outline text="A" xmlUrl="https://e.org/a"/><outline text="n"/><outline text="B" xmlUrl="https://e.org/a"/></opml>'
    assert read(text.encode()) == [Outline("https://e.org/a", "A")]
