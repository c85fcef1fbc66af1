"""How names inflect: which endings a name may have in each language, as regular expressions over the normal form.

An alias of the gazetteer is a name or a stem; `~` in it stands for these endings (`≈` at the end of a name in Cyrillic: for
those of a noun that ends in a consonant, so that Нигер does not become Нигерия). Names that CLDR gives in the nominative
become stems here. Only what a language writes onto names is allowed, so that a name inside another word is no hit.
"""

from collections.abc import Iterator

from services.classifier.core.arabic import has_article

_ROMANCE = "(?:[aeoi]|es|os|as|ns?|hi|he|s|nes?|nne|nnes|les?)?"
_SLAVIC_ADJECTIVE = "ий|ый|ой|ая|яя|ое|ее|ие|ые|ого|его|ой|ей|их|ых|им|ым|ими|ыми|ую|юю|ом|ем|ому|ему|і|ій|ої|ього|ому|ою|а|е|у"
_SLAVIC_NOUN = "а|у|ом|е|ы|и|ю|я|ей|ем|ой|ою|ию|ии|ия|ием|ием|ием|ах|ам|ами|ях|ями|ям|ов|ів|ї|єю|ін|ина|ці|ів|ами|єм|ем|ь|ью"

ENDINGS = {
    "en": "(?:e?s)?",
    "ar": "(?:ه|ون|ين|ات|ان|ا|تان|تين)?",  # of an adjective of origin
    "fa": "(?:ي|ها|يها|يان|هاي|يهاي)?",
    "ur": "(?:ي|يوں|وں)?",
    "de": "(?:e|n|en|er|es|em|in|innen|s)?",
    "tr": "(?:l[iuü](?:l[ae]r)?[a-zçğöşü]{0,4}|l[ae]r[a-zçğöşü]{0,4})?",
    "hi": "(?:ी|ियों)?",
    "bn": "(?:ের|র|ে|ি)?",
    "el": "[α-ωά-ώ]{0,4}",
    "hu": "[a-záéíóöőúüű]{0,5}",
    "fi": "[a-zäö]{0,5}",
}
ENDINGS |= dict.fromkeys(["r", "fr", "es", "pt", "it", "ro"], _ROMANCE)
ENDINGS |= dict.fromkeys(["ru", "uk", "be", "bg", "sr", "mk", "kk"], f"(?:{_SLAVIC_ADJECTIVE}|{_SLAVIC_NOUN})?")
ENDINGS |= dict.fromkeys(
    ["pl", "cs", "sk", "sl", "hr"], "(?:[aeiouyęąůíáéě]|ie|ii|ię|ią|om|ou|ích|iem|em|im|im|ego|emu|ej|ich|imi|ých|ého|ów|ach)?"
)
ENDINGS |= dict.fromkeys(["nl", "sv", "da", "no"], "(?:e|s|er|en|ere|erna|erne|a|t|te)?")

AFTER_CONSONANT = "(?:а|у|ом|е|ы|ов|ам|ах|ами|і|ові|ем|ев)?"

_CYRILLIC = frozenset(["ru", "uk", "be", "bg", "sr", "mk", "kk"])
_WESTERN_SLAVIC = frozenset(["pl", "cs", "sk", "sl", "hr"])
_ADJECTIVES = ("ая", "яя", "ий", "ый", "ое", "ые", "ие", "ой", "ська", "ські", "ски")
_HE = ("", "ב", "ל", "מ", "ה", "ו", "ש", "כ", "וב", "ול", "ומ", "וה", "שב", "של", "מה", "לה")
PREFIXES = {"he": frozenset(_HE), "am": frozenset(["", "የ", "በ", "ከ", "ለ", "ስለ", "የኢ"])}
"""What is written onto the front of a name, beside the Arabic particles."""


def stems(language: str, name: str) -> Iterator[str]:
    """A name that CLDR gives, as aliases: its parts where it has two ("Myanmar (Burma)"), with `~` where it inflects."""
    first, bracket, second = name.partition("(")
    parts = [first.strip(), second.rstrip(") ").strip()] if bracket else [name]
    for part in parts:
        if len(part) > 1:
            yield _stem(language, part.replace(" - ", "-"))


def _stem(language: str, name: str) -> str:
    if language in _CYRILLIC:
        return " ".join(_cyrillic(word) for word in name.split(" "))
    if language in _WESTERN_SLAVIC:
        return " ".join(word[:-1] + "~" if len(word) > 4 and word[-1] in "aeoiyáéí" else word for word in name.split(" "))
    if language == "el":
        return name.rstrip("ςαηο") + "~" if len(name) > 4 else name
    return name + "~" if language in ENDINGS and language not in ("ar", "r", "fr", "es", "pt", "it", "ro", "en") else name


def _cyrillic(word: str) -> str:
    if len(word) < 4 or not word[0].isupper():
        return word
    if word.endswith(_ADJECTIVES) and len(word) > 5:
        return word[:-2] + "~"
    if word[-1] in "аяьйуыеіїи":
        return word[:-1] + "~"
    return word if word[-1] in "оэю" else word + "≈"


def nisba(name: str) -> str | None:
    """The adjective of origin that Arabic makes of a country's name in normal form (ايطاليا: ايطالي), or None."""
    if " " in name or "-" in name:
        return None
    bare = name[2:] if has_article(name) else name
    for ending in ("يا", "ا", "ه"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 2:
            bare = bare[: -len(ending)]
            break
    return f"{bare}ي~" if len(bare) >= 3 and not bare.endswith(("ي", "و")) else None
