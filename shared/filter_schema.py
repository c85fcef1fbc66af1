"""The filter language as a JSON Schema, for editors and for other languages; docs/filter.schema.json is made of it.

What a schema cannot say is said when a filter is made: which topics there are, that a `text` has a word and closes its
quotes, how deep groups may stand, how many parts there may be.
"""

from typing import Any

from shared.filter import COUNTRY, LANGUAGE, LISTS, MOST_VALUES

ABOUT = {
    "topics": "Topics the article has.",
    "subtopics": "Subtopics it has, as `topic/subtopic`.",
    "languages": "Languages it is in (BCP 47); `zh` takes `zh-Hant` too.",
    "countries": "Countries it speaks of (ISO 3166-1 alpha-2).",
    "organisations": "Organisations it names.",
    "sources": "Sources it came from: id, name or URL.",
}
_PATTERNS = {"subtopics": r"^[^/]+/.+$", "languages": f"^{LANGUAGE.pattern}$", "countries": f"^{COUNTRY.pattern}$"}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a filter."""
    fields = {field: {"$ref": f"#/$defs/{field}"} for field in LISTS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://rasid.example/filter.schema.json",
        "title": "Filter",
        "description": "Which articles someone wants. Fields of one object are joined by and; `{}` wants every tagged article.",
        **_object(fields),
        "$defs": {
            "group": {**_object(fields), "minProperties": 1},
            **{field: {"description": ABOUT[field], **_lists(field)} for field in LISTS},
        },
    }


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    groups = {"type": "array", "items": {"$ref": "#/$defs/group"}, "minItems": 1, "maxItems": MOST_VALUES}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **fields,
            "min_score": {
                "description": "Holds for each topic of `all` and at least one of `any` beside it; without, for any topic.",
                "type": "number",
                "minimum": 0,
                "maximum": 1,
            },
            "text": {"description": "All of these words, in any order; quotes for a phrase.", "type": "string", "minLength": 1},
            "all": {"description": "Each of these filters holds.", **groups},
            "any": {"description": "At least one of these filters holds.", **groups},
            "not": {"description": "This filter does not hold.", "$ref": "#/$defs/group"},
        },
    }


def _lists(field: str) -> dict[str, Any]:
    value = {"type": "string", "pattern": _PATTERNS.get(field, r"\S")}
    values = {"type": "array", "items": value, "minItems": 1, "maxItems": MOST_VALUES}
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {"any": values, "all": values},
    }
