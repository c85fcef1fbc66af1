"""What a feed's bytes become; each fault here once made a parser raise, or lie in silence."""

import gzip
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.crawler.core.feed import is_wall, parse
from services.crawler.core.model import ParsedFeed
from tests.servers import item, rss

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HEAD = b'<?xml version="1.0" encoding="utf-8"?>'


def only(body, **given_with):
    feed = parse(body, **given_with)
    assert len(feed.entries) == 1, feed
    return feed.entries[0]


def test_an_rss_feed_is_read():
    body = rss(
        '<item><title>تفكيك &amp; شبكة</title><link>https://e.org/1</link><guid isPermaLink="false">g1</guid>'
        "<pubDate>Sun, 22 Nov 2026 13:00:00 +0300</pubDate><dc:creator>ليلى</dc:creator>"
        "<description>short</description><content:encoded><![CDATA[<p>One</p><p>Two<br>three</p>]]></content:encoded>"
        '<enclosure url="https://e.org/a.mp3" type="audio/mpeg" length="12"/></item>',
        title="نشرة",
        head="<link>https://e.org/</link><language>ar-sa</language><ttl>60</ttl>",
    ).replace(
        b"<rss ", b'<rss xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    )
    feed = parse(body)
    assert (feed.format, feed.title, feed.link, feed.language, feed.ttl) == ("rss20", "نشرة", "https://e.org/", "ar-SA", 60)
    assert feed.problems == ()
    entry = feed.entries[0]
    assert (entry.id, entry.link, entry.title) == ("g1", "https://e.org/1", "تفكيك & شبكة")
    assert (entry.summary, entry.content) == ("short", "One\n\nTwo\nthree")
    assert (entry.published, entry.published_raw) == (TEN, "Sun, 22 Nov 2026 13:00:00 +0300")
    assert (entry.authors, entry.language) == (("ليلى",), "ar-SA")
    assert [(one.url, one.type, one.length) for one in entry.enclosures] == [("https://e.org/a.mp3", "audio/mpeg", 12)]


def test_an_atom_feed_is_read():
    body = HEAD + (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title type="html">A &amp;amp; B</title>'
        b'<link rel="hub" href="https://hub.e.org/"/><link href="/"/><entry><id>urn:1</id><title>Un</title>'
        b'<link rel="alternate" href="/a?x=1&amp;y=2"/><published>2026-11-22T10:00:00Z</published>'
        b"<updated>2026-11-22T13:00:00+03:00</updated><author><name>N</name></author>"
        b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p><p>b</p></div></content></entry></feed>'
    )
    feed = parse(body, url="https://e.org/feed")
    assert (feed.format, feed.title, feed.link, feed.language) == ("atom10", "A & B", "https://e.org/", "fr")
    assert feed.hub == "https://hub.e.org/"
    entry = feed.entries[0]
    assert (entry.id, entry.link, entry.content) == ("urn:1", "https://e.org/a?x=1&y=2", "a\n\nb")
    assert entry.published == entry.updated == TEN


def test_a_json_feed_is_read():
    body = msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "J",
            "home_page_url": "https://e.org/",
            "language": "ar",
            "items": [
                {
                    "id": 7,
                    "url": "/7",
                    "title": "سبعة",
                    "content_html": "<p>a</p><p>b</p>",
                    "date_published": "2026-11-22T13:00:00+03:00",
                },
                "no object",
                {"id": "8", "content_text": "line\nline", "authors": [{"name": "N"}], "date_published": "soon"},
            ],
        }
    )
    feed = parse(body, url="https://e.org/feed.json")
    assert (feed.format, feed.title, feed.link, feed.language) == ("json11", "J", "https://e.org/", "ar")
    first, second = feed.entries
    assert (first.id, first.link, first.content, first.published) == ("7", "https://e.org/7", "a\n\nb", TEN)
    assert (second.content, second.authors, second.published, second.published_raw) == ("line\nline", ("N",), None, "soon")
    assert "items that are no objects left out" in feed.problems


@pytest.mark.parametrize(
    ("title", "becomes"),
    [
        ("a &#xD800; b", "a b"),
        ("a &#x110000; b", "a b"),
        ("a &#xFFFFFFFF; b", "a b"),
        ("a&#0;b&#1;", "ab"),
        ("&#xD83D;&#xDE00;", "😀"),
        ("a &nbsp;&eacute; b", "a é b"),
        ("AT&T &nosuch; x", "AT&T &nosuch; x"),
        ("a \x00\x0b b", "a b"),
        ("5 &lt; 6", "5 < 6"),
        ("&lt;b&gt;bold&lt;/b&gt; word", "bold word"),
        ("&amp;quot;quoted&amp;quot;", '"quoted"'),
        ("<![CDATA[&amp; <i>x</i>]]>", "& x"),
    ],
)
def test_a_title_comes_out_as_text_whatever_references_it_holds(title, becomes):
    assert only(rss(item(title, "https://e.org/1"))).title == becomes


def test_what_was_mended_is_said():
    problems = parse(rss(item("AT&T &#xD800;", "https://e.org/?a=1&copy=2"))).problems
    assert "bare ampersands escaped" in problems
    assert "references to what is no character removed" in problems


@pytest.mark.parametrize("query", ["a=1&copy=2&reg=3", "a=1&amp;copy=2&amp;reg=3", "a=1&#38;copy=2&#x26;reg=3"])
def test_a_link_keeps_its_parameters(query):
    assert only(rss(item("A", f"https://e.org/?{query}"))).link == "https://e.org/?a=1&copy=2&reg=3"


@pytest.mark.parametrize(
    "doctype",
    [
        r'<!DOCTYPE rss [<!ENTITY own "C:\1\g<0>">]>',
        '<!DOCTYPE rss [<!ENTITY own SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY own "&b;&b;&b;&b;">]>',
    ],
)
def test_a_document_type_is_neither_expanded_nor_fetched(doctype):
    body = rss(item("x &own; y", "https://e.org/1")).replace(b"<rss", doctype.encode() + b"<rss")
    entry = only(body)
    assert entry.title in (r"x C:\1\g<0> y", "x &own; y")


def test_an_entity_a_feed_declares_for_itself_is_put_in():
    body = rss(item("x &own; y", "https://e.org/1")).replace(b"<rss", b'<!DOCTYPE rss [<!ENTITY own "word">]><rss')
    assert only(body).title == "x word y"


def test_one_broken_byte_does_not_spoil_an_arabic_feed():
    text = "أخبار الهجرة واللجوء " * 20
    body = rss(item(text.strip(), "https://e.org/1")).replace("واللجوء".encode(), "وال".encode() + b"\xff" + "لجوء".encode(), 1)
    feed = parse(body)
    assert feed.entries[0].title.startswith("أخبار الهجرة")
    assert feed.entries[0].title.count("\ufffd") == 1
    assert any("broken" in problem for problem in feed.problems)


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "windows-1256", "text/xml; charset=iso-8859-1"),
        ("cp1256", "windows-1256", ""),
        ("cp1256", "", "text/xml; charset=windows-1256"),
        ("cp1256", "", ""),
        ("iso-8859-6", "ISO-8859-6", "text/xml; charset=utf-8"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-8-sig", "", "text/xml; charset=iso-8859-1"),
    ],
)
def test_an_encoding_is_found_whatever_is_said_of_it(encoding, declared, header):
    said = f' encoding="{declared}"' if declared else ""
    title = "وزارة الداخلية تعلن تفكيك شبكة لتهريب المهاجرين"
    body = f'<?xml version="1.0"{said}?><rss version="2.0"><channel><title>{title}</title></channel></rss>'.encode(encoding)
    assert parse(body, {"Content-Type": header}).title == title


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("2016/6/29 15:07:41", datetime(2016, 6, 29, 15, 7, 41, tzinfo=UTC)),
        ("Mon, 01 Jan 2024 00:00:00 AST", None),
        ("1447-05-22", None),
        ("22 نوفمبر 2026 10:00 +0000", TEN),
        ("soon", None),
    ],
)
def test_a_date_that_names_no_moment_is_unknown_and_its_text_is_kept(raw, named):
    entry = only(rss(item("A", "https://e.org/1", published=raw)))
    assert (entry.published, entry.published_raw) == (named, raw)


def test_a_guid_that_is_no_link_does_not_become_one():
    entry = only(rss("<item><title>A</title><guid>12345</guid></item>"), url="https://e.org/feed")
    assert (entry.id, entry.link) == ("12345", None)
    assert only(rss("<item><title>A</title><guid>https://e.org/5</guid></item>")).link == "https://e.org/5"


def test_the_text_of_an_entry_keeps_its_paragraphs():
    text = only(
        rss(item("A", text="<h2>Head</h2><p>One <b>two</b>.</p><ul><li>x</li><li>y</li></ul><script>no()</script>"))
    ).text
    assert text == "Head\n\nOne two.\n\nx\ny"
    assert only(rss(item("A", text="plain\n\nlines &amp; more"))).text == "plain\n\nlines & more"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" \x00\n", b"<html><body>x</body></html>", b"hello", b"{}", b"[1, 2]", b"{", b"\x1f\x8b" + b"x" * 50),
        *(
            b"/etc/passwd",
            b"<",
            b"<?xml",
            b"<rss",
            b"<feed",
            gzip.compress(b"<rss/>", mtime=0),
            b"<svg xmlns='http://e.org/'/>",
        ),
    ],
)
def test_what_is_no_feed_has_no_format_and_says_why(body):
    feed = parse(body)
    assert (feed.format, feed.entries) == ("", ())
    assert feed.problems or body in (b"<rss", b"<feed")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item("A", "https://e.o</item>rg/1"), item("B", "https://e.org/2")), id="feedparser raises KeyError"),
        pytest.param(rss(item("A", "https://e.org/1"), item("B", "https://e.org/2"), title="x<le>"), id="feedparser sees none"),
    ],
)
def test_what_can_be_saved_is_read_where_feedparser_fails(body):
    feed = parse(body)
    assert feed.ill_formed
    assert "https://e.org/2" in [entry.link for entry in feed.entries]
    assert feed.entries[-1].title == "B"


def test_an_ill_formed_feed_gives_what_can_be_read_and_says_so():
    feed = parse(rss(item("A", "https://e.org/1"), item("B", "https://e.org/2")).replace(b"</item></channel></rss>", b""))
    assert feed.ill_formed
    assert [entry.link for entry in feed.entries] == ["https://e.org/1", "https://e.org/2"]


@pytest.mark.parametrize(
    "words", [b"Just a moment...", b"captcha", b'<input type="password">', b"Before you continue to Google"]
)
def test_a_page_before_the_feed_is_told_from_another_page(words):
    assert is_wall(b"<html><body>" + words + b"</body></html>")
    assert not is_wall(b"<html><body>About us</body></html>")
    assert not is_wall(rss(item(words.decode())))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"<rss>", b"<feed>", b"{", HEAD + b"<rss><channel><item>", b"<?xml encoding="]),
)
def test_any_bytes_are_answered(body, start):
    assert isinstance(parse(start + body, {"Content-Type": "text/xml; charset=" + body.decode("latin-1")[:20]}), ParsedFeed)


PIECES = st.sampled_from(
    (
        *(
            "<rss>",
            "<channel>",
            "<item>",
            "</item>",
            "<title>",
            "</title>",
            "<link>",
            "&#xD800;",
            "&#1114112;",
            "&copy",
            "&amp;",
        ),
        *("<![CDATA[", "]]>", "<!DOCTYPE rss [", "<!ENTITY a 'b'>", "]>", "<feed xmlns='http://www.w3.org/2005/Atom'>"),
        *("<entry>", "</entry>", "\\1", "<pubDate>", "99999999999999", "</pubDate>", "<content type='xhtml'>", "<div>", "\x00"),
        *("<content type='base64'>", "هجرة", "'", "<link href='http://[::1'/>", "<g:id>", "xmlns:g=''", "<guid>", "</guid>"),
        *("<a:b xmlns:a='x'>", "<enclosure length='-1' url='/'/>", "\ud800", "&a;"),
    )
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_heap_of_tags_is_answered_and_can_be_stored(pieces):
    feed = parse("".join(["<rss>", *pieces]).encode("utf-8", "surrogatepass"), url="https://e.org/feed")
    assert msgspec.json.decode(msgspec.json.encode(feed), type=ParsedFeed) == feed
    for entry in feed.entries:
        assert "\x00" not in entry.title + entry.text + (entry.id or "")


def test_a_feed_that_says_utf_8_keeps_it_with_many_broken_bytes():
    body = rss(*(item(f"أخبار الهجرة {number}", f"https://e.org/{number}") for number in range(20)))
    broken = body.replace("ال".encode(), "ا".encode() + b"\xd9")
    feed = parse(broken)
    assert feed.title == "Feed"
    assert all("أخبار" in entry.title for entry in feed.entries)


def test_what_says_utf_8_and_is_windows_1256_is_read_as_that():
    body = rss(item("وزارة الداخلية تعلن تفكيك شبكة", "https://e.org/1")).decode().encode("cp1256")
    assert only(body).title == "وزارة الداخلية تعلن تفكيك شبكة"


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("L’été à l’étranger", "cp1252"),
        ("Министерство внутренних дел сообщило", "koi8-r"),
        ("Министерство внутренних дел сообщило", "cp1251"),
        ("政府は新しい移民政策を発表しました", "euc_jp"),
        ("政府は新しい移民政策を発表しました", "cp932"),
        ("정부는 새로운 이민 정책을 발표했다", "cp949"),
        ("中国政府今天宣布新的移民政策", "gb18030"),
        ("臺灣政府今天宣布新的移民政策", "big5"),
        ("Η κυβέρνηση ανακοίνωσε νέα μέτρα", "cp1253"),
        ("הממשלה הודיעה על מדיניות הגירה חדשה", "cp1255"),
    ],
)
@pytest.mark.parametrize("declared", ["", ' encoding="utf-8"'])
def test_an_encoding_nobody_names_rightly_is_known_by_its_letters(title, encoding, declared):
    body = f'<?xml version="1.0"{declared}?><rss><channel><title>{title}</title></channel></rss>'.encode(encoding)
    assert parse(body).title == title


@pytest.mark.parametrize(
    "encoding", ["iso-2022-jp", "utf-16", "utf-16-be", "utf-32", "utf-32-le", "euc-jp", "shift_jis", "cp037"]
)
def test_an_encoding_a_feed_declares_is_believed(encoding):
    title = "日本語" if encoding != "cp037" else "é"
    body = f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><title>{title}</title></channel></rss>'.encode(encoding)
    assert parse(body, {"Content-Type": "text/xml"}).title == title
