"""An article with what was found in it: which finds count for a topic, in which field they stand, what negates them."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from math import log
from typing import Literal, NamedTuple

from services.classifier.core.matching import Found, Place, Scanned
from services.classifier.core.rules import Mask, Places, TermGroup
from shared.events import Evidence
from shared.text import Normal, normalise

LEAD = 350
"""The lead is what begins within so many characters of the text, to the end of its sentence."""

CONTEXT = 60
"""Characters shown on each side of a hit."""

CAPTION = 400
"""A longer line is no caption, whatever it says."""

_CREDIT = re.compile(r"[(\[|]\s*(?:الصوره|صوره|تصوير|photo|image|picture)\s*:")

Field = Literal["title", "lead", "text", "caption"]


Terms = tuple[int, ...]
"""Phrases, by number."""


class Speaking(NamedTuple):
    """A phrase that speaks for a topic: as written in its file, in which group, and which phrases that group asks for."""

    topic: int
    term: str
    group: TermGroup
    near: Terms
    unless: Terms


class Masking(NamedTuple):
    """A phrase that masks what speaks for a topic."""

    topic: int
    mask: Mask


class Candidate(NamedTuple):
    """A find that speaks for a topic. `points`: -log(1 - weight) times its place's share. `term`: as its file has it;
    `spelling`: the one of its choices that was met."""

    points: float
    place: Place
    field: Field
    term: str
    spelling: str
    subtopic: str | None
    negated_by: str | None


class Article:
    """Title and text with their normal form and what was found. Finds of other languages' groups do not count; language None:
    those of all languages do."""

    def __init__(self, title: str, text: str, language: str | None) -> None:
        self._title, self._text = title, text
        self._normal = Normal(f"{title}\n\n{text}")
        self.scanned = Scanned(self._normal)
        self._language = language.split("-")[0] if language else None
        self._found: Found = {}
        self._places: dict[int, list[Place]] = {}

    def locate(self, found: Found) -> None:
        """Takes what was found, and finds out where the fields are."""
        self._found = found
        self._body = min(len(normalise(self._title).rstrip()) + 1, len(self.scanned.text))
        self._lead = self.scanned.sentence(min(self._body + LEAD, len(self.scanned.text)))
        credited = _CREDIT.finditer(self.scanned.text, self._body)
        captions = (self._line(match.start()) for match in credited)
        self._captions = _Masks([(line, "caption") for line in captions if line is not None])

    def candidates(
        self, speaking: Iterable[tuple[int, Speaking]], masking: Iterable[tuple[int, Masking]], places: Places
    ) -> list[Candidate]:
        """What speaks for one topic, the strongest first, no two of them overlapping."""
        masks = _Masks([mask for phrase, one in masking for mask in self._masks(phrase, one)])
        every = [candidate for phrase, one in speaking for candidate in self._of(phrase, one, masks, places)]
        every.sort(key=lambda c: (c.negated_by is not None, -c.points, c.place.start - c.place.end, c.place, c.spelling))
        chosen, taken = [], list[Place]()
        for candidate in every:
            at = bisect_left(taken, candidate.place)
            if at and taken[at - 1].end > candidate.place.start:
                continue
            if at < len(taken) and taken[at].start < candidate.place.end:
                continue
            insort(taken, candidate.place)
            chosen.append(candidate)
        return chosen

    def evidence(self, candidate: Candidate, weight: float) -> Evidence:
        """The candidate as readers get it: offsets into the original title or text."""
        start, end = self._normal.span(*candidate.place)
        inside, shift = (self._title, 0) if candidate.field == "title" else (self._text, len(self._title) + 2)
        start, end = max(0, start - shift), min(end - shift, len(inside))
        return Evidence(
            term=candidate.spelling,
            field=candidate.field,
            start=start,
            end=end,
            surface=inside[start:end],
            weight=weight,
            negated_by=candidate.negated_by,
            context=_context(inside, start, end),
        )

    def _of(self, phrase: int, one: Speaking, masks: "_Masks", places: Places) -> Iterator[Candidate]:
        group = one.group
        if not self._applies(group.lang):
            return
        near, unless = self._present(one.near), self._present(one.unless)
        if one.near and not near:
            return
        for place, spelling in self._found[phrase].items():
            if near and not self._beside(place, near, group.within):
                continue
            negated = masks.over(place) or self._beside(place, unless, group.within)
            field = self._field(place)
            points = -log(1.0 - group.weight) * places.of(field)
            yield Candidate(points, place, field, one.term, spelling, group.subtopic, negated or None)

    def _applies(self, language: str) -> bool:
        return language == "*" or self._language is None or language == self._language

    def _present(self, terms: Terms) -> Terms:
        return tuple(phrase for phrase in terms if phrase in self._found)

    def _beside(self, place: Place, terms: Terms, within: int | None) -> str:
        """Which of these stands in the same sentence (and within so many words) outside of `place`, or ''."""
        for phrase in terms:
            places = self._ordered(phrase)
            after = before = bisect_left(places, place)
            while after < len(places) and places[after].end <= place.end:
                after += 1
            while before and places[before - 1].start == place.start and places[before - 1].end <= place.end:
                before -= 1
            for other in (*places[after : after + 1], *places[max(0, before - 1) : before]):  # the nearest on each side
                if within is not None and self.scanned.words_between(place, other) > within:
                    continue
                if self.scanned.sentence(other.start) == self.scanned.sentence(place.start):
                    return self._found[phrase][other]
        return ""

    def _ordered(self, phrase: int) -> list[Place]:
        if phrase not in self._places:
            self._places[phrase] = list(self._found[phrase])
        return self._places[phrase]

    def _masks(self, phrase: int, masking: Masking) -> Iterator[tuple[Place, str]]:
        """Each masked stretch with the term that masks it."""
        if not self._applies(masking.mask.lang):
            return
        for place, spelling in self._found[phrase].items():
            match masking.mask.reach:
                case "article":
                    yield Place(0, len(self.scanned.text)), spelling
                case "sentence":
                    yield self.scanned.bounds(place), spelling
                case _:
                    yield place, spelling

    def _field(self, place: Place) -> Field:
        if place.start < self._body:
            return "title"
        if self._captions.over(place):
            return "caption"
        return "lead" if self.scanned.sentence(place.start) <= self._lead else "text"

    def _line(self, index: int) -> Place | None:
        start = self.scanned.text.rfind("\n", 0, index) + 1
        end = self.scanned.text.find("\n", index)
        line = Place(start, len(self.scanned.text) if end < 0 else end)
        return line if line.end - line.start <= CAPTION else None


class _Masks:
    """Masked stretches of an article, each with the term that masks it."""

    def __init__(self, masks: list[tuple[Place, str]]) -> None:
        self._starts: list[int] = []
        self._reaches: list[tuple[int, str]] = []  # how far the masks up to here reach, and whose reach it is
        for place, term in sorted(masks):
            self._starts.append(place.start)
            self._reaches.append(max([*self._reaches[-1:], (place.end, term)], key=lambda reach: reach[0]))

    def over(self, place: Place) -> str:
        """The term that masks some of this place, or ''."""
        before = bisect_left(self._starts, place.end)
        if not before:
            return ""
        end, term = self._reaches[before - 1]
        return term if end > place.start else ""


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
