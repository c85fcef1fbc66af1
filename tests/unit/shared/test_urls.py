from urllib.parse import urlsplit

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


@given(st.text(max_size=40), st.text(max_size=40))
@example("", "%&%")
def test_a_canonical_url_is_its_own_canonical_url(path, query):
    once = canonical_url(f"https://example.org/{path}?{query}")
    assert once is None or canonical_url(once) == once
    assert once is None or urlsplit(once).hostname == "example.org"
