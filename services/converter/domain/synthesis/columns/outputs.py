"""Amounts that are computed from other amounts of the output: a fee on a booked amount, a total of the two."""

from collections.abc import Sequence
from dataclasses import replace

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
    task = tasks[position]
    given: dict[int, Expression] = {}
    names, prices, texts = [*task.names], [*task.prices], []
    for other, learned in zip(tasks, columns, strict=True):
        if learned is None or learned.doubt or isinstance(learned.expression, Column) or not _is_amounts(other.outputs):
            continue
        given[len(names)] = learned.expression
        names.append(other.target)
        prices.append(ranking.name_price(other.target, task.target))
        texts.append(other.outputs)
    if not given:
        return None
    amounts = zip(*texts, strict=True)
    rows: list[Record] = [(*r[: len(task.names)], *more) for r, more in zip(task.records, amounts, strict=True)]
    wider = replace(
        task, names=tuple(names), prices=tuple(prices), records=rows, lent=task.lent | given.keys(), preference=None
    )
    learned = learn_column(wider, thorough=False)
    if learned is None or learned.doubt:
        return None

    def read(node: Node) -> Node | None:
        return given.get(node.index) if isinstance(node, Column) else None

    program = remade(learned.expression, read)
    return Learned(program) if task.explains(program) else None


def _is_amounts(outputs: Sequence[str]) -> bool:
    """Whether the texts are numbers of one form, some of them with a fraction."""
    filled = [text for text in outputs if text.strip()]
    return any("." in text or "," in text for text in filled) and bool(styles(filled))
