"""`make bench`: every measurement, as ratios within one run. `python -m bench pipeline` runs one."""

import sys

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import classifier, kafka, pipeline
from infra.kafka.broker import Missing


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
    """The Kafka runtime beside a bare loop."""
    try:
        compared = kafka.measure(progress)
    except Missing as missing:
        console.print(f"kafka: not measured, {missing}\n")
        return
    table = Table("kafka, stateless stage", "bare loop/s", "runtime/s", "runtime / bare", box=None, header_style="bold")
    for one in compared:
        table.add_row(f"  {one.size:,} bytes", f"{one.bare:,.0f}", f"{one.runtime:,.0f}", f"{one.runtime / one.bare:.2f}")
    console.print(table, "aim: 0.70\n")


def show_classifier(console: Console, progress: Progress) -> None:
    """Tagging beside a bare scan and beside a loop over terms."""
    result = classifier.measure(progress)
    bare, tag = result.rates[classifier.BARE].per_second, result.rates["tag"].per_second
    table = Table("classifier, 3 KB Arabic, one core", "texts/s", "/ bare scan", "/ tag", box=None, header_style="bold")
    for one in result.rates.values():
        table.add_row(f"  {one.name}", f"{one.per_second:,.0f}", f"{one.per_second / bare:.3f}", f"{one.per_second / tag:.2f}")
    console.print(table, f"first answer, rules compiled: {result.started:.2f} s; many topics: {result.started_many:.2f} s")
    console.print("aim: 1,500 texts/s, 0.67 of it with 100 topics and 50,000 terms\n")


BENCHES = {"classifier": show_classifier, "pipeline": show_pipeline, "kafka": show_kafka}


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
