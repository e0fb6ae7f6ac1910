"""Digits that are lost as a number is written."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check, Checking
from services.converter.domain.synthesis.language import Record
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic
from services.converter.domain.synthesis.operators.number.values import Absolute, Number, ReadNumber, Value


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
