"""From where phrases stand to an article's topics, each with its score and its reasons.

A topic's score is how sure its evidence makes us together: 1 - (1-w1)(1-w2)..., where each w is the term's weight raised by
where it stands (title, lead, text, caption) and lowered where the same term comes again or another one stands in the same
sentence. The weights written in the evidence are these, so that every score can be recomputed from it.
"""

from collections import defaultdict
from math import exp
from typing import NamedTuple

from services.classifier.core.article import Article, Candidate, Masking, Speaking
from services.classifier.core.matching import Automaton
from services.classifier.core.rules import RuleSet, Topic
from services.classifier.core.terms import Chunk, parse
from shared.events import Tag

AGAIN = 0.5
"""What the same term counts when it comes again, each time."""

BESIDE = 0.25
"""What a term counts beside a stronger one in the same sentence: a list of names is not a list of facts."""


class Limits(NamedTuple):
    """How much evidence a tag may carry (the strongest is kept, and only what is kept is scored) and how many near misses."""

    evidence: int = 12
    near_misses: int = 8


class Tagged(NamedTuple):
    """An article's topics, and those it came near; each in the order of their names."""

    topics: tuple[Tag, ...]
    near_misses: tuple[Tag, ...]


class Tagger:
    """The rules of all topics, compiled; `tag` is the whole of classification."""

    def __init__(self, rules: RuleSet, limits: Limits | None = None) -> None:
        self.version = rules.version
        self._limits = limits or Limits()
        self._topics = rules.topics
        self._numbers: dict[tuple[Chunk, ...], int] = {}
        self._speaking: defaultdict[int, list[Speaking]] = defaultdict(list)  # by phrase
        self._masking: defaultdict[int, list[Masking]] = defaultdict(list)
        for index, topic in enumerate(rules.topics):
            self._add(index, topic)
        self._automaton = Automaton(self._numbers)

    def tag(self, title: str, text: str, language: str | None) -> Tagged:
        """The topics of this article under the rules of `language`; None: under those of all languages."""
        article = Article(title, text, language)
        found = self._automaton.find(article.scanned)
        speaking: defaultdict[int, list[tuple[int, Speaking]]] = defaultdict(list)
        masking: defaultdict[int, list[tuple[int, Masking]]] = defaultdict(list)
        for phrase in found:
            for speaker in self._speaking.get(phrase, ()):
                speaking[speaker.topic].append((phrase, speaker))
            for mask in self._masking.get(phrase, ()):
                masking[mask.topic].append((phrase, mask))
        if not speaking:
            return Tagged((), ())
        article.locate(found)
        tags = [
            self._tag(topic, article, article.candidates(speaking[index], masking[index], topic.places))
            for index, topic in ((index, self._topics[index]) for index in sorted(speaking))
        ]
        return self._parted([tag for tag in tags if tag.evidence])

    def _parted(self, tags: list[Tag]) -> Tagged:
        missed = sorted((tag for tag in tags if tag.score < tag.threshold), key=lambda tag: (-tag.score, tag.topic))
        kept = sorted(missed[: self._limits.near_misses], key=lambda tag: tag.topic)
        return Tagged(tuple(tag for tag in tags if tag.score >= tag.threshold), tuple(kept))

    def _tag(self, topic: Topic, article: Article, candidates: list[Candidate]) -> Tag:
        kept = _weighed(candidates, article)[: self._limits.evidence]
        kept.sort(key=lambda pair: pair[0].place)
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

    def _add(self, index: int, topic: Topic) -> None:
        for group in topic.terms:
            near, unless = (tuple(self._phrases(terms)) for terms in (group.near, group.unless))
            for phrase, term in self._phrases(group.any).items():
                self._speaking[phrase].append(Speaking(index, term, group, near, unless))
        for mask in topic.masks:
            for phrase in self._phrases(mask.any):
                self._masking[phrase].append(Masking(index, mask))

    def _phrases(self, terms: tuple[str, ...]) -> dict[int, str]:
        return {self._numbers.setdefault(parse(term), len(self._numbers)): term for term in terms}


def _weighed(candidates: list[Candidate], article: Article) -> list[tuple[Candidate, float]]:
    """Each candidate with its weight, the heaviest first."""
    again: defaultdict[str, int] = defaultdict(int)
    sentences: set[int] = set()
    weighed = []
    for candidate in candidates:
        sentence = article.scanned.sentence(candidate.place.start)
        share = AGAIN ** again[candidate.term] * (BESIDE if sentence in sentences else 1.0)
        if not candidate.negated_by:
            again[candidate.term] += 1
            sentences.add(sentence)
        weighed.append((candidate, round(1.0 - exp(-candidate.points * share), 4)))
    return sorted(weighed, key=lambda pair: (pair[0].negated_by is not None, -pair[1], pair[0].place))
