"""The pages as they are served: nothing inline, nothing from another host, and an unchanged file is not sent twice."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rasid.web import app, pages


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(app.create(pages.routes(), ready=list), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_holds_no_script_no_style_and_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    page = answer.text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page) == []
    linked = re.findall(r"(?:src|href)=\"([^\"#]*)", page)
    assert linked
    assert all(link.startswith("/") and not link.startswith("//") for link in linked if link)


def test_no_file_of_the_pages_names_another_host_or_writes_markup():
    for name, asset in pages.assets().items():
        text = asset.body.decode()
        hosts = set(re.findall(r"(?:https?:)?//([\w.-]+\.[a-z]{2,})", text)) - {"www.w3.org"}  # the name of SVG, not an address
        assert not hosts, name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), name


@pytest.mark.parametrize("path", ["/", "/docs", "/static/app.js", "/static/page.css", "/static/icon.svg"])
def test_an_unchanged_file_is_not_sent_twice(client, path):
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"if-none-match": f'W/{first.headers["etag"]}, "other"'})
    assert (again.status_code, again.content) == (304, b"")


def test_every_file_a_page_or_script_names_is_served(client):
    for asset in pages.assets().values():
        for name in re.findall(r"[\"'](?:/static|\.)/([\w.]+)[\"']", asset.body.decode()):
            assert client.get(f"/static/{name}").status_code == 200, name


@pytest.mark.parametrize("path", ["/static/none.js", "/static/..%2fapp.py", "/static/%2e%2e/app.py"])
def test_only_files_of_the_pages_are_served(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
