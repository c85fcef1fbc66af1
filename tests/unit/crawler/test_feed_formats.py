"""Every format, and which element wins where several say the same."""

from datetime import UTC, datetime

import pytest

from services.crawler.core.feed import parse
from tests.servers import item, rss

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def atom(inside: str, **given_with):
    return parse(f'<feed xmlns="{ATOM}">{inside}</feed>'.encode(), **given_with)


def atom_entry(inside: str, **given_with):
    [entry] = atom(f"<entry>{inside}</entry>", **given_with).entries
    return entry


def rss_entry(inside: str, head: str = "", **given_with):
    [entry] = parse(rss(f"<item>{inside}</item>", head=head), **given_with).entries
    return entry


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('<rss version="0.91"><channel><title>T</title></channel></rss>', "rss091u"),
        ('<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x"><rss version="0.91"><channel/></rss>', "rss091n"),
        ('<rss version="0.92"><channel><title>T</title></channel></rss>', "rss092"),
        ('<rss version="2.0"><channel><title>T</title></channel></rss>', "rss20"),
        ("<rss><channel><title>T</title></channel></rss>", "rss"),
        ('<RSS VERSION="2.0"><CHANNEL><TITLE>T</TITLE></CHANNEL></RSS>', "rss20"),
        (f'<r:RDF xmlns:r="{RDF}" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/></r:RDF>', "rss090"),
        (f'<r:RDF xmlns:r="{RDF}" xmlns="http://purl.org/rss/1.0/"><channel/></r:RDF>', "rss10"),
        ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title></feed>', "atom03"),
        (f'<feed xmlns="{ATOM}"/>', "atom10"),
        (f'<a:feed xmlns:a="{ATOM}"/>', "atom10"),
        (f'<entry xmlns="{ATOM}"><title>T</title></entry>', "atom10"),
        ("<feed><title>T</title></feed>", "atom"),
        ('<CHANNEL HREF="http://e.org/"><TITLE>T</TITLE></CHANNEL>', "cdf"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "sitemap"),
        ('<sitemapindex xmlns="http://www.google.com/schemas/sitemap/0.84"/>', "sitemapindex"),
        ('{"version": "https://jsonfeed.org/version/1", "title": "T", "items": []}', "json1"),
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}', "json11"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        ('{"version": "2.0", "items": []}', ""),
    ],
)
def test_each_format_is_known(text, version):
    assert parse(text.encode()).format == version


def test_rss_in_rdf_is_read():
    feed = parse(
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="http://e.org/"><title>T</title><link>http://e.org/</link><dc:language>ar</dc:language></channel>'
        '<image><url>http://e.org/i.png</url></image><item rdf:about="http://e.org/1"><title>A</title><link>http://e.org/1</link>'
        "<dc:date>2026-11-22T19:00:00+09:00</dc:date><dc:creator>X</dc:creator><dc:creator>Y</dc:creator></item></rdf:RDF>".encode()
    )
    assert (feed.title, feed.link, feed.language, feed.image) == ("T", "http://e.org/", "ar", "http://e.org/i.png")
    [entry] = feed.entries
    assert (entry.id, entry.link, entry.published, entry.authors) == ("http://e.org/1", "http://e.org/1", TEN, ("X", "Y"))


def test_cdf_is_read():
    feed = parse(
        b'<CHANNEL HREF="http://e.org/c"><TITLE>T</TITLE><ABSTRACT>about</ABSTRACT>'
        b'<ITEM HREF="http://e.org/1" LASTMOD="2026-11-22T10:00">'
        b"<TITLE>A</TITLE><ABSTRACT>said</ABSTRACT></ITEM></CHANNEL>"
    )
    assert (feed.title, feed.link, feed.description) == ("T", "http://e.org/c", "about")
    [entry] = feed.entries
    assert (entry.link, entry.title, entry.summary, entry.updated) == ("http://e.org/1", "A", "said", TEN)


def test_a_news_sitemap_is_read():
    feed = parse(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://e.org/a?b=1&amp;c=2</loc>'
        "<lastmod>2026-11-22</lastmod><news:news><news:publication><news:name>صحيفة</news:name><news:language>ar</news:language>"
        "</news:publication><news:publication_date>2026-11-22T13:00+03:00</news:publication_date><news:title>عنوان</news:title>"
        "<news:keywords>a, b</news:keywords></news:news><image:image><image:loc>https://e.org/i.jpg</image:loc></image:image></url>"
        "<url><loc>/b</loc></url></urlset>".encode(),
        url="https://e.org/news.xml",
    )
    first, second = feed.entries
    assert (feed.title, first.link, first.title) == ("صحيفة", "https://e.org/a?b=1&c=2", "عنوان")
    assert (first.published, first.language, first.categories) == (TEN, "ar", ("a", "b"))
    assert (first.image, second.link) == ("https://e.org/i.jpg", "https://e.org/b")


@pytest.mark.parametrize(
    ("kind", "title"),
    [("text", "&lt;title>"), ("html", "&amp;lt;title>"), ("text", "<![CDATA[<title>]]>"), ("html", "<![CDATA[&lt;title>]]>")],
)
def test_a_title_of_atom_is_read_by_its_type(kind, title):
    assert atom_entry(f'<title type="{kind}">{title}</title>').title == "<title>"
    assert atom(f'<title type="{kind}">{title}</title>').title == "<title>"


@pytest.mark.parametrize(
    "content",
    [
        "<content type='html'>&lt;p&gt;a &amp;amp; b&lt;/p&gt;&lt;p&gt;c&lt;/p&gt;</content>",
        "<content type='html'><![CDATA[<p>a &amp; b</p><p>c</p>]]></content>",
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a &amp; b</p><p>c</p></div></content>",
        "<content type='xhtml'><x:p xmlns:x='http://www.w3.org/1999/xhtml'>a &amp; b</x:p>c</content>",
        "<content type='text'>a &amp; b\n\nc</content>",
        "<content>&lt;p&gt;a &amp;amp; b&lt;/p&gt;&lt;p&gt;c&lt;/p&gt;</content>",
        "<content type='text/html' mode='escaped'>&lt;p&gt;a &amp;amp; b&lt;/p&gt;&lt;p&gt;c&lt;/p&gt;</content>",
        "<content type='application/octet-stream'>PHA+YSAmYW1wOyBiPC9wPjxwPmM8L3A+</content>",
        "<content mode='base64' type='text/html'>PHA+YSAmYW1wOyBiPC9wPjxwPmM8L3A+</content>",
        "<content src='https://e.org/a'/><summary type='html'>&lt;p&gt;a &amp;amp; b&lt;p&gt;c</summary>",
    ],
)
def test_content_of_atom_is_read_by_its_type(content):
    assert atom_entry(content).text == "a & b\n\nc"


def test_content_that_is_no_text_is_left_out():
    assert atom_entry("<content type='image/png'>iVBORw0KGgoAAAANSUhEUgAA</content>").content == ""


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ('<link rel="self" href="/s"/><link href="/a"/>', "https://e.org/a"),
        (
            '<link rel="alternate" type="application/json" href="/j"/><link rel="alternate" type="text/html" href="/a"/>',
            "https://e.org/a",
        ),
        ('<link rel="http://www.iana.org/assignments/relation/alternate" href="/a"/>', "https://e.org/a"),
        ('<link rel="related" href="/r"/>', "https://e.org/r"),
        ('<link rel="edit" href="/r"/><id>https://e.org/i</id>', "https://e.org/i"),
        ('<link rel="enclosure" href="/r"/><id>tag:e.org,2026:1</id>', None),
        ('<link xml:base="https://other.org/x/" href="y"/>', "https://other.org/x/y"),
        ('<link href="?a=1&amp;b=2"/>', "https://e.org/feed?a=1&b=2"),
    ],
)
def test_the_page_of_an_atom_entry(inside, link):
    assert atom_entry(inside, url="https://e.org/feed").link == link


def test_bases_of_atom_are_walked_from_the_outside():
    body = (
        f'<feed xmlns="{ATOM}" xml:base="https://e.org/a/"><link href="."/><entry xml:base="b/"><link href="c"/></entry></feed>'
    )
    feed = parse(body.encode(), url="https://feeds.org/x")
    assert (feed.link, feed.entries[0].link) == ("https://e.org/a/", "https://e.org/a/b/c")


def test_relative_links_start_at_the_feeds_own_address_where_no_other_is_known():
    assert (
        atom('<link rel="self" href="https://e.org/f/feed"/><entry><link href="a"/></entry>').entries[0].link
        == "https://e.org/f/a"
    )


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        *(("/a", "https://e.org/a"), ("a.html", "https://e.org/blog/a.html"), ("//f.org/x", "https://f.org/x")),
        *(
            ("www.f.org/x", "http://www.f.org/x"),
            ("http:/f.org/x", "http://f.org/x"),
            ("\n https://f.org/\n x ", "https://f.org/ x"),
        ),
        *(("mailto:a@e.org", None), ("javascript:x()", None), ("https://[", None), ("", None)),
    ],
)
def test_relative_links_of_rss_start_at_its_site(link, absolute):
    assert rss_entry(f"<link>{link}</link>", "<link>https://e.org/blog/</link>", url="https://feeds.org/1").link == absolute


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ("<link>https://e.org/1</link><guid>https://e.org/2</guid>", "https://e.org/1"),
        ("<link></link><guid>https://e.org/2</guid>", "https://e.org/2"),
        ('<link/><guid isPermaLink="true">https://e.org/2</guid>', "https://e.org/2"),
        ('<guid isPermaLink="false">https://e.org/2</guid>', None),
        ('<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="https://e.org/3"/>', "https://e.org/3"),
        ('<link href="https://e.org/4"/>', "https://e.org/4"),
        ("<link>https://e.org/1</link><link>https://e.org/2</link>", "https://e.org/1"),
        (
            '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="https://e.org/3"/><link>https://e.org/1</link>',
            "https://e.org/1",
        ),
        ("<link><![CDATA[https://e.org/?a=1&b=2]]></link>", "https://e.org/?a=1&b=2"),
    ],
)
def test_the_page_of_an_rss_item(inside, link):
    assert rss_entry(inside).link == link


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<author>me@e.org (Joe)</author>", ("Joe",)),
        ("<author>Joe &lt;me@e.org&gt;</author>", ("Joe",)),
        ("<author>me@e.org</author>", ("me@e.org",)),
        ("<author>Joe</author><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Joe</dc:creator>", ("Joe",)),
        ("<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>A</dc:creator><dc:creator>B</dc:creator>", ("A", "B")),
        ("<author><name>J</name><email>j@e.org</email></author>", ("J",)),
        ("<itunes:author>Pod</itunes:author>", ("Pod",)),
        ("<itunes:author>Pod</itunes:author><author>Joe</author>", ("Joe",)),
    ],
)
def test_who_wrote_an_item(inside, names):
    assert rss_entry(inside).authors == names


def test_an_atom_entry_without_an_author_has_its_sources_or_its_feeds():
    feed = atom(
        "<author><name>Feed</name></author><entry/><entry><source><author><name>Source</name></author></source></entry>"
        "<entry><author><name>A</name></author><author><email>b@e.org</email></author></entry>"
    )
    assert [entry.authors for entry in feed.entries] == [("Feed",), ("Source",), ("A", "b@e.org")]


@pytest.mark.parametrize(
    ("inside", "summary", "content"),
    [
        ("<description>d</description><content:encoded>c</content:encoded>", "d", "c"),
        ("<description>d</description><description>second</description>", "d", "second"),
        ("<itunes:summary>long text</itunes:summary><itunes:subtitle>sub</itunes:subtitle>", "long text", ""),
        ("<description>d</description><itunes:summary>long text</itunes:summary>", "d", "long text"),
        ("<media:group><media:description>m</media:description></media:group>", "m", ""),
        ("<description>d</description><media:description>more</media:description>", "d", "more"),
        ("<content:encoded></content:encoded><content:encoded>longer one</content:encoded>", "", "longer one"),
        ("<description>d</description><body xmlns='http://www.w3.org/1999/xhtml'><p>a</p><p>b</p></body>", "d", "a\n\nb"),
        ("<description>x <b>y</b><br/>z</description>", "x y\nz", ""),
        ("<description>x<br/>y &lt;i&gt;z&lt;/i&gt;</description>", "x\ny z", ""),
        ("<description>5 &lt; 6 &amp;amp; AT&amp;T</description>", "5 < 6 & AT&T", ""),
    ],
)
def test_the_best_summary_and_content_are_taken(inside, summary, content):
    entry = rss_entry(inside)
    assert (entry.summary, entry.content) == (summary, content)


@pytest.mark.parametrize(
    ("inside", "published", "updated"),
    [
        ("<pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate><dc:date>2020-01-01</dc:date>", True, False),
        ("<pubDate>soon</pubDate><dc:date>2026-11-22T10:00:00Z</dc:date>", True, False),
        ("<dcterms:modified>2026-11-22T10:00:00Z</dcterms:modified>", False, True),
        ("<atom:updated>2026-11-22T10:00:00Z</atom:updated>", False, True),
        ("<dcterms:issued>2026-11-22T10:00:00Z</dcterms:issued>", True, False),
    ],
)
def test_dates_are_taken_where_they_stand(inside, published, updated):
    entry = rss_entry(inside)
    assert (entry.published == TEN, entry.updated == TEN) == (published, updated)


def test_files_of_every_kind_are_enclosures_and_each_is_there_once():
    entry = rss_entry(
        '<enclosure url="https://e.org/a.mp3" type="audio/mpeg" length="9"/><media:group>'
        '<media:content url="https://e.org/a.mp3"/><media:content url="/v.mp4" type="video/mp4" fileSize="7"/></media:group>'
        '<enclosure url="magnet:?xt=urn:btih:1" length="x"/><enclosure url="file:///etc/passwd"/>'
        '<podcast:alternateEnclosure type="audio/opus" length="5"><podcast:source uri="https://e.org/a.opus"/></podcast:alternateEnclosure>',
        url="https://e.org/feed",
    )
    assert [(one.url, one.type, one.length) for one in entry.enclosures] == [
        ("https://e.org/a.mp3", "audio/mpeg", 9),
        ("magnet:?xt=urn:btih:1", None, None),
        ("https://e.org/v.mp4", "video/mp4", 7),
        ("https://e.org/a.opus", "audio/opus", 5),
    ]


@pytest.mark.parametrize(
    "inside",
    [
        '<media:thumbnail url="/i.jpg"/>',
        '<media:group><media:thumbnail url="/i.jpg"/></media:group>',
        '<media:content url="/v.mp4" type="video/mp4"><media:thumbnail url="/i.jpg"/></media:content>',
        '<media:content url="/i.jpg" medium="image"/>',
        '<itunes:image href="/i.jpg"/>',
        '<enclosure url="/i.jpg" type="image/jpeg"/>',
        "<image><url>/i.jpg</url></image>",
    ],
)
def test_the_picture_of_an_item(inside):
    assert rss_entry(inside, url="https://e.org/feed").image == "https://e.org/i.jpg"


def test_categories_and_comments_are_kept():
    entry = rss_entry(
        "<category>A</category><category>b</category><dc:subject>A</dc:subject><comments>https://e.org/1#c</comments>"
    )
    assert (entry.categories, entry.comments) == (("A", "b"), "https://e.org/1#c")
    assert atom_entry('<category term="t" label="T"/><category term="u"/>').categories == ("T", "u")


@pytest.mark.parametrize(
    ("inside", "entry", "feed"),
    [
        ('<feed xmlns="{}" xml:lang="fr"><entry/></feed>', "fr", "fr"),
        ('<feed xmlns="{}" xml:lang="fr"><entry xml:lang="ar"/></feed>', "ar", "fr"),
        ('<feed xmlns="{}"><entry><content xml:lang="fa-ir">x</content></entry></feed>', "fa-IR", None),
        ('<rss xmlns:a="{}"><channel><dc:language>en_us</dc:language><item/></channel></rss>', "en-US", "en-US"),
        (
            '<rss xmlns:a="{}"><channel><language>fr</language><item><dc:language>ar</dc:language></item></channel></rss>',
            "ar",
            "fr",
        ),
    ],
)
def test_languages_are_inherited(inside, entry, feed):
    found = parse(inside.format(ATOM).encode())
    assert (found.entries[0].language, found.language) == (entry, feed)


def test_the_language_of_the_answer_counts_where_the_feed_says_none():
    assert parse(rss(item("A")), {"Content-Language": "ar, en"}).entries[0].language == "ar"


def test_a_hub_is_found_in_the_feed_or_in_the_headers():
    body = rss(head='<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.org/"/>')
    assert parse(body).hub == "https://hub.org/"
    assert parse(rss(), {"Link": '<https://e.org/f>; rel="self", <https://hub.org/>; rel="hub"'}).hub == "https://hub.org/"
    assert parse(rss(), {"link": '<https://e.org/f>; rel="self"'}).hub is None


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>-1</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 30),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 60),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(head, minutes):
    assert parse(rss(head=head)).ttl == minutes


@pytest.mark.parametrize(
    "text",
    [
        "<rss xmlns:d='http://purl.org/dc/elements/1.1/'><channel><item><d:creator>X</d:creator></item></channel></rss>",
        "<rss version='2.0'><channel><item><dc:creator>X</dc:creator></item></channel></rss>",
        "<rss version='2.0' xmlns:dc='http://wrong.org/'><channel><item><dc:creator>X</dc:creator></item></channel></rss>",
        "<rss version='2.0' xmlns='http://wrong.org/'><channel><item><author>X</author></item></channel></rss>",
        f"<rss version='2.0' xmlns='{ATOM}'><channel><item><author>X</author></item></channel></rss>",
        "<rss version='2.0'><channel><Item><AUTHOR>X</AUTHOR></Item></channel></rss>",
        "<rss version='2.0'><item><author>X</author></item></rss>",
        "<rss version='2.0'><channel/><item><author>X</author></item></rss>",
        "<rss version='2.0'><channel><items><item><author>X</author></item></items></channel></rss>",
        f"<rss><channel><a:entry xmlns:a='{ATOM}'><a:author><a:name>X</a:name></a:author></a:entry></channel></rss>",
        "<xml><rss version='2.0'><channel><item><author>X</author></item></channel></rss></xml>",
    ],
)
def test_namespaces_and_nesting_may_be_wrong(text):
    feed = parse(text.encode())
    assert [entry.authors for entry in feed.entries] == [("X",)]


def test_an_entry_inside_an_entry_is_part_of_it():
    feed = atom("<entry><title>A</title><content type='application/atom+xml'><entry><title>B</title></entry></content></entry>")
    assert [entry.title for entry in feed.entries] == ["A"]


def test_a_json_feed_that_is_not_quite_one_is_read():
    body = (
        '{"version": "https://jsonfeed.org/version/1", "title": "T", "home_page_url": "https://e.org/b/",'
        '"author": {"name": "N"},'
        '"items": [{"id": "https://e.org/1", "content_text": "a\tb", "tags": ["x", 5], "attachments": [{"url": "c.mp3",'
        '"mime_type": "audio/mpeg", "size_in_bytes": 9.0}], "image": "/i.jpg"}, {"id": 2, "external_url": "/2"}]} trailing'
    )
    feed = parse(body.encode("utf-16"))
    first, second = feed.entries
    assert (first.link, first.content, first.authors, first.categories) == ("https://e.org/1", "a b", ("N",), ("x", "5"))
    assert (first.enclosures[0].url, first.enclosures[0].length) == ("https://e.org/b/c.mp3", 9)
    assert (first.image, second.id, second.link) == ("https://e.org/i.jpg", "2", "https://e.org/2")
