"""Amounts with a scale: `1.2K`, `3 lakh`, `100 MB` read as numbers, and numbers written as `212K` or `9.9M`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.converter.domain.formats.amount import (
    PLACES,
    TYPE,
    computed,
    computed_sql,
    decimals_of,
    exact,
    of_float,
    spelled,
)
from services.converter.domain.formats.number import output_formats
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.numeral import powers
from services.converter.domain.synthesis.operators.number.values import (
    Value,
    WriteNumber,
)
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal

Scale = Literal["amount", "bytes", "months", "days of 360", "days of 365"]
BIT = 0.125
"""A small b is a bit."""
_DAYS = {
    "d": 1.0, "day": 1.0, "days": 1.0, "w": 7.0, "wk": 7.0, "week": 7.0, "weeks": 7.0, "m": 30.0, "mo": 30.0,
    "month": 30.0, "months": 30.0,
}  # fmt: skip
SCALES: dict[Scale, dict[str, float]] = {
    "amount": {
        "": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "mm": 1e6, "million": 1e6, "b": 1e9,
        "bn": 1e9, "billion": 1e9, "t": 1e12, "tn": 1e12, "trillion": 1e12, "l": 1e5, "lac": 1e5, "lakh": 1e5,
        "lakhs": 1e5, "cr": 1e7, "crore": 1e7, "crores": 1e7,
    },
    "bytes": {
        "": 1.0, "b": 1.0, "bytes": 1.0, "bit": BIT, "bits": BIT, "kb": 1024.0, "mb": 1024.0**2, "gb": 1024.0**3,
        "tb": 1024.0**4,
        "kib": 1024.0, "mib": 1024.0**2, "gib": 1024.0**3, "k": 1024.0, "m": 1024.0**2, "g": 1024.0**3,
    },
    "months": {
        "m": 1.0, "mo": 1.0, "mth": 1.0, "mths": 1.0, "mon": 1.0, "month": 1.0, "months": 1.0, "q": 3.0, "quarter": 3.0,
        "quarters": 3.0, "y": 12.0, "yr": 12.0, "yrs": 12.0, "year": 12.0, "years": 12.0,
    },
    "days of 360": {**_DAYS, "y": 360.0, "yr": 360.0, "yrs": 360.0, "year": 360.0, "years": 360.0},
    "days of 365": {**_DAYS, "y": 365.0, "yr": 365.0, "yrs": 365.0, "year": 365.0, "years": 365.0},
}  # fmt: skip
_AMOUNT = r"^[^0-9A-Za-z.-]*(-?[0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)\.?$"
_SPELLED = re.compile(_AMOUNT.removesuffix("$") + r"\Z")


@dataclass(frozen=True, slots=True)
class ReadScaled(Value):
    """A number with the scale that its row names; commas group; NULL where the text is none or the scale unknown."""

    source: Expression
    scale: Scale

    def run(self, record: Record) -> Decimal | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The number of one text."""
        found = _SPELLED.match(text.replace(",", "").replace("\n", "?"))
        factor = self._factor(found.group(2)) if found else None
        number = exact(Decimal(found.group(1))) if found else None
        if factor is None or number is None:
            return None
        return computed("*", number, of_float(factor), (PLACES, decimals_of(of_float(factor))))

    def _factor(self, unit: str) -> float | None:
        return BIT if unit == "b" and self.scale == "bytes" else SCALES[self.scale].get(unit.lower())

    def sql(self) -> str:
        """The number times `CASE unit WHEN`."""
        text = f"replace({self.source.sql()}, ',', '')"
        number = f"TRY_CAST(regexp_extract({text}, {literal(_AMOUNT)}, 1) AS {TYPE})"
        named = f"regexp_extract({text}, {literal(_AMOUNT)}, 2)"
        unit = (
            f"CASE WHEN {named} = 'b' THEN 'bit' ELSE lower({named}) END"
            if self.scale == "bytes"
            else f"lower({named})"
        )
        cases = " ".join(
            f"WHEN {literal(name)} THEN {spelled(of_float(factor))}" for name, factor in SCALES[self.scale].items()
        )
        return computed_sql("*", number, f"CASE {unit} {cases} END")

    def words(self) -> str:
        """The text and its kind."""
        kinds = {"amount": "an amount with K, M, lakh or crore", "bytes": "a size in bytes, KB or MB"}
        return f"{self.source.words()} read as {kinds.get(self.scale, self.scale)}"


@proposes(typed=30)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Amounts whose rows name different scales, as plain numbers; and numbers that the outputs write with a letter."""
    for source, values in sources:
        for scale in SCALES if any(any(ch.isalpha() for ch in v) for v in values) else ():
            value = ReadScaled(source, scale)
            if all(value.read(v) is not None for v in values):
                yield from _plain(task, value)
                yield from powers(task, value)


def _plain(task: Examples, value: ReadScaled) -> Iterator[Candidate]:
    spans = [_NUMBERS.findall(o) for o in task.outputs]
    if not all(spans):
        return
    wanted = tuple(s[0] for s in spans)
    # Whole numbers of the example need not stay whole in another scale.
    for style in sorted(output_formats(wanted), key=lambda style: style.decimals == 0):
        written = WriteNumber(value, style)
        if tuple(written.run(r) for r in task.records) == wanted:
            yield Candidate(written, wanted)
            return


_NUMBERS = re.compile(r"-?\d+(?:[.,]\d+)*")


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    return tuple(ReadScaled(CELL, scale) for scale in SCALES)
