"""The language of an article: what its script says, what it declares, and a guess where these leave it open.

A declared language is often a template's default, so it gives way to a script it is not written in, and to a sure guess.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

Guess = Callable[[str], tuple[str, float]]
"""A text to its likeliest language (ISO 639) and how sure that is, 0 to 1."""

SAMPLE = 400
"""Characters of the beginning that are looked at."""

SURE = 0.9
"""A guess this sure overrules what was declared, if it rests on ENOUGH letters."""

LIKELY = 0.5
"""A guess below this is no answer."""

ENOUGH = 40

_SCRIPTS = {
    "arabic": re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "latin": re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "kana": re.compile("[\u3040-\u30ff]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "hangul": re.compile("[\uac00-\ud7af]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "bengali": re.compile("[\u0980-\u09ff]"),
}
_ONLY = {"hangul": "ko", "kana": "ja", "han": "zh", "greek": "el", "hebrew": "he", "thai": "th", "bengali": "bn"}
_WRITTEN_IN = {
    "arabic": {"ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug", "pnb", "arz", "ary", "apc"},
    "cyrillic": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "uz"},
    "devanagari": {"hi", "mr", "ne", "sa", "bho"},
}
_NOT_LATIN = set().union(*_WRITTEN_IN.values(), _ONLY.values()) - {"sr", "uz", "kk", "ku", "mn"}
_BEYOND_ARABIC = re.compile("[پچژگٹڈڑںےہھکیۆێڵەټډړښڼېۍڄڀ]")
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
    sample = f"{title}\n{text[:SAMPLE]}"
    counts = _counts(sample)
    script = "kana" if counts.get("kana", 0) * 5 > counts.get("han", 0) else max(counts, key=lambda name: counts[name])
    code = canonical(declared)
    if not counts[script]:
        return Language(code, 0.5 if code else 0.0)
    kept = code if code and _fits(code, script) else None
    if script in _ONLY:
        return _settled(kept, _ONLY[script], 1.0)
    if script == "arabic" and not _BEYOND_ARABIC.search(sample):
        return _settled(kept, "ar", 1.0)
    guessed, confidence = guess(sample)
    if kept is not None and not (confidence >= SURE and counts[script] >= ENOUGH):
        return _settled(kept, guessed, confidence)._replace(code=kept)
    return _settled(kept, guessed, confidence) if confidence >= LIKELY else Language(kept, confidence)


def _counts(sample: str) -> dict[str, int]:
    """Letters by script, up to the script that has most of the sample."""
    counts = {}
    for name, pattern in _SCRIPTS.items():
        counts[name] = len(pattern.findall(sample))
        if counts[name] * 2 > len(sample):
            break
    return counts


def _fits(code: str, script: str) -> bool:
    primary = code.split("-")[0]
    if script in _WRITTEN_IN:
        return primary in _WRITTEN_IN[script]
    if script in _ONLY:
        return primary == _ONLY[script] or (script == "han" and primary in ("zh", "ja", "yue", "wuu"))
    return primary not in _NOT_LATIN


def _settled(kept: str | None, found: str, confidence: float) -> Language:
    """What was declared where it says the same or more (`ar-EG`), else what was found."""
    same = kept is not None and kept.split("-")[0] == found
    return Language(kept if same else found, round(confidence, 3))
