"""What the parts of an article are: title, lead, text, caption; and which lines are no part of its story (related links, what a
site says on every page), which sentences only list what somebody discussed."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal

from services.classifier.core.compiled import Group, Met
from services.classifier.core.scanned import Place, Scanned

Field = Literal["title", "lead", "text", "caption"]

LEAD = 350
"""The lead is what begins within so many characters of the text, to the end of its sentence."""

CAPTION = 400
"""A longer line is no caption, whatever it says."""

LINK = 140
"""A longer line is no related link."""

LONG = 6000
"""Where a text is so long, a hit at its end counts as one at the end of any longer text."""

LISTED = 2
"""So many conjunctions or commas after a verb of discussing make its objects a list."""

_CREDIT = re.compile(
    r"[(\[|]\s*(?:الصوره|صوره|تصوير|photo|image|picture|foto|bild|фото|图|图片|عکس|تصویر)\s*[:：]"
    r"|(?:getty images|/ ?afp|/ ?reuters|photo ?:|foto ?:|imagen ?:)\s*\)?\s*$",
    re.MULTILINE,
)
_LISTING = re.compile(r"[،؛,;、]|(?<= )و(?=\w{3})|\b(?:and|et|y|e|und|и|ve|dan|và|na|och)\b|و ")


class Structure:
    """The parts of one article in normal form. `groups`: the concepts of services.classifier.core.compiled.STRUCTURE."""

    def __init__(self, scanned: Scanned, title_length: int, met: Met, groups: dict[str, Group | None]) -> None:
        self._scanned, self._met, self._groups = scanned, met, groups
        self._body = min(title_length + 1, len(scanned.text))
        self._lead = scanned.sentence(min(self._body + LEAD, len(scanned.text)))

    def field(self, place: Place) -> Field:
        """Which field this place stands in."""
        if place[0] < self._body:
            return "title"
        if self._over(self._captions, place[0]):
            return "caption"
        return "lead" if self._scanned.sentence(place[0]) <= self._lead else "text"

    def depth(self, place: Place) -> float:
        """How far down in a long text: 0 at the end of the lead, 1 at LONG characters."""
        return min(1.0, max(0.0, (place[0] - self._body - LEAD) / LONG))

    def aside(self, place: Place) -> str:
        """The words by which this place is no part of the story, or ''."""
        return "" if place[0] < self._body else self._over(self._asides, place[0])

    def is_listed(self, place: Place) -> bool:
        """Whether it is one of several subjects that somebody is said to have discussed, and no more."""
        group = self._groups.get("discussed")
        if group is None or group not in self._met or place[0] < self._body:
            return False
        start, end = self._scanned.bounds(place[0], "sentence")
        ordered = self._met.ordered(group)
        at = bisect_right(ordered, (place[0], place[1])) - 1
        if at < 0 or ordered[at][0] < start:
            return False
        return len(_LISTING.findall(self._scanned.text, ordered[at][1], end)) >= LISTED

    @cached_property
    def _captions(self) -> list[tuple[int, int, str]]:
        lines = [self._line(match.start()) for match in _CREDIT.finditer(self._scanned.text, self._body)]
        lines += [self._line(place[0]) for place in self._ordered("caption")]
        return sorted((start, end, "caption") for start, end in lines if end - start <= CAPTION)

    @cached_property
    def _asides(self) -> list[tuple[int, int, str]]:
        lines = []
        for place, spelling in self._places("boilerplate"):
            start, end = self._line(place[0])
            if end - start <= CAPTION:
                lines.append((start, end, spelling))
        for place, spelling in self._places("related"):
            start, end = self._line(place[0])
            if place[0] - start <= 3 and end - start <= LINK:
                lines.append((start, self._links_end(place[1], end), spelling))
        return sorted(lines)

    def _links_end(self, heading: int, end: int) -> int:
        """Where the links under a heading end: a heading that is a line by itself is followed by short lines."""
        text = self._scanned.text
        if len(text[heading:end].strip(" :\n")) > 3:
            return end
        while end < len(text):
            line = self._line(end)
            if line[1] <= end or line[1] - line[0] > LINK or text[line[0] : line[1]].rstrip().endswith((".", "。", "۔", "।")):
                break
            end = line[1]
        return end

    def _line(self, index: int) -> Place:
        return self._scanned.bounds(index, "paragraph")

    def _ordered(self, name: str) -> list[Place]:
        return [place for place, _ in self._places(name)]

    def _places(self, name: str) -> list[tuple[Place, str]]:
        group = self._groups.get(name)
        if group is None or group not in self._met:
            return []
        return [(place, spelling) for place, spelling in self._met.places(group).items() if place[0] >= self._body]

    @staticmethod
    def _over(lines: list[tuple[int, int, str]], index: int) -> str:
        return next((why for start, end, why in lines if start <= index < end), "")
