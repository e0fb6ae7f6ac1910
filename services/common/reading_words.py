"""How a reading of an input is put into words, for every page that shows one. Pure.

A reading is what a section's ``reading`` holds: ``{"field", "read_as": {unit, ...}, "why", "alternatives"?, "rows"?}``.
"""

from collections.abc import Mapping
from typing import Any

_REASONS = {
    "marked": "a mark beside the number or in its column's name",
    "convention": "the request's input_conventions",
    "column": "the column itself",
    "sibling": "another field",
    "sum": "what it sums to",
    "range": "what is plausible of the field",
    "locale": "the request's locale",
    "tenant": "the tenant's default",
}


def describe_reading(reading: Mapping[str, Any]) -> str:
    """What a column or field was read as: "money, currency INR"; "not settled" where several ways fit."""
    return "not settled" if reading.get("alternatives") else _name_all(reading["read_as"])


def describe_alternatives(reading: Mapping[str, Any]) -> str:
    """The ways that fit where nothing decides between them: "date, order DMY or date, order MDY"."""
    return " or ".join(_name_all(way["read_as"]) for way in reading.get("alternatives") or ())


def describe_reason(why: str) -> str:
    """What decided a reading; nothing for a word that is none."""
    return _REASONS.get(why, "")


def _name_all(read_as: Mapping[str, str]) -> str:
    """The unit, then what else was read, each under its name: the order does not hang on that of a protobuf map."""
    unit = [read_as["unit"]] if "unit" in read_as else []
    return ", ".join([*unit, *(f"{name} {read_as[name]}" for name in sorted(read_as) if name != "unit")])
