"""Exact amounts: DECIMAL(38, 10) in DuckDB and the same in Python. What does not fit is NULL, never another number.

Sums are exact; products, quotients and texts with more decimals are rounded to ten, halves away from zero.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

PLACES, DIGITS = 10, 38
"""Decimals that a quotient or a product keeps, and the digits of DuckDB's widest DECIMAL."""
TYPE = f"DECIMAL({DIGITS}, {PLACES})"
WIDE = Context(prec=120, rounding=ROUND_HALF_UP)
_UNIT = Decimal(1).scaleb(-PLACES)
_MOST = Decimal(10) ** (DIGITS - PLACES)
_TICKS = 10**PLACES
_LARGEST_HUGEINT = 2**127
"""DuckDB's widest integer."""

Operation = Literal["+", "-", "*", "/"]


def exact(value: Decimal) -> Decimal | None:
    """`TRY_CAST(value AS DECIMAL(38, 10))`."""
    if abs(value) > _MOST:
        return None
    rounded = value.quantize(_UNIT, ROUND_HALF_UP, WIDE)
    return (rounded or abs(rounded)) if abs(rounded) < _MOST else None


def of_float(value: float) -> Decimal:
    """The decimal number that people see in a float."""
    return Decimal(repr(value))


def decimals_of(value: Decimal) -> int:
    """How many decimals a literal has."""
    exponent = value.normalize(WIDE).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def spelled(value: Decimal) -> str:
    """A literal: an INTEGER, or a DECIMAL with as many decimals as it needs."""
    return f"{value.normalize(WIDE):f}"


def computed(
    operation: Operation, a: Decimal, b: Decimal, scales: tuple[int, int] = (PLACES, PLACES)
) -> Decimal | None:
    """The result in ten decimals; None for a division by zero and where DECIMAL overflows.

    ``scales`` are the decimals that the operands have as DECIMAL.
    """
    if operation == "/":
        return _quotient(a, b)
    if operation == "*":
        result, scale = WIDE.multiply(a, b), sum(scales)
    else:
        result, scale = (WIDE.add(a, b) if operation == "+" else WIDE.subtract(a, b)), max(scales)
    return exact(result) if abs(result) < Decimal(10) ** (DIGITS - scale) else None


def _quotient(a: Decimal, b: Decimal) -> Decimal | None:
    """One decimal more by whole numbers, then rounded."""
    if not b or max(abs(a), abs(b)) * _TICKS >= _MOST:
        return None
    above, below = int(WIDE.scaleb(a, PLACES)) * 10 ** (PLACES + 1), int(WIDE.scaleb(b, PLACES))
    if abs(above) >= _LARGEST_HUGEINT:
        return None
    whole = abs(above) // abs(below) * (1 if (above < 0) == (below < 0) else -1)
    return exact(Decimal(whole).scaleb(-PLACES - 1, WIDE)) if abs(whole) < 10**DIGITS else None


def reciprocal(value: Decimal) -> Decimal | None:
    """One over a constant, where it has at most ten decimals: so much is multiplied by rather than divided by."""
    inverse = WIDE.divide(Decimal(1), value) if value else Decimal(0)
    return inverse if inverse and decimals_of(inverse) <= PLACES and inverse * value == 1 else None


def _ticks_sql(number: str) -> str:
    """A number as so many units of its last decimal: a HUGEINT."""
    if re.fullmatch(r"-?[0-9]+(?:[.][0-9]{1,10})?", number):
        return spelled(Decimal(number) * _TICKS)
    return f"CAST(TRY_CAST({number} AS DECIMAL(28, {PLACES})) * {_TICKS} AS HUGEINT)"


def computed_sql(operation: Operation, a: str, b: str) -> str:
    """The same as `computed` over SQL of DECIMAL(38, 10) and of literals."""
    if operation in "+-":
        return f"TRY(CAST({a} {operation} {b} AS {TYPE}))"
    if operation == "*":
        return f"TRY(CAST({a} * {b} AS {TYPE}))"
    above, below = _ticks_sql(a), f"nullif({_ticks_sql(b)}, 0)"
    whole = f"CAST({above} * {_TICKS * 10} // {below} AS DECIMAL({DIGITS}, 0))"
    return f"TRY(CAST({whole} * 0.{'0' * PLACES}1 AS {TYPE}))"
