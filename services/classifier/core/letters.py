"""What letters say of a language: scripts that belong to one, letters that only some of a script's languages have."""

import re
from collections.abc import Mapping
from enum import Enum, auto


class Script(Enum):
    """A script, by the letters that count for it."""

    ARABIC = auto()
    LATIN = auto()
    CYRILLIC = auto()
    DEVANAGARI = auto()
    KANA = auto()
    HAN = auto()
    HANGUL = auto()
    GREEK = auto()
    HEBREW = auto()
    THAI = auto()
    BENGALI = auto()
    ETHIOPIC = auto()
    TAMIL = auto()
    TELUGU = auto()
    KANNADA = auto()
    MALAYALAM = auto()
    GUJARATI = auto()
    GURMUKHI = auto()
    SINHALA = auto()
    BURMESE = auto()
    KHMER = auto()
    LAO = auto()
    GEORGIAN = auto()
    ARMENIAN = auto()
    THAANA = auto()


_LETTERS = {
    Script.ARABIC: "\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc",
    Script.LATIN: "a-zA-Z\u00c0-\u024f\u1e00-\u1eff",
    Script.CYRILLIC: "\u0400-\u04ff",
    Script.DEVANAGARI: "\u0900-\u097f",
    Script.KANA: "\u3040-\u30ff",
    Script.HAN: "\u3400-\u9fff",
    Script.HANGUL: "\uac00-\ud7af",
    Script.GREEK: "\u0370-\u03ff\u1f00-\u1fff",
    Script.HEBREW: "\u0590-\u05ff",
    Script.THAI: "\u0e00-\u0e7f",
    Script.BENGALI: "\u0980-\u09ff",
    Script.ETHIOPIC: "\u1200-\u137f",
    Script.TAMIL: "\u0b80-\u0bff",
    Script.TELUGU: "\u0c00-\u0c7f",
    Script.KANNADA: "\u0c80-\u0cff",
    Script.MALAYALAM: "\u0d00-\u0d7f",
    Script.GUJARATI: "\u0a80-\u0aff",
    Script.GURMUKHI: "\u0a00-\u0a7f",
    Script.SINHALA: "\u0d80-\u0dff",
    Script.BURMESE: "\u1000-\u109f",
    Script.KHMER: "\u1780-\u17ff",
    Script.LAO: "\u0e80-\u0eff",
    Script.GEORGIAN: "\u10a0-\u10ff\u1c90-\u1cbf",
    Script.ARMENIAN: "\u0530-\u058f",
    Script.THAANA: "\u0780-\u07bf",
}
_SCRIPTS = {script: re.compile(f"[{letters}]") for script, letters in _LETTERS.items()}

ALONE = {
    Script.HANGUL: "ko",
    Script.KANA: "ja",
    Script.HAN: "zh",
    Script.GREEK: "el",
    Script.HEBREW: "he",
    Script.THAI: "th",
    Script.BENGALI: "bn",
    Script.ETHIOPIC: "am",
    Script.TAMIL: "ta",
    Script.TELUGU: "te",
    Script.KANNADA: "kn",
    Script.MALAYALAM: "ml",
    Script.GUJARATI: "gu",
    Script.GURMUKHI: "pa",
    Script.SINHALA: "si",
    Script.BURMESE: "my",
    Script.KHMER: "km",
    Script.LAO: "lo",
    Script.GEORGIAN: "ka",
    Script.ARMENIAN: "hy",
    Script.THAANA: "dv",
}
"""Scripts whose press is written in one language."""

KIN = {
    **dict.fromkeys(["ary", "arz"], "ar"),
    **dict.fromkeys(["wuu", "yue"], "zh"),
    **dict.fromkeys(["an", "ext"], "es"),
    **dict.fromkeys(["vec", "lij"], "it"),
    "pcm": "en",
    "bs": "hr",
    "nn": "no",
    "gom": "mr",
    "sdh": "ckb",
    "ltg": "lv",
    "hbo": "he",
    "grc": "el",
    "gcr": "ht",
    "gcf": "ht",
}
"""Languages of the model that are counted to another, in which the press of the place is written."""

LATIN_ONLY = frozenset(["en", "fr", "es", "pt", "it", "de", "tr", "id", "vi", "sw", "la", "eo", "pl", "ro", "nl"])

KANA_SHARE = 15
"""Japanese has kana for at least so many parts of its Han."""


def counts(sample: str) -> dict[Script, int]:
    """Letters by script, up to the script that has most of the sample; without scripts that have none."""
    found = {}
    for script, pattern in _SCRIPTS.items():
        if number := len(pattern.findall(sample)):
            found[script] = number
            if number * 2 > len(sample):
                break
    if found.get(Script.KANA, 0) * KANA_SHARE > found.get(Script.HAN, 0):
        found[Script.KANA] += found.get(Script.HAN, 0)
    return found


def left(sample: str, script: Script) -> frozenset[str]:
    """Which languages the letters of this sample leave of its script's; empty where they say nothing."""
    match script:
        case Script.ARABIC:
            return _of_arabic(sample)
        case Script.CYRILLIC:
            return _CYRILLIC_LANGUAGES
        case Script.DEVANAGARI:
            return frozenset(["mr", "ne"]) if "ळ" in sample else frozenset(["hi", "mr", "ne"])
    return frozenset()


_OWN_OF_ARABIC = {
    language: re.compile(f"[{letters}]")
    for language, letters in {
        "ur": "ٹڈڑںےہھۓۂ",
        "ps": "ټډړږښڼڅځۍګ",
        "ckb": "ڵڕێۆ",
        "ug": "ۈۋڭۇې",
        "sd": "ٻڀٿٽڄڃڇڏڌڊڦڳڱڻ",
    }.items()
}
_OF_ARABIC = re.compile("[ةأإكي]")
_NOT_OF_ARABIC = re.compile("[\u0671-\u06d3\u06d5\u06ee-\u06ff]")
_WITH_SCHWA = ("ckb", "ug")
_SCHWA = "ە"
_ARABIC_OWN = re.compile(r"[ةأإ]|(?<!\w)[وفبكل]?ال")
_ARABIC_YA_KAF = re.compile("[يكى]")
_PERSIAN_OWN = re.compile("[پچژگ]")
_PERSIAN_YA_KAF = re.compile("[یک]")
_PERSIAN_OR_NEAR = frozenset(["fa", "ur", "ps"])


def _of_arabic(sample: str) -> frozenset[str]:
    """Languages of the Arabic script differ in letters that stand in nearly every line; a few of another's are a name's."""
    if not _NOT_OF_ARABIC.search(sample) and _OF_ARABIC.search(sample):
        return frozenset(["ar"])
    arabic, persian = len(_ARABIC_OWN.findall(sample)), len(_PERSIAN_OWN.findall(sample))
    schwa = sample.count(_SCHWA)
    own = {
        language: len(pattern.findall(sample)) if schwa or language not in _WITH_SCHWA else 0
        for language, pattern in _OWN_OF_ARABIC.items()
    }
    best = max(own, key=lambda language: own[language])
    if own[best] and (own[best] * 2 > arabic or schwa > arabic):
        return frozenset([best])
    if persian * 2 > arabic or len(_PERSIAN_YA_KAF.findall(sample)) > len(_ARABIC_YA_KAF.findall(sample)) + arabic:
        return _PERSIAN_OR_NEAR | {"ar"} if arabic else _PERSIAN_OR_NEAR
    return frozenset(["ar"]) if arabic or _ARABIC_YA_KAF.search(sample) else _PERSIAN_OR_NEAR | {"ar"}


_CYRILLIC_LANGUAGES = frozenset(["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "uz", "ba"])
_CYRILLIC = {
    "ыэё": frozenset(["ru", "be", "kk", "ky", "mn", "tt", "ba", "tg"]),
    "іІ": frozenset(["uk", "be", "kk"]),
    "їєґЇЄҐ": frozenset(["uk"]),
    "ўЎ": frozenset(["be", "uz"]),
    "јљњџЈЉЊЏ": frozenset(["sr", "mk"]),
    "ђћЂЋ": frozenset(["sr"]),
    "ѓќѕЃЌЅ": frozenset(["mk"]),
    "ұҰ": frozenset(["kk"]),
    "әӘ": frozenset(["kk", "tt", "ba"]),
    "қғҚҒ": frozenset(["kk", "tg", "uz", "ba"]),
    "ңҢ": frozenset(["kk", "ky", "tt", "ba"]),
    "өүӨҮ": frozenset(["kk", "ky", "mn", "tt", "ba"]),
    "ӣӯҷӢӮҶ": frozenset(["tg"]),
    "щ": frozenset(["ru", "uk", "bg", "kk", "ky", "tt", "ba"]),
    "ъ": frozenset(["ru", "bg", "ky", "tt", "ba", "tg", "uz", "mn"]),
}
"""Letters, and the languages that have one of them."""

_LATIN = {
    "əƏ": frozenset(["az"]),
    "ğĞ": frozenset(["tr", "az", "crh", "tt"]),
    "ıİ": frozenset(["tr", "az", "crh", "tt", "kk"]),
    "țȚ": frozenset(["ro"]),
    "őűŐŰ": frozenset(["hu"]),
    "ůřŘ": frozenset(["cs"]),
    "ľĽĺŕ": frozenset(["sk"]),
    "łŁ": frozenset(["pl"]),
    "ßẞ": frozenset(["de"]),
    "ơưƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ": frozenset(["vi"]),
    "õÕ": frozenset(["pt", "et", "vi", "gl"]),
    "øØ": frozenset(["da", "no", "nn", "fo"]),
    "ħĦ": frozenset(["mt"]),
    "ķļņ": frozenset(["lv"]),
    "ėų": frozenset(["lt"]),
    "¿¡": frozenset(["es", "gl", "ca", "eu", "an", "ext"]),
}


_WORDS = {
    "ms": "ialah boleh awak wang mahu beliau imigresen pinda manakala bermusim ketika turut",
    "id": "bisa uang kantor polisi karena ingin imigrasi pemerintah sedangkan musiman",
    "da": "af efter sig nu mere hvad til også mod fængsel",
    "no": "av etter seg nå mer hva til også mot fengsel øker",
    "hi": "है हैं में के की का को से ने और पर",
    "ne": "छ छन् गरेको भएको गर्ने र मा भयो",
    "mr": "आहे आहेत च्या व या केली केले होते",
}
_WORD = re.compile(r"[\w\u0900-\u0903\u093a-\u094f]+")
_KNOWN = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_PAIRS = {Script.LATIN: (("id", "ms"), ("da", "no")), Script.DEVANAGARI: (("hi", "ne", "mr"),)}
FOREIGN = 0.05
"""How likely a letter is in a language that does not have it; a few are names."""

RIVAL = 0.01
"""Near kin this likely is told apart by words."""

FAMILIAR = 3.0
"""How many times likelier a language is by a word that its near kin does not have."""


def likelihood(sample: str, script: Script, ranked: Mapping[str, float]) -> dict[str, float]:
    """How likely each language of `ranked` is, with the letters and small words of this sample."""
    told = dict(ranked)
    tables = {Script.CYRILLIC: _CYRILLIC, Script.LATIN: _LATIN}
    for letters, having in () if sample.isascii() else tables.get(script, {}).items():
        if times := sum(map(sample.count, letters)):
            for language in told.keys() - having:
                told[language] *= FOREIGN ** min(times, 3)
    for pair in _PAIRS.get(script, ()):
        rivals = [language for language in pair if told.get(language, 0.0) > RIVAL]
        if len(rivals) > 1:
            words = frozenset(_WORD.findall(sample.lower()))
            for language in rivals:
                others = frozenset[str]().union(*(_KNOWN[other] for other in pair if other != language))
                told[language] *= FAMILIAR ** len(words & _KNOWN[language] - others)
    return told


_TRADITIONAL = re.compile(
    "[國會對門開關與學車東馬語說請這個們來時後過還進發實業員長務動產經數萬歲險際區協議簽證勞農歐亞灣臺聯護難導]"
)
_SIMPLIFIED = re.compile(
    "[国会对门开关与学车东马语说请这个们来时后过还进发实业员长务动产经数万岁险际区协议签证劳农欧亚湾台联护难导]"
)


def traditional(sample: str) -> bool:
    """Whether Chinese is written in traditional characters."""
    return len(_TRADITIONAL.findall(sample)) > len(_SIMPLIFIED.findall(sample))
