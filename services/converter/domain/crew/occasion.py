"""When agents are worth asking: never for what is certain."""

from collections.abc import Mapping
from typing import Any

from services.converter.domain.lessons import NOT_EXPLAINED

ASKED_FOR = frozenset({"NOT_LEARNED", "AMBIGUOUS", "EXAMPLE_UNRELATED", "EXAMPLE_CONTRADICTORY", NOT_EXPLAINED})
"""How trainings fail that a model may yet settle. Rows that seem to contradict one another or to come from nowhere may
be totals, or a table turned round that happens to have as many rows."""
_SURE = 0.5
"""A column that is more likely wrong than right is asked for."""


def shaky_columns(report: Mapping[str, Any]) -> list[str]:
    """The columns whose rule is more likely wrong than right, or is in doubt, though it explains the example."""
    return [
        str(column["name"])
        for column in report["columns"]
        if column["how"] not in {"open", "agent"} and (column["doubt"] or column["confidence"] < _SURE)
    ]


def unmet_words(report: Mapping[str, Any]) -> list[str]:
    """The user's sentences that were understood and that the program does not do."""
    return [str(h["sentence"]) for h in report.get("instructions", ()) if h["outcome"] in {"not used", "contradicts"}]


def wants_second_opinion(report: Mapping[str, Any]) -> bool:
    """Whether a program that explains the example is to be held against one that a model finds."""
    return bool(shaky_columns(report) or unmet_words(report))
