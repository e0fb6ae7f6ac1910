"""Reads of JSON that a service wrote, for pages: never fails, and cuts what a page does not bear. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

MAX_TEXTS = 50
MAX_CHARS = 2000


def parse_report(content: bytes) -> Mapping[str, Any] | None:
    """A report's JSON object; None for what is none."""
    try:
        report = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def as_text(value: object) -> str:
    """A text, cut where it is longer than a page bears."""
    text = "" if value is None else str(value)
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"


def as_texts(value: object) -> Sequence[str]:
    """The first texts of a list."""
    return [as_text(item) for item in as_list(value)[:MAX_TEXTS]]


def as_list(value: object) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_map(value: object) -> Mapping[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_maps(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_count(value: object) -> int:
    """A whole number from 0; 0 for anything else."""
    return value if type(value) is int and value >= 0 else 0


def as_share(value: object, most: float = 1.0) -> float:
    """A number between 0 and ``most``."""
    return min(most, max(0.0, float(value))) if isinstance(value, int | float) else 0.0
