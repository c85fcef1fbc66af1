"""What Arabic writes onto a word: the particles before it and the endings after it, as closed sets in the normal form.

A term is written in a topic file as in a dictionary ("تأشيرة"); a text has it as وبالتأشيرات or تأشيرته. A hit of the term's
stem counts only if what stands before and after it in the same word is in these sets, so that a stem inside another word
(ذهب in مذهب, بشر in بشرة) is no hit. Letters here are those of shared.text: no hamza on alef, ه for ة, ي for ى.
"""

from itertools import product

ARTICLE = "ال"

_CONJUNCTIONS = ("", "و", "ف")
_BARE = ("", "ب", "ك", "ل", "س")
_DEFINITE = ("ال", "بال", "كال", "لل")

INDEFINITE_PROCLITICS = frozenset(map("".join, product(_CONJUNCTIONS, _BARE)))
DEFINITE_PROCLITICS = frozenset(map("".join, product(_CONJUNCTIONS, _DEFINITE)))
PROCLITICS = INDEFINITE_PROCLITICS | DEFINITE_PROCLITICS
"""Conjunction, preposition (or the س of the future) and article, each optional; ل and ال melt into لل."""

SHORT_PROCLITICS = DEFINITE_PROCLITICS | {"", "و"}
"""Before a stem of two letters, where a third letter mostly makes another word (فرق is not ف and رق)."""

PRONOUNS = frozenset(["ه", "ها", "هم", "هما", "هن", "ك", "كم", "كما", "كن", "نا"])
"""The ي of "my" is left out: in news a word with ي is nearly always the adjective (بشري, تجاري)."""

_PLURAL = {"ات"} | {"ات" + pronoun for pronoun in PRONOUNS}
ENDINGS = frozenset({"", "ا", "ان", "ين", "ون", "وا"} | PRONOUNS | _PLURAL)
"""After a stem: nothing, the accusative, dual, sound plurals, a pronoun, the plural of a verb."""

FEMININE_ENDINGS = frozenset({"ه", "تان", "تين", "تا", "تي"} | {"ت" + pronoun for pronoun in PRONOUNS} | _PLURAL)
"""After a stem whose ة was cut off: the ة itself, never nothing: تجارة is not تجار."""

LONGEST_BEFORE = max(map(len, PROCLITICS))
LONGEST_AFTER = max(map(len, ENDINGS | FEMININE_ENDINGS))

_ROOTS = ("التزام", "التحاق", "التماس", "التقاء", "التهاب", "الغاء", "الزام", "الحاق", "الهام", "الكتروني", "الم", "الف")
_ROOT_ALEF_LAM = {root + ending for root in _ROOTS for ending in ENDINGS} | {"الي" + ending for ending in FEMININE_ENDINGS}
"""Words that begin like the article by their root; الي is the stem of آلية."""

_PARTICLES = {"من", "في", "علي", "الي", "عن", "غير", "او", "مع", "بين", "ضد", "قبل", "بعد", "حول", "اجل", "بدون", "دون", "عبر"}
_PARTICLES |= {"لا", "ما", "لم", "لن", "قد", "ان", "كل", "اي", "و"}
_WITH_ARTICLE = ("ال", "بال", "لل", "وال", "كال", "فال")


def is_arabic(char: str) -> bool:
    """Whether the character is of the Arabic script."""
    return "\u0600" <= char <= "\u06ff" or "\u0750" <= char <= "\u077f" or "\u08a0" <= char <= "\u08ff"


def has_article(word: str) -> bool:
    """Whether this normal-form word begins with the article, and not with a root that happens to begin like it."""
    return word.startswith(ARTICLE) and len(word) > 3 and word not in _ROOT_ALEF_LAM


def takes_article(word: str) -> bool:
    """Whether a word inside a term may also stand with the article it was written without."""
    return word not in _PARTICLES and (not word.startswith(_WITH_ARTICLE) or word in _ROOT_ALEF_LAM)
