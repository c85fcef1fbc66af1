"""What parsing a feed of 30 items costs: rasid's reading beside feedparser's and beside a bare tree, in the same run."""

import io
import time
from collections.abc import Callable
from html import escape
from statistics import median
from typing import NamedTuple

import feedparser
from lxml import etree
from rich.progress import Progress

from bench.measure import one_core
from bench.texts import entries
from services.crawler.core import loose
from services.crawler.core.feed import parse

ITEMS, ROUNDS, TIMES = 30, 5, 5


class Cost(NamedTuple):
    """CPU milliseconds a feed takes."""

    name: str
    milliseconds: float


def feed(items: int = ITEMS) -> bytes:
    """An RSS feed of Arabic articles with markup in their content, as publishers send it."""
    parts = []
    for number, one in enumerate(entries(items)):
        text = "".join(f'<p>{escape(line)} <a href="{one.url}">…</a></p>\n' for line in one.text[:1500].splitlines())
        parts.append(
            f"<item><title>{escape(one.title)}</title><link>{one.url}?utm_source=rss&amp;id={number}</link>"
            f'<guid isPermaLink="false">{one.article_id}</guid><pubDate>Sun, 22 Nov 2026 13:00:{number:02d} +0300</pubDate>'
            f"<dc:creator><![CDATA[مراسل]]></dc:creator><category>أخبار</category><description>{escape(one.title)}</description>"
            f"<content:encoded><![CDATA[{text}]]></content:encoded></item>"
        )
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    head = f'<rss version="2.0" {spaces}><channel><title>مقياس</title><link>https://bench.example/</link>'
    return f'<?xml version="1.0" encoding="utf-8"?>{head}{"".join(parts)}</channel></rss>'.encode()


def measure(progress: Progress) -> list[Cost]:
    """The costs; rounds of all are interleaved, so that a busy machine is busy for each."""
    body = feed()
    text = body.decode()
    works: dict[str, Callable[[], object]] = {
        "rasid": lambda: parse(body),
        "rasid by way of feedparser (ill-formed feeds)": lambda: loose.parse(text, False, {}, None, []),
        "feedparser as it comes": lambda: feedparser.parse(io.BytesIO(body)),
        "lxml, the bare tree": lambda: etree.fromstring(body),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    task = progress.add_task("feeds", total=ROUNDS)
    with one_core():
        for _ in range(ROUNDS):
            for name, work in works.items():
                work()
                begin = time.process_time()
                for _ in range(TIMES):
                    work()
                taken[name].append((time.process_time() - begin) / TIMES * 1000)
            progress.advance(task)
    return [Cost(name, median(times)) for name, times in taken.items()]
