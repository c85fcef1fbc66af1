"""An article under the rules: where patterns hold, what masks them, in which field they stand."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import log
from typing import NamedTuple

from services.classifier.core.compiled import Compiled, R, Ready
from services.classifier.core.matching import Group
from services.classifier.core.rules import Fields, Mask, Pattern
from services.classifier.core.scanned import Place
from services.classifier.core.structure import Field, Structure
from shared.events import Evidence

CONTEXT = 60
"""Characters shown on each side of a hit."""

MOST_ANCHORS = 200
"""A pattern is tried at so many places of a text, from its beginning; more tell nothing new, and cost."""


AnyReady = Ready[Pattern] | Ready[Mask]


class Candidate(NamedTuple):
    """A place where a pattern holds. `points`: -log(1 - weight) times its field's share."""

    points: float
    place: Place
    field: Field
    spelling: str
    pattern: str
    subtopic: str | None
    negated_by: str | None


class _Holds(NamedTuple):
    """Where a condition holds: its parts, their spelling, and what of `none` stands there ('' where nothing)."""

    parts: tuple[Place, ...]
    spelling: str
    against: str


class _Masked(NamedTuple):
    start: int
    end: int
    spelling: str
    share: float


class Article:
    """Title and text as words, and what the rules meet in them."""

    def __init__(self, title: str, text: str, compiled: Compiled) -> None:
        self._compiled = compiled
        self.scanned, self._met = compiled.read(title, text)

    def speaking(self) -> dict[int, list[Ready[Pattern]]]:
        """By topic, the patterns whose every part is somewhere in the text. Empty for most articles, and found out quickly."""
        self._patterns = self._ready(self._compiled.patterns)
        return self._patterns

    def prepare(self) -> None:
        """Finds out what the parts of the article are, and which masks there are. Once, after `speaking`."""
        self._structure = Structure(self.scanned, self._met, self._compiled.structure)
        self._masking = self._ready(self._compiled.masks)
        ready: list[AnyReady] = [one for rules in self._patterns.values() for one in rules]
        ready += [one for rules in self._masking.values() for one in rules]
        structure = (group for group in self._compiled.structure.values() if group is not None)
        self._met.gather(chain(structure, *((*one.parts, *one.none) for one in ready)))

    def candidates(self, topic: int, patterns: Iterable[Ready[Pattern]], fields: Fields) -> list[Candidate]:
        """What speaks for one topic, the strongest first. No two overlap, but for one that names another subtopic."""
        masks = [mask for ready in self._masking.get(topic, ()) for mask in self._masks(ready)]
        every = [candidate for ready in patterns for candidate in self._of(ready, masks, fields)]
        every.sort(key=lambda c: (c.negated_by is not None, -c.points, c.place[0] - c.place[1], c.place, c.spelling))
        chosen, taken, told = list[Candidate](), list[Place](), set[str | None]([None])
        for candidate in every:
            free = _is_free(candidate.place, taken)
            if not free and (candidate.subtopic in told or candidate.negated_by):
                continue
            insort(taken, candidate.place)
            chosen.append(candidate if free else candidate._replace(points=0.0))
            if not candidate.negated_by:
                told.add(candidate.subtopic)
        return chosen

    def evidence(self, candidate: Candidate, weight: float) -> Evidence:
        """The candidate as readers get it: offsets into the original title or text."""
        inside = self.scanned.title if candidate.field == "title" else self.scanned.text
        start, end = self.scanned.span(candidate.place)
        return Evidence(
            term=candidate.spelling,
            field=candidate.field,
            start=start,
            end=end,
            surface=inside[start:end],
            weight=weight,
            negated_by=candidate.negated_by,
            context=_context(inside, start, end),
            pattern=candidate.pattern,
        )

    def _ready(self, rules: Mapping[Group, list[Ready[R]]]) -> dict[int, list[Ready[R]]]:
        ready: dict[int, list[Ready[R]]] = {}
        met = self._met.groups
        for group in met.intersection(rules):
            for one in rules[group]:
                if met.issuperset(one.parts):
                    ready.setdefault(one.topic, []).append(one)
        return ready

    def _of(self, ready: Ready[Pattern], masks: list[_Masked], fields: Fields) -> Iterator[Candidate]:
        pattern = ready.rule
        for holds in self._holding(ready):
            place = _span(holds, pattern)
            negated, share = self._negated(holds, masks)
            field = self._structure.field(place)
            points = -log(1.0 - pattern.weight) * share * self._share(place, field, fields)
            yield Candidate(points, place, field, holds.spelling, pattern.name, pattern.subtopic, negated or None)

    def _share(self, place: Place, field: Field, fields: Fields) -> float:
        if field == "title":
            return fields.title
        if field == "caption":
            return fields.caption
        listed = fields.listed if self._structure.is_listed(place) else 1.0
        if field == "lead":
            return fields.lead * listed
        return (fields.text + (fields.far - fields.text) * self._structure.depth(place)) * listed

    def _negated(self, holds: _Holds, masks: list[_Masked]) -> tuple[str, float]:
        """What this does not count by, and what share of it counts."""
        share = 1.0
        if holds.against:
            return holds.against, share
        for mask in masks:
            if any(mask.start < end and start < mask.end for start, end in holds.parts):
                if not mask.share:
                    return mask.spelling, share
                share = min(share, mask.share)
        return self._structure.aside(holds.parts[0]), share

    def _masks(self, ready: Ready[Mask]) -> Iterator[_Masked]:
        mask = ready.rule
        for holds in self._holding(ready):
            if not holds.against:
                start, end = _extent(holds)
                if mask.reach != "words":
                    start, end = self.scanned.bounds(start, mask.reach)
                yield _Masked(start, end, holds.spelling, mask.share)

    def _holding(self, ready: AnyReady) -> Iterator[_Holds]:
        """Every place of the anchor where the condition holds."""
        places = self._met.places(ready.parts[0])
        for anchor in self._met.ordered(ready.parts[0])[:MOST_ANCHORS]:
            if ready.rule.head and self._structure.field(anchor) not in ("title", "lead"):
                continue
            parts, spelling = [anchor], places[anchor]
            for group in ready.parts[1:]:
                other = self._nearest(parts if ready.rule.order else [anchor], group, ready)
                if other is None:
                    break
                parts.append(other)
                spelling += " + " + self._met.places(group)[other]
            else:
                yield _Holds(tuple(parts), spelling, self._against(anchor, ready))

    def _against(self, anchor: Place, ready: AnyReady) -> str:
        """What of `none` stands within reach of the anchor or over it: *his visa* is a visa, and one person's."""
        for group in ready.none:
            if group not in self._met:
                continue
            places = self._met.places(group)
            over = next((other for other in places if other[0] < anchor[1] and anchor[0] < other[1]), None)
            other = over or self._nearest([anchor], group, ready, ordered=False)
            if other is not None:
                return places[other]
        return ""

    def _nearest(self, before: list[Place], group: Group, ready: AnyReady, *, ordered: bool | None = None) -> Place | None:
        """The place of `group` nearest to the last of `before` that fits the rule, outside of it."""
        rule, anchor, places = ready.rule, before[-1], self._met.ordered(group)
        ordered = rule.order if ordered is None else ordered
        after = bisect_left(places, (anchor[1], 0))
        options = [places[after]] if after < len(places) else []
        if not ordered:
            at = bisect_right(places, (anchor[0], 0)) - 1
            while at >= 0 and places[at][1] > anchor[0]:
                at -= 1
            if at >= 0:
                options.append(places[at])
        best, distance = None, -1.0
        for other in options:
            start, end = (anchor[1], other[0]) if other[0] >= anchor[1] else (other[1], anchor[0])
            apart = self.scanned.apart(start, end)
            if (best is not None and apart >= distance) or (rule.within is not None and apart > rule.within):
                continue
            if self.scanned.together(anchor[0], other[0], rule.scope):
                best, distance = other, apart
        return best


def _span(holds: _Holds, pattern: Pattern) -> Place:
    """What is shown of it: from its first part to its last where they stand together, else its anchor."""
    return holds.parts[0] if pattern.scope in ("paragraph", "article") else _extent(holds)


def _extent(holds: _Holds) -> Place:
    return min(start for start, _ in holds.parts), max(end for _, end in holds.parts)


def _is_free(place: Place, taken: list[Place]) -> bool:
    at = bisect_left(taken, place)
    return not (at and taken[at - 1][1] > place[0]) and not (at < len(taken) and taken[at][0] < place[1])


def _context(text: str, start: int, end: int) -> str:
    """The hit with a few words around it, from its own line."""
    first = max(text.rfind("\n", 0, start) + 1, start - CONTEXT)
    if first and not text[first - 1].isspace():
        first = max(first, text.find(" ", first, start) + 1)
    line = text.find("\n", end)
    last = min(len(text) if line < 0 else line, end + CONTEXT)
    if last < len(text) and not text[last].isspace():
        last = max(end, text.rfind(" ", end, last))
    return text[first:last].strip()
