"""Columns as exact numbers: their totals, in Python and in DuckDB, and whether a wanted column shows such numbers.

Amounts are DECIMAL(28, 10), so that no sum of a file's rows overflows DECIMAL(38, 10); means are rounded to ten
decimals, halves away from zero. A figure of rows among which a filled cell is no such number is NULL: what is left when
that cell is passed over would be another figure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Literal

from services.converter.domain.formats.amount import PLACES, WIDE, exact
from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis.rows.algebra import Source
from services.converter.domain.synthesis.sampling import some
from services.converter.domain.synthesis.sqltext import identifier

LEAST_FILLED = 2
"""Rows with a number that must agree, and different numbers among them where there are so many."""
MOST_LOOKED_AT = 2_000
"""Rows in which the style of numbers is looked for."""
_DECIMALS = re.compile(r"[.,](\d+)\D*$")

Style = NumberStyle | MomentStyle
"""How the amounts of a column are written, or its dates where these are ranked."""
Numbers = tuple[Decimal | None, ...]
Total = Literal["sum", "min", "max", "avg"]

AMOUNT = f"DECIMAL(28, {PLACES})"
_MOST = Decimal(10) ** (28 - PLACES)
_NEARLY = Decimal("1.0000002")
"""Half a unit and a little: wanted numbers may have been rounded in binary."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a wanted column (None: blank), each with half a unit of the last digit that it shows."""

    numbers: Numbers
    halves: Numbers

    @property
    def varied(self) -> bool:
        """Whether there are different numbers, so that agreement is no accident."""
        filled = [n for n in self.numbers if n is not None]
        return len(filled) >= LEAST_FILLED and len(set(filled)) > 1

    def shown_by(self, computed: Sequence[Decimal | None]) -> bool:
        """Whether the computed numbers, rounded, are the wanted ones wherever something is wanted."""
        return all(
            want is None or half is None or (have is not None and abs(have - want) <= half)
            for have, want, half in zip(computed, self.numbers, self.halves, strict=True)
        )


@lru_cache(maxsize=1024)
def figures_of(texts: tuple[str, ...]) -> Figures | None:
    """A column of wanted texts as numbers; None where it holds others, or fewer than two."""
    found = [style for style in styles(texts) if not style.percent]
    if not found:
        return None
    style = found[0]
    numbers = tuple(style.exact(text) if text.strip() else None for text in texts)
    halves: list[Decimal | None] = []
    for text in texts:
        shown = _DECIMALS.search(text)
        grouped = shown is not None and style.group == text[shown.start()]
        halves.append(_NEARLY * Decimal(5).scaleb(-1 - (len(shown[1]) if shown and not grouped else 0)))
    return Figures(numbers, tuple(halves)) if sum(n is not None for n in numbers) >= LEAST_FILLED else None


def one_amount_each(columns: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The amounts of two columns as one, where each row fills one of the two: debit and credit, in and out."""
    amounts = [column for column in columns if figures_of(column) is not None]
    for one, other in combinations(amounts, 2):
        if all(bool(a.strip()) != bool(b.strip()) for a, b in zip(one, other, strict=True)):
            yield tuple(a.strip() or b.strip() for a, b in zip(one, other, strict=True))


def read_numbers(texts: Iterable[str | None], style: Style) -> Numbers:
    """A source column in its style; what is no number is None."""
    return tuple(amount(text, style) for text in texts)


def amounts_of(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[tuple[str, NumberStyle]]:
    """The columns that hold nothing but numbers (as far as some rows, evenly spaced, tell), each with its style."""
    found = []
    looked_at = some(rows, MOST_LOOKED_AT)
    for index, name in enumerate(names):
        column = styles([row[index] or "" for row in looked_at])
        if column:
            found.append((name, column[0]))
    return found


def amount(text: str | None, style: Style) -> Decimal | None:
    """A text as an amount; None where it is none in this style, or too large."""
    value = style.exact(text) if text else None
    return value if value is not None and abs(value) < _MOST else None


def with_amounts(source: Source, amounts: Iterable[tuple[str, Style]]) -> tuple[str, dict[str, str]]:
    """The name of the relation with an amount for each of the columns, and the name of each amount as SQL."""
    styles_of = dict(amounts)
    if not styles_of:
        return source.name, {}
    names = {column: identifier(source.relation.fresh(f"{column}_amount")) for column in styles_of}
    lines = [
        f"    TRY_CAST({style.exact_sql(identifier(column))} AS {AMOUNT}) AS {names[column]}"
        for column, style in styles_of.items()
    ]
    return source.part("amounts", "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"), names


def written(value: Decimal | None) -> str | None:
    """A figure as DuckDB writes a DECIMAL: how many decimals it is to show is the column's to say."""
    return None if value is None else f"{value or abs(value):.{PLACES}f}"


def total(kind: Total, texts: Iterable[str | None], style: Style) -> Decimal | None:
    """The sum, least, greatest or mean of the amounts among texts; None of none, and where a filled text is none."""
    filled = [text for text in texts if text and text.strip(" ")]
    numbers = [number for text in filled if (number := amount(text, style)) is not None]
    if not numbers or len(numbers) < len(filled):
        return None
    if kind in ("min", "max"):
        return min(numbers) if kind == "min" else max(numbers)
    whole = sum(numbers, Decimal(0))
    return whole if kind == "sum" else exact(WIDE.divide(whole, Decimal(len(numbers))))


def total_sql(kind: Total, column: str, number: str, rows: str) -> str:
    """The same as text, as an aggregate of a column's amounts (``number``, see `with_amounts`).

    ``rows``, a FILTER or OVER clause with a blank before it, says of which rows.
    """
    count = f"count({number}){rows}"
    value = f"CAST({kind}({number}){rows} AS DECIMAL(38, {PLACES}))"
    if kind == "avg":
        # In whole units of the last decimal: twice the sum and the count, over twice the count, is rounded half up.
        whole = f"sum(CAST({number} * {10**PLACES} AS HUGEINT)){rows}"
        units = f"(2 * abs({whole}) + {count}) // nullif(2 * {count}, 0) * sign({whole})"
        value = f"CAST({units} AS DECIMAL(38, 0)) * 0.{'0' * (PLACES - 1)}1"
    return f"CASE WHEN {count} = count(nullif(trim({identifier(column)}), '')){rows} THEN CAST({value} AS VARCHAR) END"
