"""Records that stand on several lines each, side by side or in columns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CELLS, Cells, Edge, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import inner, padded, places_sql
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class EveryRows(Step):
    """Every ``lines`` rows (after ``skip``) are a group: side by side, interleaved cell by cell, or one row for each of
    its columns.

    Where the rows are ``named``, what stands on each line of a group is a column of its own.
    """

    lines: int
    way: Literal["beside", "interleaved", "columns"] = "beside"
    only: bool = False
    """Whether the example holds one group only, so that its size is a guess."""
    skip: int = 0
    named: bool = False
    title = "records"
    by_row = True

    @property
    def by_cell(self) -> bool:  # type: ignore[override]
        """Whether cells are taken and not columns."""
        return not self.named or self.way == "columns"

    @property
    def cost(self) -> float:
        """The number of lines must be right; columns on lines are told apart by their names."""
        base = {"beside": 1.6, "interleaved": 2.0, "columns": 1.9}[self.way]
        return base + 0.05 * self.lines + 1.2 * self.only + 0.4 * self.skip + 1.0 * self.named

    def _names(self, relation: Relation) -> list[tuple[str, str, int]]:
        """(new name, old name, line)."""
        if not self.named:
            return []
        if self.way == "columns" or len(relation.names) == 1:
            return [(f"line_{k + 1}", "cell" if self.way == "columns" else relation.names[0], k)
                    for k in range(self.lines)]  # fmt: skip
        return [(f"{name}_line_{k + 1}", name, k) for k in range(self.lines) for name in relation.names]

    def run(self, relation: Relation) -> Relation:
        """The groups."""
        rows = relation.keep(i for i, origin in enumerate(relation.origins) if origin > self.skip or not origin)
        cells = rows.cells if self.way == "beside" else padded(rows.cells)
        starts = range(0, len(cells), self.lines)
        groups = [cells[start : start + self.lines] for start in starts]
        # A group is its rows, or its columns.
        parts: list[list[Row]] = [list(group) for group in groups]
        if self.way != "beside":
            parts = [list(zip(*group, strict=True)) for group in groups]
        if self.way == "columns":
            made: list[Row] = [column for columns in parts for column in columns]
            firsts = [start for start, columns in zip(starts, parts, strict=True) for _ in columns]
        else:
            made = [tuple(cell for part in group for cell in part) for group in parts]
            firsts = list(starts)
        if not self.named:
            return relation.remade(made)
        told: list[Cells] = list(made)
        if self.way == "beside":
            told = [tuple(cell for row in rows.rows[start : start + self.lines] for cell in row) for start in starts]
        names = tuple(name for name, _, _ in self._names(relation))
        return replace(
            relation,
            names=names,
            rows=tuple(row + (None,) * (len(names) - len(row)) for row in told),
            origins=tuple(rows.origins[i] for i in firsts),
            cells=tuple(made),
            order=("_row", "_col") if self.way == "columns" else ("_row",),
        )

    def sql(self, source: Source) -> str:
        """Row numbers divided: lists by group, and `max` with FILTER for each line that has a name."""
        where = f"\nWHERE _row > {self.skip}" if self.skip else ""
        number = f"row_number() OVER (ORDER BY {source.order}) - 1 AS _line"
        cells = "flatten(list(_cells ORDER BY _line))"
        lines = f"SELECT *, {number}\nFROM {source}{where}"
        if self.way != "beside":
            cells = "list(cell ORDER BY _col, _line)" if self.way == "interleaved" else "list(cell ORDER BY _line)"
            counted = source.part("counted", lines)
            lines = f"FROM {inner(places_sql(counted))}\nJOIN (SELECT _row, _line FROM {counted}) USING (_row)"
            lines = f"SELECT *\n{lines}"
        by = f"_line // {self.lines}" + (", _col" if self.way == "columns" else "")
        row = "min(_row)"
        if self.way == "columns" and not self.named:
            row = f"row_number() OVER (ORDER BY {by})"
        elif self.way == "columns":
            row = f"min(min(_row)) OVER (PARTITION BY _line // {self.lines})"
        columns = [f"{row} AS _row"] + ["_col"] * (self.way == "columns")
        if CELLS in source.needed or not self.named:
            columns.append(f"{cells} AS _cells")
        columns += [
            f"max({identifier(old)}) FILTER (WHERE _line % {self.lines} = {line}) AS {identifier(new)}"
            for new, old, line in self._names(source.relation)
            if new in source.needed
        ]
        chosen = ",\n    ".join(columns)
        return f"SELECT\n    {chosen}\nFROM {inner(lines)}\nGROUP BY {by}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The lines' columns that are needed, or all cells."""
        if self.by_cell or CELLS in needed:
            return frozenset({CELLS})
        return frozenset(old for new, old, _ in self._names(relation) if new in needed)

    def words(self) -> str:
        """What every group becomes."""
        end = {
            "beside": "stand side by side",
            "interleaved": "are one row, column by column",
            "columns": "are a block, each of its columns a row",
        }[self.way]
        return f"every {self.lines} rows {end}" + (f", after the first {self.skip}" if self.skip else "")

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Rows that are left over."""
        del relation
        yield Edge(
            f"the rows do not divide into records of {self.lines}",
            "CAST(count(*) AS VARCHAR) || ' rows'",
            where=f"_row > {self.skip}",
            having=f"count(*) % {self.lines} <> 0",
        )

    def otherwise(self) -> Iterator[Step]:
        """Cells row by row or column by column, which are the same for rows of one cell."""
        others: dict[str, tuple[Literal["beside", "interleaved"], ...]] = {
            "beside": ("interleaved",), "interleaved": ("beside",)
        }  # fmt: skip
        yield from (replace(self, way=way) for way in others.get(self.way, ()) if not self.named)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(2),
            cls(2, "interleaved"),
            cls(2, "columns"),
            cls(2, named=True),
            cls(3, skip=1, named=True),
            cls(2, "columns", named=True),
            cls(3, "columns", skip=1, named=True),
        )
