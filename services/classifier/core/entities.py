"""The countries, organisations and days an article speaks of, found in one pass over its normal form.

One automaton finds the beginnings of all names of all languages; a find counts where the rest of its word allows it, it is
spelled as a name is, and it is a name of the article's language (or an English one in another script). Of finds that overlap
the longest counts. Ambiguous names are settled by what stands around them and by what else the article names, or left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from services.classifier.core.dates import dates_of
from services.classifier.core.gazetteer import Alias, Doubt, Entity, Form, Spelling, ending, forms
from shared.events import Mention
from shared.text import Normal

AROUND = 40
"""Characters before and after an ambiguous name in which its patterns are looked for."""

MOST = 24
"""Most countries, organisations, and days kept of one article; the most frequent."""

_LATIN = frozenset(
    [
        "en",
        "fr",
        "es",
        "pt",
        "it",
        "ro",
        "de",
        "nl",
        "sv",
        "da",
        "no",
        "pl",
        "cs",
        "sk",
        "sl",
        "hr",
        "hu",
        "fi",
        "tr",
        "az",
        "id",
        "ms",
        "vi",
        "sw",
        "so",
    ]
)
_LONGEST_BEFORE = 6


class Find(NamedTuple):
    """A name where it stands in the normal form."""

    start: int
    end: int
    alias: Alias


class Entities(NamedTuple):
    """What an article speaks of: countries by ISO 3166-1 code, organisations by id, days as ISO dates (or months, `2026-11`);
    each with how often, the most frequent first, days in their order."""

    countries: tuple[Mention, ...] = ()
    organisations: tuple[Mention, ...] = ()
    dates: tuple[Mention, ...] = ()


class Finder:
    """The gazetteer, compiled; `find` is the whole of it."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        found = forms(aliases)
        self._forms = list(found.values())
        self._spoken: dict[str | None, list[list[Form]]] = {}
        self._automaton = AhoCorasick(list(found))

    def find(self, normal: Normal, language: str | None, published: date | None) -> Entities:
        """What this text speaks of. `language`: the article's, None where unknown; `published`: the day relative ones are
        reckoned from."""
        text = normal.text.replace("\n", " ")
        named, days = list[Find](), list[Find]()
        for find in self._finds(text, normal, language.split("-")[0] if language else None):
            (days if find.alias.entity.kind in ("month", "weekday", "day") else named).append(find)
        counted = _settled(_longest(named), text, normal)
        return Entities(
            countries=_mentions(entity for entity in counted if entity.kind == "country"),
            organisations=_mentions(entity for entity in counted if entity.kind == "organisation"),
            dates=dates_of(text, [(find.start, find.end, find.alias.entity) for find in _longest(days)], published, MOST),
        )

    def _finds(self, text: str, normal: Normal, language: str | None) -> Iterator[Find]:
        spoken = self._of(language)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not spoken[number]:
                continue
            before = _before(text, start) if start and text[start - 1].isalnum() else ""
            for form in spoken[number]:
                if form.before is not None and before not in form.before:
                    continue
                match = ending(form.after).match(text, end)
                if match is not None and _is_spelled(form.spelling, normal, start, match.end()):
                    yield Find(start, match.end(), form.alias)

    def _of(self, language: str | None) -> list[list[Form]]:
        """The forms of each literal that may be meant in this language."""
        if language not in self._spoken:
            self._spoken[language] = [[form for form in forms if _speaks(form.alias, language)] for forms in self._forms]
        return self._spoken[language]


def _speaks(alias: Alias, language: str | None) -> bool:
    if alias.languages is None or language is None or language in alias.languages:
        return True
    return "en" in alias.languages and language not in _LATIN


def _before(text: str, start: int) -> str:
    """What is written onto the front of the name; of a longer one, so much that it is none that may be."""
    first = start - 1
    while first and start - first <= _LONGEST_BEFORE and text[first - 1].isalnum():
        first -= 1
    return text[first:start]


def _is_spelled(spelling: Spelling, normal: Normal, start: int, end: int) -> bool:
    if spelling is Spelling.ANY:
        return True
    at = normal.span(start, end if spelling is Spelling.CAPITALS else start + 1)
    surface = normal.original[at.start : at.end]
    if spelling is Spelling.CAPITAL:
        return surface[:1].isupper()
    return surface == surface.upper()


def _longest(finds: list[Find]) -> list[Find]:
    """Of finds that overlap the longest; of those alike, the one in no doubt last: a doubtful name stays in doubt."""
    chosen = list[Find]()
    taken = set[int]()
    for find in sorted(finds, key=lambda find: (find.start - find.end, find.start, find.alias.doubt is None)):
        if find.start not in taken and find.end - 1 not in taken:
            chosen.append(find)
            taken.update(range(find.start, find.end))
    return sorted(chosen, key=lambda find: find.start)


def _settled(finds: list[Find], text: str, normal: Normal) -> list[Entity]:
    """The entities meant, ambiguous ones settled."""
    sure = [find.alias.entity for find in finds if find.alias.doubt is None]
    meant = [entity for entity in sure if entity.kind != "mask"]
    meant += [Entity("country", entity.country) for entity in sure if entity.country]
    there = {entity.id for entity in meant if entity.kind == "country"}
    doubtful = [(doubt, *_beside(find, doubt, text, normal)) for find in finds if (doubt := find.alias.doubt) is not None]
    settled = {doubt: country for doubt, said, country in doubtful if said and country}
    for doubt, said, country in doubtful:
        if not said:
            country = settled.get(doubt) or _elsewhere(doubt, there, text)
        if country:
            meant.append(Entity("country", country))
    return meant


def _beside(find: Find, doubt: Doubt, text: str, normal: Normal) -> tuple[bool, str | None]:
    """Whether what stands right beside the name settles it, and for which country (None: for none)."""
    if doubt.marks:
        at = normal.span(find.start, find.end)
        for mark, country in doubt.marks:
            if mark in normal.original[at.start : at.end]:
                return True, country
    before, after = text[max(0, find.start - AROUND) : find.start], text[find.end : find.end + AROUND]
    if (doubt.no_before and doubt.no_before.search(before)) or (doubt.no_after and doubt.no_after.match(after)):
        return True, None
    if (doubt.yes_before and doubt.yes_before.search(before)) or (doubt.yes_after and doubt.yes_after.match(after)):
        return True, doubt.country
    return False, None


def _elsewhere(doubt: Doubt, there: set[str], text: str) -> str | None:
    """The country that the rest of the article speaks for, or None."""
    around = [country for country in doubt.with_ if country in there]
    if doubt.country in around or (around and doubt.country not in doubt.with_):
        return doubt.country
    if around:
        return around[0]
    if any(word in text for word in doubt.without):
        return None
    return doubt.otherwise


def _mentions(entities: Iterable[Entity]) -> tuple[Mention, ...]:
    counts = Counter((entity.id, entity.name) for entity in entities)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Mention(id=id_, name=name, count=count) for (id_, name), count in ranked[:MOST])
