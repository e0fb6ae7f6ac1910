"""What the example has shown of a column: the formats that are read and written, and the values where they are few."""

from collections.abc import Sequence

from services.converter.domain.formats.date import describe, infer_formats
from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Expression

MAX_VALUES, LONGEST_VALUE = 20, 60
"""Values, and their characters, that are still a set to read."""
MOST_LOOKED_AT = 500
"""Rows from which the formats of texts that are copied are told."""


def formats_of(expression: Expression, outputs: Sequence[str]) -> tuple[str, ...]:
    """Formats of numbers and dates: those that the program reads, then that of the output."""
    found = [f"{node.parts[0].words()}: {node.format_read}" for node in expression.walk() if node.format_read]
    written = [expression.format_written] if expression.format_written else _form_of_texts(outputs)
    found += [f"output: {form}" for form in written]
    return tuple(dict.fromkeys(found))


def _form_of_texts(outputs: Sequence[str]) -> list[str]:
    texts = [o for o in outputs[:MOST_LOOKED_AT] if o.strip()]
    if not texts:
        return []
    # 20240305 is a date before it is a number; 12 is a number before it is a day.
    dates = infer_formats(texts)
    numbers = styles(texts)
    if dates and (not numbers or all(len(t) == len("YYYYMMDD") for t in texts)):
        return [describe(dates[0])]
    return [numbers[0].words()] if numbers else []


def values_of(outputs: Sequence[str]) -> tuple[str, ...]:
    """The output's values in order, where they are a set: few, short, and shown more than once on the whole."""
    distinct = set(outputs)
    if len(distinct) > MAX_VALUES or 2 * len(distinct) > len(outputs) or any(len(v) > LONGEST_VALUE for v in distinct):
        return ()
    return tuple(sorted(distinct))
