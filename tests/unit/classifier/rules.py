"""Small rule sets for tests, written as topic files are."""

from services.classifier.core.reading import Fault, RuleFile, read, rule_set
from services.classifier.core.rules import RuleSet
from services.classifier.core.tagging import Limits, Tagger

HEAD = 'topic = "{topic}"\nthreshold = 0.6\n'


def rules(*texts: str) -> RuleSet:
    """The rule set of these topic files; a test that gives a faulty one fails."""
    faults: list[Fault] = []
    topics = [read(RuleFile(f"{number}.toml", text), faults) for number, text in enumerate(texts)]
    assert not faults, faults
    return rule_set([topic for topic in topics if topic is not None])


def group(lang: str, weight: float, *terms: str, **more: object) -> str:
    """One [[terms]] table."""
    lines = ["[[terms]]", f'lang = "{lang}"', f"weight = {weight}", f"any = {_list(terms)}"]
    return "\n".join(
        [*lines, *(f"{key} = {_list(value) if isinstance(value, list) else value}" for key, value in more.items())]
    )


def topic(name: str, *tables: str) -> str:
    """A topic file."""
    return HEAD.format(topic=name) + "\n".join(tables) + "\n"


def tagger(*tables: str, limits: Limits | None = None) -> Tagger:
    """A tagger of one topic `watched` with these tables."""
    return Tagger(rules(topic("watched", *tables)), limits)


def _list(terms: object) -> str:
    assert isinstance(terms, (list, tuple))
    return "[" + ", ".join(f'"{term}"' for term in terms) + "]"
