"""What the parts of an article are: title, lead, text, caption; and which lines are no part of its story (related links, what a
site says on every page), which sentences only list what somebody discussed."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal

from services.classifier.core.matching import Entry, Group, Met
from services.classifier.core.scanned import Line, Place, Scanned
from shared.text import normalise

Field = Literal["title", "lead", "text", "caption"]

LEAD = 350
"""The lead is what begins within so many characters of the text, to the end of its sentence."""

CAPTION = 400
"""A longer line is no caption, whatever it says."""

LINK = 140
"""A longer line is no related link."""

BEFORE_HEADING = 3
"""So many characters may stand beside a heading: a bullet, a colon."""

LONG = 6000
"""Where a text is so long, a hit at its end counts as one at the end of any longer text."""

LISTED = 2
"""So many conjunctions or commas after a verb of discussing make its objects a list."""

_CREDIT = re.compile(
    r"[(\[|]\s*(?:الصوره|صوره|تصوير|photo|image|picture|foto|bild|фото|图|图片|عکس|تصویر)\s*[:：]"
    r"|(?:getty images|/ ?afp|/ ?reuters|photo ?:|foto ?:|imagen ?:)\s*\)?\s*$",
    re.MULTILINE,
)
_MAY_CREDIT = re.compile(r"[(\[|（［｜]|images|/ ?(?:afp|reuters)|(?:photo|foto|imagen) ?[:：]", re.IGNORECASE)
"""What a line with a credit holds, as it is written."""

_LISTING = re.compile(r"[،؛,;、]|(?<= )و(?=\w{3})|\b(?:and|et|y|e|und|и|ve|dan|và|na|och)\b|و ")


class Structure:
    """The parts of one article. `groups`: the concepts of services.classifier.core.compiled.STRUCTURE."""

    def __init__(self, scanned: Scanned[Entry], met: Met, groups: dict[str, Group | None]) -> None:
        self._scanned, self._met, self._groups = scanned, met, groups
        self._listing: dict[Place, bool] = {}

    def field(self, place: Place) -> Field:
        """Which field this place stands in."""
        if place[0] < self._scanned.body:
            return "title"
        if self._over(self._captions, place[0]):
            return "caption"
        return "lead" if self._scanned.sentence(place[0]) <= self._lead else "text"

    def depth(self, place: Place) -> float:
        """How far down in a long text: 0 at the end of the lead, 1 at LONG characters."""
        return min(1.0, max(0.0, (self._scanned.offset(place[0]) - LEAD) / LONG))

    def aside(self, place: Place) -> str:
        """The words by which this place is no part of the story, or ''."""
        return "" if place[0] < self._scanned.body else self._over(self._asides, place[0])

    def is_listed(self, place: Place) -> bool:
        """Whether it is one of several subjects that somebody is said to have discussed, and no more."""
        group = self._groups.get("discussed")
        if group is None or group not in self._met or place[0] < self._scanned.body:
            return False
        start, end = self._scanned.bounds(place[0], "sentence")
        ordered = self._met.ordered(group)
        at = bisect_right(ordered, (place[0], place[1])) - 1
        if at < 0 or ordered[at][0] < start:
            return False
        return self._lists(ordered[at][1] - 1, end)

    def _lists(self, verb: int, end: int) -> bool:
        """Whether what follows the verb in its sentence is a list."""
        if (verb, end) not in self._listing:
            first, last = self._scanned.span((verb, end))
            listed = _LISTING.findall(normalise(self._scanned.text[first:last]))
            self._listing[verb, end] = len(listed) >= LISTED
        return self._listing[verb, end]

    @cached_property
    def _lead(self) -> int:
        return self._scanned.sentence(self._scanned.word_at(LEAD))

    @cached_property
    def _captions(self) -> list[tuple[int, int, str]]:
        lines = [line for line in self._scanned.lines(self._scanned.body) if len(line.text) <= CAPTION]
        credited = (line for line in lines if _MAY_CREDIT.search(line.text) and _CREDIT.search(normalise(line.text)))
        captions = [(line.start, line.end, "caption") for line in credited]
        return captions + [
            (line.start, line.end, "caption")
            for place, _ in self._places("caption")
            if len((line := self._line(place)).text) <= CAPTION
        ]

    @cached_property
    def _asides(self) -> list[tuple[int, int, str]]:
        asides = []
        for place, spelling in self._places("boilerplate"):
            line = self._line(place)
            if len(line.text) <= CAPTION:
                asides.append((line.start, line.end, spelling))
        for place, spelling in self._places("related"):
            line = self._line(place)
            if len(line.text) <= LINK and self._scanned.span(place)[0] - line.offset <= BEFORE_HEADING:
                asides.append((line.start, self._links_end(place, line), spelling))
        return sorted(asides)

    def _links_end(self, heading: Place, line: Line) -> int:
        """Where the links under a heading end: a heading that is a line by itself is followed by short lines."""
        _, after = self._scanned.span(heading)
        rest = line.text[after - line.offset :]
        if len(rest.strip(" :")) > BEFORE_HEADING:
            return line.end
        end = line.end
        for below in self._scanned.lines(line.end):
            if len(below.text) > LINK or below.text.endswith((".", "。", "۔", "।")):
                break
            end = below.end
        return end

    def _line(self, place: Place) -> Line:
        return self._scanned.line(place[0])

    def _places(self, name: str) -> list[tuple[Place, str]]:
        group = self._groups.get(name)
        if group is None or group not in self._met:
            return []
        return [(place, spelling) for place, spelling in self._met.places(group).items() if place[0] >= self._scanned.body]

    @staticmethod
    def _over(lines: list[tuple[int, int, str]], index: int) -> str:
        return next((why for start, end, why in lines if start <= index < end), "")
