"""Amounts of one side: what goes out, and what comes in, each in a column of its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.formats.numberformat import NumberFormat, output_formats
from services.converter.domain.synthesis.edges import Check
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.rounding import rounded_away
from services.converter.domain.synthesis.operators.number.values import Absolute, ReadNumber, Value
from services.converter.domain.synthesis.operators.witness import Candidate, proposes

BOTH = 2
"""Sides that an example shows, one of them with nothing."""


@dataclass(frozen=True, slots=True)
class OneSide(Expression):
    """The number without its sign where it is negative, or where it is positive; else nothing."""

    value: Value
    style: NumberFormat
    negative: bool

    @property
    def surcharge(self) -> float:
        """As many decimals as needed are a little dearer, as they are for any number."""
        return 0.1 if self.style.decimals is None else 0.0

    @property
    def format_written(self) -> str:
        """The number's."""
        return self.style.words() or "number with as many decimals as needed"

    @property
    def unformatted(self) -> Expression:
        """The side with as many decimals as needed."""
        return OneSide(self.value, NumberFormat(group=self.style.group, decimal=self.style.decimal), self.negative)

    def other_side(self) -> Expression:
        """The amounts of the other sign."""
        return replace(self, negative=not self.negative)

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Nought, which is on either side, where no row shows which; and digits that are rounded away."""
        yield from rounded_away(self, self.value, self.style, rows)
        if not any(self.value.run(row) == 0 for row in rows):
            words = f"{self.value.words()} is 0, which is on neither side"
            yield self.check("number", "note", words, f"{self.value.sql()} = 0")

    def run(self, record: Record) -> str | None:
        number = self.value.run(record)
        if number is None:
            return None
        return self.style.write(abs(number)) if (number < 0 if self.negative else number > 0) else ""

    def sql(self) -> str:
        """A `CASE` of the sign."""
        number = self.value.sql()
        side = f"{number} {'<' if self.negative else '>'} 0"
        amount = self.style.sql(Absolute(self.value).sql())
        return f"CASE WHEN {side} THEN {amount} WHEN {number} IS NOT NULL THEN '' END"

    def words(self) -> str:
        side = "negative" if self.negative else "positive"
        words = f"{self.value.words()} where it is {side}, without its sign"
        return ", ".join(w for w in (words, self.style.words()) if w)


@proposes(typed=12)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Numbers of one sign, where there is nothing on each row whose number has the other."""
    filled = [bool(output) for output in task.outputs]
    if all(filled) or not any(filled):
        return
    formats = output_formats(output for output in task.outputs if output)
    for source, texts in sources if formats else ():
        for style in styles(texts)[:2]:
            numbers = [style.exact(text) if text.strip() else None for text in texts]
            sides = {(number < 0, wanted) for number, wanted in zip(numbers, filled, strict=True) if number}
            for negative in (True, False) if len(sides) == BOTH else ():
                made = (OneSide(ReadNumber(source, style), written, negative) for written in formats)
                right = (each for each in made if task.explains(each))
                yield from (Candidate(each, tuple(task.outputs)) for each in right)


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    german = ReadNumber(CELL, NumberStyle(decimal=",", group=".", units=("€",)))
    return (
        OneSide(ReadNumber(CELL, NumberStyle()), NumberFormat(2), negative=True),
        OneSide(german, NumberFormat(2, ",", "."), negative=False),
        OneSide(ReadNumber(CELL, NumberStyle(group=",")), NumberFormat(), negative=False),
    )
