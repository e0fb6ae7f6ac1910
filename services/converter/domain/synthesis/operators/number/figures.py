"""Numbers as people lay them out: marked signs, blanks that align, common fractions, ordinals, clock-like spans."""

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
class Aligned(Expression):
    """A number whose point stands in one place: blanks before it up to ``width``, after its decimals up to ``most``.

    At least ``least`` decimals are written; ``style`` says how many there may be.
    """

    value: Value
    style: NumberFormat
    width: int
    least: int
    most: int

    def run(self, record: Record) -> str | None:
        """The text."""
        value = self.value.run(record)
        if value is None:
            return None
        whole, _, rest = self.style.write(value).partition(".")
        return whole.rjust(self.width) + "." + rest.rstrip("0").ljust(self.least, "0").ljust(self.most)

    def sql(self) -> str:
        """`lpad` and `rpad`."""
        text = self.style.sql(self.value.sql())
        whole, rest = f"split_part({text}, '.', 1)", f"rtrim(split_part({text}, '.', 2), '0')"
        filled = f"rpad({rest}, CAST(greatest({self.least}, length({rest})) AS INTEGER), '0')"
        blanks = f"repeat(' ', greatest({self.most} - greatest({self.least}, length({rest})), 0))"
        return f"repeat(' ', greatest({self.width} - length({whole}), 0)) || {whole} || '.' || {filled} || {blanks}"

    def words(self) -> str:
        """The alignment."""
        return f"{self.value.words()} with blanks that align its point"


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


@dataclass(frozen=True, slots=True)
class OrdinalNumber(Expression):
    """A whole number, not negative, with its English ending: 1st, 22nd, 113th."""

    value: Value

    def run(self, record: Record) -> str | None:
        """The number and its ending."""
        value = self.value.run(record)
        if value is None or not 0 <= value < 1e15 or value != math.floor(value):
            return None
        number = int(value)
        ending = "th" if 11 <= number % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"

    def sql(self) -> str:
        """A case for each ending."""
        value = self.value.sql()
        whole = f"CAST({value} AS BIGINT)"
        ending = (
            f"CASE WHEN {whole} % 100 BETWEEN 11 AND 13 THEN 'th' "
            f"ELSE CASE {whole} % 10 WHEN 1 THEN 'st' WHEN 2 THEN 'nd' WHEN 3 THEN 'rd' ELSE 'th' END END"
        )
        fits = f"{value} >= 0 AND {value} < 1000000000000000 AND {value} = floor({value})"
        return f"CASE WHEN {fits} THEN {whole} || {ending} END"

    def words(self) -> str:
        """The number."""
        return f"{self.value.words()} as an ordinal"


@dataclass(frozen=True, slots=True)
class ClockSpan(Expression):
    """Seconds, not negative, as hours, minutes and seconds: `1:05:09`; hours have at least ``width`` digits."""

    seconds: Value
    width: int

    def run(self, record: Record) -> str | None:
        """The text."""
        value = self.seconds.run(record)
        if value is None or not 0 <= value < 1e12:
            return None
        total = math.floor(value)
        return f"{total // 3600:0{self.width}d}:{total // 60 % 60:02d}:{total % 60:02d}"

    def sql(self) -> str:
        """The quotients, with zeros before them."""
        value = self.seconds.sql()
        total = f"CAST(floor({value}) AS BIGINT)"
        hours = f"CAST({total} // 3600 AS VARCHAR)"
        hours = f"repeat('0', greatest({self.width} - length({hours}), 0)) || {hours}"
        minutes, seconds = (f"right('0' || ({total}{part} % 60), 2)" for part in (" // 60", ""))
        fits = f"{value} >= 0 AND {value} < 1000000000000"
        return f"CASE WHEN {fits} THEN {hours} || ':' || {minutes} || ':' || {seconds} END"

    def words(self) -> str:
        """The seconds."""
        return f"{self.seconds.words()} as hours, minutes and seconds"


def layouts(task: Examples, found: Sequence[Known]) -> Iterator[Candidate]:
    """Outputs that are numbers as a whole, laid out in one of these ways."""
    if all(re.fullmatch(r" *-?[0-9]*\.[0-9]* *", o) for o in task.outputs):
        yield from _aligned(task, found)
    if any("/" in o for o in task.outputs):
        yield from _explained(task, (Fraction(value) for value, _ in found))
    if all(re.fullmatch(r"[0-9]+(?:st|nd|rd|th)", o) for o in task.outputs):
        yield from _explained(task, (OrdinalNumber(value) for value, _ in found))
    if all(re.fullmatch(r"[0-9]+:[0-9]{2}:[0-9]{2}", o) for o in task.outputs):
        yield from _clock_spans(task, found)
    yield from _signed(task, found)


def _explained(task: Examples, nodes: Iterable[Expression]) -> Iterator[Candidate]:
    for node in nodes:
        if task.explains(node):
            yield Candidate(node, tuple(task.outputs))


def _clock_spans(task: Examples, found: Sequence[Known]) -> Iterator[Candidate]:
    width = min(len(o.partition(":")[0]) for o in task.outputs)
    seconds = (value if size == 1 else Arithmetic("*", value, Number(size)) for size in (1.0, 60.0, 3600.0, 0.001)
               for value, _ in found)  # fmt: skip
    yield from _explained(task, (ClockSpan(value, width) for value in seconds))


def _aligned(task: Examples, found: Sequence[Known]) -> Iterator[Candidate]:
    wholes, rests = zip(*(o.split(".") for o in task.outputs), strict=True)
    if not any(o != o.strip(" ") for o in task.outputs):
        return
    width = min(map(len, wholes)) if any(w.startswith(" ") for w in wholes) else 0
    least, most = min(len(r.strip(" ")) for r in rests), min(map(len, rests))
    styles = (NumberFormat(), NumberFormat(max(map(len, rests))))
    yield from _explained(task, (Aligned(value, style, width, least, most) for value, _ in found for style in styles))


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
        Aligned(amount, NumberFormat(), 3, 1, 3),
        Aligned(amount, NumberFormat(2), 0, 0, 2),
        Fraction(amount),
        OrdinalNumber(amount),
        ClockSpan(amount, 2),
    )
