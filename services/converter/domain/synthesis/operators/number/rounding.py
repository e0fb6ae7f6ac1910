"""Numbers whose last digits the example does not settle: it never rounded, or a factor is known to so many digits."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.converter.domain.formats.amount import PLACES, computed_sql, decimals_of, spelled
from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check, Checking
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import Record
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic
from services.converter.domain.synthesis.operators.number.values import USUAL, Absolute, Number, ReadNumber, Value

SHORT = 3
"""Digits of a constant that is its own explanation: 1.5 and 0.25 need no table of units."""
MET_BY_CHANCE = Decimal("0.05")
"""The share of all factors among which one of so many decimals would be met, up to which it is what was meant."""
_NEARLY_HALF = Decimal("0.499999")
"""Of a unit in the last digit: what is nearer than that is written as it."""


def _keeps_decimals(value: Value) -> bool:
    """Whether a number has no more decimals than those that it is made of."""
    return isinstance(value, ReadNumber | Absolute | Number) or (
        isinstance(value, Arithmetic) and value.operation in "+-"
    )


def rounded_away(node: Checking, value: Value, style: NumberFormat, rows: Sequence[Record]) -> Iterator[Check]:
    """A check on numbers that are read and lose digits as they are written, where no row of the example did: it shows
    how many decimals there were, not what becomes of more. What is multiplied or divided is rounded by nature."""
    places = style.decimals
    values = [each for each in value.walk() if isinstance(each, Value)]
    if places is None or not all(_keeps_decimals(each) for each in values):
        return
    unit = Decimal(1).scaleb(-places)
    if not any(number % unit for row in sampling.some(rows, MOST_CHECKED) if (number := value.run(row)) is not None):
        words = f"{value.words()} has more decimals than the {places} that are written, as none of the example's had"
        yield node.check("number", "note", words, f"round({value.sql()}, {places}) <> {value.sql()}")


def between_factors(node: Checking, value: Value, style: NumberFormat, rows: Sequence[Record]) -> Iterator[Check]:
    """A check on numbers that come out otherwise by the least and by the greatest factor that gives the example's: one
    with many digits stands for all between these, of a share, a rate or a tax that it is made of."""
    places = style.decimals
    if places is None or not isinstance(value, Arithmetic) or value.operation not in "*/":
        return
    constant = value.right
    if not isinstance(constant, Number) or abs(constant.value) in USUAL or units.is_known(constant.value):
        return
    half = _NEARLY_HALF.scaleb(-places)
    bounds = []
    for row in sampling.some(rows, MOST_CHECKED):
        number, result = value.left.run(row), value.run(row)
        if number and result is not None:
            written = round(result, places)
            bounds.append(sorted(((written - half) / number, (written + half) / number)))
    if not bounds:
        return
    low, high = max(least for least, _ in bounds), min(most for _, most in bounds)
    width = high - low if value.operation == "*" else abs(1 / low - 1 / high) if low * high > 0 else Decimal(0)
    if width > MET_BY_CHANCE * Decimal(1).scaleb(-decimals_of(constant.exact)):
        least, most = (computed_sql("*", value.left.sql(), spelled(round(bound, PLACES + 2))) for bound in (low, high))
        words = f"another factor that gives the example's numbers gives another one here: {value.words()}"
        yield node.check("ambiguity", "note", words, f"round({least}, {places}) <> round({most}, {places})")
