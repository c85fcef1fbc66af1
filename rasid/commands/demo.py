"""`rasid demo`: history in at one end, verified webhooks out at the other, in a folder that is thrown away."""

import asyncio
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from rasid.commands.ingest import bring_in
from rasid.home import Home, open_home
from rasid.house import House
from rasid.receiver import Got, Receiver
from rasid.screen import Screen
from rasid.settings import Differs, Refused, read_settings
from services.alerts import app as alerts
from services.alerts.adapters import creation, subscriptions
from services.alerts.settings import Settings as AlertsSettings
from services.store.adapters import reading
from services.store.core.query import Query
from shared import clock
from shared.events import Tag
from shared.network import networks
from shared.wire import Article

LOOPBACK = "127.0.0.0/8"
SHOWN_EVIDENCE = 4


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--seconds", default=60.0, show_default=True, help="How long all of it may take.")
def demo(paths: tuple[Path, ...], seconds: float) -> None:
    """Text files through the whole house, and out by signed webhook to a receiver of its own.

    Shows each article with its topics and their evidence, and each delivery with what became of its signature. Uses a
    throw-away folder and no network beyond this machine. Ends with 1 where a delivery is missing or does not verify.

    \b
    Example:  rasid demo tests/fixtures/seeds
    """
    with tempfile.TemporaryDirectory(prefix="rasid-demo-") as folder:
        settings = read_settings(data=Path(folder), delivery_allow_networks=(LOOPBACK,), kafka="", database_url="")
        with open_home(settings) as home:
            console = Screen(highlight=False, soft_wrap=True)
            missing = asyncio.run(_demo(home, paths, seconds, console))
    if missing:
        raise Differs(missing)


async def _demo(home: Home, paths: tuple[Path, ...], seconds: float, console: Console) -> str:
    """Runs it; what is missing at the end, or an empty text."""
    async with Receiver() as receiver:
        receiver.secrets = [_subscribe(home, receiver.url)]
        wanted = bring_in(home, paths).articles
        if not wanted:
            raise Refused("no article in these files; name text files (.txt), JSON Lines files (.jsonl) or folders of them")
        house, stop = House(home), asyncio.Event()
        running = asyncio.ensure_future(house.runtime.run(stop))
        try:
            async with asyncio.timeout(seconds):
                articles = await _articles(home, wanted, running)
                tagged = [article for article in articles if article.topics]
                got = await receiver.wait_for(len(tagged), seconds) if tagged else []
        except TimeoutError:
            return f"not through after {seconds:.0f} s: {len(receiver.got)} deliveries so far"
        finally:
            stop.set()
            await running
            await house.close()
    for article in articles:
        _show(article, console)
    for delivery in got:
        _show_delivery(delivery, console)
    return _missing(tagged, got)


def _subscribe(home: Home, url: str) -> str:
    """A subscription to every tagged article, history included; its secret."""
    settings = home.settings.part(AlertsSettings)
    new = creation.checked(
        name="demo",
        wanted={},
        url=url,
        headers={},
        secret=None,
        include_backfill=True,
        topics=None,
        allowed=networks(settings.delivery_allow_networks),
    )
    vault = alerts.vault(settings, home.common.data)
    return home.database.transact_now(lambda tx: subscriptions.create(tx, new, vault, clock.now())).verifies_with


async def _articles(home: Home, count: int, running: "asyncio.Future[None]") -> list[Article]:
    """The articles, once there are this many in the store."""
    while not running.done():
        with home.database.read() as connection:
            found = reading.newest(connection, Query(limit=count))
        if len(found) >= count:
            return [kept.article for kept in reversed(found)]
        await asyncio.sleep(0.05)
    await running
    return []


def _show(article: Article, console: Console) -> None:
    console.print(Text(article.title or "(no title)", style="bold"))
    where = article.url or article.source.name
    console.print(f"  {article.lang}  {clock.rfc3339(article.published_at) or 'undated'}  {escape(where)}", style="dim")
    if not article.topics:
        console.print("  no topic")
    for tag in article.topics:
        _show_tag(tag, article, console)
    console.print()


def _show_tag(tag: Tag, article: Article, console: Console) -> None:
    console.print(Text(f"  {tag.topic}", style="green"), f"{tag.score:.2f} (threshold {tag.threshold:.2f})")
    for hit in [hit for hit in tag.evidence if hit.negated_by is None][:SHOWN_EVIDENCE]:
        within = article.title if hit.field == "title" else str(article.text)
        mark = "=" if within[hit.start : hit.end] == hit.surface else "is not"
        console.print(f"    {hit.field}[{hit.start}:{hit.end}] {mark} {escape(hit.surface)}  ({hit.weight:.2f})")


def _show_delivery(got: Got, console: Console) -> None:
    data = got.message["data"]
    topics = ", ".join(tag["topic"] for tag in data["article"]["topics"])
    verdict = Text("verified", style="green") if got.message_id else Text(f"NOT VERIFIED: {got.fault}", style="bold red")
    console.print("delivered", got.headers.get("webhook-id", "?"), f"{got.message['type']} [{topics}]", verdict, markup=False)


def _missing(tagged: list[Article], got: list[Got]) -> str:
    arrived = {delivery.message["data"]["article"]["id"] for delivery in got if delivery.message_id}
    missing = [article for article in tagged if article.id not in arrived]
    return f"{len(missing)} of {len(tagged)} deliveries are missing or not verified" if missing else ""
