"""Amounts of one file are converted in one way: what the example shows of one column holds for its siblings.

Where every amount of a column happens to be below a thousand, a copy explains the example; that the same file writes
its larger amounts as ``1,234.56`` and wants ``1234.56`` is seen in another column only. So is what an amount is that
has its two signs in two columns: that a fee counts in what comes in is shown by none of the rows that have no fee.
"""

import re
from collections.abc import Sequence

from services.converter.domain.synthesis.columns.learning import Learned
from services.converter.domain.synthesis.language import Column, Examples, Expression, N, remade

_DECIMAL = re.compile(r"-?[0-9]{1,3}\.[0-9]+")
_SMALL = re.compile(r"[0-9]{1,3}\.[0-9]+")
_PROBES = ("1,234.56", "1,234,567.80")


def learn_from_siblings(tasks: Sequence[Examples], columns: Sequence[Learned | None]) -> list[Learned | None]:
    """The columns, small amounts by the program of a sibling that takes the thousands' marks off as well.

    ``tasks`` are the columns' examples. What was learned stays as a rival, so that the report names the ambiguity.
    """
    models = [c.expression for c in columns if c is not None and len(c.expression.columns) == 1]
    found = [_converted(task, column, models) for task, column in zip(tasks, columns, strict=True)]
    sides = [c.expression.other_side() for c in found if c is not None and not c.doubt]
    others = [side for side in sides if side is not None]
    return [_of_one_amount(task, column, others) for task, column in zip(tasks, found, strict=True)]


def _of_one_amount(task: Examples, learned: Learned | None, sides: Sequence[Expression]) -> Learned | None:
    """The other side of what another column gives one side of, where that is all the example says of this one, too."""
    own = learned.expression.other_side() if learned is not None else None
    if learned is not None and own is None:
        return learned
    for side in sides:
        if (own is None or own.columns < side.columns) and any(task.outputs) and task.explains(side):
            return Learned(side, (learned.expression, *learned.others) if learned is not None else ())
    return learned


def _converted(task: Examples, learned: Learned | None, models: Sequence[Expression]) -> Learned | None:
    if learned is None or len(learned.expression.columns) != 1 or not _are_small_decimals(task):
        return learned
    column = learned.expression.first_column
    if _takes_marks_off(learned.expression, column, task):
        return learned
    for model in models:
        program = read_from(model, column)
        if _takes_marks_off(program, column, task) and task.explains(program):
            return Learned(program, (learned.expression, *learned.others), learned.doubt)
    return learned


def _are_small_decimals(task: Examples) -> bool:
    """Whether all outputs are plain amounts below a thousand, with a fraction (names of things have none)."""
    filled = [text for text in task.outputs if text]
    return len(filled) > 1 and all(_DECIMAL.fullmatch(text) for text in filled)


def _takes_marks_off(program: Expression, column: Column, task: Examples) -> bool:
    """Whether a program gives plain numbers for the column's cells with larger numbers in them."""
    cells = [record[column.index] or "" for record, output in zip(task.records, task.outputs, strict=True) if output]
    width = max(column.index + 1, len(task.names))
    for probe in _PROBES:
        cell = _SMALL.sub(probe, cells[0], count=1)
        record = tuple(cell if index == column.index else "" for index in range(width))
        plain = probe.replace(",", "")
        if (program.run(record) or "").lstrip("-") not in (plain, plain.rstrip("0")):
            return False
    return True


def read_from(program: N, column: Column) -> N:
    """A program with the column that it reads put in place of another."""
    return remade(program, lambda node: column if isinstance(node, Column) else None)
