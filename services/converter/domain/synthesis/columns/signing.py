"""Columns of amounts whose sign is told: those that a condition makes negative, and one side of signed amounts."""

import re
from collections.abc import Callable
from dataclasses import replace

from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Constant, Examples, Expression
from services.converter.domain.synthesis.operators.logic.branch import Branch
from services.converter.domain.synthesis.operators.number.negative import NegativeIf

MOST_CONDITIONS, MOST_AMOUNTS = 4, 2
"""Conditions and amounts that are tried with each other, the cheapest."""
_AMOUNT = re.compile(r"-?[^\w-]?\d[\d.,' ]*[^\w-]?")

_UNSIGNED = re.compile(r"[^\w-]?\d[\d.,' ]*[^\w-]?")

Learner = Callable[[Examples], list[Expression]]
"""Programs that explain all rows of a task, best first."""


def learn_signed(task: Examples, learner: Learner) -> list[Expression]:
    """Amounts with a minus where a condition holds, best first; none where all outputs have the same sign.

    Zeros have no sign of their own, so that they say nothing of the condition.
    """
    filled = [i for i, output in enumerate(task.outputs) if output]
    signs = [i for i in filled if re.search("[1-9]", task.outputs[i])]
    negative = [task.outputs[i].startswith("-") for i in signs]
    if len(signs) < 3 or all(negative) or not any(negative):
        return []
    if not all(_AMOUNT.fullmatch(task.outputs[i]) for i in filled):
        return []
    amounts = learner(replace(task, outputs=[output.removeprefix("-") for output in task.outputs]))[:MOST_AMOUNTS]
    conditions = separating(task.subset(signs), negative)[:MOST_CONDITIONS] if amounts else []
    found: list[Expression] = [NegativeIf(condition, amount) for amount in amounts for condition in conditions]
    return sorted((e for e in found if task.explains(e)), key=lambda e: ranking.rank(task, e))


def learn_one_side(task: Examples, learner: Learner) -> list[Expression]:
    """Amounts where a column's number is negative, or where it is positive, and blanks elsewhere, best first: the
    debits or the credits of signed bookings."""
    filled = [i for i, output in enumerate(task.outputs) if output]
    if not 0 < len(filled) < len(task.outputs) or not all(_UNSIGNED.fullmatch(task.outputs[i]) for i in filled):
        return []
    told = separating(task, [bool(output) for output in task.outputs])
    conditions = [condition for condition in told if condition.bare.asks_for_sign][:MOST_CONDITIONS]
    amounts = learner(task.subset(filled)) if conditions else []
    written = [amount for amount in amounts if amount.format_written][:MOST_AMOUNTS]
    found: list[Expression] = [
        Branch(condition, amount, Constant("")) for condition in conditions for amount in written
    ]
    return sorted((e for e in found if task.explains(e)), key=lambda e: ranking.rank(task, e))
