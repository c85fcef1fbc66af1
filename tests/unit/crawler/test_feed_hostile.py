"""Feeds made to harm, to break, or broken by chance; and the tree's reading held against feedparser's."""

import random
import time
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.crawler.core import loose
from services.crawler.core.feed import parse
from services.crawler.core.model import ParsedFeed
from tests.servers import item, rss

N = 20_000
HEAD, TAIL = b'<rss version="2.0"><channel><title>t</title>', b"</channel></rss>"


def holding(text: bytes) -> bytes:
    return HEAD + b"<item><title>x</title><description>" + text + b"</description></item>" + TAIL


BOMB = b"".join(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 12))
HOSTILE = {
    "a billion laughs": b'<!DOCTYPE r [<!ENTITY l0 "ha">' + BOMB + b"]><rss><channel><title>&l11;</title></channel></rss>",
    "a quadratic blow-up": b'<!DOCTYPE r [<!ENTITY a "'
    + b"A" * 200
    + b'">]><rss><title>'
    + b"&a;" * 100_000
    + b"</title></rss>",
    "elements 20,000 deep": b"<rss>" + b"<a>" * N + b"</a>" * N + b"</rss>",
    "items inside items": HEAD + b"<item>" * N + TAIL,
    "HTML 20,000 deep": holding(b"<![CDATA[" + b"<div>" * N + b"]]>"),
    "unescaped HTML 20,000 deep": holding(b"<div>" * N),
    "an attribute of 5 MB": HEAD + b'<item a="' + b"x" * 5_000_000 + b'"/>' + TAIL,
    "60,000 attributes": HEAD + b"<item " + b" ".join(b'a%d="1"' % number for number in range(3 * N)) + b"/>" + TAIL,
    "20,000 namespaces": b"<rss "
    + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(N))
    + b"><channel><title>x</title></channel></rss>",
    "comments never closed": HEAD + b"<!--" * 5 * N,
    "sections never closed": HEAD + b"<item><title>" + b"<![CDATA[" * 5 * N,
    "ampersands": holding(b"&" * 20 * N),
    "angles": holding(b"< " * 20 * N),
    "titles never closed": HEAD + b"<item>" + b"<title>" * N + TAIL,
    "a document type of brackets": b"<!DOCTYPE rss [" + b"] " * 10 * N + HEAD + TAIL,
    "document types": b"<!DOCTYPE " * N + HEAD + TAIL,
    "space": b" " * 100 * N + HEAD + TAIL,
    "space in HTML": holding(b"<![CDATA[<p>" + b" \n" * 50 * N + b"]]>"),
    "tags never ended": holding(b"<![CDATA[" + b'<a x="' * 5 * N + b"]]>"),
    "scripts": holding(b"<![CDATA[<p>" + b"<script>" * N + b"]]>"),
    "an e-mail address without end": HEAD + b"<item><author>" + b"a@b." * 5 * N + b"</author></item>" + TAIL,
    "a date without end": HEAD + b"<item><pubDate>" + b"Sun, " * 5 * N + b"</pubDate></item>" + TAIL,
    "roots in comments": b"<!--<rss>" * N + HEAD + TAIL,
    "deep JSON": b'{"version":"https://jsonfeed.org/version/1","title":"x","items":' + b"[" * N,
    "a number of 100,000 digits": b'{"version":"https://jsonfeed.org/version/1","title":"x","items":[{"id":'
    + b"9" * 100_000
    + b"}]}",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HOSTILE.items()])
def test_a_feed_made_to_harm_costs_little(body):
    began = time.process_time()
    assert isinstance(parse(body, url="https://e.org/feed"), ParsedFeed)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("inside", ["&secret;", "<![CDATA[&secret;]]>"])
def test_no_file_is_opened(tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch):
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss(item("secret")))
    monkeypatch.chdir(tmp_path)
    for kind in ("SYSTEM", 'PUBLIC "x"'):
        doctype = f'<!DOCTYPE rss [<!ENTITY secret {kind} "{secret.as_uri()}">]>'.encode()
        body = doctype + rss(item(inside))
        assert "secret" not in parse(body).entries[0].title.replace("&secret;", "")
    for path in (str(secret), "secret.xml", secret.as_uri()):
        assert parse(path.encode()).format == ""


SEEDS = [
    rss(*(item(f"عنوان {n}", f"https://e.org/{n}?a=1&amp;b=2", guid=f"g{n}", text=f"<p>نص {n}</p>") for n in range(3))),
    '<feed xmlns="http://www.w3.org/2005/Atom"><title type="xhtml"><b xmlns="http://www.w3.org/1999/xhtml">a</b></title>'
    '<entry><link href="/1"/><id>urn:1</id><author><name>N</name></author>'
    '<content type="html">&lt;p&gt;x</content></entry>'
    '<entry xml:base="b/"><link href="c"/><summary><![CDATA[<b>x</b>]]></summary></entry></feed>'.encode("utf-16"),
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "url": "/1", "content_html": "<p>"}]}',
]
TOKENS = (
    b"<",
    b">",
    b"&",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"\x00",
    b"\xff",
    b"</item>",
    b"<item>",
    b'"',
    b"&#xD800;",
    b"=",
)
TOKENS += (
    b"<?xml ?>",
    b"xmlns:a='",
    b"<!DOCTYPE a [",
    b"<!ENTITY x 'y'>",
    b"{",
    b"]",
    b"\xd9",
    b"<link>",
    b"<br>",
    b"<x:y>",
    b"\\1",
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 1 << 32))
def test_any_damage_to_a_feed_is_answered(seed, number):
    chance, body = random.Random(number), bytearray(seed)
    for _ in range(chance.choice((1, 2, 5, 20))):
        place = chance.randrange(len(body) + 1)
        match chance.randrange(4):
            case 0:
                body[place : place + 1] = bytes((chance.randrange(256),))
            case 1:
                body[place:place] = chance.choice(TOKENS)
            case 2:
                del body[place : place + chance.randrange(40)]
            case 3:
                body[place:place] = body[chance.randrange(len(body) + 1) :][: chance.randrange(200)]
    feed = parse(bytes(body), url="https://e.org/feed")
    assert msgspec.json.decode(msgspec.json.encode(feed), type=ParsedFeed) == feed
    assert all(entry.link is None or entry.link.lower().startswith(("http:", "https:")) for entry in feed.entries)


TEXT = (
    st.text(st.sampled_from("ab هجرة é中\U0001f600'\"().,:-"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: text.strip("()., "))
)
MARKUP = st.lists(TEXT, min_size=1, max_size=3).map(lambda parts: "".join(f"<p>{part}</p>" for part in parts))
DATE = st.builds("{}T{:%H:%M:%S}Z".format, st.dates(date(2020, 1, 1), date(2029, 12, 31)), st.times())
PATH = st.from_regex(r"[a-z]{1,8}(/[a-z0-9-]{1,8})?(\?[a-z]=[0-9]{1,3})?", fullmatch=True)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    """A feed in RSS 2.0, RSS 1.0 or Atom with what nearly all feeds have."""
    kind, entries = draw(st.sampled_from(("rss", "rdf", "atom"))), []
    for number in range(draw(st.integers(0, 4))):
        title, text, date, author = (draw(one) for one in (TEXT, MARKUP, DATE, TEXT))
        link = _escaped(f"https://e.org/{number}/{draw(PATH)}")
        if kind == "atom":
            entries.append(
                f'<entry><title>{title}</title><id>urn:{number}</id><link href="{link}"/><published>{date}</published>'
                f'<author><name>{author}</name></author><content type="html">{_escaped(text)}</content></entry>'
            )
        else:
            guid = f"<guid>{number}</guid>" if kind == "rss" else ""
            entries.append(
                f"<item><title>{title}</title><link>{link}</link>{guid}<dc:date>{date}</dc:date><dc:creator>{author}</dc:creator>"
                f"<description><![CDATA[{text}]]></description></item>"
            )
    inside = f"<title>{draw(TEXT)}</title>"
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    if kind == "atom":
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{inside}<link href="https://e.org/"/>{"".join(entries)}</feed>'
    if kind == "rss":
        return f'<rss version="2.0" {spaces}><channel>{inside}<link>https://e.org/</link>{"".join(entries)}</channel></rss>'
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    return f"<rdf:RDF {rdf} {spaces}><channel>{inside}<link>https://e.org/</link></channel>{''.join(entries)}</rdf:RDF>"


@settings(max_examples=200, deadline=None)
@given(well_formed())
def test_a_well_formed_feed_is_read_as_feedparser_reads_it(text):
    mine, theirs = parse(text.encode()), loose.parse(text, False, {}, None, [])
    assert (mine.format, mine.title, mine.link) == (theirs.format, theirs.title, theirs.link)
    assert len(mine.entries) == len(theirs.entries)
    for one, other in zip(mine.entries, theirs.entries, strict=True):
        assert (one.id, one.link, one.title, one.text) == (other.id, other.link, other.title, other.text)
        assert (one.published, one.authors) == (other.published, other.authors)


def test_a_feed_whose_tree_loses_entries_is_read_by_feedparser():
    body = HEAD + b"<item>" * 3000 + b"<title>A</title>" + TAIL
    feed = parse(body)
    assert len(feed.entries) == 3000
    assert feed.ill_formed


@pytest.mark.parametrize(
    ("body", "titles", "links"),
    [
        pytest.param(
            '<rss version="2.0"><channel><item><title>A</title><link>https://e.org/1</link></item>'
            "<item><title>B</title><link>https://e.or",
            *(["A", "B"], ["https://e.org/1", None]),
            id="half a link is none",
        ),
        pytest.param(
            '<rss version="2.0"><channel><item><title>A < B & C</title>'
            "<description>x<br>y<img src=a>z</description></item><item/>",
            *(["A < B & C", ""], [None, None]),
            id="markup that is not escaped",
        ),
        pytest.param(
            "<br />\n<b>Warning</b>: x in <b>a.php</b> on line <b>3</b><br />\n<?xml version='1.0'?>"
            "<rss><channel><item><title>A</title></item>"
            "</channel></rss><script>x</script>",
            *(["A"], [None]),
            id="a warning of PHP before, an advertisement after",
        ),
        pytest.param(
            "junk <!-- <rss> --><?xml version='1.0'?>\n\n<!DOCTYPE rss [<!ENTITY x 'y'>]>"
            "<rss><channel><item><title>A&x;&nbsp;B</title></item></channel></rss>",
            *(["Ay B"], [None]),
            id="a comment before, entities of its own",
        ),
        pytest.param(
            "<rss><channel><item><title>A</title><link href=https://e.org/1 /></item></channel></rss>",
            *(["A"], ["https://e.org/1"]),
            id="values without quotes",
        ),
        pytest.param(
            "\ufeff\n  <rss><channel><item><title>A</title></item><item><title>B</title></channel>",
            *(["A", "B"], [None, None]),
            id="space before, nothing closed",
        ),
    ],
)
def test_what_is_broken_is_mended(body, titles, links):
    feed = parse(body.encode())
    assert [entry.title for entry in feed.entries] == titles
    assert [entry.link for entry in feed.entries] == links
    assert feed.problems
