"""`make bench`: every measurement, as ratios within one run. `python -m bench pipeline` runs one."""

import sys

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import classifier, databases, deliveries, feeds, filters, kafka, latency, pipeline, stories
from infra.kafka.broker import Missing
from infra.postgres.server import Missing as MissingServer


def show_pipeline(console: Console, progress: Progress) -> None:
    """The embedded pipeline beside its parts."""
    result = pipeline.measure(progress)
    table = Table("embedded pipeline, 3 KB Arabic articles", "articles/s", "whole / part", box=None, header_style="bold")
    for part in result.parts:
        table.add_row(f"  {part.name} alone, one core", f"{part.per_second:,.0f}", f"{result.whole / part.per_second:.2f}")
    table.add_row("  the parts one after another, one core", f"{result.one_after_another:,.0f}", "")
    table.add_row("[bold]the whole, two cores", f"{result.whole:,.0f}", f"{result.whole / result.one_after_another:.2f}")
    console.print(table, "aim: 1,000 articles/s, and 0.60 of the parts one after another\n")


def show_kafka(console: Console, progress: Progress) -> None:
    """The Kafka and the Faust runtime beside a bare loop."""
    try:
        compared = kafka.measure(progress)
    except Missing as missing:
        console.print(f"kafka: not measured, {missing}\n")
        return
    columns = ("bare loop/s", "kafka/s", "kafka / bare", "faust/s", "faust / bare")
    table = Table("kafka, stateless stage", *columns, box=None, header_style="bold")
    for one in compared:
        kafka_row = (f"{one.runtime:,.0f}", f"{one.runtime / one.bare:.2f}")
        table.add_row(
            f"  {one.size:,} bytes", f"{one.bare:,.0f}", *kafka_row, f"{one.faust:,.0f}", f"{one.faust / one.bare:.2f}"
        )
    console.print(table, "aim: kafka 0.70; faust 0.20 at 1,000 bytes and 0.40 at 5,000\n")


def show_deliveries(console: Console, progress: Progress) -> None:
    """Durable deliveries beside a bare loop."""
    found = deliveries.measure(progress)
    table = Table("webhooks of 1.5 KB, signed, to loopback", "a second", "durable / bare", box=None, header_style="bold")
    table.add_row("  bare aiohttp loop, nothing kept", f"{found.bare:,.0f}", "")
    table.add_row("  durable, to one endpoint", f"{found.one:,.0f}", f"{found.one / found.bare:.2f}")
    table.add_row("  durable, to ten endpoints", f"{found.ten:,.0f}", f"{found.ten / found.bare:.2f}")
    console.print(table, "aims: 0.30 to one (better 0.40), 0.50 to ten")
    console.print(f"commit to first byte at 300/s: p50 {found.p50:.1f} ms, p99 {found.p99:.1f} ms; aims: 10 and 75")
    console.print(f"peak memory: {found.memory:.0f} MiB; aim: below 150\n")


def show_filters(console: Console, progress: Progress) -> None:
    """10,000 subscriptions, by the index and asking each."""
    found = filters.measure(progress)
    table = Table("10,000 subscriptions, 3 KB Arabic articles", "p50 ms", "p99 ms", box=None, header_style="bold")
    table.add_row("  by the index", f"{found.p50:.2f}", f"{found.p99:.2f}")
    table.add_row("  asking each", f"{found.each_p50:.2f}", "")
    console.print(table, f"{found.matched:.0f} matched an article in the mean; aim: p99 below 20 ms\n")


def show_latency(console: Console, progress: Progress) -> None:
    """From a feed to a webhook."""
    try:
        found = latency.measure(progress)
    except (Missing, MissingServer) as missing:
        console.print(f"latency: not measured, {missing}\n")
        return
    table = Table(f"poll to webhook, {latency.RATE} articles/s", "articles", "p50 ms", "p99 ms", box=None, header_style="bold")
    for one in found:
        table.add_row(f"  {one.name}", str(one.articles), f"{one.p50 * 1000:,.0f}", f"{one.p99 * 1000:,.0f}")
    console.print(table, "")


def show_stories(console: Console, _progress: Progress) -> None:
    """How well articles that report the same are brought together."""
    measured, told, appended = stories.measure()
    table = Table(
        "stories, pairs of articles", "articles", "precision", "recall", "wrong", "missed", box=None, header_style="bold"
    )
    for one in measured:
        score = one.score
        cells = (f"{score.precision:.3f}", f"{score.recall:.3f}", str(score.wrong), str(score.missed))
        table.add_row(f"  {one.name}", str(one.articles), *cells)
    console.print(table, f"facts appended to a copy and told as new: {told} of {appended}; aim for reprints: 0.95 and 0.85\n")


def show_databases(console: Console, progress: Progress) -> None:
    """The store on PostgreSQL beside the store on SQLite."""
    try:
        sqlite, postgresql = databases.measure(progress)
    except MissingServer as missing:
        console.print(f"databases: not measured, {missing}\n")
        return
    rows = [("articles filed a second", sqlite.filed, postgresql.filed)]
    rows += [(f"{what}: ms to the first page", sqlite.searched[what], postgresql.searched[what]) for what in sqlite.searched]
    rows += [("bytes an article of 3 KB", sqlite.bytes, postgresql.bytes)]
    table = Table("the store", "SQLite", "PostgreSQL", "PostgreSQL / SQLite", box=None, header_style="bold")
    for what, one, other in rows:
        table.add_row(f"  {what}", f"{one:,.1f}", f"{other:,.1f}", f"{other / one:.2f}")
    console.print(table)


def show_feeds(console: Console, progress: Progress) -> None:
    """Parsing beside other parsers."""
    costs = feeds.measure(progress)
    table = Table(f"parsing a feed of {feeds.ITEMS} items", "CPU ms a feed", "rasid / this", box=None, header_style="bold")
    for one in costs:
        table.add_row(f"  {one.name}", f"{one.milliseconds:.1f}", f"{costs[0].milliseconds / one.milliseconds:.2f}")
    console.print(table)


def show_classifier(console: Console, progress: Progress) -> None:
    """Tagging beside a bare scan and beside a loop over terms."""
    result = classifier.measure(progress)
    bare, tag = result.rates[classifier.BARE].per_second, result.rates["tag"].per_second
    table = Table("classifier, 3 KB Arabic, one core", "texts/s", "/ bare scan", "/ tag", box=None, header_style="bold")
    for one in result.rates.values():
        table.add_row(f"  {one.name}", f"{one.per_second:,.0f}", f"{one.per_second / bare:.3f}", f"{one.per_second / tag:.2f}")
    console.print(table, f"first answer, rules compiled: {result.started:.2f} s; many topics: {result.started_many:.2f} s")
    console.print("aim: 1,500 texts/s, 0.67 of it with 100 topics and 50,000 terms\n")


BENCHES = {
    "filters": show_filters,
    "deliveries": show_deliveries,
    "pipeline": show_pipeline,
    "kafka": show_kafka,
    "latency": show_latency,
    "stories": show_stories,
    "databases": show_databases,
    "feeds": show_feeds,
    "classifier": show_classifier,
}


def main(names: list[str]) -> None:
    """Runs these, or all."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.exit(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    console = Console(width=110)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for name in names or BENCHES:
            BENCHES[name](console, progress)


if __name__ == "__main__":  # worker processes import this module again
    main(sys.argv[1:])
