"""`make bench`: every measurement, as ratios within one run. `python -m bench pipeline` runs one."""

import sys

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import kafka, pipeline, stories
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


BENCHES = {"pipeline": show_pipeline, "kafka": show_kafka, "stories": show_stories}


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
