"""What a witness function is given and what it answers."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from services.converter.domain.synthesis.language import Examples, Expression


class Candidate(NamedTuple):
    """An expression with its values on the example's rows."""

    expression: Expression
    values: tuple[str, ...]


Witness = Callable[[Examples, Iterable[Candidate]], Iterator[Candidate]]
"""From the wanted outputs back to expressions over the given sources that could be a piece of them."""


def occurs(task: Examples, values: tuple[str, ...]) -> bool:
    """Whether every value stands somewhere in its wanted output, and not all are empty."""
    some = False
    for value, output in zip(values, task.outputs, strict=True):
        if value:
            if value not in output:
                return False
            some = True
    return some
