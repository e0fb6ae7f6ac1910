"""Numbers as people lay them out: marked signs, common fractions."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.converter.domain.formats.number import NumberFormat, NumberStyle, output_formats
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.number.values import (
    Absolute,
    Arithmetic,
    Number,
    ReadNumber,
    Value,
    WriteNumber,
)
from services.converter.domain.synthesis.operators.witness import Candidate
from services.converter.domain.synthesis.sqltext import literal, quoted

Known = tuple[Value, Sequence[float]]
"""A value with its numbers on the example's rows."""
Marks = tuple[str, str]
"""What stands before and after a number."""


@dataclass(frozen=True, slots=True)
class Signed(Expression):
    """A number without its sign, between marks that tell its sign: `(1,250.00)`, `12.5-`, `5.00 DR`, `+3%`."""

    value: Value
    style: NumberFormat
    positive: Marks
    negative: Marks

    @property
    def surcharge(self) -> float:
        """Above a plain format."""
        return 0.1 * len("".join((*self.positive, *self.negative)))

    def run(self, record: Record) -> str | None:
        """The text."""
        value = self.value.run(record)
        if value is None:
            return None
        before, after = self.negative if value < 0 else self.positive
        return before + self.style.write(abs(value)) + after

    def sql(self) -> str:
        """A case for each sign."""
        value = self.value.sql()
        size = WriteNumber(Absolute(self.value), self.style).sql()
        (before, after), (opening, closing) = (tuple(map(literal, marks)) for marks in (self.positive, self.negative))
        return (
            f"CASE WHEN {value} < 0 THEN {opening} || ({size}) || {closing} "
            f"WHEN {value} >= 0 THEN {before} || ({size}) || {after} END"
        )

    def words(self) -> str:
        """How the signs are told."""
        shown = " and ".join(quoted("#".join(marks)) for marks in (self.positive, self.negative))
        return f"{self.value.words()}, {self.style.words() or 'plain'}, signs shown as {shown}"


@dataclass(frozen=True, slots=True)
class Fraction(Expression):
    """A number, not negative, as a common fraction in its lowest terms, up to millionths; whole numbers without one."""

    value: Value

    def run(self, record: Record) -> str | None:
        """The fraction."""
        value = self.value.run(record)
        if value is None or not 0 <= value < 1e6:
            return None
        above = math.floor(value * 10**6 + Decimal("0.5"))
        below = math.gcd(above, 10**6)
        return str(above // below) + (f"/{10**6 // below}" if below < 10**6 else "")

    def sql(self) -> str:
        """`gcd` of millionths."""
        value = self.value.sql()
        above = f"CAST(floor(({value}) * 1000000 + 0.5) AS BIGINT)"
        below = f"gcd({above}, 1000000)"
        rest = f"CASE WHEN {below} < 1000000 THEN '/' || (1000000 // {below}) ELSE '' END"
        return f"CASE WHEN ({value}) >= 0 AND ({value}) < 1000000 THEN ({above} // {below}) || {rest} END"

    def words(self) -> str:
        """The number."""
        return f"{self.value.words()} as a fraction"


def layouts(task: Examples, found: Sequence[Known]) -> Iterator[Candidate]:
    """Outputs that are numbers as a whole, laid out in one of these ways."""
    if any("/" in o for o in task.outputs):
        yield from _explained(task, (Fraction(value) for value, _ in found))
    yield from _signed(task, found)


def _explained(task: Examples, nodes: Iterable[Expression]) -> Iterator[Candidate]:
    for node in nodes:
        if task.explains(node):
            yield Candidate(node, tuple(task.outputs))


_MARKED = re.compile(r"(?P<before>[^0-9.]*)(?P<body>[0-9.](?:[0-9.,' ]*[0-9])?)(?P<after>[^0-9]*)\Z")
_FACTORS = (1.0, 100.0, 0.01, 0.001, 1e-6)
"""Per cent, per mille and their inverse, and millionths: factors that figures are told in."""
_USUAL_MARKS: frozenset[frozenset[Marks]] = frozenset([frozenset([("", ""), ("-", "")])])


def _signed(task: Examples, found: Sequence[Known]) -> Iterator[Candidate]:
    """Numbers whose signs are told by one pair of marks for each."""
    texts = [_MARKED.match(o) for o in task.outputs]
    marks = [(m["before"], m["after"]) for m in texts if m]
    if len(marks) < len(texts) or len(set(marks)) != 2 or frozenset(marks) in _USUAL_MARKS:
        return
    bodies = [m["body"] for m in texts if m]
    for value, numbers in found:
        below = {mark for mark, number in zip(marks, numbers, strict=True) if number < 0}
        above = {mark for mark, number in zip(marks, numbers, strict=True) if number >= 0}
        if len(below) != 1 or len(above) != 1 or below == above:
            continue
        for factor in _FACTORS:
            scaled = value if factor == 1 else Arithmetic("*", value, Number(factor))
            nodes = (Signed(scaled, style, next(iter(above)), next(iter(below))) for style in output_formats(bodies))
            yield from _explained(task, nodes)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    amount = ReadNumber(CELL, NumberStyle())
    return (
        Signed(amount, NumberFormat(2, ","), ("", ""), ("(", ")")),
        Signed(amount, NumberFormat(), ("", " CR"), ("", " DR")),
        Fraction(amount),
    )
