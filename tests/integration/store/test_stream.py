"""`/stream`: articles as server-sent events, over a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from litestar import Litestar

from services.store.settings import Settings
from shared.database import Database
from shared.workers import Workers
from tests.builders import classified, fetched, tag
from tests.integration.store.conftest import Stages
from tests.waiting import until

SECONDS = 20.0
Application = Callable[..., Litestar]


class Frame(NamedTuple):
    id: str
    event: str
    article: str


@pytest.fixture
def settings() -> Settings:
    return Settings(stream_interval=0.02, stream_heartbeat=0.1, stream_clients=2, stream_backlog=2)


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await asyncio.to_thread(until, lambda: server.started, "the server listens", SECONDS)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, SECONDS)


@asynccontextmanager
async def reading(url: str, **options: Any) -> AsyncIterator[AsyncIterator[list[str]]]:
    """The blocks of an event stream, the opening one already read."""
    async with (
        httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client,
        client.stream("GET", f"{url}/stream", **options) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        blocks = _blocks(answer)
        assert "retry: 3000" in await anext(blocks)
        yield blocks


async def _blocks(answer: httpx.Response) -> AsyncIterator[list[str]]:
    block: list[str] = []
    async for line in answer.aiter_lines():
        if line:
            block.append(line)
        else:
            yield block
            block = []


async def frames(blocks: AsyncIterator[list[str]], count: int) -> list[Frame]:
    """The next so many articles."""
    found: list[Frame] = []
    async with asyncio.timeout(SECONDS):
        while len(found) < count:
            fields = dict(line.split(": ", 1) for line in await anext(blocks) if not line.startswith(":"))
            if "data" in fields:
                [_, name] = fields["data"].split('"id":"', 1)
                found.append(Frame(fields["id"], fields["event"], name.split('"', 1)[0]))
    return found


async def test_articles_filed_elsewhere_come_in_order_of_change(
    application: Application, database: Database, settings: Settings, workers: Workers
) -> None:
    elsewhere = Stages(Database(str(database.url)), settings, workers)  # as another process would open it
    await asyncio.to_thread(elsewhere.file_articles, [1])
    async with serving(application()) as (url, _), reading(url) as blocks:
        await asyncio.to_thread(elsewhere.file_articles, [2, 3])
        await asyncio.to_thread(elsewhere.file_articles, [2], revision=2)
        seen = await frames(blocks, 2)
        while seen[-1].id != "4":
            seen += await frames(blocks, 1)
    assert seen[-1] == Frame("4", "article", "article-2")
    assert "article-1" not in [frame.article for frame in seen]
    assert [int(frame.id) for frame in seen] == sorted({int(frame.id) for frame in seen})
    elsewhere.database.close()


async def test_a_reader_that_comes_back_gets_what_it_missed(application: Application, stages: Stages) -> None:
    await asyncio.to_thread(stages.file_articles, range(1, 8))
    async with serving(application()) as (url, _), reading(url, headers={"Last-Event-ID": "2"}) as blocks:
        seen = await frames(blocks, 5)
    assert [(frame.id, frame.article) for frame in seen] == [(str(n), f"article-{n}") for n in range(3, 8)]


@pytest.mark.parametrize(
    "wanted", [{"topic": "visa_policy"}, {"q": "about visa policy"}, {"topic": "visa_policy", "lang": "ar"}]
)
async def test_a_stream_is_filtered_as_a_list_is(application: Application, stages: Stages, wanted: dict[str, str]) -> None:
    events = [
        classified(
            fetched(article_id=f"{topic}-{number}", title=f"About {topic}"), event_id=f"{topic}-{number}", topics=(tag(topic),)
        )
        for number in range(3)
        for topic in ("trafficking", "visa_policy")
    ]
    await asyncio.to_thread(stages.file, *events)
    options = {"headers": {"Last-Event-ID": "0"}, "params": wanted}
    async with serving(application()) as (url, _), reading(url, **options) as blocks:
        seen = await frames(blocks, 3)
    assert [frame.article for frame in seen] == ["visa_policy-0", "visa_policy-1", "visa_policy-2"]


async def test_a_quiet_stream_says_that_it_lives_and_moves_the_reader_on(application: Application, stages: Stages) -> None:
    await asyncio.to_thread(stages.file_articles, range(3))
    options = {"headers": {"Last-Event-ID": "0"}, "params": {"lang": "en"}}
    async with serving(application()) as (url, _), reading(url, **options) as blocks, asyncio.timeout(SECONDS):
        assert await anext(blocks) == [": still here", "id: 3"]


async def test_a_number_of_another_store_begins_at_the_end(application: Application, stages: Stages) -> None:
    await asyncio.to_thread(stages.file_articles, [1])
    async with serving(application()) as (url, _), reading(url, headers={"Last-Event-ID": "999"}) as blocks:
        await asyncio.to_thread(stages.file_articles, [2])
        assert [frame.article for frame in await frames(blocks, 1)] == ["article-2"]


async def test_open_streams_end_at_once_when_the_server_stops(application: Application) -> None:
    stopping = asyncio.Event()
    async with serving(application(stopping=stopping)) as (url, server), reading(url) as blocks:
        stopping.set()
        server.should_exit = True
        async with asyncio.timeout(SECONDS):
            assert [block async for block in blocks if any(line.startswith("data") for line in block)] == []


async def test_more_readers_than_allowed_are_told_so_until_one_leaves(application: Application) -> None:
    async with serving(application()) as (url, _), httpx.AsyncClient(trust_env=False) as client:
        async with reading(url), reading(url):
            answer = await client.get(f"{url}/stream")
            assert answer.status_code == 503
            assert "RASID_STREAM_CLIENTS" in answer.json()["detail"]
        async with asyncio.timeout(SECONDS):
            while True:
                async with client.stream("GET", f"{url}/stream") as answer:
                    if answer.status_code == 200:
                        return


@pytest.mark.parametrize(
    ("options", "parameter"),
    [({"headers": {"Last-Event-ID": "x"}}, "Last-Event-ID"), ({"params": {"min_score": "9"}}, "min_score")],
)
async def test_a_bad_parameter_is_named(application: Application, options: dict[str, Any], parameter: str) -> None:
    async with serving(application()) as (url, _), httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/stream", **options)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
