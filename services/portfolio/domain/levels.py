"""Levels: what a series is of, as against single amounts. They are above zero, move, and seldom by much at once."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import Numeral, is_blank, scan_number

_LEAST = 3
"""Two amounts that are alike are no series."""
_MOST_MOVED = Decimal("1.5")
"""What no level becomes of the one before it, as a factor either way, but where money came or went."""
_SLIPS = 5
"""One step in so many may be larger: that of a large payment."""


def scan_amount(cell: object) -> Numeral | None:
    """The numeral of a cell that is an amount; None for a blank, a percentage, a ratio and for text."""
    if cell is None or isinstance(cell, bool) or is_blank(str(cell)):
        return None
    try:
        found = scan_number(cell, "amount")
    except (InputError, NumberError):
        return None
    return found if found is not None and found.unit in {Unit.NUMBER, Unit.MONEY} else None


def size_of(numeral: Numeral) -> Decimal:
    """The number of a cell whose decimal sign is not known yet: digits that could be either are grouped."""
    return max((value for value in (numeral.point, numeral.comma) if value is not None), key=abs, default=Decimal(0))


def are_levels(cells: Iterable[object]) -> bool:
    """Whether the cells of a column, blanks left out, are levels."""
    filled = [cell for cell in cells if cell is not None and not is_blank(str(cell))]
    found = [size_of(numeral) for cell in filled if (numeral := scan_amount(cell)) is not None]
    if len(found) < max(_LEAST, len(filled)) or any(value <= 0 for value in found):
        return False
    steps = list(pairwise(found))
    moved = sum(before != after for before, after in steps)
    large = sum(not 1 / _MOST_MOVED <= after / before <= _MOST_MOVED for before, after in steps)
    return 2 * moved > len(steps) and large * _SLIPS <= len(steps)
