"""Amounts with a scale: `1.2K`, `3 lakh`, `100 MB` read as numbers, and numbers written as `212K` or `9.9M`."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.formats.number import cast_double, output_formats, round_double, styles
from services.converter.domain.synthesis.language import Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.numeral import powers
from services.converter.domain.synthesis.operators.values import ReadNumber, Value, WriteNumber
from services.converter.domain.synthesis.operators.witness import Candidate
from services.converter.domain.synthesis.sqltext import literal

Scale = Literal["amount", "bytes"]
BIT = 0.125
"""A small b is a bit."""
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
}  # fmt: skip
_AMOUNT = r"^[^0-9A-Za-z.-]*(-?[0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)\.?$"
_SPELLED = re.compile(_AMOUNT.removesuffix("$") + r"\Z")


@dataclass(frozen=True, slots=True)
class ReadScaled(Value):
    """A number with the scale that its row names; commas group; NULL where the text is none or the scale unknown."""

    source: Expression
    scale: Scale

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Above a plain number."""
        return self.source.cost + 0.9

    def run(self, record: Record) -> float | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> float | None:
        """The number of one text."""
        found = _SPELLED.match(text.replace(",", "").replace("\n", "?"))
        factor = self._factor(found.group(2)) if found else None
        number = cast_double(found.group(1)) if found else None
        return None if factor is None or number is None else number * factor

    def _factor(self, unit: str) -> float | None:
        return BIT if unit == "b" and self.scale == "bytes" else SCALES[self.scale].get(unit.lower())

    def sql(self) -> str:
        """The number times `CASE unit WHEN`."""
        text = f"replace({self.source.sql()}, ',', '')"
        number = f"TRY_CAST(regexp_extract({text}, {literal(_AMOUNT)}, 1) AS DOUBLE)"
        named = f"regexp_extract({text}, {literal(_AMOUNT)}, 2)"
        unit = (
            f"CASE WHEN {named} = 'b' THEN 'bit' ELSE lower({named}) END"
            if self.scale == "bytes"
            else f"lower({named})"
        )
        cases = " ".join(f"WHEN {literal(name)} THEN {_spelled(factor)}" for name, factor in SCALES[self.scale].items())
        return f"{number} * CASE {unit} {cases} END"

    def words(self) -> str:
        """The text and its kind."""
        kind = "an amount with K, M, lakh or crore" if self.scale == "amount" else "a size in bytes, KB or MB"
        return f"{self.source.words()} read as {kind}"


def _spelled(factor: float) -> str:
    return str(int(factor)) if factor == int(factor) else f"{factor}::DOUBLE"


Way = Literal["floor", "round"]
SUFFIXES = (
    ("K", "M", "B", "T"),
    ("k", "m", "b", "t"),
    (" K", " M", " B", " T"),
    ("k", "M", "B", "T"),
    ("K", "M", "G", "T"),
)


@dataclass(frozen=True, slots=True)
class WriteScaled(Expression):
    """A number in thousands, millions or billions with a letter: 212321 as 212K; smaller ones as whole numbers."""

    value: Value
    suffixes: tuple[str, str, str, str]
    decimals: int
    way: Way

    @property
    def parts(self) -> tuple[Node, ...]:
        """The number."""
        return (self.value,)

    @property
    def cost(self) -> float:
        """Above a plain format."""
        return self.value.cost + 1.6

    def run(self, record: Record) -> str | None:
        """The text."""
        value = self.value.run(record)
        if value is None or abs(value) >= 1e15:
            return None
        step = next((i for i in (4, 3, 2, 1) if abs(value) >= 1000.0**i), 0)
        scaled = value / 1000.0**step
        places = self.decimals if step else 0
        if self.way == "floor":
            shown = math.floor(scaled * 10.0**places) / 10.0**places
        else:
            shown = round_double(scaled, places)
        return re.sub(r"\.0$", "", repr(shown + 0.0)) + ("", *self.suffixes)[step]

    def sql(self) -> str:
        """A case for each scale."""
        value = self.value.sql()
        lines = []
        for step in (4, 3, 2, 1, 0):
            scaled = f"({value}) / {1000**step}" if step else f"({value})"
            places = self.decimals if step else 0
            shown = (
                f"floor({scaled} * {10**places}) / {10**places}"
                if self.way == "floor"
                else f"round({scaled}, {places})"
            )
            text = f"regexp_replace(CAST({shown} + 0 AS VARCHAR), '\\.0$', '')"
            suffix = f" || {literal(self.suffixes[step - 1])}" if step else ""
            lines.append(f"WHEN abs({value}) >= {1000**step if step else 0} THEN {text}{suffix}")
        return f"CASE WHEN abs({value}) >= 1e15 THEN NULL {' '.join(lines)} END"

    def words(self) -> str:
        """The number and its letters."""
        return f"{self.value.words()} in {', '.join(s.strip() for s in self.suffixes)}"


_LETTERED = re.compile(r"-?\d+(?:\.(\d))?( ?[A-Za-z])?\Z")


def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Amounts whose rows name different scales, as plain numbers; and numbers that the outputs write with a letter."""
    lettered = [_LETTERED.match(o) for o in task.outputs]
    suffixes = {m.group(2) for m in lettered if m and m.group(2)}
    for source, values in sources:
        scales: tuple[Scale, ...] = ("amount", "bytes")
        for scale in scales:
            value = ReadScaled(source, scale)
            if sum(any(ch.isalpha() for ch in v) for v in values) and all(value.read(v) is not None for v in values):
                yield from _plain(task, value)
                yield from powers(task, value)
        if all(lettered) and len(suffixes) > 1:
            yield from _with_letters(task, source, values, suffixes, max(len(m.group(1) or "") for m in lettered if m))


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


def _with_letters(
    task: Examples, source: Expression, values: tuple[str, ...], found: set[str], decimals: int
) -> Iterator[Candidate]:
    ways: tuple[Way, ...] = ("floor", "round")
    for letters in SUFFIXES:
        if found <= set(letters):
            for style in styles(values)[:1]:
                for way in ways:
                    node = WriteScaled(ReadNumber(source, style), letters, decimals, way)
                    if task.explains(node):
                        yield Candidate(node, tuple(task.outputs))


_NUMBERS = re.compile(r"-?\d+(?:[.,]\d+)*")
