"""Small rule sets for tests, written as topic files are."""

from typing import Any

from services.classifier.core.files import Fault, RuleFile
from services.classifier.core.reading import read_all
from services.classifier.core.rules import RuleSet
from services.classifier.core.tagging import Limits, Tagger


def rules(*topics: str, common: str = "") -> RuleSet:
    """The rule set of these topic files, `t0`, `t1` ... unless they say their name; a test that gives a faulty one fails."""
    faults: list[Fault] = []
    files = [RuleFile(f"{name}.toml", text, topic=name) for name, text in map(_named, topics)]
    if common:
        files.append(RuleFile("common.toml", common, topic="common"))
    everything = read_all(files, faults)
    assert not faults, faults
    return everything.rules


def _named(text: str) -> tuple[str, str]:
    return text.split('"', 2)[1], text


def pattern(lang: str, weight: float, *terms: str, table: str = "patterns", **more: Any) -> str:
    """One pattern of one language, anchored at any of these terms."""
    lines = [f'[[languages."{lang}".{table}]]', f"any = {_list(terms)}"]
    if table == "patterns":
        lines.append(f"weight = {weight}")
    return "\n".join([*lines, *(f"{key} = {_value(value)}" for key, value in more.items())])


def mask(lang: str, *terms: str, **more: Any) -> str:
    """One mask of one language."""
    return pattern(lang, 0, *terms, table="masks", **more)


def topic(name: str, *tables: str, head: str = "") -> str:
    """A topic file."""
    return f'topic = "{name}"\nthreshold = 0.6\n{head}\n' + "\n".join(tables) + "\n"


def tagger(*tables: str, limits: Limits | None = None, head: str = "", common: str = "") -> Tagger:
    """A tagger of one topic `watched` with these tables."""
    return Tagger(rules(topic("watched", *tables, head=head), common=common), limits)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return _list(value)
    return f'"{value}"' if isinstance(value, str) else str(value)


def _list(terms: object) -> str:
    assert isinstance(terms, (list, tuple))
    return "[" + ", ".join(f'"{term}"' for term in terms) + "]"
