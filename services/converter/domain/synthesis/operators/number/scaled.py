"""Amounts with a scale: `1.2K`, `3 lakh`, `100 MB` read as numbers, and numbers written as `212K` or `9.9M`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
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
from services.converter.domain.formats.number import NumberFormat, NumberStyle, output_formats, styles
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.numeral import powers
from services.converter.domain.synthesis.operators.number.values import (
    ReadNumber,
    Value,
    WriteNumber,
    step_sql,
    step_to,
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


Way = Literal["floor", "round"]
Steps = tuple[tuple[float, str], ...]
"""Sizes with the letters behind a number in them, the largest first."""


@dataclass(frozen=True, slots=True)
class WriteScaled(Expression):
    """A number in thousands, millions or billions with a letter: 212321 as 212K; smaller ones as whole numbers.

    ``fixed`` keeps the closing zeros of the decimals.
    """

    value: Value
    steps: Steps
    decimals: int
    way: Way
    fixed: bool = False

    @property
    def surcharge(self) -> float:
        """Above a plain format."""
        return 1.7 if self.fixed else 1.6

    def run(self, record: Record) -> str | None:
        """The text."""
        value = self.value.run(record)
        if value is None:
            return None
        size, letters = next((step for step in self.steps if abs(value) >= step[0]), (1.0, ""))
        scaled = computed("/", value, Decimal(int(size))) if size > 1 else value
        places = self.decimals if size > 1 else 0
        if scaled is not None and self.way == "floor":
            scaled = step_to(scaled, Decimal(1).scaleb(-places), "floor")
        return None if scaled is None else self._format(places).write(scaled) + letters

    def _format(self, places: int) -> NumberFormat:
        return NumberFormat(places, trimmed=not self.fixed and places > 0)

    def sql(self) -> str:
        """A case for each scale."""
        value = self.value.sql()
        lines = []
        for size, letters in (*self.steps, (0.0, "")):
            scaled = computed_sql("/", value, f"{size:.0f}") if size > 1 else value
            places = self.decimals if size > 1 else 0
            shown = step_sql(scaled, Decimal(1).scaleb(-places), "floor") if self.way == "floor" else scaled
            text = self._format(places).sql(shown)
            suffix = f"({text}) || {literal(letters)}" if letters else text
            lines.append(f"WHEN abs({value}) >= {size:.0f} THEN {suffix}")
        return f"CASE {' '.join(lines)} END"

    def words(self) -> str:
        """The number and its letters."""
        return f"{self.value.words()} in {', '.join(letters.strip() for _, letters in reversed(self.steps))}"


_FAMILIES: tuple[tuple[tuple[float, ...], tuple[str, ...]], ...] = (
    *(
        ((1e12, 1e9, 1e6, 1e3), tuple(letters.split()))
        for letters in (
            "T B M K", "t b m k", "T B M k", "T G M K", "tn bn m k", "tn bn mn k", "Tn Bn Mn K", "trn bn m k",
            "tn bn M K", "T Bn M K", "trillion billion million thousand", "Trillion Billion Million Thousand",
        )
    ),
    *(
        ((1e7, 1e5), tuple(letters.split()))
        for letters in ("Cr L", "crore lakh", "Crore Lakh", "cr lakh", "Cr Lakh", "crores lakhs", "cr l", "Cr Lac")
    ),
    *(
        ((1024.0**4, 1024.0**3, 1024.0**2, 1024.0, 1.0), tuple(letters.split()))
        for letters in ("TB GB MB KB B", "TB GB MB kB B", "TiB GiB MiB KiB B", "TB GB MB KB bytes")
    ),
)  # fmt: skip


@proposes(typed=30)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Amounts whose rows name different scales, as plain numbers; and numbers that the outputs write with a letter."""
    lettered = [_LETTERED.search(o) for o in task.outputs]
    spans = [m for m in lettered if m]
    suffixes = {m[2] for m in spans if m[2]}
    for source, values in sources:
        for scale in SCALES if any(any(ch.isalpha() for ch in v) for v in values) else ():
            value = ReadScaled(source, scale)
            if all(value.read(v) is not None for v in values):
                yield from _plain(task, value)
                yield from powers(task, value)
        if len(spans) == len(lettered) and len(suffixes) > 1:
            yield from _with_letters(task, source, values, spans)


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


_LETTERED = re.compile(r"-?\d+(?:\.(\d{1,3}))?( ?[A-Za-z]+)?\Z")


def _with_letters(
    task: Examples, source: Expression, values: tuple[str, ...], spans: list[re.Match[str]]
) -> Iterator[Candidate]:
    """Numbers at the end of the outputs with the letters of one family."""
    texts, suffixes = tuple(m[0] for m in spans), {m[2] for m in spans if m[2]}
    decimals = max(len(m[1] or "") for m in spans)
    ways: tuple[Way, ...] = ("round", "floor")
    for style, (sizes, letters), blank in product(styles(values)[:1], _FAMILIES, ("", " ")):
        steps = tuple((size, blank + letter) for size, letter in zip(sizes, letters, strict=True))
        if not suffixes <= {letter for _, letter in steps}:
            continue
        for way, fixed in product(ways, (False, True) if decimals else (False,)):
            node = WriteScaled(ReadNumber(source, style), steps, decimals, way, fixed)
            if tuple(node.run(r) for r in task.records) == texts:
                yield Candidate(node, texts)


_NUMBERS = re.compile(r"-?\d+(?:[.,]\d+)*")


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    steps = ((1e7, " Cr"), (1e5, " L"), (1e3, "K"))
    ways: tuple[tuple[Way, int, bool], ...] = (
        ("floor", 0, False), ("round", 1, False), ("round", 2, True), ("floor", 1, True),
    )  # fmt: skip
    amount = ReadNumber(CELL, NumberStyle())
    return (
        *(ReadScaled(CELL, scale) for scale in SCALES),
        *(WriteScaled(amount, steps, decimals, way, fixed) for way, decimals, fixed in ways),
    )
