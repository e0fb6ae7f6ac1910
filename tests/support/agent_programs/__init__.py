"""Programs as agents write them, drawn with a seed: those that have learned their example by heart, and honest ones.

Each comes with an example that it reproduces: the expected table is what the program makes of the input.
"""

import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

from services.converter.domain.table import Table
from tests.support.agent_programs import (
    honest,
    honest_more,
    honest_rows,
    memorising,
    memorising_last,
    memorising_more,
    memorising_rows,
)
from tests.support.agent_programs.tables import Drawn, draw_table

__all__ = ["HONEST", "MEMORISING", "Drawn", "draw_honest", "draw_memorising"]


def _forms(*modules: ModuleType) -> dict[str, Callable[[random.Random, Table], Any]]:
    """The functions that a module defines itself, by name."""
    return {
        name: made
        for module in modules
        for name, made in vars(module).items()
        if callable(made) and getattr(made, "__module__", "") == module.__name__ and name[0] != "_"
    }


MEMORISING = _forms(memorising, memorising_more, memorising_rows, memorising_last)
HONEST = _forms(honest, honest_more, honest_rows)


def draw_memorising(seed: int) -> Drawn:
    """A program that lists its example, one way or another."""
    rng = random.Random(seed)
    form = list(MEMORISING)[seed % len(MEMORISING)]
    table = draw_table(rng, rng.randrange(6, 17))
    return Drawn(form, table, MEMORISING[form](rng, table))


def draw_honest(seed: int) -> Drawn:
    """A program that is a rule, its constants witnessed by several rows or given by the user's words."""
    rng = random.Random(seed)
    form = list(HONEST)[seed % len(HONEST)]
    table = draw_table(rng, rng.randrange(8, 21))
    made = HONEST[form](rng, table)
    sql, said = made if isinstance(made, tuple) else (made, "")
    return Drawn(form, table, sql, said)
