"""From the bytes of an article page to its text and what it says of itself. Bytes in, a Page out; no path, no network.

Run it in a worker process with limits of time and memory: a page costs some 50 ms, and a hostile one more.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import lxml.etree
import lxml.html
from msgspec import Struct

from services.crawler.core import pagemeta, pagetext
from services.crawler.core.charset import decode
from services.crawler.core.language import spoken
from services.crawler.core.repair import without_floods
from services.crawler.core.text import clean, of_tree

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.IGNORECASE)
_ANY = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_HEAD, _SHOWN = 60_000, 300_000
_BOTS = re.compile(
    r"captcha|cf-chl|challenge-platform|just a moment\.\.\.|attention required! \|"
    r"|are you a robot|enable javascript and cookies"
    r"|verify (?:you are|that you are) (?:a )?human|unusual traffic"
    r"|bot detection|perimeterx|datadome|incapsula|ddos-guard|access denied",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"""<input[^>]{1,200}type=["']?password|log ?in to continue|sign in to continue""", re.IGNORECASE)
_CONSENT = re.compile(
    r"before you continue|we value your privacy|cookie consent|accept (?:all )?cookies|accepter (?:les|tous les) cookies"
    r"|alle akzeptieren"
    r"|aceptar (?:las )?cookies|accetta (?:tutti )?i cookie"
    r"|(?:قبول|نستخدم) (?:جميع )?ملفات تعريف الارتباط|принять (?:все )?cookie|クッキーを受け入れる",
    re.IGNORECASE,
)
_PAY = re.compile(
    r"subscribe to (?:continue|read)|subscribers? only|this (?:article|content) is for subscribers"
    r"|réservé aux abonnés|nur für abonnenten"
    r"|contenido exclusivo para suscriptores|للمشتركين فقط|только для подписчиков|会員限定|仅限订阅|구독자 전용",
    re.IGNORECASE,
)
_LITTLE = 600


class Page(Struct, frozen=True, kw_only=True):
    """An article page. `text`: a paragraph a line. Dates are None where the page names no moment or day."""

    title: str = ""
    text: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    image: str | None = None
    canonical: str | None = None
    problems: tuple[str, ...] = ()


def extract(body: bytes, headers: Mapping[str, str] | None = None, url: str | None = None) -> Page:
    """The article of this page. Never raises for bytes, however broken."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    if not body.strip(b"\x00 \t\r\n"):
        return Page(problems=("empty",))
    decoded = decode(body, lower.get("content-type", ""), page=True)
    problems = [decoded.problem] if decoded.problem else []
    html = without_floods(clean(_DECLARATION.sub("", decoded.text, count=1)))
    tree = _tree(html)
    if tree is None or not _ANY.search(html):
        return Page(problems=(*problems, "not a web page"))
    meta = pagemeta.read(tree, url, problems)
    text = _untitled(pagetext.find(tree, html, url, meta.body, problems), meta.title)
    problems += _walls(html, text, meta.walled)
    if not text:
        problems.append("no article text found")
    return Page(
        title=meta.title,
        text=text,
        published=meta.published,
        updated=meta.updated,
        language=spoken(f"{meta.title}\n{text}", meta.language or lower.get("content-language", "").split(",")[0]),
        authors=meta.authors,
        image=meta.image,
        canonical=meta.canonical,
        problems=tuple(dict.fromkeys(problems)),
    )


def _untitled(text: str, title: str) -> str:
    """The text without a first line that only repeats the title."""
    head, _, rest = text.partition("\n")
    return rest if head.strip().casefold() == title.casefold() else text


def _tree(html: str) -> Any:
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, no_network=True, encoding="utf-8")
    try:
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None


def _walls(html: str, text: str, walled: bool) -> list[str]:
    """What stands before the article. A page with a long text is none, whatever scripts it loads."""
    found = ["a pay wall"] if walled else []
    if len(text) >= 3 * _LITTLE:
        return found
    shown = of_tree(html[:_SHOWN])
    if _PAY.search(shown):
        found.append("a pay wall")
    if len(text) < _LITTLE:
        found += ["a bot wall"] if _BOTS.search(html[:_HEAD]) else []
        found += ["a login page"] if _LOGIN.search(html[:_HEAD]) else []
        found += ["a consent page"] if _CONSENT.search(shown) else []
    return found
