"""What rows say before they are grouped: the month of a date, the part of a code, times, a quantity times its price."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis.language import Column, Expression
from services.converter.domain.synthesis.operators.date.moment import ReadMoment, WriteMoment, readings
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic
from services.converter.domain.synthesis.operators.number.values import ReadDuration, ReadNumber, ReadSpan
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.positions import delimiters
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import Figures, amounts_of, figures_of
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
    spans that are all written in as many parts, or with their units."""
    relation, found = plan.relation, plan
    for index, name in enumerate(relation.names[:MAX_COLUMNS]):
        texts = {row[index] or "" for row in relation.rows}
        parts = {text.count(":") + 1 for text in texts}
        source = Column(index, name)
        value = ReadSpan(source) if parts == {1} else ReadDuration(source, min(parts, default=0))
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


MOST_FACTORS, MOST_MADE, MOST_ROWS = 8, 2, 400
"""Columns of amounts that are multiplied with each other, results that are kept, and rows for which they are made."""


def with_amounts_of_rows(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """Plans with an amount of each row that no column holds and that is wanted of groups of rows, as a sum or weighed
    by another amount: a quantity times its price.

    It has to agree on every group by some key that is wanted, and on several groups.
    """
    relation = plan.relation
    if len(relation.rows) > MOST_ROWS or not wanted:
        return
    figures = [shown for column in wanted if (shown := figures_of(column)) is not None and shown.varied]
    keys = [column for column in zip(*relation.rows, strict=True) if _is_key(column, wanted)]
    found = 0
    for name, expression, weights in _amounts_of_rows(relation) if figures and keys else ():
        values = [Decimal(text) if (text := expression.run(row)) else None for row in relation.rows]
        if None in values or not any(_is_wanted(key, values, weights, figures) for key in keys):
            continue
        found += 1
        yield plan.then(Computed(name, expression, confirmed=True))
        if found == MOST_MADE:
            return


def _is_key(column: Sequence[str | None], wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a column's texts are those of a wanted column, several rows of the same one."""
    texts = {cell or "" for cell in column}
    return 1 < len(texts) < len(column) and any(texts == set(cells) and len(cells) == len(texts) for cells in wanted)


def _amounts_of_rows(relation: Relation) -> Iterator[tuple[str, Expression, list[list[Decimal]]]]:
    """Products of two amounts of each row, with the amounts by whose sums theirs may be divided."""
    rows, plain = relation.rows, NumberFormat()
    read = {
        name: ReadNumber(Column(relation.names.index(name), name), style)
        for name, style in amounts_of(relation.names, rows)[:MOST_FACTORS]
    }
    cells = {
        name: [node.style.exact(node.source.run(row) or "") or Decimal(0) for row in rows]
        for name, node in read.items()
    }
    for one, other in combinations(read, 2):
        product = WriteNumber(Arithmetic("*", read[one], read[other]), plain)
        yield f"{one} by {other}", product, [cells[one], cells[other]]


def _is_wanted(
    key: Sequence[str | None], values: Sequence[Decimal | None], weights: list[list[Decimal]], wanted: list[Figures]
) -> bool:
    """Whether sums by a key, or those by the sums of a weight, are the numbers of a wanted column."""
    sums = _sums(key, [value or Decimal(0) for value in values])
    ways = [sums]
    for weight in weights:
        by = _sums(key, weight)
        if all(by):
            ways.append([total / part for total, part in zip(sums, by, strict=True)])
    # The groups may be wanted in another order: the numbers are compared by size.
    return any(
        len(way) == len(figures.numbers)
        and all(
            want is not None and abs(want - have) <= (half or Decimal(0))
            for have, (want, half) in zip(
                sorted(way),
                sorted(zip(figures.numbers, figures.halves, strict=True), key=lambda pair: pair[0] or Decimal(0)),
                strict=True,
            )
        )
        for way in ways
        for figures in wanted
    )


def _sums(key: Sequence[str | None], values: Sequence[Decimal]) -> list[Decimal]:
    """The sum of each group's values, by the order of the groups' first rows."""
    sums: dict[str | None, Decimal] = {}
    for group, value in zip(key, values, strict=True):
        sums[group] = sums.get(group, Decimal(0)) + value
    return list(sums.values())
