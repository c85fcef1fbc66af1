"""The language of an article: what its script and letters say, what it declares, and a model where these leave it open.

Most scripts and many letters belong to one language and settle it. The model (py3langid) chooses among the languages that the
letters leave; small kin the press rarely writes in are counted to the language it does write in. What is declared is a
prior: it decides a headline, and gives way to a paragraph in another language, as it is often a template's default.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.classifier.core.letters import ALONE, KIN, LATIN_ONLY, Script, counts, left, likelihood, traditional

Guess = Callable[[str], Mapping[str, float]]
"""A text to how likely each language (ISO 639) is, summing to at most 1."""

SAMPLE = 120
"""Characters of the beginning that are looked at, and half as many from the middle."""

DECLARED = 20.0
"""How many times likelier a language becomes by being declared."""

UNLIKELY = 1e-5
"""What a language has that the model does not think of."""

LIKELY = 0.5
"""Below this an answer is none, where it rests on fewer letters than ENOUGH; below half of it, on any number."""

ENOUGH = 15

_WRITTEN_IN = {
    Script.ARABIC: {"ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug", "pnb", "arz", "ary", "apc", "prs", "ks", "bal"},
    Script.CYRILLIC: {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "uz", "ba", "ce", "az"},
    Script.DEVANAGARI: {"hi", "mr", "ne", "sa", "bho", "mai", "gom"},
}
_NOT_LATIN = set().union(*_WRITTEN_IN.values(), ALONE.values()) - {"sr", "uz", "kk", "ku", "mn", "az", "tt"}
_TAG = re.compile(r"^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-.*)?$")


class Language(NamedTuple):
    """A BCP 47 code and how sure it is; None where nothing tells."""

    code: str | None
    confidence: float


def canonical(declared: str | None) -> str | None:
    """A declared language as BCP 47 writes it (`pt-BR`, `zh-Hant`); None for what is no language code."""
    found = _TAG.match((declared or "").strip().replace("_", "-").lower())
    if found is None or found[1] in ("und", "mul", "zxx"):
        return None
    script, region = (found[2] or "").title(), (found[3] or "").upper()
    return "-".join(part for part in (found[1], script, region) if part)


def language(title: str, text: str, declared: str | None, guess: Guess) -> Language:
    """The language of this article; `declared` in full where it holds."""
    sample = _sample(title, text)
    code = canonical(declared)
    letters = counts(sample)
    if not letters:
        return Language(code, 0.5 if code else 0.0)
    script = max(letters, key=lambda name: letters[name])
    kept = code if code and _fits(code, script) else None
    if script in ALONE:
        found = "zh-Hant" if ALONE[script] == "zh" and traditional(sample) else ALONE[script]
        return _settled(kept, found, 1.0)
    languages = left(sample, script)
    if len(languages) == 1:
        return _settled(kept, next(iter(languages)), 1.0)
    return _guessed(kept, _ranked(guess(sample), sample, script, languages, kept), letters[script])


def _sample(title: str, text: str) -> str:
    middle = len(text) // 2
    return f"{title}\n{text[:SAMPLE]}" + (f"\n{text[middle : middle + SAMPLE // 2]}" if middle > SAMPLE else "")


def _ranked(told: Mapping[str, float], sample: str, script: Script, left: frozenset[str], kept: str | None) -> dict[str, float]:
    """How likely each language is that the script leaves: by the model, kin counted together, by letters, and by what was
    declared."""
    ranked: dict[str, float] = dict.fromkeys(left, UNLIKELY)
    for found, likely in told.items():
        main = KIN.get(found, found)
        if main in left or (not left and (script is Script.LATIN or main not in LATIN_ONLY)):
            ranked[main] = ranked.get(main, 0.0) + likely
    rest = max(0.0, 1.0 - sum(ranked.values())) if not left else 0.0
    if kept is not None:
        primary = _main(kept)
        ranked[primary] = max(ranked.get(primary, 0.0), UNLIKELY) * DECLARED
    ranked = likelihood(sample, script, ranked)
    whole = sum(ranked.values()) + rest
    return {found: likely / whole for found, likely in ranked.items()} if whole else {}


def _main(code: str) -> str:
    primary = code.split("-")[0]
    return KIN.get(primary, primary)


def _guessed(kept: str | None, ranked: dict[str, float], letters: int) -> Language:
    if not ranked:
        return Language(kept, 0.5 if kept else 0.0)
    found = max(ranked, key=lambda code: (ranked[code], code))
    if ranked[found] < (LIKELY if letters < ENOUGH else LIKELY / 2):
        return Language(kept, round(ranked[found], 3))
    return _settled(kept, found, ranked[found])


def _fits(code: str, script: Script) -> bool:
    primary = code.split("-")[0]
    if script in _WRITTEN_IN:
        return primary in _WRITTEN_IN[script]
    if script in ALONE:
        return primary == ALONE[script] or (script is Script.HAN and primary in ("zh", "ja", "yue", "wuu"))
    return primary not in _NOT_LATIN


def _settled(kept: str | None, found: str, confidence: float) -> Language:
    """What was declared where it says the same or more (`ar-EG`), else what was found."""
    same = kept is not None and _main(kept) == _main(found)
    return Language(kept if same else found, round(min(confidence, 1.0), 3))
