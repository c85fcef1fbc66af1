"""What runs in a worker process: the rules, compiled once a process, and the language model and gazetteer, loaded once.

Articles and tags cross the process border as bytes; the rules only when the process does not have them.
"""

from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec

from services.classifier.adapters.gazetteer import finder
from services.classifier.core.entities import Entities
from services.classifier.core.fingerprint import fingerprint
from services.classifier.core.language import language
from services.classifier.core.rules import RuleSet
from services.classifier.core.tagging import Limits, Tagger
from shared.events import Fingerprint, Tag
from shared.text import Normal

NO_LANGUAGE = "zxx"
"""What the model calls a text without any."""

KEPT = 4
"""How many rule sets a process keeps compiled: the one in force, and one or two that are tried out beside it."""


class Question(NamedTuple):
    """What is to be tagged. `language`: as declared; `published`: the day, for "yesterday"."""

    title: str
    text: str
    language: str | None
    published: date | None = None


class Label(msgspec.Struct, frozen=True, array_like=True):
    """What came of it."""

    language: str | None
    confidence: float
    topics: tuple[Tag, ...]
    near_misses: tuple[Tag, ...]
    entities: Entities = Entities()
    fingerprint: Fingerprint | None = None


_taggers: dict[tuple[str, Limits], Tagger] = {}
_encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(list[Label]).decode


def label(version: str, limits: Limits, rules: bytes | None, questions: list[Question]) -> bytes | None:
    """The encoded Labels of these questions, in order; None where this process does not have the rules `version` yet and
    `rules` (an encoded RuleSet) was not given."""
    tagger = _taggers.get((version, limits))
    if tagger is None:
        if rules is None:
            return None
        tagger = Tagger(msgspec.msgpack.decode(rules, type=RuleSet), limits)
        while len(_taggers) >= KEPT:
            del _taggers[next(iter(_taggers))]
        _taggers[version, limits] = tagger
    return _encode([label_one(tagger, question) for question in questions])


def label_one(tagger: Tagger, question: Question) -> Label:
    """Language first, then the topics under that language's rules, and what is named."""
    found = language(question.title, question.text, question.language, guess)
    tagged = tagger.tag(question.title, question.text, found.code)
    normal = Normal(f"{question.title}\n\n{question.text}")
    named = finder().find(normal, found.code, question.published)
    print_ = fingerprint(question.title, normal)
    return Label(found.code, found.confidence, tagged.topics, tagged.near_misses, named, print_)


@lru_cache(256)
def guess(text: str) -> dict[str, float]:
    """How likely each language is; the twelve likeliest."""
    return {str(code): float(likely) for code, likely in _identifier().rank(text)[:12] if code != NO_LANGUAGE}


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # brings numpy: only where a text needs the model

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
