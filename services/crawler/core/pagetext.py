"""The text of an article page, without what stands around it.

trafilatura finds it, set to precision; where that yields little it is asked again with its fallbacks, and the body that JSON-LD
holds steps in, or trims what was found to where the article begins and ends. The last lines of many pages (related articles,
rules for comments, copyright) are known by their words.
"""

import re
from itertools import islice
from typing import Any

import trafilatura

LITTLE = 1000
"""A text shorter than this (in characters) may have been missed: the slower ways are tried too."""
_NOTHING = 200
ELEMENTS = 30_000
"""A page of more elements is not given to trafilatura, whose time grows faster than they do."""

_RELATED_WORDS = r"""
related (?:articles?|stories|news|topics|posts|content)|read (?:more|also|next)|more (?:must.reads|stories|from|on this story)
you (?:may|might) (?:also )?(?:like|be interested)|recommended(?: for you| stories| articles)?|see also|most read|trending
اقرأ أيض[اًا]+|اقرا ايضا|إقرأ أيضاً?|اقرأ المزيد|مقالات ذات صلة|مواضيع ذات صلة|أخبار ذات صلة|مواضيع متعلقة|ذات صلة
قد يهمك(?: أيضاً?)?|شاهد أيضاً?|الأكثر قراءة|مطالب مرتبط|اخبار مرتبط|بیشتر بخوانید|مزید پڑھیں
lire aussi|à lire aussi|sur le même (?:sujet|thème)|articles? liés?|voir aussi
lea también|te puede interesar|también te puede interesar|noticias relacionadas|más noticias
leia (?:mais|também)|veja também|notícias relacionadas|leggi anche|articoli correlati
lesen sie auch|mehr zum thema|das könnte sie auch interessieren|lees ook|läs också|les også|læs også
читайте также|по теме|похожие (?:новости|статьи)|другие новости|читайте також
ilgili haberler|bunlar da ilginizi çekebilir|baca juga|artikel terkait
czytaj (?:też|także|również)|zobacz także|przeczytaj także
関連記事|関連リンク|あわせて読みたい|相关(?:阅读|新闻|文章|报道)|延伸閱讀|相關(?:新聞|文章)|推荐阅读|관련\s?기사|เรื่องที่เกี่ยวข้อง|ข่าวที่เกี่ยวข้อง
"""
"""What heads a list of other articles, or points to one."""

_ASIDE_WORDS = r"""
advertisement|advertising|publicité|publicidad|anzeige|реклама|إعلان|اعلان|ad|sponsored(?: content)?
share(?: this)?(?: article| story)?|compartir|partager|teilen|شارك|print|e-?mail|loading\b.{0,40}|skip to (?:main )?content
comments?|leave a comment|comentar(?:ios)?|commentaires?|kommentare|комментарии|التعليقات?(?:\s?\(\d*\))?
(?:click here to )?(?:subscribe|sign up)(?: now| here| to .{0,60}| for .{0,60})?|follow us(?: on .{0,80})?|تابعونا على .{0,80}
photos?|video|gallery|image (?:source|caption|copyright)|getty images|see more photos
"""
"""A line that says only this is a button or a label."""

_LAST_WORDS = r"""
©|\(c\)\s?(?:19|20)\d\d|copyright (?:©|\(c\)|\d{4})|all rights reserved|جميع الحقوق محفوظة|حقوق النشر
tous droits réservés|todos los derechos
alle rechte vorbehalten|все права защищены|無断転載|版权所有|著作権|무단\s?전재
comment(?:s|ing)? (?:policy|guidelines|rules)
التعليقات .{0,40}(?:لا تعبر|تعبر عن)|الآراء الواردة|contenido de los comentarios|comentarios contrarios
comentario inapropiado|no está permitido verter|sign up (?:for|to) (?:our|the) .{0,40}newsletter
subscribe to our .{0,40}newsletter|paypal\.me|@\w+ on (?:twitter|facebook)|電子版に登録|この記事は会員限定
"""
"""What stands in the last lines of a page, after the article."""


def _any(words: str) -> str:
    return "|".join(words.split("\n")[1:-1])


_RELATED = re.compile(f"(?:{_any(_RELATED_WORDS)})", re.IGNORECASE)
_ASIDE = re.compile(f"(?:{_any(_ASIDE_WORDS)})[.:!]?", re.IGNORECASE)
_LAST = re.compile(f"(?:{_any(_LAST_WORDS)})", re.IGNORECASE)
_LIST_MARK = re.compile(r"^[-•*·▪►]\s+")
_SHORT = 300
_ENDS = (".", "!", "\u061f", "\u06d4", "\u3002", "\u0964", "\u2026", "\u00bb", "\u201d", '"')
_SPACE = re.compile(r"\s+")


def find(tree: Any, html: str, url: str | None, body: str, problems: list[str]) -> str:
    """The text, a paragraph a line; '' where there is none. `tree`: of lxml.html, changed on the way; `html` the same page;
    `body`: what JSON-LD holds."""
    if sum(1 for _ in islice(tree.iter(), ELEMENTS)) == ELEMENTS:
        problems.append(f"more than {ELEMENTS} elements; the text is that of the first paragraphs")
        return _trimmed(_paragraphs(tree))
    text = _ask(tree, url, fast=True, precision=True)
    if len(text) < LITTLE:
        text = max(text, _ask(html, url, fast=False, precision=True), key=len)
    if len(text) < _NOTHING:
        text = max(text, _ask(html, url, fast=False, precision=False), key=len)
    text = _trimmed(text)
    if len(body) >= _NOTHING:
        if len(text) < 0.6 * len(body):
            problems.append("the text is that of the page's JSON-LD")
            return _trimmed(body)
        return _between(text, body)
    if len(text) < _NOTHING and len(rest := _baseline(html)) > 2 * len(text):
        problems.append("little text; taken from all paragraphs")
        return _trimmed(rest)
    return text


def _paragraphs(tree: Any) -> str:
    found = (" ".join(one.text_content().split()) for one in islice(tree.iter("p"), 500))
    return "\n".join(one for one in found if len(one) > 60)


def _ask(page: Any, url: str | None, *, fast: bool, precision: bool) -> str:
    """What trafilatura finds; '' where it finds nothing or fails."""
    try:
        found = trafilatura.extract(
            page, url=url, fast=fast, favor_precision=precision, favor_recall=not precision, include_comments=False
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError):  # seen on broken pages
        return ""
    return found or ""


def _baseline(html: str) -> str:
    try:
        return str(trafilatura.baseline(html)[1])
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError):
        return ""


def _trimmed(text: str) -> str:
    """Without lines that are no part of an article, and without what follows it."""
    lines = [found for one in text.split("\n") if (found := _LIST_MARK.sub("", one.strip())) and not _ASIDE.fullmatch(found)]
    length, so_far = sum(map(len, lines)), 0
    for number, one in enumerate(lines):
        if so_far > length / 2 and _heads_a_list(one, lines[number + 1 :]):
            lines = lines[:number]
            break
        so_far += len(one)
    while len(lines) > 1 and len(lines[-1]) < 2 * _SHORT and (_LAST.search(lines[-1]) or _is_pointer(lines[-1])):
        lines.pop()
    return "\n".join(one for one in lines if not _is_pointer(one))


def _heads_a_list(text: str, rest: list[str]) -> bool:
    """Whether a line is the heading of other articles: their headlines follow, which do not end as sentences do."""
    found = _RELATED.match(text)
    if found is None or len(text) - found.end() > 20 or ":" in text[:-1]:
        return False
    return sum(one.endswith(_ENDS) for one in rest) <= len(rest) / 2 and all(len(one) < _SHORT for one in rest)


def _is_pointer(text: str) -> bool:
    """Whether a line only points to another article: `Read more: ...`."""
    return (
        len(text) < 160
        and (found := _RELATED.match(text)) is not None
        and text[found.end() :].lstrip()[:1] in (":", "|", "»", "")
    )


def _between(text: str, body: str) -> str:
    """The text without the lines at its ends that JSON-LD's body lacks, where it has most of the others."""
    whole = _SPACE.sub("", body)
    lines = text.split("\n")
    there = [_SPACE.sub("", one)[:80] in whole for one in lines]
    held = sum(len(one) for one, is_there in zip(lines, there, strict=True) if is_there)
    if held < 0.7 * len(text) or held < 0.7 * len(body):
        return text
    first = there.index(True)
    last = len(there) - there[::-1].index(True)
    return "\n".join(lines[first:last])
