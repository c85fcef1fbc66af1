"""Writes what the classifier knows of names and calendars from the Unicode CLDR, through Babel, into one file: what countries,
months and weekdays are called in each language. `make gazetteer` does it; a test holds the file against Babel.

The file is kept so that nothing but the classifier's automaton is built at a start, and so that a change of a name is seen.
"""

import json
from pathlib import Path

import babel
from babel import Locale

LANGUAGES = [
    "ar",
    "en",
    "fr",
    "es",
    "pt",
    "it",
    "ro",
    "de",
    "nl",
    "sv",
    "da",
    "no",
    "pl",
    "cs",
    "sk",
    "sl",
    "hr",
    "hu",
    "fi",
    "el",
    "tr",
    "az",
    "ru",
    "uk",
    "be",
    "bg",
    "sr",
    "mk",
    "kk",
    "fa",
    "ur",
    "ps",
    "ckb",
    "hi",
    "mr",
    "ne",
    "bn",
    "id",
    "ms",
    "vi",
    "sw",
    "so",
    "am",
    "he",
    "zh",
    "zh_Hant",
    "ja",
    "ko",
    "th",
]
REGIONS = {"ar": ["ar_LB", "ar_DZ", "ar_MA", "ar_SA", "ar_MR"], "de": ["de_AT"], "id": [], "es": ["es_UY"]}
"""Where months have other names under the same language (كانون الثاني, جانفي, غشت)."""

NO_COUNTRY = {"AC", "AQ", "BV", "CP", "CQ", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TA", "TF", "UM", "UN", "XA", "XB", "ZZ"}
FILE = Path("services/classifier/gazetteer/cldr.json")


def made() -> str:
    """The file's text."""
    told = {
        "origin": f"Unicode CLDR (Unicode License v3), by Babel {babel.__version__}; made by `make gazetteer`",
        "countries": {language.replace("_", "-"): countries(language) for language in LANGUAGES},
        "months": {language: spelled(language, "months", range(1, 13)) for language in LANGUAGES if "_" not in language},
        "weekdays": {language: spelled(language, "days", range(7)) for language in LANGUAGES if "_" not in language},
    }
    return json.dumps(told, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def countries(language: str) -> dict[str, str]:
    """Code to name."""
    names = Locale.parse(language).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY}


def spelled(language: str, field: str, numbers: range) -> list[list[str]]:
    """For each month (from January) or day (from Monday) its full names, as they stand alone and in a date."""
    locales = [Locale.parse(name) for name in (language, *REGIONS.get(language, []))]
    found = [
        [getattr(locale, field)[form]["wide"][number] for locale in locales for form in ("format", "stand-alone")]
        for number in numbers
    ]
    return [sorted({name for name in names if not name.isdigit()}) for names in found]


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
