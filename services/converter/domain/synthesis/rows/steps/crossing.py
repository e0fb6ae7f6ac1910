"""Crossed tables as rows: each cell with its headings and labels."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.cells import WIDEST, is_blank, padded
from services.converter.domain.table import Row

Part = Literal["value", "headings", "labels"]


@dataclass(frozen=True, slots=True)
class CrossCells(CellStep):
    """One row for each cell of a crossed table: the cell, the headings over it and the labels to its left.

    ``headings`` rows at the top and ``labels`` columns at the left; 0: as many as the blank corner has, at least one.
    ``spans``: headings reach to the right over blanks; ``merged``: labels reach down over blanks.
    """

    headings: int
    labels: int
    order: tuple[Part, Part, Part]
    by: Literal["row", "column"] = "row"
    spans: bool = False
    merged: bool = False
    skip_blank: bool = False
    title = "crossed_cells"

    @property
    def cost(self) -> float:
        """A corner says itself how many there are."""
        counted = 0.1 * (self.headings + self.labels)
        return 1.9 + counted + 0.2 * (self.by == "column") + 0.2 * (self.spans + self.merged) + 0.5 * self.skip_blank

    def corner(self, rows: Grid) -> tuple[int, int]:
        """How many rows of headings and columns of labels a padded grid has."""
        heads, sides = self.headings, self.labels
        if not heads:
            heads = max(1, next((i for i, row in enumerate(rows) if not is_blank(row[0])), len(rows)))
        if not sides:
            sides = max(1, next((i for i, cell in enumerate(rows[0]) if not is_blank(cell)), len(rows[0])))
        return heads, sides

    def remake(self, grid: Grid) -> Grid:
        """The cells with what they stand under and beside."""
        rows = [list(row) for row in padded(grid)]
        if not rows or not rows[0]:
            return ()
        heads, sides = self.corner(tuple(tuple(row) for row in rows))
        if self.spans:
            for row in rows[:heads]:
                for col in range(sides + 1, len(row)):
                    if is_blank(row[col]):
                        row[col] = row[col - 1] if not is_blank(row[col - 1]) else ""
        if self.merged:
            for above, row in zip(rows[heads:], rows[heads + 1 :], strict=False):
                row[:sides] = [
                    c if is_blank(a) or not is_blank(c) else a for a, c in zip(above[:sides], row[:sides], strict=True)
                ]
        places = [(r, c) for r in range(heads, len(rows)) for c in range(sides, len(rows[0]))]
        if self.by == "column":
            places.sort(key=lambda place: (place[1], place[0]))
        out: list[Row] = []
        for r, c in places:
            if self.skip_blank and is_blank(rows[r][c]):
                continue
            parts: dict[Part, list[str]] = {
                "value": [rows[r][c]],
                "headings": [rows[h][c] for h in range(heads)],
                "labels": rows[r][:sides],
            }
            out.append(tuple(cell for part in self.order for cell in parts[part]))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """Cells with their places, joined with the lists of headings and of labels."""
        heads = (
            f"{self.headings}"
            if self.headings
            else "greatest(1, coalesce(min(_line) FILTER (WHERE trim(_cells[1]) <> ''), count(*) + 1) - 1)"
        )
        first = "list_position(list_transform(arg_min(_cells, _line), lambda c: trim(c) <> ''), true)"
        sides = f"{self.labels}" if self.labels else f"greatest(1, coalesce({first}, max(len(_cells)) + 1) - 1)"
        cell = "cell"
        if self.spans:
            held = "last_value(CASE WHEN trim(cell) <> '' THEN cell END IGNORE NULLS)"
            over = "OVER (PARTITION BY _line, _col > sides ORDER BY _col)"
            blank = "_line <= heads AND _col > sides + 1 AND trim(cell) = ''"
            cell = f"CASE WHEN {blank} THEN coalesce({held} {over}, '') ELSE cell END"
        label = "cell"
        if self.merged:
            held = "last_value(CASE WHEN trim(cell) <> '' THEN cell END IGNORE NULLS)"
            label = (
                f"CASE WHEN trim(cell) = '' THEN coalesce({held} OVER (PARTITION BY _col ORDER BY _line), cell) "
                "ELSE cell END"
            )
        widest = WIDEST.format(source)
        lines = source.part(
            "lines",
            "SELECT row_number() OVER (ORDER BY _row) AS _line, list_resize(_cells, widest, '') AS _cells\n"
            f"FROM {source}, {widest}",
        )
        corner = source.part("corner", f"SELECT {heads} AS heads, {sides} AS sides\nFROM {lines}\nHAVING count(*) > 0")
        places = source.part(
            "places",
            "SELECT _line, heads, sides, unnest(_cells) AS cell, unnest(range(1, len(_cells) + 1)) AS _col\n"
            f"FROM {lines}, {corner}",
        )
        headings = source.part(
            "headings",
            "SELECT _col, list(heading ORDER BY _line) AS headings\n"
            f"FROM (SELECT *, {cell} AS heading FROM {places})\nWHERE _line <= heads\nGROUP BY _col",
        )
        labels = source.part(
            "labels",
            "SELECT _line, list(label ORDER BY _col) AS labels\n"
            f"FROM (SELECT *, {label} AS label FROM {places} WHERE _line > heads)\nWHERE _col <= sides\n"
            "GROUP BY _line",
        )
        parts = {"value": "[cell]", "headings": "headings", "labels": "labels"}
        cells = f"list_concat({parts[self.order[0]]}, {parts[self.order[1]]}, {parts[self.order[2]]})"
        order = "_line, _col" if self.by == "row" else "_col, _line"
        where = " AND trim(cell) <> ''" if self.skip_blank else ""
        return (
            f"SELECT row_number() OVER (ORDER BY {order}) AS _row, {cells} AS _cells\n"
            f"FROM {places}\nJOIN {headings} USING (_col)\nJOIN {labels} USING (_line)\n"
            f"WHERE _line > heads AND _col > sides{where}"
        )

    def words(self) -> str:
        """What stands beside a cell."""
        top = f"the {self.headings} heading rows" if self.headings else "the headings beside the blank corner"
        side = f"the {self.labels} label columns" if self.labels else "the labels below it"
        return f"one row for each cell with {top} and {side}" + (", column by column" if self.by == "column" else "")

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(0, 0, ("value", "headings", "labels")),
            cls(1, 1, ("labels", "value", "headings"), "column", spans=True, merged=True),
            cls(2, 1, ("headings", "labels", "value"), skip_blank=True),
        )
