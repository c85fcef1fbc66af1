"""The live page in a real Chromium, over a real `rasid run`: what an analyst sees, and what the keyboard does."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests import browser
from tests.browser import Page
from tests.e2e.running import SEEDS, RunningHouse

CARDS = "document.querySelectorAll('.card').length"
TITLES = "[...document.querySelectorAll('.card h2')].map((title) => title.innerText)"
LIVE = "document.getElementById('connection').dataset.state === 'live'"


@pytest.fixture(scope="module")
def chromium() -> str:
    found = browser.find()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: install one, or name it in RASID_TEST_CHROMIUM")
        pytest.skip("no Chromium: install one, or name it in RASID_TEST_CHROMIUM")
    return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[RunningHouse]:
    with RunningHouse(tmp_path).start() as running:
        yield running


async def ingest(house: RunningHouse, path: Path) -> None:
    await asyncio.to_thread(house.rasid, "ingest", str(path))


@pytest.fixture
async def page(chromium: str, tmp_path: Path) -> AsyncIterator[Page]:
    async with browser.opened(chromium, tmp_path / "profile") as page:
        await page.size(1280, 800)
        yield page


def served(house: RunningHouse) -> dict[str, Any]:
    """Every article as the API has it, by id."""
    return {article["id"]: article for article in house.articles()}


async def marks(page: Page, inside: str) -> list[dict[str, Any]]:
    """Every mark inside these elements: what it shows, and where it says that stands."""
    found = await page.ask(
        f"[...document.querySelectorAll({json.dumps(inside)} + ' mark')].map((mark) =>"
        " ({...mark.dataset, shown: mark.textContent, card: mark.closest('.card')?.dataset.id}))"
    )
    assert isinstance(found, list)
    return found


def stands_there(mark: dict[str, Any], article: dict[str, Any]) -> bool:
    """Whether the marked text is the slice, counted in code points, that the server gave as evidence."""
    text = article["title" if mark["field"] == "title" else "text"]
    return bool(text[int(mark["start"]) : int(mark["end"])] == mark["shown"])


async def test_the_seeds_appear_by_themselves_with_their_evidence_marked(house, page):
    await page.goto(house.address)
    await page.until("document.getElementById('state').innerText.includes('Nothing here yet')")
    await page.until(LIVE)
    await ingest(house, SEEDS)
    await page.until(f"{CARDS} === 5")
    assert await page.ask(
        "[...document.querySelectorAll('.words')].every((words) => words.dir === 'rtl' && words.lang === 'ar')"
    )
    assert await page.ask("getComputedStyle(document.querySelector('.words h2')).direction") == "rtl"
    articles = served(house)
    surfaces = {hit["surface"] for article in articles.values() for tag in article["topics"] for hit in tag["evidence"]}
    in_list = await marks(page, ".card")
    assert in_list
    assert all(stands_there(mark, articles[mark["card"]]) for mark in in_list)
    assert surfaces & {mark["shown"] for mark in in_list}
    assert page.faults == []


async def test_a_filter_narrows_the_list_and_stays_in_the_address(house, page):
    await ingest(house, SEEDS)
    await page.goto(house.address)
    await page.until(f"{CARDS} === 5")
    await page.ask("document.querySelector('#topics input[value=trafficking]').click()")
    await page.until(f"{CARDS} < 5 && {CARDS} > 0")
    bearing = {article["id"] for article in house.articles(topic="trafficking")}
    assert set(await page.ask("[...document.querySelectorAll('.card')].map((card) => card.dataset.id)")) == bearing
    assert await page.ask("location.search") == "?topic=trafficking"
    await page.goto(f"{house.address}/?q={quote('غانا')}")
    await page.until(f"{CARDS} === 1 && document.getElementById('q').value === 'غانا'")
    await page.goto(f"{house.address}/?q=nowhere")
    await page.until("document.getElementById('state').innerText.includes('No article matches')")
    assert page.faults == []


async def test_an_article_opens_by_keyboard_with_its_whole_text_and_every_hit(house, page):
    await ingest(house, SEEDS)
    await page.goto(house.address)
    await page.until(f"{CARDS} === 5")
    await page.press("j")
    await page.until("document.querySelector('#reader .text p')")
    article = served(house)[await page.ask("location.hash.slice(1)")]
    paragraphs = await page.ask("[...document.querySelectorAll('#reader .text p')].map((paragraph) => paragraph.textContent)")
    assert paragraphs == article["text"].split("\n")
    shown = [*await marks(page, "#reader .text"), *await marks(page, "#reader h1")]
    assert all(stands_there(mark, article) for mark in shown)
    for hit in (hit for tag in article["topics"] for hit in tag["evidence"]):
        where = "title" if hit["field"] == "title" else "text"
        around = [mark for mark in shown if (mark["field"] == "title") == (where == "title")]
        assert any(int(mark["start"]) <= hit["start"] and hit["end"] <= int(mark["end"]) for mark in around), hit
    await page.press("Escape")
    await page.until("location.hash === '' && document.activeElement.closest('.card')")
    assert page.faults == []


async def test_new_articles_wait_while_the_reader_is_in_the_list(house, page, tmp_path):
    await ingest(house, SEEDS)
    await page.goto(house.address)
    await page.until(f"{CARDS} === 5 && {LIVE}")
    await page.press("j")
    before = await page.ask(TITLES)
    lines = tmp_path / "late.jsonl"
    text = "<b>Late</b> 😀 news: visa policy and the Global Compact for Migration 💥 <script>document.title = 'taken'</script>"
    lines.write_text(
        json.dumps({"title": "Late <i>news</i> 😀 of the Global Compact for Migration", "text": text}), encoding="utf-8"
    )
    await ingest(house, lines)
    await page.until("document.getElementById('news').innerText === '1 new article'")
    assert await page.ask(TITLES) == before
    await page.press("n")
    await page.until(f"{CARDS} === 6")
    assert (await page.ask(TITLES))[0] == "Late <i>news</i> 😀 of the Global Compact for Migration"
    assert await page.ask("document.querySelector('.card .words').dir") == "ltr"
    articles = served(house)
    assert all(stands_there(mark, articles[mark["card"]]) for mark in await marks(page, ".card:first-child"))
    assert await page.ask("document.title") == "rasid"
    assert page.faults == []


async def test_offsets_count_code_points_and_unknown_things_are_shown_as_text(house, page):
    await page.goto(house.address)
    await page.until("document.readyState === 'complete'")
    said = await page.ask(
        """(async () => {
          const text = await import('/static/text.js');
          const points = text.points('😀 تهريب 😀 visa');
          const hit = (start, end) => ({ field: 'text', start, end, weight: 1, topic: 'x' });
          const marked = text.ranges([hit(2, 7), hit(5, 9), hit(10, 14), hit(13, 99)], points.length);
          return {
            length: points.length,
            slices: marked.map((range) => points.slice(range.start, range.end)),
            whole: text.pieces(points, marked).map((piece) => piece.text).join(''),
            directions: ['ar', 'fa-IR', 'en', 'az-Arab', 'ar-Latn', null].map(text.direction),
            addresses: ['javascript:alert(1)', 'https://example.org/', 'data:text/html,x', null].map(text.webAddress),
          };
        })()"""
    )
    assert said == {
        "length": 14,
        "slices": ["تهريب 😀", "visa"],
        "whole": "😀 تهريب 😀 visa",
        "directions": ["rtl", "rtl", "ltr", "rtl", "ltr", "auto"],
        "addresses": [None, "https://example.org/", None, None],
    }


async def test_the_api_is_described_without_any_other_host(house, page):
    await page.goto(f"{house.address}/docs")
    await page.until("document.querySelectorAll('details.operation').length > 5")
    text = await page.ask("document.body.innerText")
    assert "/articles/{article_id}" in text
    assert page.faults == []


async def test_the_page_says_when_the_server_is_gone_and_comes_back_to_it(house, page):
    await ingest(house, SEEDS / "001_4be716075c5a84b0.txt")
    await page.goto(house.address)
    await page.until(f"{CARDS} === 1 && {LIVE}")
    await asyncio.to_thread(house.stop)
    await page.until("document.getElementById('connection').innerText.includes('lost')")
    await ingest(house, SEEDS / "002_593b096358dbb552.txt")
    await asyncio.to_thread(house.start, "--port", str(urlsplit(house.address).port))
    await page.until(f"{CARDS} === 2 && {LIVE}")
    await asyncio.to_thread(house.stop)
    await page.ask("document.querySelector('#topics input[value=global_compact]').click()")
    await page.until("document.getElementById('state').innerText.includes('could not be read')")
    await asyncio.to_thread(house.start, "--port", str(urlsplit(house.address).port))
    await page.until(f"{CARDS} === 1 && {LIVE}")


async def test_light_and_dark_follow_the_system_until_the_reader_chooses(house, page):
    shown = "getComputedStyle(document.documentElement).backgroundColor"
    await page.goto(house.address)
    await page.until("document.getElementById('theme')")
    light = await page.ask(shown)
    await page.size(1280, 800, dark=True)
    await page.until(f"{shown} !== '{light}'")
    await page.ask("document.getElementById('theme').click()")
    assert await page.ask(shown) == light
    await page.goto(f"{house.address}/docs")
    await page.until("document.querySelector('details.operation')")
    assert await page.ask(shown) == light


async def test_the_first_tab_stop_leads_past_the_bar_and_focus_is_seen(house, page):
    await ingest(house, SEEDS)
    await page.goto(house.address)
    await page.until(f"{CARDS} === 5")
    await page.press("Tab")
    assert await page.ask("document.activeElement.className") == "skip"
    await page.press("Enter")
    await page.until("location.hash === '#list'")
    await page.press("Tab")
    await page.until("document.activeElement.closest('.card')")
    assert await page.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.press("Enter")
    await page.until("document.querySelector('#reader .text p')")


BOAT = (
    "قال خفر السواحل في تونس إن دورية رصدت القارب على بعد عشرين ميلا من صفاقس قبيل الفجر بقليل.\n"
    "ونقل الناجون وعددهم أربعة عشر شخصا إلى مستشفى المدينة حيث تلقوا العلاج ثم أودعوا مركز استقبال.\n"
    "وأضاف البيان أن القارب الحديدي كان قد أبحر من شاطئ مجاور وعلى متنه أكثر من ستين راكبا معظمهم شبان.\n"
)
FACT = "وأعلنت المنظمة الدولية للهجرة مساء أن غواصين عثروا على صندوق يضم وثائق تعود إلى الركاب المفقودين."


async def test_other_reports_of_a_story_stand_beneath_a_card_and_names_lead_to_more(house, page, tmp_path):
    lines = [
        {"title": "غرق قارب قبالة صفاقس", "text": BOAT, "url": "https://one.example/1", "published": "2026-11-20T10:00:00Z"},
        {"title": "نبأ آخر", "text": BOAT + FACT, "url": "https://two.example/1", "published": "2026-11-20T11:00:00Z"},
        {
            "title": "مكتبة في بيروت",
            "text": "افتتح رئيس البلدية مكتبة.",
            "url": "https://one.example/2",
            "published": "2026-11-20",
        },
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    await ingest(house, file)
    await page.goto(house.address)
    await page.until(f"{CARDS} === 3")
    assert (
        await page.ask("[...document.querySelectorAll('.card .company summary')].map((one) => one.textContent)")
        == ["1 other report of this story"] * 2
    )
    first = next(article for article in house.articles() if article["url"] == "https://one.example/1")
    card = f"document.querySelector('.card[data-id=\"{first['id']}\"]')"
    await page.ask(f"{card}.querySelector('summary').click()")
    await page.until(f"{card}.querySelectorAll('.reports li').length === 1")
    shown = await page.ask(f"{card}.querySelector('.reports li').innerText")
    assert "نبأ آخر" in shown
    assert "same text" in shown
    assert FACT[:-1] in shown
    assert await page.ask("location.hash") == ""  # opening the list opens no article
    if folder := os.environ.get("RASID_TEST_SCREENSHOTS"):
        await page.screenshot(Path(folder) / "story.png")
    await page.ask("[...document.querySelectorAll('.card a.named')].find((link) => link.textContent === 'Lebanon').click()")
    await page.until(f"{CARDS} === 1 && location.search === '?country=LB'")
    assert await page.ask("document.getElementById('named').textContent") == "Lebanon"
    assert page.faults == []
