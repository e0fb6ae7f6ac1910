"""Numbers written in one of the formats that people use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from services.converter.domain.formats.amount import (
    Operation,
    decimals_of,
)
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.formats.numberformat import LIKELY_DECIMALS, NumberFormat, significant_digits
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.asking import ROUNDED, Ask
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic, are_too_few
from services.converter.domain.synthesis.operators.number.rounding import between_factors, rounded_away
from services.converter.domain.synthesis.operators.number.sided import OneSide
from services.converter.domain.synthesis.operators.number.values import Number, ReadNumber, Value


def _is_multiple(value: Value) -> bool:
    """Whether a number is multiplied by a whole one: what comes out whole in an example was not rounded."""
    factor = value.right if isinstance(value, Arithmetic) and value.operation == "*" else None
    return isinstance(factor, Number) and factor.value == int(factor.value) and abs(factor.value) > 1


@dataclass(frozen=True, slots=True)
class WriteNumber(Expression):
    """A number written in one format."""

    value: Value
    style: NumberFormat
    asks = (ROUNDED,)

    @property
    def met(self) -> tuple[Ask, ...]:
        """It rounds where it has so many decimals."""
        return self.asks if self.style.decimals is not None else ()

    @property
    def format_written(self) -> str:
        """The number's."""
        return self.style.words() or "number with as many decimals as needed"

    @property
    def unformatted(self) -> Expression:
        """The number with as many decimals as needed."""
        return WriteNumber(self.value, replace(self.style, decimals=None, points=False, trimmed=False, significant=0))

    def sides(self) -> Iterator[Expression]:
        """The number where it is above zero; or its opposite, where it is below."""
        yield OneSide(self.value, self.style, negative=False)
        match self.value:
            case Arithmetic("*", amount, Number(-1)):
                yield OneSide(amount, self.style, negative=True)

    @property
    def is_whole(self) -> bool:
        """Whether numbers are computed with: what comes of that is right whatever its sign."""
        return isinstance(self.value, Arithmetic)

    def doubt(self, task: Examples) -> str:
        """An amount is added that is finer than what is written: others would have done as well. What other rows come
        to is rounded to few small numbers, which are met by chance."""
        value = self.value
        if self.style.decimals is not None and self.columns & task.lent and are_too_few(task.outputs):
            return f"the numbers are too few and too small to tell how they are computed: {self.words()}"
        added = value.right if isinstance(value, Arithmetic) and value.operation in "+-" else None
        if not isinstance(added, Number) or self.style.decimals is None or task.preference is not None:
            return ""
        if decimals_of(added.exact) <= self.style.decimals:
            return ""
        return f"what is added is finer than what is written, so that it cannot be told: {self.words()}"

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Significant digits of which the last would be zeros, where no row shows whether these are written; and
        digits that are rounded away, where none of the example's were, or by a factor that is not known so well."""
        yield from rounded_away(self, self.value, self.style, rows)
        yield from between_factors(self, self.value, self.style, rows)
        count = self.style.significant
        texts = [self.run(row) or "" for row in sampling.some(rows, MOST_CHECKED)] if count and self.columns else []
        if texts and all(significant_digits(text) >= count for text in texts):
            digits = f"regexp_replace(regexp_replace({self.sql()}, '^[-0.]+', ''), '[^0-9]', '', 'g')"
            words = f"the last of {count} significant digits is a zero, which may be written or not"
            yield self.check("format", "note", words, f"length({digits}) < {count}")

    @property
    def cost(self) -> float:
        """The number and its format; so many decimals that nobody would ask for them are less likely."""
        if self.style.trimmed:
            return self.value.cost + (1.2 if (self.style.decimals or 0) > LIKELY_DECIMALS else 1.05)
        if self.style.significant:
            return self.value.cost + 1.1
        if self.style.decimals == 0 and _is_multiple(self.value):
            return self.value.cost + 1.05
        return self.value.cost + (1.0 if self.style.decimals is None else 0.9)

    def run(self, record: Record) -> str | None:
        value = self.value.run(record)
        return None if value is None else self.style.write(value)

    def sql(self) -> str:
        """The format over the number."""
        return self.style.sql(self.value.sql())

    def words(self) -> str:
        return ", ".join(w for w in (self.value.words(), self.style.words()) if w)


_FORMATS = (
    NumberFormat(),
    NumberFormat(2),
    NumberFormat(12),
    NumberFormat(0),
    NumberFormat(2, ","),
    NumberFormat(2, ".", ","),
    NumberFormat(2, "'"),
    NumberFormat(2, indian=True),
    NumberFormat(0, zero_pad=5),
    NumberFormat(points=True),
    NumberFormat(None, ","),
    NumberFormat(3, trimmed=True),
    NumberFormat(None, zero_pad=4),
    NumberFormat(2, zero_pad=3),
    NumberFormat(2, ",", trimmed=True),
    NumberFormat(significant=4),
)


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    amount, other = (ReadNumber(cell, NumberStyle()) for cell in (CELL, OTHER_CELL))
    computed = (Arithmetic(operation, amount, other) for operation in get_args(Operation))
    return (
        *(WriteNumber(amount, style) for style in _FORMATS),
        *(WriteNumber(value, style) for value in computed for style in _FORMATS[:3] + _FORMATS[9:11]),
    )
