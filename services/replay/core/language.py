"""The language of a text by its script and commonest words: enough to set a page's direction, and unknown where it is not sure.

The classifier detects for itself; this is only what a text file can be said to declare.
"""

import re
from collections import Counter

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),  # before Chinese, whose characters it borrows
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("arabic", re.compile("[\u0620-\u06ff]")),
    ("cyrillic", re.compile("[\u0400-\u04ff]")),
    ("latin", re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_COMMON = {
    "arabic": {
        "ar": "في من على إلى أن التي الذي عن مع هذا هذه كان قال ما لا بين بعد",
        "fa": "و در به از که این است را با برای آن شد می خود های",
        "ur": "کے کی میں ہے اور سے کا کو نے پر کہ ہیں یہ نہیں",
        "ckb": "لە بۆ کە بە ئەم دا لەگەڵ هەر",
        "ps": "په د چې کې او څخه ته دا",
    },
    "cyrillic": {
        "ru": "и в не на что с по это как из для был года",
        "uk": "і в не на що з та до як це для був року",
        "bg": "и в на не да за от се че това",
        "sr": "и у је на да се за од не су",
    },
    "latin": {
        "en": "the of and to in a is that for it was on with as by",
        "fr": "le la les de des et est en un une du que dans pour sur",
        "es": "el la los las de y en que del por con una para se",
        "pt": "o a os as de e do da em que não uma para com no",
        "de": "der die das und in den von zu mit ist auf für nicht ein",
        "it": "il la di che e del della in un per con non sono i",
        "nl": "de het een van en in is dat op te voor met zijn",
        "tr": "ve bir bu için ile da de olarak olan çok daha",
        "id": "yang dan di dari untuk dengan ini pada itu tidak dalam",
        "vi": "của và các là trong có được cho không với những một",
        "sw": "ya na wa kwa ni katika la za kuwa hii",
        "pl": "w i na z do się nie że jest to",
        "ro": "și de în la cu a din pe care nu",
    },
}
_SETS = {script: {code: frozenset(words.split()) for code, words in table.items()} for script, table in _COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 4_000  # characters: enough for common words, cheap for an archive
_LEAST = 2  # common words: one alone proves nothing


def of_text(text: str) -> str | None:
    """The text's language as a BCP 47 code; None where its words do not tell."""
    sample = text[:_SAMPLE]
    counts = Counter({script: len(pattern.findall(sample)) for script, pattern in _SCRIPTS})
    if counts["ja"] and counts["ja"] * 10 >= counts["zh"]:
        counts["ja"] += counts["zh"]
    script, size = counts.most_common(1)[0]
    if not size:
        return None
    if script not in _SETS:
        return script
    words = Counter(_WORD.findall(sample.lower()))
    scores = Counter({code: sum(words[word] for word in common) for code, common in _SETS[script].items()})
    (best, score), (_, second) = scores.most_common(2)
    if score < _LEAST or score == second:
        return None
    return best
