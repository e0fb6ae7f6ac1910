"""Figures of a row's group beside the row: totals, means, counts, ranks, running totals, the row before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.formats.number import NumberStyle, round_double
from services.converter.domain.synthesis.rows.algebra import Cells, Relation, Source, Step, column_list
from services.converter.domain.synthesis.rows.figures import read_numbers
from services.converter.domain.synthesis.rows.steps.context import ExactSum
from services.converter.domain.synthesis.sqltext import identifier

Kind = Literal[
    "count", "distinct", "number", "number_back", "before", "first",
    "sum", "min", "max", "avg", "running", "rank", "rank_down",
]  # fmt: skip

Compared = Literal["", "minus", "over", "percent", "change", "percent_change"]

OF_AMOUNTS: tuple[Kind, ...] = ("sum", "max", "min", "avg", "running", "rank_down", "rank")

OF_TEXTS: tuple[Kind, ...] = ("before", "first", "distinct")

OF_ROWS: tuple[Kind, ...] = ("number", "count", "number_back")

COUNTED: frozenset[Kind] = frozenset({"number", "number_back", "count", "distinct", "rank", "rank_down"})
"""Figures that are small whole numbers."""

_WORDS = {
    "count": "the number of rows", "distinct": "the number of different {}", "number": "the row's number",
    "number_back": "the row's number from the end", "before": "the {} before", "first": "the first {}",
    "sum": "the total {}", "min": "the least {}", "max": "the greatest {}", "avg": "the mean {}",
    "running": "the {} so far", "rank": "the rank by {}", "rank_down": "the rank by {}, largest first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """One figure of a group: of its rows, or of one of its columns."""

    kind: Kind
    column: str = ""
    style: NumberStyle | None = None
    compared: Compared = ""
    """How the row's own amount is compared with the figure; not at all where empty."""

    def values(self, rows: Sequence[str | None]) -> list[str | None]:
        """The figure beside each row of one group, whose column is given in order."""
        figures = self._figures(rows)
        if not self.compared:
            return figures
        style = self.style or NumberStyle()
        reads = style if self.kind in ("before", "first") else NumberStyle()
        return [
            _written(value, 12) if value is not None else None
            for value in (
                compare(self.compared, style.read(own or ""), reads.read(other or ""))
                for own, other in zip(rows, figures, strict=True)
            )
        ]

    def _figures(self, rows: Sequence[str | None]) -> list[str | None]:
        if self.kind == "count":
            return [str(len(rows))] * len(rows)
        if self.kind in ("number", "number_back"):
            numbers = [str(k) for k in range(1, len(rows) + 1)]
            return list(numbers) if self.kind == "number" else list(reversed(numbers))
        if self.kind == "before":
            return [None, *rows[:-1]]
        if self.kind == "first":
            return [rows[0]] * len(rows)
        if self.kind == "distinct":
            return [str(len({text for text in rows if text is not None}))] * len(rows)
        return self._of_amounts(read_numbers(rows, self.style or NumberStyle()))

    def _of_amounts(self, numbers: Sequence[float | None]) -> list[str | None]:
        known = [n for n in numbers if n is not None]
        if self.kind == "running":
            total, out = ExactSum(), []
            for number in numbers:
                if number is not None:
                    total.add(number)
                out.append(_written(total.value) if total.parts else None)
            return out
        if self.kind in ("rank", "rank_down"):
            placed = sorted(known, reverse=self.kind == "rank_down")
            return [str((placed.index(n) if n is not None else len(placed)) + 1) for n in numbers]
        if not known:
            return [None] * len(numbers)
        exact = math.fsum(known)
        value = {"sum": exact, "min": min(known), "max": max(known), "avg": exact / len(known)}[self.kind]
        return [_written(value)] * len(numbers)

    def sql(self, keys: Sequence[str], order: str) -> str:
        """A window function over the group."""
        figure = self._figure_sql(keys, order)
        if not self.compared:
            return figure
        style = self.style or NumberStyle()
        own, reads = style.sql(identifier(self.column)), style if self.kind in ("before", "first") else NumberStyle()
        other = reads.sql(figure)
        value = {
            "minus": f"{own} - {other}",
            "over": f"{own} / nullif({other}, 0)",
            "percent": f"100 * ({own} / nullif({other}, 0))",
            "change": f"{own} / nullif({other}, 0) - 1",
            "percent_change": f"100 * ({own} / nullif({other}, 0) - 1)",
        }[self.compared]
        return f"CAST(round({value}, 12) AS VARCHAR)"

    def _figure_sql(self, keys: Sequence[str], order: str) -> str:
        by = f"PARTITION BY {column_list(keys)}" if keys else ""
        along = f"{by} ORDER BY {order}".strip()
        column = identifier(self.column)
        if self.kind == "count":
            return f"CAST(count(*) OVER ({by}) AS VARCHAR)"
        if self.kind in ("number", "number_back"):
            numbered = f"row_number() OVER ({along})"
            return f"CAST({numbered if self.kind == 'number' else f'count(*) OVER ({by}) + 1 - {numbered}'} AS VARCHAR)"
        if self.kind == "before":
            return f"lag({column}) OVER ({along})"
        if self.kind == "first":
            return f"first_value({column}) OVER ({along})"
        if self.kind == "distinct":
            return f"CAST(count(DISTINCT {column}) OVER ({by}) AS VARCHAR)"
        number = (self.style or NumberStyle()).sql(column)
        if self.kind in ("rank", "rank_down"):
            direction = " DESC" if self.kind == "rank_down" else ""
            return f"CAST(rank() OVER ({f'{by} ORDER BY {number}'.strip()}{direction} NULLS LAST) AS VARCHAR)"
        if self.kind == "running":
            return f"CAST(round(sum({number}) OVER ({along} ROWS UNBOUNDED PRECEDING), 8) AS VARCHAR)"
        return f"CAST(round({self.kind}({number}) OVER ({by}), 8) AS VARCHAR)"

    def words(self) -> str:
        """What the figure is."""
        figure = _WORDS[self.kind].format(self.column)
        return {
            "": figure,
            "minus": f"{self.column} less {figure}",
            "over": f"{self.column} as a share of {figure}",
            "percent": f"{self.column} in percent of {figure}",
            "change": f"the change of {self.column} from {figure}",
            "percent_change": f"the change of {self.column} from {figure} in percent",
        }[self.compared]


def compare(how: Compared, own: float | None, other: float | None) -> float | None:
    """A row's amount compared with a figure: the difference, the ratio, or the ratio less one, or in percent."""
    if own is None or other is None:
        return None
    if how == "minus":
        return own - other
    if other == 0:
        return None
    share = own / other - (1.0 if how.endswith("change") else 0.0)
    return 100.0 * share if how.startswith("percent") else share


def _written(value: float, places: int = 8) -> str:
    return repr(round_double(value, places))


@dataclass(frozen=True, slots=True)
class Windows(Step):
    """Adds to each row figures of the rows with the same keys (of all rows where there are none)."""

    keys: tuple[str, ...]
    windows: tuple[Window, ...]
    title = "with_figures"
    keeps_rows = True
    distant = True

    @property
    def cost(self) -> float:
        """What other rows say is rarer than what a row holds itself; small numbers in order may be so by chance."""
        counted = not self.keys and any(window.kind in COUNTED for window in self.windows)
        return 0.9 + 0.3 * len(self.keys) + 1.2 * counted

    def _added(self, relation: Relation) -> list[tuple[str, Window]]:
        tail = f"_by_{'_'.join(self.keys)}" if self.keys else "_of_all"
        names = [f"{w.column or 'row'}_{w.compared}{'_' if w.compared else ''}{w.kind}{tail}" for w in self.windows]
        return [(relation.fresh(name), window) for name, window in zip(names, self.windows, strict=True)]

    def run(self, relation: Relation) -> Relation:
        """The rows with the figures."""
        columns = figures_beside(relation, self.keys, self.windows)
        rows: tuple[Cells, ...] = tuple(
            (*row, *more) for row, more in zip(relation.rows, zip(*columns, strict=True), strict=True)
        )
        return replace(relation, names=(*relation.names, *(name for name, _ in self._added(relation))), rows=rows)

    def sql(self, source: Source) -> str:
        """Window functions."""
        order = source.order
        lines = [
            f"    {window.sql(self.keys, order)} AS {identifier(name)}"
            for name, window in self._added(source.relation)
            if name in source.needed
        ]
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The keys and the columns that figures are made of."""
        used = {window.column for name, window in self._added(relation) if name in needed and window.column}
        return frozenset({*self.keys, *used})

    def words(self) -> str:
        """Which figures of which rows."""
        among = f"the rows of its {' and '.join(self.keys)}" if self.keys else "all rows"
        return f"each row sees, among {among}: {', '.join(window.words() for window in self.windows)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        number = NumberStyle()
        figures = (
            *(Window(kind) for kind in OF_ROWS),
            *(Window(kind, "n", number) for kind in OF_AMOUNTS),
            *(Window(kind, "b") for kind in OF_TEXTS),
        )
        compared = (
            Window("sum", "n", number, "over"),
            Window("before", "n", number, "minus"),
            Window("first", "n", number, "percent_change"),
            Window("avg", "n", number, "change"),
        )
        return (cls((), figures), cls(("a",), figures), cls(("a", "b"), compared))


def figures_beside(relation: Relation, keys: Sequence[str], windows: Sequence[Window]) -> list[list[str | None]]:
    """For each window its column, row by row."""
    at = {name: i for i, name in enumerate(relation.names)}
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for position, row in enumerate(relation.rows):
        groups.setdefault(tuple(row[at[key]] for key in keys), []).append(position)
    out: list[list[str | None]] = [[None] * len(relation.rows) for _ in windows]
    for members in groups.values():
        for column, window in zip(out, windows, strict=True):
            cells = [relation.rows[m][at[window.column]] if window.column else None for m in members]
            for member, value in zip(members, window.values(cells), strict=True):
                column[member] = value
    return out
