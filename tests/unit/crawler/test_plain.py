"""Text from markup: without a tree where that is safe, and then the same as from the tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.crawler.core.text import line, of_simple, of_tree, plain

WORDS = st.sampled_from(
    (
        *(
            "word",
            " ",
            "\n",
            "هجرة",
            "&amp;",
            "&lt;",
            "&nbsp;",
            "&#1575;",
            "&copy",
            "&nosuch;",
            "2 < 3",
            "a > b",
            "\xa0",
            ".",
            "<br>",
        ),
        *("<br/>", '<img src="a" alt="b"/>', "<hr>"),
    )
)
INLINE = ("b", "em", "span", "a", "small", "o", "font")
BLOCK = ("p", "div", "h2", "li", "blockquote", "section", "td", "figure")
ATTRIBUTES = st.sampled_from(("", " class='x y'", ' href="https://e.org/?a=1&amp;b=2" rel=x', " hidden", "\ntitle='<'"))


def element(names: tuple[str, ...], inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(st.sampled_from(names), ATTRIBUTES, st.lists(inside, max_size=4).map("".join))
    return parts.map(lambda part: f"<{part[0]}{part[1]}>{part[2]}</{part[0]}>")


PHRASES = st.recursive(WORDS, lambda inside: element(INLINE, inside), max_leaves=6)
MARKUP = st.lists(PHRASES | element(BLOCK, PHRASES) | element(("div", "ul"), element(("p", "li"), PHRASES)), max_size=6).map(
    "".join
)


@settings(max_examples=500, deadline=None)
@given(MARKUP)
def test_markup_read_without_a_tree_says_what_the_tree_says(markup):
    fast = of_simple(markup)
    assert fast is None or fast == of_tree(markup)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(WORDS | st.sampled_from(("<p>", "</p>", "<b>", "</div>", "<td>", "</ul>", "<li>", "</o>")), max_size=12).map(
        "".join
    )
)
def test_whatever_is_left_open_or_closed_twice_the_words_are_the_same(markup):
    fast = of_simple(markup)
    assert fast is None or "".join(fast.split()) == "".join(of_tree(markup).split())


@pytest.mark.parametrize(
    "markup",
    ["<p>a", "<b", "<!-- a --><p>b</p>", "<script>a</script>b", "<p title='a>b'>c</p>", "<pre>a\nb</pre>", "a <b c", "<<b>b>"],
)
def test_what_hides_text_is_left_to_the_tree(markup):
    assert of_simple(markup) is None or of_simple(markup) == of_tree(markup)


def test_common_markup_is_read_without_a_tree():
    assert of_simple("<p>One <b>two</b>.</p>\n<p>Three<br/>four</p>") == "One two.\n\nThree\nfour"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>two</b>.</p><ul><li>x</li><li>y</li></ul>", "One two.\n\nx\ny"),
        ("<div>a</div><div>b<br><br>c</div>", "a\nb\n\nc"),
        ("<pre>a\n  b</pre>c", "a\nb\n\nc"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("a<script>no()</script><style>no</style><!-- no --> b", "a b"),
        ("<b>w</b>ord", "word"),
        ("List<String> and a < b", "List<String> and a < b"),
        ("no tags\n\n\n\nat   all &amp; so on", "no tags\n\nat all & so on"),
        ("<p>" + "<div>" * 5000 + "deep", "deep"),
        ("<![CDATA[<p>a</p><p>b &amp; c</p>]]>", "a\n\nb & c"),
    ],
)
def test_text_comes_out_as_a_reader_sees_it(markup, text):
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [("The <title> element", "The <title> element"), ("<b>a</b>\n c", "a c"), ("&amp;lt;b&amp;gt;", "&lt;b&gt;")],
)
def test_a_title_is_one_line(markup, text):
    assert line(markup) == text
