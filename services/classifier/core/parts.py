"""What a file says in one language: the words of concepts, patterns and masks of that language, and examples."""

from typing import Any, NamedTuple, TypeVar

from services.classifier.core.affixes import slots
from services.classifier.core.compiled import references
from services.classifier.core.files import Source
from services.classifier.core.morphology import Morphology, TermError
from services.classifier.core.rules import Condition, Mask, Pattern
from services.classifier.core.terms import parse

C = TypeVar("C", Pattern, Mask)
KEYS = ("concepts", "patterns", "masks", "examples", "prefixes", "endings", "language", "about")


class Example(NamedTuple):
    """A text that must have the topic, or must not. `line`: where it stands."""

    topic: str
    language: str
    title: str
    text: str
    wanted: bool
    file: str
    line: int


class Part(NamedTuple):
    """One language of a topic."""

    language: str
    concepts: dict[str, tuple[str, ...]]
    patterns: tuple[Pattern, ...]
    masks: tuple[Mask, ...]
    examples: tuple[Example, ...]
    prefixes: frozenset[str]
    endings: frozenset[str]


def read_part(source: Source, table: dict[str, Any], language: str, topic: str) -> Part:
    """The part in this table; faults go to the source."""
    source.unknown(table, KEYS)
    if table.get("language", language) != language:
        source.fault(source.line(r"^language\b"), f"the file is named for {language}, and says {table['language']}")
    concepts = _concepts(source, table.get("concepts", {}), language)
    return Part(
        language=language,
        concepts=concepts,
        patterns=conditions(source, table.get("patterns", []), "patterns", Pattern, language),
        masks=conditions(source, table.get("masks", []), "masks", Mask, language),
        examples=_examples(source, table.get("examples", {}), language, topic),
        prefixes=_affixes(source, table, "prefixes"),
        endings=_affixes(source, table, "endings"),
    )


def conditions(source: Source, tables: Any, key: str, kind: type[C], language: str) -> tuple[C, ...]:
    """Every `[[key]]` of a table."""
    if not isinstance(tables, list):
        source.fault(source.line(rf"^\[*{key}\b"), f"write [[{key}]], with two brackets, once for each")
        return ()
    read = []
    for number, table in enumerate(tables):
        line = source.nth(rf"^\s*\[\[([\w.\"*-]+\.)?{key}\]\]", number)
        condition = source.convert({"lang": language, **table} if isinstance(table, dict) else table, kind, line)
        if condition is not None and _holds_together(source, condition, key, number, line):
            read.append(condition)
    return tuple(read)


def _holds_together(source: Source, condition: Condition, key: str, number: int, line: int) -> bool:
    before = len(source.faults)
    if not condition.parts:
        source.fault(line, f"{key}[{number + 1}] has neither `any` nor `all`: there is nothing to look for")
    for name in ("any", "all", "none"):
        for item in getattr(condition, name):
            for one in item.split(" | ") if source.thorough else ():
                _check(source, one.strip(), f"{key}[{number + 1}].{name}", line, condition.lang)
    return len(source.faults) == before


def _concepts(source: Source, table: Any, language: str) -> dict[str, tuple[str, ...]]:
    concepts = {}
    if not isinstance(table, dict):
        source.fault(source.line(r"^concepts\b"), "concepts: a table of lists is meant here")
        return {}
    for name, terms in table.items():
        if not (isinstance(terms, list) and all(isinstance(term, str) for term in terms)):
            source.fault(source.line(rf"^{name}\s*="), f"concepts.{name}: a list of terms is meant here")
            continue
        if source.thorough:
            line = source.line(rf"^{name}\s*=")
            for term in terms:
                _check(source, term, f"concepts.{name}", line, language)
        concepts[name] = tuple(dict.fromkeys(terms))
    return concepts


def _check(source: Source, term: str, path: str, line: int, language: str) -> None:
    if term.startswith("@"):
        if not term[1:].isidentifier():
            source.fault(source.line_of(term, line), f"{path}: {term!r} is no name of a concept")
        return
    try:
        parse(term, Morphology(language))
    except TermError as error:
        source.fault(source.line_of(term, line), f"{path} {term!r}: {error}")


def _affixes(source: Source, table: dict[str, Any], key: str) -> frozenset[str]:
    written = table.get(key, [])
    try:
        return frozenset(slots(written))
    except TypeError:
        source.fault(source.line(rf"^{key}\b"), f"{key}: a list of endings, or a list of such lists, is meant here")
        return frozenset([""])


def _examples(source: Source, table: Any, language: str, topic: str) -> tuple[Example, ...]:
    if not isinstance(table, dict):
        source.fault(source.line(r"^\[*examples\b"), "write [examples] with the lists `match` and `no_match`")
        return ()
    examples, line = [], source.line(r"^\[(languages\..*\.)?examples\]")
    for key, texts in table.items():
        if key not in ("match", "no_match") or not isinstance(texts, list):
            source.fault(line, f"examples.{key}: there are the lists `match` and `no_match`")
            continue
        for text in texts:
            title, newline, body = str(text).strip().partition("\n")
            at = source.line_of(title[:60], line)
            said = (title, body.strip()) if newline else ("", title)
            examples.append(Example(topic, language, *said, wanted=key == "match", file=source.file.name, line=at))
    return tuple(examples)


def named(part: Part) -> set[str]:
    """Every concept that a part's own patterns, masks and concepts name."""
    names = {name for condition in (*part.patterns, *part.masks) for name in references(condition)}
    return names | {term[1:] for terms in part.concepts.values() for term in terms if term.startswith("@")}
