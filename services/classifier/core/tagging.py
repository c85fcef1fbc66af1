"""From where patterns hold to an article's topics, each with its score and its reasons.

A topic's score is how sure its evidence makes us together: 1 - (1-w1)(1-w2)..., where each w is the pattern's weight raised by
where it stands (title, lead, text, caption) and lowered where the same words come again or another one stands in the same
sentence. The weights written in the evidence are these, so that every score can be recomputed from it.
"""

from collections import defaultdict
from math import exp
from typing import NamedTuple

from services.classifier.core.article import Article, Candidate
from services.classifier.core.compiled import Compiled, Ready
from services.classifier.core.rules import Pattern, RuleSet, Topic
from shared.events import Tag

AGAIN = 0.5
"""What the same words count when they come again, each time."""

BESIDE = 0.25
"""What a hit counts beside a stronger one in the same sentence: a list of names is not a list of facts."""

KEPT = 24
"""How many languages stay compiled."""


class Limits(NamedTuple):
    """How much evidence a tag may carry (the strongest is kept, and only what is kept is scored) and how many near misses."""

    evidence: int = 12
    near_misses: int = 8


class Tagged(NamedTuple):
    """An article's topics, and those it came near; each in the order of their names."""

    topics: tuple[Tag, ...]
    near_misses: tuple[Tag, ...]


class Tagger:
    """The rules of all topics, each language compiled when first met; `tag` is the whole of classification."""

    def __init__(self, rules: RuleSet, limits: Limits | None = None) -> None:
        self.version = rules.version
        self._rules, self._limits = rules, limits or Limits()
        self._spoken = {language for topic in rules.topics for language in topic.concepts}
        self._spoken |= {rule.lang for topic in rules.topics for rule in topic.patterns}
        self._compiled: dict[str | None, Compiled] = {}

    def tag(self, title: str, text: str, language: str | None) -> Tagged:
        """The topics of this article under the rules of `language`; None: under those of all languages."""
        article = Article(title, text, self.compiled(language))
        speaking = article.speaking()
        if not speaking:
            return Tagged((), ())
        article.prepare()
        tags = (self._tag(self._rules.topics[index], index, article, speaking[index]) for index in sorted(speaking))
        return self._parted([tag for tag in tags if tag is not None])

    def compiled(self, language: str | None) -> Compiled:
        """The rules for texts of this language. One that no topic speaks has only the words of all languages."""
        primary = language.split("-")[0].lower() if language else None
        if primary is not None and primary not in self._spoken:
            primary = "*"
        if primary not in self._compiled:
            while len(self._compiled) >= KEPT:
                del self._compiled[next(iter(self._compiled))]
            self._compiled[primary] = Compiled(self._rules, primary)
        return self._compiled[primary]

    def _parted(self, tags: list[Tag]) -> Tagged:
        missed = sorted((tag for tag in tags if tag.score < tag.threshold), key=lambda tag: (-tag.score, tag.topic))
        kept = sorted(missed[: self._limits.near_misses], key=lambda tag: tag.topic)
        return Tagged(tuple(tag for tag in tags if tag.score >= tag.threshold), tuple(kept))

    def _tag(self, topic: Topic, index: int, article: Article, patterns: list[Ready[Pattern]]) -> Tag | None:
        candidates = article.candidates(index, patterns, topic.fields)
        if not any(candidate.points or candidate.negated_by for candidate in candidates):
            return None
        kept = _first(_weighed(candidates, article), self._limits.evidence)
        doubt = 1.0
        for candidate, weight in kept:
            doubt *= 1.0 if candidate.negated_by else 1.0 - weight
        return Tag(
            topic=topic.topic,
            score=round(1.0 - doubt, 4),
            threshold=topic.threshold,
            rules_version=self.version,
            subtopics=tuple(sorted({c.subtopic for c, _ in kept if c.subtopic and not c.negated_by})),
            evidence=tuple(article.evidence(candidate, weight) for candidate, weight in kept),
        )


def _weighed(candidates: list[Candidate], article: Article) -> list[tuple[Candidate, float]]:
    """Each candidate with its weight, the heaviest first."""
    again: defaultdict[str, int] = defaultdict(int)
    sentences: set[int] = set()
    weighed = []
    for candidate in candidates:
        sentence = article.scanned.sentence(candidate.place[0])
        share = AGAIN ** again[candidate.spelling] * (BESIDE if sentence in sentences else 1.0)
        if not candidate.negated_by and candidate.points:
            again[candidate.spelling] += 1
            sentences.add(sentence)
        weighed.append((candidate, round(1.0 - exp(-candidate.points * share), 4)))
    return sorted(weighed, key=lambda pair: (pair[0].negated_by is not None, -pair[1], pair[0].place))


def _first(weighed: list[tuple[Candidate, float]], limit: int) -> list[tuple[Candidate, float]]:
    """So many of them, in the order of the text: first what names a subtopic of its own, then the heaviest."""
    named: dict[str, tuple[Candidate, float]] = {}
    for pair in weighed:
        if pair[0].subtopic and not pair[0].negated_by:
            named.setdefault(pair[0].subtopic, pair)
    kept = list(named.values())[:limit]
    kept += [pair for pair in weighed if pair not in kept][: limit - len(kept)]
    return sorted(kept, key=lambda pair: pair[0].place)
