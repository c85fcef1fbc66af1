"""Topic files into topics: a topic's own file, the parts of its languages, and what topics share. Every fault of every file is
named with its line; none stops the reading."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from services.classifier.core.compiled import references
from services.classifier.core.files import Fault, RuleFile, Source
from services.classifier.core.parts import KEYS, Example, Part, conditions, named, read_part
from services.classifier.core.rules import EVERY, Common, Fields, Items, Mask, Pattern, RuleSet, Topic
from shared.ids import digest
from shared.text import normalise

ENGINE = "4"
"""Grows when the same files would give other tags: part of the version of every rule set."""

COMMON = "common"
"""The name of the file and the folder of what topics share."""

_HEAD = ("topic", "version", "threshold", "name", "about", "fields", "subtopics")
_KEYS = {*_HEAD, "concepts", "patterns", "masks", "languages"}


class Written(NamedTuple):
    """A topic and all that stands in its files: which concepts it declares and what each means, its parts."""

    topic: Topic
    declared: dict[str, str]
    parts: tuple[Part, ...]

    @property
    def examples(self) -> Iterator[Example]:
        return (example for part in self.parts for example in part.examples)


class Everything(NamedTuple):
    """All topics as written, what they share, and the rule set they make."""

    topics: tuple[Written, ...]
    common: Common
    shared: dict[str, str]
    rules: RuleSet


def read_all(files: Iterable[RuleFile], faults: list[Fault], *, thorough: bool = True) -> Everything:
    """Everything these files say. Of two files for the same topic or part the user's adds to or replaces the shipped one: a
    user's topic file replaces the shipped topic with all its parts; a
    user's part adds to it. `thorough`: try the terms of shipped files too."""
    by_topic: defaultdict[str, list[RuleFile]] = defaultdict(list)
    for file in files:
        by_topic[file.topic].append(file)
    for topic, all_of in by_topic.items():
        if topic != COMMON and any(file.own and file.language is None for file in all_of):
            by_topic[topic] = [file for file in all_of if file.own]
    common, shared = _common(by_topic.pop(COMMON, []), faults, thorough=thorough)
    read = (_written(by_topic[topic], common, shared, faults, thorough=thorough) for topic in sorted(by_topic))
    written = [one for one in read if one is not None]
    return Everything(tuple(written), common, shared, rule_set([one.topic for one in written], common))


def rule_set(topics: Iterable[Topic], common: Common | None = None) -> RuleSet:
    """These topics as one, with their version."""
    common = common or Common()
    ordered = tuple(sorted(topics, key=lambda topic: topic.topic))
    said = (msgspec.json.encode(one, order="sorted") for one in (common, *ordered))
    return RuleSet(version=digest("rules", ENGINE, *said)[:12], topics=ordered, common=common)


def _common(files: list[RuleFile], faults: list[Fault], *, thorough: bool) -> tuple[Common, dict[str, str]]:
    declared, unions, parts = dict[str, str](), dict[str, Items](), list[Part]()
    for file in files:
        source = Source(file, faults, thorough=thorough or file.own)
        if file.language is None:
            source.unknown(source.table, {"concepts", "languages", "about"})
            about, own = _declared(source)
            declared |= about
            unions |= own
        parts += _parts(source, COMMON)
    concepts = _concepts(parts)
    common = Common(
        unions=unions,
        concepts=concepts,
        prefixes={language: _affixes(p.prefixes for p in parts if p.language == language) for language in concepts},
        endings={language: _affixes(p.endings for p in parts if p.language == language) for language in concepts},
    )
    return common, declared


def _written(
    files: list[RuleFile], common: Common, shared: dict[str, str], faults: list[Fault], *, thorough: bool
) -> Written | None:
    heads = [file for file in files if file.language is None]
    if not heads:
        faults += [Fault(file.name, 0, f"there is no topic {file.topic} that this could be a part of") for file in files]
        return None
    before = len(faults)
    sources = [Source(file, faults, thorough=thorough or file.own) for file in files]
    head = next(source for source in sources if source.file is heads[0])
    if head.table.get("topic", head.file.topic) != head.file.topic:
        head.fault(
            head.line(r"^topic\b"), f"the file is named for the topic {head.file.topic}: name it {head.table['topic']}.toml"
        )
    declared, unions = _declared(head)
    head.unknown(head.table, _KEYS)
    said = {key: head.table[key] for key in _HEAD if key in head.table}
    topic = head.convert({"topic": head.file.topic, **said}, Topic, 1)
    head.convert(head.table.get("fields", {}), Fields, head.line(r"^\[fields\]"))
    patterns = conditions(head, head.table.get("patterns", []), "patterns", Pattern, EVERY)
    masks = conditions(head, head.table.get("masks", []), "masks", Mask, EVERY)
    parts = [part for source in sources for part in _parts(source, heads[0].topic)]
    _check_references(head, sources, (patterns, masks), parts, declared | shared | dict.fromkeys(unions, ""))
    if not patterns and not any(part.patterns for part in parts):
        head.fault(1, "it has no [[patterns]]: nothing would speak for it")
    if topic is None or any(fault.kind == "error" for fault in faults[before:]):
        return None
    topic = msgspec.structs.replace(
        topic,
        unions=unions,
        concepts=_concepts(parts),
        patterns=_numbered((*patterns, *(pattern for part in parts for pattern in part.patterns))),
        masks=(*masks, *(mask for part in parts for mask in part.masks)),
    )
    return Written(topic, declared, tuple(parts))


def _numbered(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """Each with a name: the one it has, or its first part's."""
    return tuple(p if p.name else msgspec.structs.replace(p, name=" + ".join(p.parts)[:80]) for p in patterns)


def _declared(source: Source) -> tuple[dict[str, str], dict[str, Items]]:
    """The concepts a file declares with what they mean, and those that are others together."""
    declared, unions = {}, {}
    table = source.table.get("concepts", {})
    for name, said in table.items() if isinstance(table, dict) else ():
        if isinstance(said, str):
            declared[name] = said
        elif isinstance(said, dict) and isinstance(said.get("of"), list) and set(said) <= {"of", "about"}:
            declared[name] = str(said.get("about", ""))
            unions[name] = tuple("@" + str(one).removeprefix("@") for one in said["of"])
        else:
            line = source.line(rf"^(\[concepts\.)?{name}\b")
            source.fault(line, f'concepts.{name}: say what it means: "..." or {{ of = ["other", "concepts"], about = "..." }}')
    return declared, unions


def _parts(source: Source, topic: str) -> Iterator[Part]:
    if source.file.language is not None:
        yield read_part(source, source.table, source.file.language, topic)
        return
    languages = source.table.get("languages", {})
    for language, table in languages.items() if isinstance(languages, dict) else ():
        if isinstance(table, dict):
            yield read_part(source, table, language, topic)
        else:
            source.fault(source.line(r"^\[*languages"), f"languages.{language}: a table is meant here: {', '.join(KEYS)}")


def _concepts(parts: list[Part]) -> dict[str, dict[str, tuple[str, ...]]]:
    concepts: dict[str, dict[str, tuple[str, ...]]] = {}
    for part in parts:
        of_language = concepts.setdefault(part.language, {})
        for name, terms in part.concepts.items():
            of_language[name] = tuple(dict.fromkeys((*of_language.get(name, ()), *terms)))
    return concepts


def _affixes(sets: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """What parts of a language declare, in the normal form in which texts are met."""
    return tuple(sorted({"", *map(normalise, set().union(*sets))}))


def _check_references(
    head: Source,
    sources: list[Source],
    rules: tuple[tuple[Pattern, ...], tuple[Mask, ...]],
    parts: list[Part],
    known: Mapping[str, str],
) -> None:
    """A name that no file declares is a fault: it would silently never be met."""
    for rule in (*rules[0], *rules[1]):
        for name in references(rule):
            if name not in known:
                head.fault(head.line_of(f"@{name}", 1), f"there is no concept {name}; declare it in [concepts]")
    for part in parts:
        source = next((one for one in sources if one.file.language == part.language), head)
        used = named(part)
        for name in sorted(used - set(part.concepts) - known.keys()):
            source.fault(source.line_of(f"@{name}", 1), f"there is no concept {name}, here or in {head.file.name}")
        for name in sorted(set(part.concepts) - known.keys() - used):
            what = f"the concept {name} is not declared in {head.file.name} and not used here: it does nothing"
            source.fault(source.line(rf"^{name}\b"), what)
