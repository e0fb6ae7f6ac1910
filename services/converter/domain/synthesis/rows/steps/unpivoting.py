"""Cells as rows: wide to long, one cell or one group of neighbouring cells a row, with their headings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import inner
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Row

NEAR = (("left", -1), ("left_2", -2), ("right", 1), ("right_2", 2))
"""Neighbours in the row that are offered beside a cell."""

TOPS = 2
"""Rows at the top whose cells are offered as headings."""


@dataclass(frozen=True, slots=True)
class Unpivot(Step):
    """One row for each group of ``size`` neighbouring cells, from column ``first`` (1-based) on.

    It adds ``cell_1..``, the header's ``name_1..`` over each, and ``top_1, top_2``: the cells of the file's first rows
    in the group's first column (``wide_1, wide_2``: filled from the left, for headings that span columns).
    """

    first: int
    size: int = 1
    by: Literal["row", "column"] = "row"
    last_from_end: int = 0
    named: bool = True
    """Whether cells are columns beside those of their row; else a row is the cells before the first, then the group."""
    title = "cells"
    by_cell = True

    @property
    def renumbers(self) -> bool:  # type: ignore[override]
        """Rows of cells only are told by their numbers."""
        return not self.named

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return (
            1.5
            + 0.2 * (self.first - 1)
            + 0.3 * (self.size - 1)
            + (0.2 if self.by == "column" else 0.0)
            + 0.5 * self.last_from_end
        )

    def _added(self, relation: Relation, with_names: bool = True) -> list[tuple[str, str, str]]:
        """(name of the new column, kind, SQL of it)."""
        out = []
        for k in range(self.size):
            at = "_col" if k == 0 else f"_col + {k}"
            suffix = "" if self.size == 1 else f"_{k + 1}"
            out.append((relation.fresh(f"cell{suffix}"), "cell", f"_cells[{at}]"))
            if relation.header and with_names:
                out.append(
                    (
                        relation.fresh(f"name{suffix}"),
                        "name",
                        f"(SELECT list(name ORDER BY position) FROM header)[{at}]",
                    )
                )
        for name, step in NEAR if self.size == 1 else ():
            at = f"_cells[_col + {step}]" if step > 0 else f"CASE WHEN _col > {-step} THEN _cells[_col - {-step}] END"
            out.append((relation.fresh(name), "near", at))
        for t in range(1, TOPS + 1):
            out.append((relation.fresh(f"top_{t}"), "top", f"(SELECT _cells FROM input WHERE _row = {t})[_col]"))
            wide = f"(SELECT list_filter(_cells[:_col], lambda c: trim(c) <> '')[-1] FROM input WHERE _row = {t})"
            out.append((relation.fresh(f"wide_{t}"), "wide", wide))
        return out

    def run(self, relation: Relation) -> Relation:
        """The cells with the columns, or the first cells, of their row beside them."""
        if not self.named:
            groups = [
                (position, col, row[: self.first - 1] + row[col - 1 : col - 1 + self.size])
                for position, row in enumerate(relation.cells)
                for col in range(self.first, len(row) - self.last_from_end + 1, self.size)
            ]
            groups.sort(key=lambda group: (group[0], group[1]) if self.by == "row" else (group[1], group[0]))
            return relation.remade(row for _, _, row in groups)
        tops = [relation.tops[t] if t < len(relation.tops) else () for t in range(TOPS)]
        out: list[tuple[int, int, Cells, int, Row]] = []
        for position, (row, cells, origin) in enumerate(
            zip(relation.rows, relation.cells, relation.origins, strict=True)
        ):
            for col in range(self.first, len(cells) - self.last_from_end + 1, self.size):
                added: list[str | None] = []
                for k in range(self.size):
                    added.append(_at(cells, col + k))
                    if relation.header:
                        added.append(_at(relation.header, col + k))
                if self.size == 1:
                    added += [_at(cells, col + step) for _, step in NEAR]
                for top in tops:
                    added.append(_at(top, col))
                    filled = [c for c in top[:col] if c.strip(" ")]
                    added.append(filled[-1] if filled else None)
                out.append((position, col, (*row, *added), origin, cells))
        if self.by == "column":
            out.sort(key=lambda item: (item[1], item[0]))
        names = (*relation.names, *(name for name, _, _ in self._added(relation)))
        order = (*relation.order, "_col") if self.by == "row" else ("_col", *relation.order)
        return replace(
            relation,
            names=names,
            rows=tuple(item[2] for item in out),
            origins=tuple(item[3] for item in out),
            cells=tuple(item[4] for item in out),
            order=order,
        )

    def sql(self, source: Source) -> str:
        """`unnest` of the columns' positions, then the cells at them."""
        step = f", {self.size}" if self.size > 1 else ""
        stop = (
            "len(_cells) + 1"
            if not self.last_from_end
            else f"len(_cells) - {self.last_from_end - 1}"
            if self.last_from_end > 1
            else "len(_cells)"
        )
        begun = f"SELECT *, unnest(range({self.first}, {stop}{step})) AS _col\nFROM {source}"
        if not self.named:
            group = f"_cells[_col:_col + {self.size - 1}]" if self.size > 1 else "[_cells[_col]]"
            cells = f"list_concat(_cells[:{self.first - 1}], {group})" if self.first > 1 else group
            order = f"{source.order}, _col" if self.by == "row" else f"_col, {source.order}"
            return f"SELECT row_number() OVER (ORDER BY {order}) AS _row, {cells} AS _cells\nFROM {inner(begun)}"
        lines = ["    *"] + [
            f"    {text} AS {identifier(name)}"
            for name, _, text in self._added(source.relation)
            if name in source.needed
        ]
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {inner(begun)}"

    def words(self) -> str:
        """What becomes a row."""
        what = "cell" if self.size == 1 else f"group of {self.size} cells"
        last = {0: "", 1: " but for the last column"}.get(self.last_from_end, f" but for the last {self.last_from_end}")
        by = ", column by column" if self.by == "column" else ""
        return f"one row for each {what} from column {self.first} on{last}{by}"

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Cells that are left over in a row."""
        del relation
        if self.size > 1:
            yield Edge(
                f"the cells of a row do not divide into groups of {self.size}",
                "CAST(len(_cells) AS VARCHAR) || ' cells'",
                where=f"(len(_cells) - {self.first - 1 + self.last_from_end}) % {self.size} <> 0",
            )

    def otherwise(self) -> Iterator[Step]:
        """In the other order, which one line of cells does not show."""
        yield replace(self, by="column" if self.by == "row" else "row")

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(1),
            cls(2, 1, "column"),
            cls(2, 2),
            cls(1, 1, "row", 1),
            cls(2, 3, "column", 2),
            cls(1, named=False),
            cls(2, 2, "column", named=False),
        )


def _at(cells: Row, position: int) -> str | None:
    return cells[position - 1] if 1 <= position <= len(cells) else None
