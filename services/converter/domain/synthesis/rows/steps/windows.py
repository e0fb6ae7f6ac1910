"""Figures of a row's group beside the row: totals, means, counts, ranks, running totals, the row before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from services.converter.domain.formats.amount import computed, computed_sql
from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import Cells, Relation, Source, Step, column_list
from services.converter.domain.synthesis.rows.figures import (
    Style,
    Total,
    amount,
    read_numbers,
    total,
    total_sql,
    with_amounts,
    written,
)
from services.converter.domain.synthesis.sqltext import identifier, indent, literal, quoted

Kind = Literal[
    "count", "distinct", "number", "number_back", "before", "first",
    "sum", "min", "max", "avg", "running", "rank", "rank_down",
]  # fmt: skip

Compared = Literal["", "minus", "over", "percent", "change", "percent_change"]

OF_AMOUNTS: tuple[Kind, ...] = ("sum", "max", "min", "avg", "running", "rank_down", "rank")

OF_TEXTS: tuple[Kind, ...] = ("before", "first", "distinct")

OF_ROWS: tuple[Kind, ...] = ("number", "count", "number_back")

RANKED: frozenset[Kind] = frozenset({"rank", "rank_down"})
TOTALS: tuple[Total, ...] = ("sum", "min", "max", "avg")

COUNTED: frozenset[Kind] = frozenset({"number", "number_back", "count", "distinct", "rank", "rank_down"})
"""Figures that are small whole numbers."""

SCALED = 2.0
"""What it costs more to measure all amounts of a file by one of them: log2 of the three that are tried as a whole and
as a hundred, rounded down."""

_WORDS = {
    "count": "the number of rows", "distinct": "the number of different {}", "number": "the row's number",
    "number_back": "the row's number from the end", "before": "the {} before", "first": "the first {}",
    "sum": "the total {}", "min": "the least {}", "max": "the greatest {}", "avg": "the mean {}",
    "running": "the {} so far", "rank": "the rank by {}", "rank_down": "the rank by {}, largest first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signs:
    """The two kinds of rows in a column, of which one adds its amounts and the other takes them off.

    An amount of any other kind has no sign: there is no total with it.
    """

    column: str
    plus: str
    minus: str

    def of(self, kind: str | None, text: str | None, style: Style) -> str | None:
        """A row's amount with its sign, as plain text; blanks stay, and what is no such amount is none."""
        number = amount(text, style)
        if number is None or kind not in (self.plus, self.minus):
            return text if not (text or "").strip(" ") else "?"
        return written(-number if kind == self.minus else number)

    def sql(self, number: str) -> str:
        """The same over an amount."""
        kind = identifier(self.column)
        return (
            f"CASE WHEN {kind} = {literal(self.plus)} THEN {number} WHEN {kind} = {literal(self.minus)} "
            f"THEN -{number} END"
        )


@dataclass(frozen=True, slots=True)
class Window:
    """One figure of a group: of its rows, or of one of its columns."""

    kind: Kind
    column: str = ""
    style: Style | None = None
    compared: Compared = ""
    """How the row's own amount is compared with the figure; not at all where empty."""
    signs: "Signs | None" = None
    """What tells which amounts are taken off, where some are: of sums and running totals."""

    @property
    def scales(self) -> bool:
        """Whether amounts are held against one amount of the group as its parts."""
        return self.kind in ("first", "min", "max") and self.compared not in ("", "minus")

    def values(self, rows: Sequence[str | None], kinds: Sequence[str | None] = ()) -> list[str | None]:
        """The figure beside each row of one group, whose column is given in order, with the kinds that tell signs."""
        style = self.style or NumberStyle()
        if self.signs is not None:
            signed = [self.signs.of(kind, text, style) for kind, text in zip(kinds, rows, strict=True)]
            figures = Window(self.kind, self.column, NumberStyle()).values(signed)
        else:
            figures = self._figures(rows)
        if not self.compared:
            return figures
        reads = style if self.kind in ("before", "first") else NumberStyle()
        pairs = [(style.exact(own or ""), reads.exact(other or "")) for own, other in zip(rows, figures, strict=True)]
        return [written(compare(self.compared, own, other)) for own, other in pairs]

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
        return self._of_amounts(rows)

    def _of_amounts(self, rows: Sequence[str | None]) -> list[str | None]:
        style = self.style or NumberStyle()
        if self.kind == "running":
            return _running(rows, style)
        if self.kind in RANKED:
            numbers = read_numbers(rows, style)
            placed = sorted((n for n in numbers if n is not None), reverse=self.kind == "rank_down")
            return [str((placed.index(n) if n is not None else len(placed)) + 1) for n in numbers]
        if self.kind not in ("sum", "min", "max", "avg"):
            return [None] * len(rows)
        return [written(total(self.kind, rows, style))] * len(rows)

    def compared_sql(self, name: str) -> str:
        """The row's amount compared with the figure that stands in a column of this name."""
        style = self.style or NumberStyle()
        reads = style if self.kind in ("before", "first") else NumberStyle()
        own, other = style.exact_sql(identifier(self.column)), reads.exact_sql(identifier(name))
        if self.compared == "minus":
            return f"CAST({computed_sql('-', own, other)} AS VARCHAR)"
        value = computed_sql("/", own, other)
        value = computed_sql("-", value, "1") if self.compared.endswith("change") else value
        value = computed_sql("*", value, "100") if self.compared.startswith("percent") else value
        return f"CAST({value} AS VARCHAR)"

    def sql(self, keys: Sequence[str], order: str, amount: str) -> str:
        """The figure, as a window function over the group; ``amount`` is that of the column, where it has one."""
        by = f"PARTITION BY {column_list(keys)}" if keys else ""
        along = f"{by} ORDER BY {order}".strip()
        column = identifier(self.column)
        amount = self.signs.sql(amount) if self.signs is not None else amount
        numbered = f"row_number() OVER ({along})"
        if self.kind == "count":
            return f"CAST(count(*) OVER ({by}) AS VARCHAR)"
        if self.kind == "number":
            return f"CAST({numbered} AS VARCHAR)"
        if self.kind == "number_back":
            return f"CAST(count(*) OVER ({by}) + 1 - {numbered} AS VARCHAR)"
        if self.kind == "before":
            return f"lag({column}) OVER ({along})"
        if self.kind == "first":
            return f"first_value({column}) OVER ({along})"
        if self.kind == "distinct":
            return f"CAST(count(DISTINCT {column}) OVER ({by}) AS VARCHAR)"
        if self.kind in RANKED:
            direction = " DESC" if self.kind == "rank_down" else ""
            along = f"{by} ORDER BY {amount}".strip()
            return f"CAST(rank() OVER ({along}{direction} NULLS LAST) AS VARCHAR)"
        if self.kind == "running":
            return total_sql("sum", self.column, amount, f" OVER ({along} ROWS UNBOUNDED PRECEDING)")
        figure = next(kind for kind in TOTALS if kind == self.kind)
        return total_sql(figure, self.column, amount, f" OVER ({by})")

    def words(self) -> str:
        """What the figure is."""
        figure = _WORDS[self.kind].format(self.column)
        if self.signs is not None:
            figure += f" ({quoted(self.signs.minus)} of {self.signs.column} taken off)"
        return {
            "": figure,
            "minus": f"{self.column} less {figure}",
            "over": f"{self.column} as a share of {figure}",
            "percent": f"{self.column} in percent of {figure}",
            "change": f"the change of {self.column} from {figure}",
            "percent_change": f"the change of {self.column} from {figure} in percent",
        }[self.compared]


def _running(rows: Sequence[str | None], style: Style) -> list[str | None]:
    """The totals so far; None before the first amount, and from a filled text on that is none."""
    so_far, begun, out = Decimal(0), False, list[str | None]()
    for place, (text, number) in enumerate(zip(rows, read_numbers(rows, style), strict=True)):
        if number is None and text and text.strip(" "):
            return out + [None] * (len(rows) - place)
        so_far, begun = so_far + (number or 0), begun or number is not None
        out.append(written(so_far) if begun else None)
    return out


def compare(how: Compared, own: Decimal | None, other: Decimal | None) -> Decimal | None:
    """A row's amount compared with a figure: the difference, the ratio, or the ratio less one, or in percent."""
    if own is None or other is None:
        return None
    if how == "minus":
        return computed("-", own, other)
    share = computed("/", own, other)
    if share is not None and how.endswith("change"):
        share = computed("-", share, Decimal(1))
    if share is not None and how.startswith("percent"):
        share = computed("*", share, Decimal(100), (10, 0))
    return share


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
        """What other rows say is rarer than what a row holds itself; small numbers in order may be so by chance.
        What is measured by one row of the file is scaled by a constant, whatever that is."""
        counted = not self.keys and any(window.kind in COUNTED for window in self.windows)
        scaled = not self.keys and any(window.scales for window in self.windows)
        return 0.9 + 0.3 * len(self.keys) + 1.2 * counted + SCALED * scaled

    def _added(self, relation: Relation) -> list[tuple[str, Window]]:
        by = f"_by_{'_'.join(self.keys)}" if self.keys else "_of_all"
        names = []
        for window in self.windows:
            # What goes by the place of a row among all is named for that.
            tail = "" if not self.keys and not window.compared and window.kind in ("number", "running") else by
            compared = f"{window.compared}_" if window.compared else ""
            signed = f"_by_{window.signs.column}_less_{window.signs.minus}" if window.signs is not None else ""
            names.append(f"{window.column or 'row'}_{compared}{window.kind}{tail}{signed}")
        return [(relation.fresh(name), window) for name, window in zip(names, self.windows, strict=True)]

    def run(self, relation: Relation) -> Relation:
        """The rows with the figures."""
        columns = figures_beside(relation, self.keys, self.windows)
        rows: tuple[Cells, ...] = tuple(
            (*row, *more) for row, more in zip(relation.rows, zip(*columns, strict=True), strict=True)
        )
        return replace(relation, names=(*relation.names, *(name for name, _ in self._added(relation))), rows=rows)

    def sql(self, source: Source) -> str:
        """Window functions; what is compared with them above."""
        order = source.order
        added = [(name, window) for name, window in self._added(source.relation) if name in source.needed]
        rows, numbers = with_amounts(
            source, [(w.column, w.style or NumberStyle()) for _, w in added if w.kind in OF_AMOUNTS]
        )
        lines = [f"    {w.sql(self.keys, order, numbers.get(w.column, ''))} AS {identifier(name)}" for name, w in added]
        own = f"* EXCLUDE ({', '.join(numbers.values())})" if numbers else "*"
        figures = f"SELECT\n    {own},\n" + ",\n".join(lines) + f"\nFROM {rows}"
        compared = [f"    {w.compared_sql(name)} AS {identifier(name)}" for name, w in added if w.compared]
        if not compared:
            return figures
        return "SELECT * REPLACE (\n" + ",\n".join(compared) + f"\n)\nFROM (\n{indent(figures)}\n)"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The keys and the columns that figures are made of."""
        used = [window for name, window in self._added(relation) if name in needed]
        signs = {window.signs.column for window in used if window.signs is not None}
        return frozenset({*self.keys, *signs, *(window.column for window in used if window.column)})

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
        dated = (Window("rank_down", "a", MomentStyle(("%d.%m.%Y",))), Window("rank", "a", MomentStyle(("%Y-%m-%d",))))
        signs = Signs("b", "x", "x;y")
        signed = (Window("running", "n", number, signs=signs), Window("sum", "n", number, "over", signs))
        return (
            cls((), figures),
            cls(("a",), figures),
            cls(("a", "b"), compared),
            cls((), signed),
            cls(("a",), signed),
            cls(("b",), dated[:1]),
            cls((), dated[1:]),
        )


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
            signs = at[window.signs.column] if window.signs is not None else -1
            kinds = [relation.rows[m][signs] for m in members] if signs >= 0 else ()
            for member, value in zip(members, window.values(cells, kinds), strict=True):
                column[member] = value
    return out
