"""What Arabic writes onto a word: the particles before it and the endings after it, as closed sets in the normal form.

A term is written in a topic file as in a dictionary ("تأشيرة", "أوقف/يوقف"); a text has it as وبالتأشيرات or فأوقفوهم.
A hit of the term's stem counts only if what stands before and after it in the same word is in these sets, so that a stem
inside another word (ذهب in مذهب, بشر in بشرة) is no hit. Letters here are those of shared.text: no hamza on alef, ه for ة,
ي for ى and ئ, و for ؤ.
"""

from itertools import product

from services.classifier.core.affixes import NOTHING, Affix, Unit
from shared.text import normalise

ARTICLE = "ال"
SHORT = 2
"""A word of no more letters takes hardly anything on: too many other words look like it."""

_CONJUNCTIONS = ("", "و", "ف")
_BARE = ("", "ب", "ك", "ل")
_DEFINITE = ("ال", "بال", "كال", "لل")

INDEFINITE_PROCLITICS = frozenset(map("".join, product(_CONJUNCTIONS, _BARE)))
DEFINITE_PROCLITICS = frozenset(map("".join, product(_CONJUNCTIONS, _DEFINITE)))
PROCLITICS = INDEFINITE_PROCLITICS | DEFINITE_PROCLITICS
BEFORE = Affix(PROCLITICS)
"""Before a noun: conjunction, preposition and article, each optional; ل and ال melt into لل."""

BEFORE_DEFINITE = Affix(DEFINITE_PROCLITICS)
BEFORE_SHORT = Affix(DEFINITE_PROCLITICS | {"", "و"})
"""Before a stem of two letters, where a third letter mostly makes another word (فرق is not ف and رق)."""

BEFORE_INNER = Affix(frozenset(["", "ال", "ل", "لل", "ب", "بال"]))
"""Before a word that is not the first of its term: شبكة اتجار is also شبكة للاتجار."""

BEFORE_PAST = Affix(frozenset(_CONJUNCTIONS))
BEFORE_PRESENT = Affix(frozenset(map("".join, product(_CONJUNCTIONS, ("", "س", "ل")))))

PRONOUNS = ("ه", "ها", "هم", "هما", "هن", "ك", "كم", "كما", "كن", "نا")
"""The ي of "my" is left out: in news a word with ي is nearly always the adjective (بشري, تجاري)."""


def _with_pronoun(*stems: str) -> set[str]:
    return {stem + pronoun for stem in stems for pronoun in PRONOUNS}


_PLURAL = {"ات"} | _with_pronoun("ات")
_MASCULINE = {"", "ا", "ان", "ين", "ون", "وا"} | _with_pronoun("", "ي", "و", "ا") | _PLURAL
_FEMININE = {"ه", "تان", "تين", "تا", "تي"} | _with_pronoun("ت", "تي", "تا") | _PLURAL

AFTER = Affix(frozenset(_MASCULINE), not_marbuta=True)
"""After a noun: nothing, the accusative, dual, sound plurals, a pronoun (the plural's ن falls before it)."""

AFTER_MARBUTA = Affix(frozenset(_FEMININE))
"""After a stem whose ة was cut off: the ة itself, never nothing: تجارة is not تجار."""

AFTER_PERSON = Affix(frozenset(_MASCULINE | _FEMININE | {"ي", "و", "يا", "يه", "يات", "يين", "يون"}))
"""After `word~`, who does or is something: also feminine, and the plural before another noun (مهربو البشر, مواطني الدولة)."""

AFTER_HAMZA = Affix(frozenset({"ء" + ending for ending in _MASCULINE} | _with_pronoun("ي", "و", "ءي", "ءو")), not_marbuta=False)
"""After a stem whose last ء was cut off: it changes its seat before a pronoun (إلغاء, إلغاؤها, إلغائها)."""

_OBJECT = {*PRONOUNS, "ني"}
AFTER_PAST = Affix(
    frozenset({"", "ت", "تا", "ا", "وا", "ن", "نا", "تم"} | {s + o for s in ("", "ت", "و", "نا", "تا") for o in _OBJECT})
)
AFTER_PRESENT = Affix(
    frozenset({"", "ون", "وا", "ان", "ا", "ن", "ين"} | {s + o for s in ("", "ون", "و", "ن", "ان") for o in _OBJECT})
)
AFTER_WEAK_PAST = Affix(
    frozenset(
        {"ي", "ا", "ت", "تا", "وا", "ين", "يت", "ينا", "يا"} | {s + o for s in ("ا", "ت", "و", "ينا", "يت") for o in _OBJECT}
    )
)
AFTER_WEAK_PRESENT = Affix(
    frozenset({"ي", "", "ون", "وا", "ين", "يان", "يا", "ان"} | {s + o for s in ("ي", "ون", "و", "") for o in _OBJECT})
)

_ROOTS = ("التزام", "التحاق", "التماس", "التقاء", "التهاب", "الغاء", "الزام", "الحاق", "الهام", "الكتروني", "الم", "الف")
_ROOT_ALEF_LAM = {root + ending for root in _ROOTS for ending in _MASCULINE} | {"الي" + ending for ending in _FEMININE}
_ROOT_ALEF_LAM |= {"الكترونيه", "الكترونيا", "الغاء", "الزامي", "الزاميه", "اليات", "الغي", "الغت", "التي", "الي", "الا"}
"""Words that begin like the article by their root; الي is the stem of آلية."""

PARTICLES = frozenset(
    (
        *("من", "في", "علي", "الي", "عن", "غير", "او", "مع", "بين", "ضد", "قبل", "بعد", "حول", "اجل", "بدون", "دون", "عبر"),
        *("لا", "ما", "لم", "لن", "قد", "ان", "كل", "اي", "و", "الا", "مثل", "نحو", "لدي", "عند", "حتي", "ثم", "هو", "هي"),
        *("هم", "بشان", "لاجل", "بلا", "بغير", "خلال", "منذ", "ليس", "ليست", "وبين", "ومن", "وفي"),
    )
)
"""Words that neither take the article nor an ending."""


def is_arabic(char: str) -> bool:
    """Whether the character is of the Arabic script."""
    return "\u0600" <= char <= "\u06ff" or "\u0750" <= char <= "\u077f" or "\u08a0" <= char <= "\u08ff"


def has_article(word: str) -> bool:
    """Whether this normal-form word begins with the article, and not with a root that happens to begin like it."""
    return word.startswith(ARTICLE) and len(word) > 3 and word not in _ROOT_ALEF_LAM


def noun(word: str, *, inner: bool, person: bool = False) -> Unit:
    """A noun or an adjective as written in a topic file. `inner`: not the first word of its term. `person`: `word~`."""
    normal = normalise(word)
    left = BEFORE_INNER if inner else BEFORE
    if len(normal) <= SHORT:
        return Unit(normal, BEFORE_INNER if inner else BEFORE_SHORT, NOTHING)
    if word.startswith(ARTICLE) and has_article(normal):  # ألبوم, إلغاء: an alef with a hamza is never the article's
        normal, left = normal.removeprefix(ARTICLE), BEFORE_DEFINITE
    if person:
        return Unit(normal.removesuffix("ه") if word.endswith("ة") else normal, left, AFTER_PERSON)
    if word.endswith("ة"):
        return Unit(normal[:-1], left, AFTER_MARBUTA)
    if normal.endswith("اء"):
        return Unit(normal[:-1], left, AFTER_HAMZA)
    return Unit(normal, left, AFTER)


def verb(past: str, present: str) -> list[Unit]:
    """A verb written as in a dictionary, third person singular: past and present (أوقف/يوقف, ألغى/يلغي), active or passive."""
    done, doing = normalise(past), normalise(present)
    weak = past.endswith(("ى", "ا", "ي"))
    units = [Unit(done[:-1], BEFORE_PAST, AFTER_WEAK_PAST) if weak else Unit(done, BEFORE_PAST, AFTER_PAST)]
    weak = doing.endswith(("ي", "و"))
    stem, right = (doing[1:-1], AFTER_WEAK_PRESENT) if weak else (doing[1:], AFTER_PRESENT)
    return [*units, *(Unit(prefix + stem, BEFORE_PRESENT, right) for prefix in "يتن")]
