"""robots.txt by RFC 9309; each case is a rule of it, or a fault of real files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crawler.core.robots import LONGEST, ask

ALL = "User-agent: *\nDisallow: /x\n"


def allowed(robots: str, path: str, agent: str = "rasid") -> bool:
    return ask(robots, agent, f"https://e.org{path}").allowed


@pytest.mark.parametrize(
    ("robots", "path", "agent", "answer"),
    [
        *(("", "/x", "rasid", True), (ALL, "/x/y", "rasid", False), (ALL, "/y", "rasid", True), (ALL, "/X", "rasid", True)),
        pytest.param("\ufeff" + ALL, "/x", "rasid", False, id="byte order mark"),
        pytest.param("ï»¿" + ALL, "/x", "rasid", False, id="byte order mark read as Latin-1"),
        pytest.param(ALL.replace("\n", "\r"), "/x", "rasid", False, id="CR alone ends a line"),
        pytest.param(ALL.replace("\n", "\r\n"), "/x", "rasid", False, id="CRLF"),
        pytest.param("user-AGENT:*\ndisALLOW:/x", "/x", "rasid", False, id="case of fields, no space"),
        pytest.param("User-agent: RaSid\nDisallow: /x", "/x", "rasid", False, id="case of the product token"),
        pytest.param("User-agent: rasid\nAllow: /x\n\n" + ALL, "/x", "rasid", True, id="the own group, not *"),
        pytest.param("User-agent: other\nDisallow: /", "/x", "rasid", True, id="another's group"),
        pytest.param("User-agent: rasid/1.0\nDisallow: /x", "/x", "rasid", False, id="a version in the group's name"),
        pytest.param("User-agent: rasid the reader\nDisallow: /x", "/x", "rasid", False, id="words after the product token"),
        pytest.param(
            "User-agent: rasid\nDisallow: /x", "/x", "Mozilla/5.0 (compatible; rasid/1.0)", False, id="a whole user agent"
        ),
        pytest.param("User-agent: * # all\nDisallow: /x # here", "/x", "rasid", False, id="comments"),
        pytest.param("User-agent: * yes\nDisallow: /x", "/x", "rasid", False, id="words after the star"),
        pytest.param("User-agent: a\nUser-agent: rasid\nDisallow: /x", "/x", "rasid", False, id="several agents in a group"),
        pytest.param(
            "User-agent: rasid\nNoindex: /y\nUser-agent: b\nDisallow: /x",
            "/x",
            "rasid",
            False,
            id="unknown lines part no group",
        ),
        pytest.param("User-agent: rasid\nSitemap: /s\nUser-agent: b\nDisallow: /x", "/x", "rasid", False, id="nor do sitemaps"),
        pytest.param(
            "User-agent: rasid\nDisallow: /y\n\nUser-agent: b\n\nUser-agent: rasid\nDisallow: /x",
            "/x",
            "rasid",
            False,
            id="groups merge",
        ),
        pytest.param("Disallow: /x\nUser-agent: b\nDisallow: /", "/x", "rasid", True, id="a rule before any group"),
        pytest.param("User-agent: *\nDisallow:", "/x", "rasid", True, id="an empty rule"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /x", "/x/y", "rasid", True, id="the longest match wins"),
        pytest.param("User-agent: *\nAllow: /x\nDisallow: /x/y", "/x/y", "rasid", False, id="whichever comes first"),
        pytest.param("User-agent: *\nDisallow: /x\nAllow: /x", "/x", "rasid", True, id="allow wins ties"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", "rasid", False, id="the end"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?b", "rasid", True, id="not the end"),
        pytest.param("User-agent: *\nDisallow: /a*b*c", "/axxbxxc/d", "rasid", False, id="stars"),
        pytest.param("User-agent: *\nDisallow: /a$b", "/a$b", "rasid", False, id="a dollar inside"),
        pytest.param(
            "User-agent: *\nDisallow: /أخبار", "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1", "rasid", False, id="written plainly"
        ),
        pytest.param("User-agent: *\nDisallow: /%D8%A3", "/أخبار", "rasid", False, id="asked plainly"),
        pytest.param("User-agent: *\nDisallow: /%7euser", "/~user/", "rasid", False, id="an escape that need not be"),
        pytest.param("User-agent: *\nDisallow: /a%2fb", "/a/b", "rasid", True, id="an escaped slash is no slash"),
        pytest.param("User-agent: *\nDisallow: /x?a=1", "/x?a=1&b=2", "rasid", False, id="the query counts"),
        pytest.param("User-agent: *\nDisallow: /", "/robots.txt", "rasid", True, id="the file itself"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /a/index.htm", "/a/", "rasid", True, id="an index is its folder"),
        pytest.param("User-agent: *\nDisallow: /x\x0cy\n", "/x%0Cy", "rasid", False, id="a form feed ends no line"),
        pytest.param("<html><body>Not found</body></html>", "/x", "rasid", True, id="a page instead"),
    ],
)
def test_what_a_robots_txt_allows(robots, path, agent, answer):
    assert allowed(robots, path, agent) is answer


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: rasid\nDisallow:\n\nUser-agent: *\nCrawl-delay: 9", None),
        ("User-agent: *\nDisallow: /", None),
    ],
)
def test_how_long_to_wait_between_requests(robots, seconds):
    assert ask(robots, "rasid", "https://e.org/").crawl_delay == seconds


def test_five_hundred_kibibytes_are_read_and_no_more():
    filling = "# filling\n" * ((LONGEST - 100) // 10)
    assert not allowed(filling + ALL, "/x")
    assert allowed(filling + "# filling\n" * 20 + ALL, "/x")


@given(st.text(), st.text(), st.text())
def test_any_text_is_answered(robots, agent, url):
    ask("User-agent: *\nDisallow: /a\n" + robots, agent, url)
    ask(robots, agent, f"https://e.org/{url}")
