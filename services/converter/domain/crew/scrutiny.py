"""What is asked of an agent's program beyond the example itself: that it is a rule, and where its ground ends."""

import re
from collections import Counter
from collections.abc import Sequence

from services.converter.domain.instructions import Instructions
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.edges import MAX_VALUES
from services.converter.domain.synthesis.proof.forms import MAX_FORMS, OUTLINE
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Row, Table

FEWEST_LISTED = 3
MAX_SOURCES = 40
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


def literals_of(sql: str) -> frozenset[str]:
    """The texts that stand in a program as literals."""
    return frozenset(found.replace("''", "'") for found in _LITERAL.findall(sql))


def memorised_columns(sql: str, source: Table, expected: Table, said: Instructions) -> tuple[str, ...]:
    """Output columns whose answers the program lists instead of making them.

    An answer that one row alone witnesses cannot be tested on another; a program that holds most of a column's answers
    as such literals has learned the example by heart. What stands in the input or in the user's words is no answer.
    """
    written = literals_of(sql)
    if len(written) < FEWEST_LISTED:
        return ()
    known = {cell for row in source.rows for cell in row}
    words = f"{said.general} {' '.join(said.columns.values())}".lower()
    found = []
    for position, name in enumerate(expected.column_names):
        counts = Counter(row[position] for row in expected.rows if position < len(row) and row[position])
        listed = [
            value
            for value, count in counts.items()
            if count == 1 and value in written and value not in known and value.lower() not in words
        ]
        if len(listed) >= FEWEST_LISTED and 2 * len(listed) > len(counts):
            found.append(name)
    return tuple(found)


def guards_of_agent(sql: str, source: Table, columns: Sequence[str]) -> tuple[Guard, ...]:
    """Where the ground of an agent's program ends, judged by the input columns that it reads.

    A column all of whose values the program lists has no answer for others (``unseen``); any other is noted where a
    value has a form that the example did not show.
    """
    written = literals_of(sql)
    guards: list[Guard] = []
    for position, name in enumerate(source.column_names):
        if not _reads(sql, name) or len(guards) >= MAX_SOURCES:
            continue
        values = dict.fromkeys(row[position] for row in source.rows if position < len(row))
        texts = [value for value in values if value]
        if texts and len(texts) <= MAX_VALUES and all(text in written for text in texts):
            listed = ", ".join(literal(value) for value in values)
            guards.append(
                Guard(
                    name, "value_set", "unseen", f"{name} has a value that the example did not show",
                    _select(name, f"{identifier(name)} NOT IN ({listed})"), tuple(columns),
                )
            )  # fmt: skip
            continue
        shapes = dict.fromkeys(map(OUTLINE.of, texts))
        if shapes and len(shapes) <= MAX_FORMS:
            outside = f"{identifier(name)} <> '' AND {OUTLINE.is_new(identifier(name), shapes)}"
            words = f"{name} has a form that the example did not show"
            guards.append(Guard(name, "shape", "note", words, _select(name, outside), tuple(columns)))
    return tuple(guards)


def columns_by_agent(sql: str, names: Row, solved: dict[str, str]) -> tuple[str, ...]:
    """The output columns that the program makes otherwise than synthesis did: ``solved`` has its expressions."""
    return tuple(name for name in names if not solved.get(name) or solved[name] not in sql)


def _select(name: str, outside: str) -> str:
    return f"SELECT _row, {identifier(name)} AS value\nFROM input\nWHERE {outside}"


def _reads(sql: str, name: str) -> bool:
    if '"' + name.lower().replace('"', '""') + '"' in sql.lower():
        return True
    return name.isidentifier() and re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE) is not None
