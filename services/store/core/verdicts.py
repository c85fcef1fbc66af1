"""What people said of an article's topics: an overlay over what rules say, which wins, whatever the rules become."""

from collections.abc import Mapping, Sequence
from typing import Literal

from shared.events import Tag

Said = Literal["right", "wrong"]
Verdicts = Mapping[str, Said]
"""By topic: the article is about it, or is not."""

BY_HAND = "human"
"""The `rules_version` of a tag that a person gave."""


def overlaid(topics: Sequence[Tag], verdicts: Verdicts) -> tuple[Tag, ...]:
    """The tags with the verdicts over them: without those said to be wrong, with those said to be right that rules did not
    find."""
    kept = [tag for tag in topics if verdicts.get(tag.topic) != "wrong"]
    found = {tag.topic for tag in topics}
    given = [by_hand(topic) for topic, said in verdicts.items() if said == "right" and topic not in found]
    return tuple(sorted([*kept, *given], key=lambda tag: tag.topic)) if given else tuple(kept)


def by_hand(topic: str) -> Tag:
    """The tag of a topic that a person gave."""
    return Tag(topic=topic, score=1.0, threshold=1.0, rules_version=BY_HAND)
