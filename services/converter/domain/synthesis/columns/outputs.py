"""Amounts that are computed from other amounts of the output: a fee on a booked amount, a total of the two."""

from collections.abc import Sequence

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.learning import Learned, learn_column
from services.converter.domain.synthesis.language import Column, Examples, Expression, Node, Record, remade


def learn_from_outputs(tasks: Sequence[Examples], columns: Sequence[Learned | None]) -> list[Learned | None]:
    """The columns, those that were open by programs over what the programs of the others give, where these do.

    ``tasks`` are the columns' examples, all over the same rows. A program that is found reads the rows only: the other
    program stands in it where it reads the other's amounts.
    """
    found = list(columns)
    for position in [i for i, learned in enumerate(columns) if learned is None]:
        if _is_amounts(tasks[position].outputs):
            found[position] = _learned(tasks, found, position)
    return found


def _learned(tasks: Sequence[Examples], columns: Sequence[Learned | None], position: int) -> Learned | None:
    """A program over other amounts of the output alone, else one over these and the row's columns."""
    task = tasks[position]
    given = [
        (other, learned.expression)
        for other, learned in zip(tasks, columns, strict=True)
        if learned is not None and not learned.doubt and _is_amounts(other.outputs)
    ]
    computed = [(other, made) for other, made in given if not isinstance(made, Column)]
    beside = range(len(task.names))
    for amounts, own in ((given, range(0)), (computed, beside)) if computed else ():
        program = _over(task, amounts, own)
        if program is not None:
            return Learned(program)
    return None


def _over(task: Examples, given: Sequence[tuple[Examples, Expression]], own: Sequence[int]) -> Expression | None:
    """A program over given amounts and some of the row's own columns, that reads the row's columns only."""
    names = (*(task.names[i] for i in own), *(other.target for other, _ in given))
    prices = (*(task.prices[i] for i in own), *(ranking.name_price(other.target, task.target) for other, _ in given))
    amounts = zip(*(other.outputs for other, _ in given), strict=True)
    rows: list[Record] = [
        (*(record[i] for i in own), *more) for record, more in zip(task.records, amounts, strict=True)
    ]
    # Among the row's many columns some way to compute meets few numbers; the output's own amounts are few themselves.
    lent = {*range(len(own), len(names)), *(place for place, i in enumerate(own) if i in task.lent)} if own else ()
    over = Examples(
        names, rows, task.outputs, task.target, task.hint, prices, lent=frozenset(lent),
        shared=frozenset(place for place, i in enumerate(own) if i in task.shared), lone=task.lone, budget=task.budget,
        order=task.order, around=task.around, data=task.data,
    )  # fmt: skip
    learned = learn_column(over, thorough=False)
    if learned is None or learned.doubt:
        return None
    made = dict(enumerate(expression for _, expression in given))

    def read(node: Node) -> Node | None:
        return made.get(node.index - len(own)) if isinstance(node, Column) else None

    program = remade(learned.expression, read)
    return program if task.explains(program) else None


def _is_amounts(outputs: Sequence[str]) -> bool:
    """Whether the texts are numbers of one form, some of them with a fraction."""
    filled = [text for text in outputs if text.strip()]
    return any("." in text or "," in text for text in filled) and bool(styles(filled))
