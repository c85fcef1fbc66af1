"""What an article page becomes: its text without what stands around it, and what it says of itself."""

import json
import time
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.crawler.core.language import spoken
from services.crawler.core.page import Page, extract

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
URL = "https://e.org/2026/11/a-story"
ENGLISH = (
    "The ministry said on Sunday that border police had stopped a bus with forty men who had paid to be driven to the coast.",
    "Among them were children travelling without their parents, a spokesman told reporters in the capital after the operation.",
    "Rights groups asked the government to let the passengers apply for asylum before any decision on their return is taken.",
)
ARABIC = (
    "أعلنت وزارة الداخلية اليوم الأحد أن حرس الحدود أوقف حافلة تقل أربعين شخصا دفعوا أموالا مقابل رحلة إلى الساحل الشمالي.",
    "وقال متحدث باسم الوزارة للصحفيين في العاصمة إن من بينهم أطفالا يسافرون دون ذويهم، وإن التحقيق في شبكة التهريب مستمر.",
    "وطالبت منظمات حقوقية الحكومة بأن تتيح للركاب طلب اللجوء قبل اتخاذ أي قرار بشأن إعادتهم إلى البلدان التي جاؤوا منها.",
)
CHINESE = (
    "内政部星期日宣布，边防警察拦下了一辆载有四十人的大巴，这些人付钱前往北部海岸。发言人在首都举行的新闻发布会上说，车上还有没有父母陪同的儿童。",
    "人权组织要求政府在作出遣返决定之前允许乘客申请庇护。官员表示，对走私网络的调查仍在进行，目前已有三名嫌疑人被拘留，案件将移交检察机关处理。",
)


def page(
    paragraphs=ENGLISH, head: str = "", after: str = "", title: str = "Forty people stopped at the border", lang: str = ""
) -> bytes:
    menu = "".join(f'<li><a href="/s{number}">Section {number}</a></li>' for number in range(12))
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f'<!DOCTYPE html><html{f" lang={lang}" if lang else ""}><head><meta charset="utf-8">'
        f"<title>{title} | The Paper</title>{head}</head>"
        f"<body><nav><ul>{menu}</ul></nav><article><h1>{title}</h1>{text}</article>{after}"
        "<footer><p>© 2026 The Paper. All rights reserved.</p></footer></body></html>"
    ).encode()


def ld(**said) -> str:
    thing = {"@context": "https://schema.org", "@type": "NewsArticle", **said}
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


@pytest.mark.parametrize(("paragraphs", "language"), [(ENGLISH, "en"), (ARABIC, "ar"), (CHINESE, "zh")])
def test_the_text_is_the_articles_and_a_paragraph_is_a_line(paragraphs, language):
    found = extract(page(paragraphs))
    assert found.text == "\n".join(paragraphs)
    assert (found.title, found.language) == ("Forty people stopped at the border", language)


@pytest.mark.parametrize(
    "after",
    [
        "<div><h3>Related articles</h3><ul><li><a href='/1'>Another story of the day</a></li></ul></div>",
        "<section><p>اقرأ أيضاً: قصة أخرى من اليوم</p></section>",
        "<div class='comments'><h3>Comments</h3><p>Nonsense, says a reader.</p></div>",
        "<aside><p>Sign up for our daily newsletter and never miss a story again.</p></aside>",
    ],
)
def test_what_follows_an_article_is_left_out(after):
    assert extract(page(after=after)).text == "\n".join(ENGLISH)


def test_lines_that_are_no_part_of_an_article_are_left_out():
    mixed = (
        *ENGLISH[:2],
        "Advertisement",
        "Read more: Another story of the day",
        ENGLISH[2],
        "© 2026 The Paper. All rights reserved.",
    )
    assert extract(page(mixed)).text == "\n".join(ENGLISH)


def test_json_ld_says_when_and_who():
    head = ld(
        headline="Forty people stopped at the border",
        datePublished="2026-11-22T13:00:00+03:00",
        dateModified="2026-11-22T10:00:00Z",
        author=[{"@type": "Person", "name": "A. Writer"}, "B. Reporter"],
        image={"url": "/i.jpg"},
    )
    found = extract(page(head=head + '<link rel="canonical" href="/2026/11/story">'), url=URL)
    assert (found.published, found.updated, found.authors) == (TEN, TEN, ("A. Writer", "B. Reporter"))
    assert (found.image, found.canonical) == ("https://e.org/i.jpg", "https://e.org/2026/11/story")


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-11-22T10:00:00+00:00">',
        '<meta itemprop="datePublished" content="2026-11-22T10:00:00Z">',
        '<meta name="parsely-pub-date" content="2026-11-22T10:00:00Z">',
        ld(**{"@type": ["WebPage", "Article"], "datePublished": "2026-11-22T10:00:00Z"}),
        ld(**{"@graph": [{"@type": "BlogPosting", "datePublished": "2026-11-22T10:00:00Z"}], "@type": "Thing"}),
        ld(datePublished="2026-11-22T10:00:00Z").replace(">{", ">//<![CDATA[\n{").replace("}<", "}\n//]]><"),
    ],
)
def test_the_moment_of_publication_is_found_where_pages_put_it(head):
    assert extract(page(head=head)).published == TEN


def test_a_day_is_taken_from_what_the_page_shows_and_said():
    found = extract(page(("Published on 22 November 2026 by the desk.", *ENGLISH)))
    assert found.published in (None, TEN.replace(hour=0))
    assert (found.published is None) == ("the date is a day that the page shows" not in found.problems)


def test_the_body_that_json_ld_holds_steps_in_where_the_page_shows_none():
    body = "\n".join(ENGLISH)
    found = extract(page((), head=ld(articleBody=body)))
    assert " ".join(found.text.split()) == " ".join(body.split())


def test_json_ld_trims_what_stands_around_the_article():
    lines = ("Our correspondent has followed the border for more than ten years and reports from there.", *ENGLISH)
    assert extract(page(lines, head=ld(articleBody="\n".join(ENGLISH)))).text == "\n".join(ENGLISH)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "not a web page"),
        (b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>", "a bot wall"),
        (b"<html><body><form><input type='password'></form></body></html>", "a login page"),
        (
            b"<html><body><p>Before you continue to the site</p><button>Accept all cookies</button></body></html>",
            "a consent page",
        ),
        (page(ENGLISH[:1], after="<p>Subscribe to continue reading</p>"), "a pay wall"),
        (page(head=ld(isAccessibleForFree=False)), "a pay wall"),
        (b"<html><body></body></html>", "no article text found"),
    ],
)
def test_what_stands_in_the_way_is_named(body, problem):
    assert problem in extract(body).problems


def test_a_long_article_is_no_wall_whatever_it_speaks_of():
    lines = (*ENGLISH, "The captcha, a login page and a cookie consent form kept readers out for hours.") * 5
    assert extract(page([f"{line} ({number})" for number, line in enumerate(lines)])).problems == ()


def test_a_canonical_link_to_the_front_page_is_none():
    found = extract(page(head='<link rel="canonical" href="https://e.org/">'), url=URL)
    assert found.canonical is None
    assert "the canonical link names the front page; left out" in found.problems


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-8", "iso-8859-6"])
def test_a_page_is_read_in_its_encoding(encoding):
    body = page(ARABIC).decode().replace('charset="utf-8"', f'charset="{encoding}"').encode(encoding, "ignore")
    assert extract(body).text.startswith("أعلنت وزارة الداخلية")


@pytest.mark.parametrize(
    ("title", "called"),
    [
        ("<title>A story of the day | The Paper</title>", "A story of the day"),
        ("<title>A story of the day - The Paper</title><h1>A story of the day</h1>", "A story of the day"),
        ('<title>x</title><meta property="og:title" content="A story"><h1>Another heading</h1>', "A story"),
        ('<meta property="og:site_name" content="Paper"><title>Story: Paper</title><h1>Paper</h1>', "Story: Paper"),
    ],
)
def test_a_title_comes_without_the_sites_name(title, called):
    assert extract(f"<html><head>{title}</head><body><p>x</p></body></html>".encode()).title == called


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        (ARABIC[0], "en", "ar"),
        (ARABIC[0], "ar_SA", "ar-SA"),
        (ARABIC[0], None, "ar"),
        (ENGLISH[0], None, "en"),
        (ENGLISH[0], "ar", "en"),
        (ENGLISH[0], "fr", "fr"),
        ("これは日本語で書かれた記事です。漢字とかなが混ざっています。", "en", "ja"),
        ("short", "", None),
    ],
)
def test_a_declared_language_counts_unless_the_script_belies_it(text, declared, language):
    assert spoken(text, declared) == language


N = 20_000
HOSTILE = {
    "elements 20,000 deep": b"<html><body>" + b"<div>" * N + b"x",
    "100,000 paragraphs": b"<html><body>" + b"<p>word" * 5 * N,
    "60,000 attributes": b"<html><body><div " + b" ".join(b"a%d=1" % number for number in range(3 * N)) + b">x",
    "deep JSON-LD": b"<html><script type='application/ld+json'>" + b"[" * 5 * N + b"</script><body>x",
    "comments never closed": b"<html><!--" * N,
    "scripts never closed": b"<html>" + b"<script>" * N,
    "a word of 5 MB": b"<html><body><p>" + b"a" * 5_000_000,
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HOSTILE.items()])
def test_a_page_made_to_harm_costs_little(body):
    began = time.process_time()
    assert isinstance(extract(body, url=URL), Page)
    assert time.process_time() - began < 10


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from((b"", b"<html><body><p>", b"<script type='application/ld+json'>{", b"<title>")))
def test_any_bytes_are_answered(body, start):
    found = extract(start + body, {"Content-Type": "text/html; charset=" + body.decode("latin-1")[:20]}, URL)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Page) == found
