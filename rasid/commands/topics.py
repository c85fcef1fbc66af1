"""`rasid topics`: the topic files, checked, tried and explained."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rasid import tagging
from rasid.settings import Differs, Refused, read_settings
from rasid.tagging import rules_option
from services.classifier.adapters import rules as files
from services.classifier.adapters.worker import Question, label_one
from services.classifier.core.coverage import Coverage, coverage
from services.classifier.core.files import Fault
from services.classifier.core.lint import advice
from services.classifier.core.parts import Example
from services.classifier.core.reading import Everything
from services.classifier.core.tagging import Tagger
from services.classifier.settings import Settings
from shared.events import Evidence, Tag

SHOWN = 100
"""Characters of an example that are shown."""


@click.group()
def topics() -> None:
    """The topics and their rules: list, check, try, explain. How to write one: docs/topics.md.

    \b
    Example:  rasid topics test
    """


@topics.command("list")
@click.option("--json", "as_json", is_flag=True, help="One topic a line.")
@rules_option
def list_topics(as_json: bool, folder: Path | None) -> None:
    """The topics in force, with their languages.

    \b
    Example:  rasid topics list --json
    """
    everything = _read(folder, thorough=False)
    if as_json:
        for one in everything.topics:
            told = {
                "topic": one.topic.topic,
                "name": one.topic.name,
                "about": one.topic.about,
                "version": one.topic.version,
                "threshold": one.topic.threshold,
                "languages": sorted({part.language for part in one.parts}),
                "subtopics": one.topic.subtopics,
                "rules_version": everything.rules.version,
            }
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        sys.stdout.buffer.flush()
        return
    table = Table("topic", "version", "threshold", "concepts", "patterns", "terms", "languages", box=None, header_style="bold")
    for one in everything.topics:
        topic = one.topic
        terms = sum(len(words) for language in topic.concepts.values() for words in language.values())
        languages = " ".join(sorted({part.language for part in one.parts}))
        counted = map(str, (topic.version, topic.threshold, len(one.declared), len(topic.patterns), terms))
        table.add_row(topic.topic, *counted, languages)
    tagging.console().print(table, f"rules {everything.rules.version}")


@topics.command()
@rules_option
def lint(folder: Path | None) -> None:
    """What is wrong with the topic files, and what could be better, each with file and line.

    Exit code 1 if something is wrong; advice alone is 0.

    \b
    Example:  rasid topics lint --rules my-topics
    """
    everything, faults = _files(folder, thorough=True)
    for fault in [*faults, *advice(everything)]:
        click.echo(str(fault))
    errors = sum(fault.kind == "error" for fault in faults)
    if errors:
        raise Differs(f"{errors} errors")


@topics.command()
@click.argument("names", nargs=-1, metavar="[TOPIC|LANGUAGE]...")
@rules_option
def test(names: tuple[str, ...], folder: Path | None) -> None:
    """Tries the topics' own examples: those that must match, and those that must not.

    With names, only the examples of these topics and languages. Exit code 1 if one fails.

    \b
    Example:  rasid topics test trafficking ar
    """
    everything = _read(folder)
    tagger, console = _tagger(everything), tagging.console()
    examples = _chosen(everything, names)
    failed = 0
    for example in examples:
        label = label_one(tagger, Question(example.title, example.text, example.language))
        tag = next((tag for tag in (*label.topics, *label.near_misses) if tag.topic == example.topic), None)
        if (tag is not None and tag.score >= tag.threshold) == example.wanted:
            continue
        failed += 1
        wanted = "must match" if example.wanted else "must not match"
        console.print(Text(f"{example.file}:{example.line}: {wanted}: {example.title or example.text[:SHOWN]}"))
        _print_tag(console, tag)
    console.print(f"{len(examples)} examples, {failed} failed")
    if failed:
        raise Differs(f"{failed} of {len(examples)} examples failed")


@topics.command()
@click.argument("source", metavar="FILE|URL|-")
@click.option("--lang", help="The language to take it for.  [found out]")
@rules_option
def explain(source: str, lang: str | None, folder: Path | None) -> None:
    """Which topics a text has and came near, and everything that spoke for or against them.

    \b
    Example:  rasid topics explain tests/fixtures/seeds/004_cac78034820bf73d.txt
    """
    title, text, language = tagging.article(source)
    label = label_one(tagging.tagger(folder), Question(title, text, lang or language))
    console = tagging.console()
    console.print(Text(title, style="bold"))
    console.print(f"language {label.language or 'unknown'}, sure to {label.confidence:.2f}; {len(text)} characters\n")
    for tag in (*label.topics, *label.near_misses):
        console.print(Text(tag.topic, style="bold green" if tag.score >= tag.threshold else "bold yellow"), end=" ")
        _print_tag(console, tag)
    if not (label.topics or label.near_misses):
        console.print("nothing in it speaks for a topic")


@topics.command("coverage")
@click.argument("names", nargs=-1, metavar="[TOPIC]...")
@click.option("--json", "as_json", is_flag=True, help="One line a topic and language, with its holes.")
@rules_option
def show_coverage(names: tuple[str, ...], as_json: bool, folder: Path | None) -> None:
    """How many terms each concept has in each language; a dot is a hole.

    \b
    Example:  rasid topics coverage trafficking
    """
    covered = [one for one in coverage(_read(folder, thorough=False)) if not names or one.topic in names]
    if not covered:
        raise Refused(f"there is no topic {', '.join(names)}")
    for one in covered:
        if as_json:
            _write_coverage(one)
        else:
            _print_coverage(one)


def _write_coverage(one: Coverage) -> None:
    for language in one.languages:
        told = {
            "topic": one.topic,
            "lang": language,
            "terms": {concept: counts[language] for concept, counts in one.terms.items()},
            "holes": one.holes(language),
            "examples": one.examples[language],
        }
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def _print_coverage(one: Coverage) -> None:
    table = Table(one.topic, *one.languages, box=None, header_style="bold")
    for concept, counts in one.terms.items():
        table.add_row(concept, *(str(counts[language] or "·") for language in one.languages))
    table.add_row("holes", *(str(len(one.holes(language)) or "") for language in one.languages), style="bold")
    table.add_row("examples", *(str(one.examples[language] or "·") for language in one.languages))
    tagging.console().print(table, "")


def _print_tag(console: Console, tag: Tag | None) -> None:
    if tag is None:
        console.print("  nothing spoke for it")
        return
    subtopics = f" ({', '.join(tag.subtopics)})" if tag.subtopics else ""
    console.print(Text(f"  {tag.score:.2f} of {tag.threshold:.2f}{subtopics}"))
    for hit in tag.evidence:
        console.print(_told(hit))


def _told(hit: Evidence) -> Text:
    told = Text(f"    {hit.field:7} {hit.weight:.2f}  ")
    told.append(hit.surface.replace("\n", " "), style="bold")
    told.append(f"  [{hit.pattern}]", style="dim")
    if hit.negated_by:
        told.append(f"  negated by {hit.negated_by}", style="red")
    return told


def _files(folder: Path | None, *, thorough: bool) -> tuple[Everything, list[Fault]]:
    if folder is not None:
        return files.read(folder, shipped=None)
    own = read_settings().part(Settings).topics_dir
    return files.read(Path(own).expanduser() if own else None, thorough=thorough)


def _read(folder: Path | None, *, thorough: bool = True) -> Everything:
    """All topic files. Raises Refused with every error."""
    everything, faults = _files(folder, thorough=thorough)
    if errors := [fault for fault in faults if fault.kind == "error"]:
        raise Refused("these topic files cannot be used:\n" + "\n".join(map(str, errors)))
    return everything


def _tagger(everything: Everything) -> Tagger:
    return Tagger(everything.rules)


def _chosen(everything: Everything, names: Sequence[str]) -> list[Example]:
    """The examples of these topics and languages; of all where no name is given. Raises Refused for an unknown name."""
    examples = [example for written in everything.topics for example in written.examples]
    wanted_topics = {name for name in names if any(example.topic == name for example in examples)}
    wanted_languages = {name for name in names if any(example.language == name for example in examples)}
    if unknown := set(names) - wanted_topics - wanted_languages:
        raise Refused(f"there are no examples for {', '.join(sorted(unknown))}")
    return [
        example
        for example in examples
        if (not wanted_topics or example.topic in wanted_topics)
        and (not wanted_languages or example.language in wanted_languages)
    ]
