"""The ways in from outside: the routes of the sources, and the commands `sources` and `parse-feed`."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsPlugin
from litestar.testing import TestClient

from rasid.cli import rasid
from services.crawler.api import routes
from services.crawler.app import add_starters
from services.crawler.settings import Settings
from tests.builders import NOON
from tests.servers import Reply, item, rss, serving

FEED = "https://example.org/feed"


@pytest.fixture
def client(database):
    problems = ProblemDetailsPlugin(ProblemDetailsConfig(enable_for_all_http_exceptions=True))
    app = Litestar(routes(database, Settings(), clock=lambda: NOON), plugins=[problems])
    with TestClient(app) as running:
        yield running


@pytest.fixture
def run(environment: dict[str, str]):
    """Runs a command on a database of its own: exit code, lines of standard output, standard error."""

    def running(*arguments: str, stdin: str = ""):
        result = CliRunner().invoke(rasid, arguments, input=stdin)
        return result.exit_code, result.stdout.splitlines(), result.stderr

    return running


def test_a_source_is_added_shown_and_removed_over_http(client):
    made = client.post("/sources", json={"url": FEED, "name": "Mine"})
    assert made.status_code == 201
    source = made.json()
    assert (source["url"], source["name"], source["state"], source["cause"]) == (FEED, "Mine", "active", None)
    assert source["next_poll"] == "2026-11-22T12:00:00Z"
    assert client.post("/sources", json={"url": FEED}).status_code == 200
    assert client.get("/sources").json() == {"items": [source], "next": None}
    assert client.get(f"/sources/{source['id']}").json() == source
    assert client.delete(f"/sources/{source['id']}").status_code == 204
    assert client.get("/sources").json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/sources", {"url": "nonsense"}, 400),
        ("POST", "/sources", {"url": 5}, 400),
        ("GET", "/sources/none", None, 404),
        ("DELETE", "/sources/none", None, 404),
    ],
)
def test_a_request_that_cannot_be_met_is_told_as_a_problem(client, method, path, body, status):
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_starter_list_comes_only_where_there_is_no_source(database):
    added = database.transact_now(lambda tx: add_starters(tx, Settings(), NOON))
    assert len(added) > 10
    assert database.transact_now(lambda tx: add_starters(tx, Settings(), NOON)) == []


def test_sources_are_added_listed_and_removed_by_command(run):
    code, lines, errors = run("sources", "add", FEED, "--name", "Mine", "--no-check", "--json")
    assert (code, errors) == (0, "")
    added = json.loads(lines[0])
    assert (added["url"], added["new"]) == (FEED, True)
    code, lines, _ = run("sources", "list", "--json")
    [source] = map(json.loads, lines)
    assert {"id": added["id"], "url": FEED, "name": "Mine", "state": "active", "cause": None}.items() <= source.items()
    assert source["next_poll"].endswith("Z")
    assert run("sources", "remove", added["id"])[0] == 0
    assert run("sources", "list", "--json")[1] == []
    assert run("sources", "remove", FEED)[0] == 1


@pytest.mark.parametrize(
    "spelt", ["HTTPS://Example.ORG/feed", "https://example.org:443/feed", f" {FEED}#latest", "feed://example.org/feed"]
)
def test_a_source_is_the_same_however_its_host_is_spelt(run, spelt):
    assert run("sources", "add", FEED)[0] == 0
    code, lines, _ = run("sources", "add", spelt, "--json")
    assert (code, json.loads(lines[0])["new"]) == (0, False)
    assert run("sources", "remove", spelt)[0] == 0
    assert run("sources", "list", "--json")[1] == []


def test_a_list_may_begin_with_a_mark_and_end_its_lines_as_windows_does(run, tmp_path):
    (tmp_path / "feeds.txt").write_bytes(b"\xef\xbb\xbf" + f"{FEED} One\r\n\r\nnonsense\r\n".encode())
    code, lines, errors = run("sources", "add", "--file", "feeds.txt")
    assert (code, len(lines)) == (1, 1)
    assert "feeds.txt:3: 'nonsense' is no http or https address" in errors
    [source] = map(json.loads, run("sources", "list", "--json")[1])
    assert (source["url"], source["name"]) == (FEED, "One")


async def test_a_source_is_looked_at_before_it_is_added(run, monkeypatch):
    monkeypatch.setenv("RASID_FETCH_ALLOW_NETWORKS", "127.0.0.0/8")
    async with serving() as server:
        link = '<link rel="alternate" type="application/rss+xml" href="/%s">'
        page = f"<html><head>{link % 'none'}{link % 'feed'}</head></html>".encode()
        server.replies["/"] = Reply(body=page)
        server.replies["/feed"] = Reply(body=rss(item("A", "/1"), title="T"))
        server.replies["/empty"] = Reply(body=b"<html><body>x</body></html>")
        asked = [server.url(path) for path in ("/", "/feed?x", "/empty/", "/missing")]
        server.replies["/empty/"] = server.replies["/empty"]
        code, out, _ = await asyncio.to_thread(run, "sources", "add", *asked, "--json")
        by_asked = {line.get("asked", line["url"]): line for line in map(json.loads, out)}
        assert code == 1
        named, given, empty, missing = (by_asked[url] for url in asked)
        assert (named["url"], named["title"], named["entries"], named["cause"]) == (server.url("/feed"), "T", 1, "ok")
        assert (given["url"], given["title"]) == (server.url("/feed?x"), "T")
        assert "no feed" in empty["error"]
        assert (missing["url"], missing["cause"], missing["entries"]) == (server.url("/missing"), "missing", None)


def test_a_bad_line_is_named_and_the_others_are_added(run):
    text = f"# mine\n{FEED} A name\n\nnonsense\nhttps://example.org/other\n"
    code, lines, _ = run("sources", "add", "--file", "-", "--json", stdin=text)
    told = [json.loads(line) for line in lines]
    assert code == 1
    assert [one["url"] for one in told] == [FEED, "https://example.org/other", "nonsense"]
    assert "no http or https address" in told[2]["error"]
    assert [json.loads(line)["name"] for line in run("sources", "list", "--json")[1]] == ["A name", ""]


@pytest.mark.parametrize(
    "arguments", [["add"], ["add", "nonsense"], ["add", FEED, FEED + "2", "--name", "x"], ["add", "--file", "none"]]
)
def test_a_wrong_command_line_ends_in_2(run, arguments):
    assert run("sources", *arguments)[0] == 2


def test_feeds_are_parsed_in_order_and_bad_ones_named(run, tmp_path):
    (tmp_path / "good.xml").write_bytes(rss(item("A", "/1?a=1&copy=2", guid="g"), title="T"))
    (tmp_path / "page.html").write_bytes(b"<html><body>x</body></html>")
    lines = [
        {"id": 1, "path": "good.xml", "url": "https://e.org/feed", "headers": {"Content-Type": "text/xml"}},
        {"id": "two", "path": "none.xml"},
        {"id": 3},
        {"id": 4, "path": "page.html", "other": "ignored"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "no json\n"
    code, out, _ = run("parse-feed", "--jsonl", stdin=text)
    good, missing, bad, page, broken = map(json.loads, out)
    assert code == 1
    assert (good["id"], good["format"], good["title"], good["problems"]) == (1, "rss20", "T", ["bare ampersands escaped"])
    assert good["entries"][0]["link"] == "https://e.org/1?a=1&copy=2"
    assert {"id", "link", "title", "summary", "content", "published", "updated", "authors", "language", "enclosures"} <= set(
        good["entries"][0]
    )
    assert missing == {"id": "two", "error": "No such file or directory"}
    assert (bad["id"], "path" in bad["error"]) == (3, True)
    assert (page["id"], page["format"], page["problems"]) == (4, "", ["a web page, not a feed"])
    assert (broken["id"], broken["error"].startswith("not JSON")) == (None, True)


def test_a_feed_that_takes_too_long_is_given_up_and_the_next_is_parsed(run, tmp_path, monkeypatch):
    monkeypatch.setenv("RASID_PARSE_SECONDS", "2")
    (tmp_path / "slow.xml").write_bytes(rss(*(item("A", text="<p>x</p>" * 2000) for _ in range(900))))
    (tmp_path / "good.xml").write_bytes(rss(item("A", "https://e.org/1")))
    monkeypatch.setenv("RASID_WORKERS", "1")
    code, out, _ = run("parse-feed", "slow.xml", "good.xml")
    slow, good = map(json.loads, out)
    assert code == 1
    assert "took longer than 2.0 s" in slow["error"]
    assert good["entries"][0]["title"] == "A"


def test_pages_are_extracted_in_order_and_bad_ones_named(run, tmp_path):
    text = "The ministry said on Sunday that border police had stopped a bus with forty men who had paid to reach the coast."
    (tmp_path / "a.html").write_text(
        f"<html lang=en><title>A</title><body><article><h1>A</h1><p>{text}</p></article></body></html>"
    )
    asked = [{"id": 1, "path": "a.html", "url": "https://e.org/a"}, {"id": 2, "path": "none.html"}]
    code, out, _ = run("extract", "--jsonl", stdin="".join(json.dumps(line) + "\n" for line in asked))
    page, missing = map(json.loads, out)
    assert code == 1
    assert (page["id"], page["title"], page["text"], page["language"]) == (1, "A", text, "en")
    assert {"published", "updated", "authors", "image", "canonical", "problems"} <= set(page)
    assert missing == {"id": 2, "error": "No such file or directory"}


def test_robots_and_canonical_answer_line_by_line_and_name_the_bad_ones(run):
    asked = [
        {"id": 1, "robots": "User-agent: *\nDisallow: /x\nCrawl-delay: 2", "agent": "rasid", "url": "https://e.org/x"},
        {"id": 2, "robots": "", "agent": "rasid"},
    ]
    code, out, _ = run("robots", "--jsonl", stdin="".join(json.dumps(line) + "\n" for line in asked))
    first, bad = map(json.loads, out)
    assert (code, first) == (1, {"id": 1, "allowed": False, "crawl_delay": 2.0})
    assert (bad["id"], "url" in bad["error"]) == (2, True)
    asked = [{"id": "a", "url": "/b?utm_source=x", "base": "https://E.org/c"}, {"id": "b", "url": "mailto:a@e.org"}]
    code, out, _ = run("canonical", "--jsonl", stdin="".join(json.dumps(line) + "\n" for line in asked))
    assert code == 0
    assert list(map(json.loads, out)) == [{"id": "a", "canonical": "https://e.org/b"}, {"id": "b", "canonical": None}]


def test_help_ends_with_an_example(run):
    for command in (
        ["sources", "add"],
        ["sources", "list"],
        ["sources", "remove"],
        ["parse-feed"],
        ["extract"],
        ["robots"],
        ["canonical"],
    ):
        code, lines, _ = run(*command, "--help")
        assert code == 0
        assert "Example:  rasid" in "\n".join(lines)


def test_a_source_is_held_let_go_and_polled_at_once_over_http(client):
    source = client.post("/sources", json={"url": FEED}).json()["id"]
    held = client.post(f"/sources/{source}/pause").json()
    assert (held["state"], held["health"], held["next_poll"]) == ("paused", "paused", None)
    assert client.post(f"/sources/{source}/poll").status_code == 404
    assert client.post(f"/sources/{source}/resume").json()["health"] == "new"
    assert client.post(f"/sources/{source}/poll").json()["next_poll"] == "2026-11-22T12:00:00Z"
    assert client.post("/sources/none/pause").status_code == 404
