"""Language tags as BCP 47 writes them, and the language of a text where none is declared or its script belies it."""

import re
from functools import cache
from typing import Any

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?(?:[-_][A-Za-z0-9]{5,8})*")
_SCRIPTS = (
    (re.compile("[\u0620-\u06ff\ufb50-\ufdff]"), "ar fa ur ps ckb ku sd ug pnb arz ary"),
    (re.compile("[\u0400-\u04ff]"), "ru uk be bg sr mk kk ky mn tg tt uz"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh ja yue"),
    (re.compile("[\u0900-\u097f]"), "hi mr ne sa bho"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he yi"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0980-\u09ff]"), "bn as"),
    (re.compile("[A-Za-z\u00c0-\u024f]"), ""),
)
_BEYOND_LATIN = frozenset(name for _, names in _SCRIPTS for name in names.split()) - {"sr", "uz", "kk", "ku", "mn"}
_SAMPLE, _ENOUGH = 600, 12


def tag(text: str | None) -> str | None:
    """`ar_sa` as `ar-SA`, `zh-hant` as `zh-Hant`; None for what is no language tag."""
    text = (text or "").strip()
    if not _TAG.fullmatch(text):
        return None
    first, *rest = re.split("[-_]", text)
    parts = [part.title() if len(part) == 4 else part.upper() if len(part) < 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *parts])


def spoken(text: str, declared: str | None) -> str | None:
    """The language of this text: as declared, unless it is not written so; else a guess, None where too little tells."""
    said, sample = tag(declared), text[:_SAMPLE]
    counts = [len(letters.findall(sample)) for letters, _ in _SCRIPTS]
    most = max(counts)
    if most < _ENOUGH:
        return said
    languages = _SCRIPTS[0 if counts[0] == most else counts.index(most)][1].split()
    if counts[2] > most / 10:  # Japanese is written in both
        languages = ["ja"]
    primary = said.split("-")[0] if said else ""
    if said and (primary in languages or (not languages and primary not in _BEYOND_LATIN)):
        return said
    if len(languages) == 1:
        return languages[0]
    guess = str(_identifier().classify(sample)[0])
    return guess if not languages or guess in languages else languages[0]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second and 60 MB: only where it is needed

    return LanguageIdentifier.from_model_file(MODEL_FILE)
