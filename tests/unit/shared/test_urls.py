from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.urls import canonical_url, without_scheme


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        pytest.param("HTTP://Example.ORG:80", "http://example.org/", id="case, default port, empty path"),
        pytest.param("https://example.org:8443/a", "https://example.org:8443/a", id="another port stays"),
        pytest.param("https://user:secret@example.org./a", "https://example.org/a", id="user and final dot go"),
        pytest.param("https://example.org/a/./b/../c", "https://example.org/a/c", id="dots are walked"),
        pytest.param("https://example.org/a/%2E%2e/b", "https://example.org/b", id="escaped dots are dots"),
        pytest.param("https://example.org/%7Euser/%e2%82%ac", "https://example.org/~user/%E2%82%AC", id="one escaping"),
        pytest.param("https://example.org/أخبار", "https://example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", id="Arabic path"),
        pytest.param("https://مثال.إختبار/", "https://xn--mgbh0fb.xn--kgbechtv/", id="Arabic host"),
        pytest.param("https://example.org/a#comments", "https://example.org/a", id="an anchor goes"),
        pytest.param("https://example.org/#!/a", "https://example.org/#!/a", id="a script's route stays"),
        pytest.param("https://example.org/a?utm_source=x&UTM_Medium=y&fbclid=z", "https://example.org/a", id="tracking goes"),
        pytest.param(
            "https://e.org/a?wt_mc=x&wt.mc_ev=y&xtor=RSS-1&_hsenc=z&mtm_source=q", "https://e.org/a", id="more tracking"
        ),
        pytest.param("https://e.org/a?ref=news.example.com&source=rss-x&spm=a.b.c&amp=1", "https://e.org/a", id="by the value"),
        pytest.param("https://www.theguardian.com/a?CMP=share_btn_tw", "https://www.theguardian.com/a", id="by the host"),
        pytest.param("https://www.youtube.com/watch?v=x&feature=share&si=y", "https://www.youtube.com/watch?v=x", id="a video"),
        pytest.param(
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fe.org%2Fa%3Fp%3D1%26utm_source%3Dx&ct=ga",
            "https://e.org/a?p=1",
            id="search",
        ),
        pytest.param(
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fe.org%2Fa%3Ffbclid%3Dx&h=AT0",
            "https://e.org/a",
            id="a network's link",
        ),
        pytest.param(
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fe.org%2Fa&data=05",
            "https://e.org/a",
            id="a mail filter",
        ),
        pytest.param("https://e-org.cdn.ampproject.org/c/s/e.org/a/b?x=1", "https://e.org/a/b?x=1", id="an AMP cache"),
        pytest.param("https://www.google.com/amp/s/e.org/a", "https://e.org/a", id="Google's AMP viewer"),
        pytest.param(
            "https://www.google.com/url?q=https://l.facebook.com/l.php?u%3Dhttps%253A%252F%252Fe.org%252Fa",
            "https://e.org/a",
            id="twice wrapped",
        ),
        pytest.param("https://ar.m.wikipedia.org/wiki/A", "https://ar.wikipedia.org/wiki/A", id="a host for phones"),
        pytest.param("https://forum.org/t?sid=0123456789abcdef0123456789abcdef&t=5", "https://forum.org/t?t=5", id="a session"),
        pytest.param("https://e.org/a#:~:text=quoted", "https://e.org/a", id="a quoted text"),
        pytest.param("https://bbc.co.uk/a?at_medium=RSS&at_campaign=K", "https://bbc.co.uk/a", id="BBC's tracking goes"),
        pytest.param("https://example.org/a?at=5&ref=rss&ref=main", "https://example.org/a?at=5&ref=main", id="content stays"),
        pytest.param("https://example.org/a?p=2&id=1", "https://example.org/a?id=1&p=2", id="order does not matter"),
        pytest.param("https://example.org/?b&a", "https://example.org/?b&a", id="no list of parameters"),
        pytest.param("https://example.org/a?x=1&amp;y=2", "https://example.org/a?x=1&y=2", id="doubly escaped ampersand"),
        pytest.param("https://example.org/a;jsessionid=0A1B?x=1", "https://example.org/a?x=1", id="session in the path goes"),
        pytest.param("\n https://example.org/a \u200f", "https://example.org/a", id="space and marks around it go"),
        pytest.param("feed://example.org/a", "http://example.org/a", id="feed scheme"),
        pytest.param("//example.org/a", "https://example.org/a", id="no scheme"),
        pytest.param("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/", id="IPv6"),
    ],
)
def test_spellings_of_one_url_become_one(spelling, canonical):
    assert canonical_url(spelling) == canonical


_NEAR = """
https://e.org/ https://e.org/a https://e.org/A https://e.org/a/ https://e.org/a.html https://e.org/a/index.html
https://www.e.org/a https://m.e.org/a https://e.org/amp/a https://e.org/a/amp https://e.org/a?id=1 https://e.org/a?id=2
https://e.org/a?ID=1 https://e.org/a?p=1 https://e.org/a?page=1 https://e.org/a?page=2 https://e.org/a?id=1&page=2
https://e.org/a?article=1 https://e.org/a?sid=12 https://e.org/a?cid=5 https://e.org/a?at=5 https://e.org/a?at_id=5
https://e.org/a?ref=main https://e.org/a?ref=12 https://e.org/a?source=5 https://e.org/a?from=5 https://e.org/a?s=1
https://e.org/a?t=1 https://e.org/a?si=1 https://e.org/a?r=1 https://e.org/a?cmp=1 https://e.org/a?ito=1 https://e.org/a?mod=1
https://e.org/a?tag=rss https://e.org/a?feed=rss2 https://e.org/a?sessionid=SES-12 https://e.org/a?spm=5
https://e.org/a?pk_id=5 https://e.org/a?pk=5 https://e.org/a?trk=5 https://e.org/a?smid=5 https://e.org/a?maca=5
https://e.org/a?amp=5 https://e.org/a?url=https://f.org/ https://e.org/a?q=rss https://e.org/a?x=a+b https://e.org/a?x=a%2Bb
https://e.org/a?x=a%26b https://e.org/a?x=a&b= https://e.org/a?x=1&x=2 https://e.org/a?x=2&x=1 https://e.org/a%2Fb
https://e.org/a/b https://e.org/a%3Fb https://e.org/a?b https://e.org/a%23b https://e.org/#!/a https://e.org/#!/b
https://e.org/#/a https://e.org:8080/a https://e.org/a;b https://e.org/a,b https://e.org//a https://e.org/a%20b
https://e.org/a-b https://e.org/a_b https://f.org/a https://www.youtube.com/watch?v=1 https://www.youtube.com/watch?v=2
https://twitter.com/a/status/1 https://x.com/a/status/1 https://www.google.com/url?q=nothing
https://www.google.com/search?q=https://e.org/a https://l.facebook.com/l.php?h=1 https://bit.ly/a https://bit.ly/A
https://news.google.com/rss/articles/CBMiA https://news.google.com/rss/articles/CBMiB https://e.org/%D8%A3
https://e.org/%D8%A7 https://e.org/a?lang=ar https://e.org/a?lang=en https://e.org/a?utm=1 https://e.org/a?fb=1
https://e.org/a?date=2026-11-22 https://e.org/a?date=2026-11-23
"""
NEAR = _NEAR.split()


def test_no_two_articles_become_one():
    assert len({canonical_url(url) for url in NEAR}) == len(NEAR)


@pytest.mark.parametrize("inner", NEAR)
def test_a_wrapped_url_is_what_it_wraps(inner):
    assert canonical_url(f"https://www.google.com/url?url={quote(inner, safe='')}&sa=t") == canonical_url(inner)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "a/b", "mailto:a@example.org", "javascript:alert(1)", "file:///etc/passwd", "https://", "http://[::1"),
        *("http://a b/", "http://example.org:99999/", "https://" + "a" * 9000, "urn:uuid:1", "http://exa\\mple.org/"),
    ],
)
def test_what_is_no_web_address_has_no_canonical_url(text):
    assert canonical_url(text) is None


def test_a_relative_url_is_taken_from_its_base():
    assert canonical_url("../c?d=1", "https://example.org/a/b/") == "https://example.org/a/c?d=1"
    assert canonical_url("c") is None


def test_both_schemes_share_what_follows():
    assert without_scheme("http://example.org/a") == without_scheme("https://example.org/a")


@given(st.text())
@example("http://0/%")
def test_any_text_is_answered(text):
    canonical_url(text)
    canonical_url("https://example.org/" + text)


@given(st.lists(st.sampled_from(NEAR), min_size=1, max_size=4))
def test_a_canonical_url_is_its_own_canonical_url_however_it_was_wrapped(urls):
    url = urls[0]
    for outer in urls[1:]:
        url = f"{outer}{'&' if '?' in outer else '?'}url={quote(url, safe='')}&u={quote(url, safe='')}"
    once = canonical_url(url)
    assert once is None or canonical_url(once) == once


@given(st.text(max_size=40), st.text(max_size=40))
@example("", "%&%")
def test_a_canonical_url_is_its_own_canonical_url(path, query):
    once = canonical_url(f"https://example.org/{path}?{query}")
    assert once is None or canonical_url(once) == once
    assert once is None or urlsplit(once).hostname == "example.org"
