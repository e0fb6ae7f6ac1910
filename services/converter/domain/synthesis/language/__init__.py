"""The language of column programs: what every operator states about itself.

A column program is a tree of expressions. Each node has one meaning in Python (``run``) and one in DuckDB (``sql``),
which are equal on every input (a law held by property tests), plus its words and its price in the ranking. ``None`` is
SQL's NULL throughout: it passes through concatenation and is written as an empty cell.
"""

from services.converter.domain.synthesis.language.basics import (
    CELL,
    DEAR_CHARACTERS,
    OTHER_CELL,
    Concat,
    Constant,
    character_price,
    operand,
)
from services.converter.domain.synthesis.language.nodes import (
    Column,
    Condition,
    Expression,
    Node,
    Record,
    Tie,
    as_bits,
    reprice,
)
from services.converter.domain.synthesis.language.remaking import N, remade
from services.converter.domain.synthesis.language.task import SURE_ROWS, Examples, Preference

__all__ = [
    "CELL", "DEAR_CHARACTERS", "OTHER_CELL", "SURE_ROWS", "Column", "Concat", "Condition", "Constant", "Examples",
    "Expression", "N", "Node", "Preference", "Record", "Tie", "as_bits", "character_price", "operand", "remade",
    "reprice",
]  # fmt: skip
