"""What a topic is, as its files say it: concepts with their words in each language, patterns over concepts, masks; and all
topics together as one value with a version."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.classifier.core.scanned import Scope

Weight = Annotated[float, Meta(gt=0, lt=1)]
Points = Annotated[float, Meta(ge=0, lt=1)]
Share = Annotated[float, Meta(ge=0, le=10)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[int, Meta(ge=0, le=500)]
Items = tuple[str, ...]
"""Terms, `@concept`s, or several of them with ` | ` between: one of these."""

Terms = dict[str, tuple[str, ...]]
"""The terms of each concept in one language."""

EVERY = "*"
"""The language of terms that are the same in all languages, and of patterns over concepts."""


class Fields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many times a hit counts by where it stands. `listed`: in a list of subjects that somebody discussed. `far`: at the
    end of a long text; the share of `text` falls to it on the way."""

    title: Share = 2.0
    lead: Share = 1.2
    text: Share = 0.6
    caption: Share = 0.1
    listed: Share = 0.35
    far: Share = 0.4


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must stand together. One of `any`, and every one of `all`, in one `scope` and each within so many words of the first
    one named; none of `none` there. `order`: in the order they are named. `head`: only where that first one stands in the
    title or the lead, which say what an article is about. `lang`: the language it is for."""

    any: Items = ()
    all: Items = ()
    none: Items = ()
    within: Words | None = None
    scope: Scope = "sentence"
    order: bool = False
    head: bool = False
    name: str = ""
    lang: str = EVERY

    @property
    def parts(self) -> Items:
        """What must be there, the anchor first."""
        return ((" | ".join(self.any),) if self.any else ()) + self.all


class Pattern(Condition, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speaks for the topic, as sure as `weight`; 0: it only names a subtopic."""

    weight: Points
    subtopic: Name | None = None


class Mask(Condition, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Looks like the topic and is something else: what overlaps it does not count, or only `share` of it does. `reach`: as far
    as the words themselves, or the clause, sentence, paragraph or article around them."""

    reach: Literal["words", "clause", "sentence", "paragraph", "article"] = "words"
    share: Annotated[float, Meta(ge=0, lt=1)] = 0.0


class Topic(Struct, frozen=True, kw_only=True):
    """One topic. `concepts`: by language, then by name. `unions`: concepts that are others together."""

    topic: Name
    threshold: Weight
    version: Annotated[int, Meta(ge=1)] = 1
    name: dict[str, str] = {}
    about: str = ""
    fields: Fields = Fields()
    subtopics: dict[str, str] = {}
    unions: dict[str, Items] = {}
    concepts: dict[str, Terms] = {}
    patterns: tuple[Pattern, ...] = ()
    masks: tuple[Mask, ...] = ()


class Common(Struct, frozen=True, kw_only=True):
    """What topics share: concepts by language, and what `~` stands for in each."""

    unions: dict[str, Items] = {}
    concepts: dict[str, Terms] = {}
    prefixes: dict[str, tuple[str, ...]] = {}
    endings: dict[str, tuple[str, ...]] = {}


class RuleSet(Struct, frozen=True, kw_only=True):
    """All topics, ordered by name, and the version they make together: the same rules have the same version anywhere."""

    version: str
    topics: tuple[Topic, ...]
    common: Common = Common()
