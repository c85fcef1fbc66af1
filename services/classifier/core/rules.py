"""What a topic is, as its file says it; and all topics together as one value with a version."""

from typing import Annotated

from msgspec import Meta, Struct

Weight = Annotated[float, Meta(gt=0, lt=1)]
Share = Annotated[float, Meta(ge=0, le=10)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]


class Places(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many times a hit counts by where it stands."""

    title: Share = 2.0
    lead: Share = 1.2
    text: Share = 0.6
    caption: Share = 0.1

    def of(self, field: str) -> float:
        """How many times a hit in this field counts."""
        return float(getattr(self, field))


class TermGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms that speak for the topic, each alone as sure as `weight`. `lang` is a language, or `*` for all.
    `near`: they count only with one of these in the same sentence, and within so many words where `within` says so. `unless`:
    not with one of these there."""

    lang: str
    weight: Weight
    any: tuple[str, ...]
    subtopic: Name | None = None
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    within: Annotated[int, Meta(ge=1, le=200)] | None = None


class Mask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that look like the topic and are something else: a term that lies inside one of these does not count.
    `sentence`: it takes the whole sentence with it; `article`: all of the article."""

    lang: str
    any: tuple[str, ...]
    reach: Annotated[str, Meta(pattern="^(words|sentence|article)$")] = "words"


class Topic(Struct, frozen=True, kw_only=True):
    """One topic; `@name` in its term lists is replaced by the list of that name in `words` of the same language."""

    topic: Name
    threshold: Weight
    terms: tuple[TermGroup, ...]
    masks: tuple[Mask, ...] = ()
    places: Places = Places()
    name: dict[str, str] = {}
    about: str = ""


class RuleSet(Struct, frozen=True, kw_only=True):
    """All topics, ordered by name, and the version they make together: the same rules have the same version anywhere."""

    version: str
    topics: tuple[Topic, ...]
