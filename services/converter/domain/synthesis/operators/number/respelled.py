"""Numbers whose digits are all kept, with other marks between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.operators.witness import Candidate, proposes

MOST_STYLES = 2
"""Readings of a column's numbers that are looked at."""


@dataclass(frozen=True, slots=True)
class Respelled(Expression):
    """A number with as many decimals as its cell has, without marks of thousands and with one decimal mark."""

    number: ReadNumber
    decimal: Literal[".", ","] = "."

    @property
    def format_written(self) -> str:
        """The number's."""
        return f"number as long as it was, with a decimal {'comma' if self.decimal == ',' else 'point'}"

    def run(self, record: Record) -> str | None:
        text = self.number.source.run(record)
        spelling = None if text is None or self.number.run(record) is None else self.number.style.spelling(text)
        return spelling.replace(".", self.decimal) if spelling is not None else None

    def sql(self) -> str:
        """What is left of the text once it is known to be a number."""
        spelling = self.number.style.spelling_sql(self.number.source.sql())
        written = f"replace({spelling}, '.', ',')" if self.decimal == "," else spelling
        return f"CASE WHEN {self.number.sql()} IS NOT NULL THEN {written} END"

    def words(self) -> str:
        return f"{self.number.words()}, its digits with a decimal {'comma' if self.decimal == ',' else 'point'} alone"


@proposes(typed=13)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Numbers in the outputs that have all digits of a source's, now more and now fewer decimals."""
    del task
    for source, texts in sources:
        for style in [style for style in styles(texts) if not (style.percent or style.debit or style.exponent)][
            :MOST_STYLES
        ]:
            if (style.decimal, style.group) == (".", ""):
                continue
            for decimal in (".", ","):
                node = Respelled(ReadNumber(source, style), decimal)
                given = tuple(
                    (style.spelling(text) or "").replace(".", decimal) if text.strip() else "" for text in texts
                )
                if len({len(text.partition(decimal)[2]) for text in given if text}) > 1:
                    yield Candidate(node, given)


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    german = NumberStyle(decimal=",", group=".")
    return (
        Respelled(ReadNumber(CELL, german)),
        Respelled(ReadNumber(CELL, replace(german, units=("€",)))),
        Respelled(ReadNumber(CELL, NumberStyle(group=",")), ","),
    )
