"""Parts of columns by which rows may be grouped, the month of a date or the part of a code, and times to add up."""

from collections.abc import Iterator, Sequence

from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis.language import Column, Expression
from services.converter.domain.synthesis.operators.date.moment import ReadMoment, WriteMoment, readings
from services.converter.domain.synthesis.operators.number.values import ReadDuration
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.positions import delimiters
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.computed import Computed

CODES = ("%Y-%m", "%Y", "%Y-%m-%d", "%m/%Y", "%b %Y", "%B %Y", "%b-%y", "%Y%m", "%m", "%b", "%B", "%A", "%a", "%Y/%m")
"""Ways to write the part of a date that rows are grouped by."""

MAX_TEXTS = 5_000
"""Different texts of a column whose parts are looked at."""

MAX_COLUMNS, MAX_PICK, MOST_COMPUTED = 20, 3, 4
"""Columns, places in a cell and results that are tried for a key that is a part of a cell: their products are
searched."""


def with_parts(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """Plans with a part of a column whose different values are those of a wanted column, where no column has them."""
    relation = plan.relation
    # Rows of the same text have the same part: one row speaks for each.
    columns = [{row[i] or "": row for row in relation.rows} for i in range(min(len(relation.names), MAX_COLUMNS))]
    whole = [column.keys() for column in columns]
    sets = [set(column) for column in wanted if len(set(column)) > 1 and set(column) not in whole]
    found = 0
    for index, column in enumerate(columns):
        if len(column) > MAX_TEXTS:
            continue
        for expression in _parts(Column(index, relation.names[index]), tuple(column)):
            if {expression.run(row) or "" for row in column.values()} in sets:
                found += 1
                yield plan.then(Computed(f"{relation.names[index]}_part", expression))
                if found == MOST_COMPUTED:
                    return


def with_durations(plan: Plan) -> Iterator[Plan]:
    """The plan with the times of its columns of time spans as numbers, which may be added up: a column of several
    spans that are all written in as many parts."""
    relation, found = plan.relation, plan
    for index, name in enumerate(relation.names[:MAX_COLUMNS]):
        texts = {row[index] or "" for row in relation.rows}
        parts = {text.count(":") + 1 for text in texts}
        value = ReadDuration(Column(index, name), min(parts, default=0))
        if len(texts) > 1 and len(parts) == 1 and all(value.read(text) is not None for text in texts):
            found = found.then(Computed(f"{name}_time", WriteNumber(value, NumberFormat(0))))
    if found is not plan:
        yield found


def _parts(source: Column, texts: tuple[str, ...]) -> Iterator[Expression]:
    """Parts of a text at its delimiters, parts of a date."""
    if all(texts) and all(any(ch.isdigit() for ch in text) for text in texts):
        for codes in readings(texts)[:2]:
            yield from (WriteMoment(ReadMoment(source, codes), code) for code in CODES)
    for delimiter in delimiters(texts)[:4]:
        for pick in (*range(1, MAX_PICK + 1), -1):
            yield Split(source, delimiter, pick)
