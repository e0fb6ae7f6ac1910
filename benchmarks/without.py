"""Learning without one of the operators or steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.converter.domain.synthesis import language
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.rows.catalogue import steps

OUT_OF_USE = 1000.0
"""What a unit costs more that is taken out."""


def kinds() -> dict[str, type[Any]]:
    """The operators and steps by their names; columns and constants are none."""
    own = (unit for unit in catalogue.units() if not unit.__module__.startswith(language.__name__))
    return {kind.__name__: kind for kind in (*own, *steps())}


@contextmanager
def taken_out(name: str) -> Iterator[None]:
    """No program has a unit, or a step, unless there is no other."""
    for example in catalogue.law_examples():
        _ = example.cost  # derived costs are put on their classes when they are first asked for
    kind = kinds()[name]
    own = kind.cost
    kind.cost = property(lambda node: own.fget(node) + OUT_OF_USE)
    try:
        yield
    finally:
        kind.cost = own
