"""How the words of a term change: by rule in Arabic, Persian and Urdu, by declared prefixes and endings elsewhere.

A language file declares what `~` stands for; a plain word takes nothing on, except in the three languages of the Arabic
script, whose nouns are hardly ever met bare.
"""

from typing import NamedTuple

from services.classifier.core import arabic
from services.classifier.core.affixes import FREE, LETTERS, NOTHING, NUMBER, Affix, Unit, is_wide
from shared.text import normalise


class Morphology(NamedTuple):
    """The prefixes and endings of a language, as its file declares them."""

    language: str = "*"
    prefixes: frozenset[str] = frozenset([""])
    endings: frozenset[str] = frozenset([""])


class TermError(ValueError):
    """A term that cannot be used; says why."""


_PERSIAN = {
    "",
    "ي",
    "ها",
    "هاي",
    "هايي",
    "هايش",
    "هايشان",
    "هايمان",
    "هايت",
    "هاست",
    "هارا",
    "ان",
    "اني",
    "اي",
    "ش",
    "شان",
    "مان",
}
_PERSIAN |= {"ات", "اش", "اشان", "م", "ام", "يي", "يان", "گان", "گاني", "ست", "ند"}
_URDU = {"", "وں", "يں", "ات", "ي", "يوں", "ياں", "ه", "و", "ئيں", "ؤں", "ووں"}
_AUTOMATIC = {
    "fa": Affix(frozenset(_PERSIAN)),
    "ur": Affix(frozenset(map(normalise, _URDU))),
}
_AUTOMATIC_SHORT = {
    "fa": Affix(frozenset(["", "ها", "هاي", "هايي"])),
    "ur": Affix(frozenset([""])),
}
_SHORT = 3


def units(word: str, morphology: Morphology, *, inner: bool) -> list[Unit]:
    """What a word of a term is looked for as. `inner`: not the first word. Raises TermError."""
    if word == NUMBER:
        return [Unit(NUMBER, NOTHING, NOTHING)]
    if word.startswith("="):
        return [_bare(word[1:])]
    past, slash, present = word.partition("/")
    if slash and past and arabic.is_arabic(past[-1]):
        if not present.startswith("ي"):
            raise TermError(f"{word}: write a verb as past/present, both in the third person (أوقف/يوقف)")
        return arabic.verb(past, present)
    stem = word.strip("~*")
    normal = normalise(stem)
    if not normal or not any(char.isalnum() for char in normal):
        raise TermError("one of its variants has no letters")
    if "*" in stem or "~" in stem:
        raise TermError("`*` and `~` stand only at the beginning or the end of a word")
    if is_wide(normal):
        return [Unit(normal, FREE, FREE)]
    if morphology.language == "ar" and arabic.is_arabic(normal[0]) and "*" not in word:
        if normal in arabic.PARTICLES:
            return [Unit(normal, NOTHING, NOTHING)]
        return [arabic.noun(stem, inner=inner, person=word.endswith("~"))]
    return [Unit(normal, _left(word, morphology, inner=inner), _right(word, normal, morphology))]


def _bare(word: str) -> Unit:
    normal = normalise(word)
    if not normal:
        raise TermError("`=` without a word")
    return Unit(normal, FREE, FREE) if is_wide(normal) else Unit(normal, NOTHING, NOTHING)


def _left(word: str, morphology: Morphology, *, inner: bool) -> Affix:
    if word.startswith("*"):
        return LETTERS
    if word.startswith("~"):
        return Affix(morphology.prefixes)
    if morphology.language == "ar" and arabic.is_arabic(word[0]):
        return arabic.BEFORE_INNER if inner else arabic.BEFORE
    return NOTHING


def _right(word: str, normal: str, morphology: Morphology) -> Affix:
    if word.endswith("*"):
        return LETTERS
    if word.endswith("~"):
        return Affix(morphology.endings)
    if morphology.language in _AUTOMATIC and arabic.is_arabic(normal[-1]):
        return (_AUTOMATIC if len(normal) > _SHORT else _AUTOMATIC_SHORT)[morphology.language]
    return NOTHING
