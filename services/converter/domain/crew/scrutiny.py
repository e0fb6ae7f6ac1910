"""What is said of an agent's program beside that it is right: which columns are its own, and where its ground ends."""

from collections.abc import Mapping, Sequence

from services.converter.domain.crew.constants import list_constants
from services.converter.domain.crew.lineage import Lineage, form_of, list_limits, trace
from services.converter.domain.crew.spoken import stands_in
from services.converter.domain.instructions import Instructions
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.edges import MAX_VALUES
from services.converter.domain.synthesis.proof.forms import MAX_FORMS, OUTLINE
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Row, Table

MAX_SOURCES = 40
_REPEATS = 0.6
"""The share of different values up to which a column has repeated ones."""


def guards_of_agent(
    sql: str, source: Table, columns: Mapping[int, str], said: Instructions | None = None
) -> tuple[Guard, ...]:
    """Where the ground of an agent's program ends, judged by the input columns that it reads.

    ``columns`` are the output columns that it makes, by position. A column whose values the program tells apart by
    listing them has no answer for others (``unseen``) but those that it lists from the user's words; any other is noted
    where a value has a form that the example did not show, or lies where a limit might as well be another.
    """
    made = trace(sql, source.column_names)
    written = [constant.text for constant in list_constants(sql) if constant.kind == "text"]
    words = (said or Instructions()).all_words
    given = [text for text in dict.fromkeys(written) if text and stands_in(words, text)]
    listed = frozenset(written)
    guards = _guards_of_limits(sql, source, columns, made, words)
    for name, cells in zip(source.column_names, source.columns(), strict=True):
        outputs = tuple(column for position, column in columns.items() if name in made.of(position))
        if not outputs or len(guards) >= MAX_SOURCES:
            continue
        values = dict.fromkeys(cells)
        texts = [value for value in values if value]
        repeats = len(texts) <= _REPEATS * len(cells)
        if (
            texts
            and len(texts) <= MAX_VALUES
            and (listed.issuperset(texts) or (repeats and listed.intersection(texts)))
        ):
            known = ", ".join(literal(value) for value in dict.fromkeys((*values, *given)))
            guards.append(
                Guard(
                    name, "value_set", "unseen", f"{name} has a value that the example did not show",
                    _select(name, f"{identifier(name)} NOT IN ({known})"), outputs,
                )
            )  # fmt: skip
            continue
        shapes = dict.fromkeys(map(OUTLINE.of, texts))
        if shapes and len(shapes) <= MAX_FORMS:
            outside = f"{identifier(name)} <> '' AND {OUTLINE.is_new(identifier(name), shapes)}"
            noted = f"{name} has a form that the example did not show"
            guards.append(Guard(name, "shape", "note", noted, _select(name, outside), outputs))
    return tuple(guards)


def _guards_of_limits(sql: str, source: Table, columns: Mapping[int, str], made: Lineage, words: str) -> list[Guard]:
    """Notes on values between those of the example that lie next to a limit: nothing shows where in between it is.

    Where it decides which rows stay, values beyond all of the example's are noted too. Limits that the words name are
    the user's.
    """
    guards = []
    for limit in list_limits(sql, source.column_names):
        numbers = _numbers(source.columns()[source.column_names.index(limit.column)])
        if not numbers or stands_in(words, limit.text):
            continue
        outputs = tuple(column for position, column in columns.items() if limit.column in made.of(position))
        value = f"TRY_CAST({identifier(limit.column)} AS DOUBLE)"
        below, above = ([n for n in numbers if n < limit.value], [n for n in numbers if n > limit.value])
        tests = [f"({value} > {max(below)!r} AND {value} < {min(above)!r})"] if below and above else []
        noted = f"{limit.column} is near {limit.text}, and the example does not show on which side it belongs"
        if limit.column in made.conditions:
            tests.append(f"{value} NOT BETWEEN {min(numbers)!r} AND {max(numbers)!r}")
            noted = f"{limit.column} decides whether the row stays, and the example shows no such value"
        if tests and outputs:
            outside = (
                f"({' OR '.join(tests)}) AND {value} NOT IN ({', '.join(map(repr, sorted({*numbers})[:MAX_VALUES]))})"
            )
            guards.append(Guard(limit.column, "number", "note", noted, _select(limit.column, outside), outputs))
    return guards[:MAX_SOURCES]


def _numbers(cells: Sequence[str]) -> list[float]:
    """A column's numbers; none where a cell is something else."""
    try:
        return [float(cell) for cell in cells if cell.strip()]
    except ValueError:
        return []


def columns_by_agent(sql: str, source: Table, names: Row, solved: Mapping[str, str], former: str) -> dict[int, str]:
    """The output columns, by position, that the program makes otherwise than synthesis did.

    ``solved`` has synthesis' expressions, ``former`` its whole program: a column is kept where it is spelled the same
    and comes from the same columns of the input.
    """
    ours, theirs = trace(sql, source.column_names), trace(former, source.column_names) if former else None
    kept = set()
    for position, name in enumerate(names):
        if theirs is not None and solved.get(name) and position < min(len(ours.forms), len(theirs.forms)):
            same = ours.forms[position] == theirs.forms[position] == form_of(solved[name])
            if same and ours.of(position) == theirs.of(position):
                kept.add(position)
    return {position: name for position, name in enumerate(names) if position not in kept}


def _select(name: str, outside: str) -> str:
    return f"SELECT _row, {identifier(name)} AS value\nFROM input\nWHERE {outside}"
