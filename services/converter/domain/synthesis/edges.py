"""Where a program has no ground: rows of other files that lie beyond what the example showed."""

from dataclasses import dataclass

from services.converter.domain.report import GuardKind, Severity

MAX_VALUES = 100
"""Values of a column of which the example may have shown all that there are."""
MOST_CHECKED = 2_000
"""Rows of a large example that rules are held against to find what they go by."""


@dataclass(frozen=True, slots=True)
class Check:
    """One test over the relation: ``outside`` is SQL that holds on rows beyond the example, ``value`` what is shown of
    them, ``column`` what it is about; ``reads`` are the positions of the columns that are asked for."""

    column: str
    kind: GuardKind
    severity: Severity
    words: str
    value: str
    outside: str
    reads: frozenset[int]
