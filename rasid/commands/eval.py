"""`rasid eval`: holds tags against labelled texts."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.table import Table

from rasid import tagging
from rasid.settings import Differs, Refused
from rasid.tagging import BadLine, Line, lines, rules_option
from services.classifier.adapters.worker import Label, label_one
from services.classifier.core import evaluation
from services.classifier.core.evaluation import Counts, Figure, Judged, Part, Report
from services.classifier.core.tagging import Tagger
from shared.events import Tag


class Labelled(Line):
    """A line with what a person says of it."""

    labels: frozenset[str] = frozenset()
    borderline: bool | frozenset[str] = False


class Told(NamedTuple):
    """A text that got other topics than wanted."""

    judged: Judged
    title: str
    label: Label


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
@click.option("--json", "as_json", is_flag=True, help="One object with every figure, then one line a confusion.")
@click.option(
    "--part",
    type=click.Choice(["all", "odd", "even"]),
    default="all",
    help="Only the 1st, 3rd, ... or the 2nd, 4th, ... text of each language: one part to learn from, one to check with.",
)
@click.option("--no-text", is_flag=True, help="Only figures: no id, no title, no evidence of any text.")
@click.option("--guess-language", is_flag=True, help="Find each text's language instead of taking the one of its line.")
@rules_option
def eval(  # noqa: A001 - the command's name
    files: tuple[Path, ...], as_json: bool, part: Part, no_text: bool, guess_language: bool, folder: Path | None
) -> None:
    """Precision, recall and F1 of the tags, per topic and language, beside what a person said.

    FILE has lines {"id","title","text","lang","labels":[...],"borderline"?}. The interval behind an F1 is where it would lie,
    95 times of 100, if the texts were drawn again.

    \b
    Example:  rasid eval tests/fixtures/written_dev.ar.jsonl --part odd
    """
    rows, faults = _rows(files, part)
    if not rows:
        raise Refused("there is no labelled text to judge")
    judged, confused = _judged(tagging.tagger(folder), rows, guess_language)
    report = evaluation.report(judged)
    if as_json:
        _write_json(report, [] if no_text else confused)
    else:
        _print(report, [] if no_text else confused)
    if faults:
        raise Differs(f"{faults} lines could not be read")


def _rows(files: tuple[Path, ...], part: Part) -> tuple[list[Labelled], int]:
    rows, faults = list[Labelled](), 0
    for path in files:
        for line in lines((path,), Labelled):
            if isinstance(line, BadLine):
                click.echo(f"{path}: {line.why}", err=True)
                faults += 1
            else:
                rows.append(line)
    chosen = evaluation.part([row.lang or "" for row in rows], part)
    return [row for row, wanted in zip(rows, chosen, strict=True) if wanted], faults


def _judged(tagger: Tagger, rows: list[Labelled], guess_language: bool) -> tuple[list[Judged], list[Told]]:
    judged, confused = [], []
    for row in rows:
        question = row.question()
        label = label_one(tagger, question._replace(language=None) if guess_language else question)
        got = frozenset(tag.topic for tag in label.topics)
        one = Judged(str(row.id), row.lang or "?", row.labels, got, row.borderline)
        judged.append(one)
        if got != row.labels:
            confused.append(Told(one, question.title, label))
    return judged, confused


def _write_json(report: Report, confused: list[Told]) -> None:
    out = sys.stdout.buffer
    out.write(msgspec.json.encode(_report(report)) + b"\n")
    for told in confused:
        out.write(msgspec.json.encode(_confusion(told)) + b"\n")
    out.flush()


def _report(report: Report) -> dict[str, Any]:
    return {
        "overall": _figure(report.overall),
        "without_borderline": _figure(report.clear),
        "macro_topics": report.macro_topics,
        "macro_languages": report.macro_languages,
        "topics": {topic: _figure(figure) for topic, figure in report.topics.items()},
        "languages": {language: _figure(figure) for language, figure in report.languages.items()},
        "cells": [{"topic": t, "lang": lang, **_counts(counts)} for (t, lang), counts in report.cells.items()],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    untagged, alone = figure.untagged
    return {
        "texts": figure.texts,
        **_counts(figure.counts),
        "interval": figure.interval,
        "without_topic": untagged,
        "left_alone": alone,
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return counts._asdict() | {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _confusion(told: Told) -> dict[str, Any]:
    tags = {tag.topic: tag for tag in (*told.label.topics, *told.label.near_misses)}
    wrong, missed = told.judged.got - told.judged.wanted, told.judged.wanted - told.judged.got
    return {
        "id": told.judged.id,
        "lang": told.judged.language,
        "title": told.title,
        "borderline": told.judged.borderline,
        "wrong": [tags[topic] for topic in sorted(wrong)],
        "missed": [tags.get(topic) or {"topic": topic, "score": 0.0, "evidence": []} for topic in sorted(missed)],
    }


def _print(report: Report, confused: list[Told]) -> None:
    console = tagging.console()
    for told in confused:
        _print_confusion(console, told)
    table = Table(box=None, header_style="bold")
    for heading in ("", "texts", "right", "wrong", "missed", "precision", "recall", "F1", "95 %", "left alone"):
        table.add_column(heading, no_wrap=True, justify="right" if heading else "left")
    table.add_row(*_row("all", report.overall), style="bold")
    table.add_row(*_row("  but borderline", report.clear))
    for topic, figure in report.topics.items():
        table.add_row(*_row(f"  {topic}", figure)[:-1])
    for language, figure in report.languages.items():
        table.add_row(*_row(f"  {language}", figure))
    console.print(table)
    console.print(f"macro F1: topics {_percent(report.macro_topics)}, languages {_percent(report.macro_languages)}")


def _row(name: str, figure: Figure) -> list[str]:
    counts, (untagged, alone) = figure.counts, figure.untagged
    figures = [_percent(value) for value in (counts.precision, counts.recall, counts.f1)]
    interval = "–".join(_percent(value) for value in figure.interval) if figure.interval else ""
    return [
        name, str(figure.texts), *map(str, counts), *figures, interval, f"{alone}/{untagged}" if untagged else "",
    ]  # fmt: skip


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".removeprefix("0")


def _print_confusion(console: Console, told: Told) -> None:
    tags = {tag.topic: tag for tag in (*told.label.topics, *told.label.near_misses)}
    console.print(f"[bold]{told.judged.id}[/bold] {told.title}", highlight=False)
    for word, topics in (("wrong", told.judged.got - told.judged.wanted), ("missed", told.judged.wanted - told.judged.got)):
        for topic in sorted(topics):
            tag = tags.get(topic)
            console.print(f"  {word} {topic} {_scored(tag)}", markup=False, highlight=False)
            for hit in tag.evidence if tag else ():
                negated = f"  negated by {hit.negated_by}" if hit.negated_by else ""
                console.print(f"    {hit.field:7} {hit.weight:.2f}  {hit.surface}{negated}", markup=False, highlight=False)


def _scored(tag: Tag | None) -> str:
    return f"{tag.score:.2f} of {tag.threshold:.2f}" if tag else "nothing spoke for it"
