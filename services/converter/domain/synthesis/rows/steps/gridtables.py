"""Grid steps for tables in other guises: keys beside their values, cells crossed with headings and labels."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.steps.grids import inner, is_blank, padded
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row

Part = Literal["value", "headings", "labels"]
_WIDEST = "(SELECT max(len(_cells)) AS widest FROM {})"


@dataclass(frozen=True, slots=True)
class KeyedRows(CellStep):
    """Rows of keys with their values become a table: a column for each key, in the order in which keys first come.

    With a ``separator`` a cell holds key and value, and the cells without it stand in front of their row; without one,
    key and value are neighbours after the first ``labels`` cells, which stand in front. Where the rows are ``titled``
    the first row only holds the names of what stands in front. The first row of the result is the header.
    """

    separator: str = ""
    labels: int = 0
    titled: bool = False
    title = "keyed"

    @property
    def cost(self) -> float:
        """Keys that name columns are a strong sign."""
        return 1.6 + 0.2 * self.labels + 0.1 * self.titled

    def _pairs(self, row: Row) -> tuple[Row, list[tuple[str, str]]]:
        if self.separator:
            found = [cell.partition(self.separator) for cell in row if self.separator in cell]
            lead = tuple(c for c in row if self.separator not in c and not is_blank(c))
            return lead, [(key.strip(" "), value.strip(" ")) for key, _, value in found]
        rest = row[self.labels :]
        values = [*rest[1::2], ""]
        return row[: self.labels], [(k, v) for k, v in zip(rest[::2], values, strict=False) if not is_blank(k)]

    def remake(self, grid: Grid) -> Grid:
        """The header and the records."""
        records = [self._pairs(row) for row in (grid[1:] if self.titled else grid)]
        if not records:
            return ()
        names = grid[0][: self.labels] if self.titled else ()
        width = max(len(lead) for lead, _ in records)
        keys = list(dict.fromkeys(key for _, pairs in records for key, _ in pairs))
        out = [(*(names + ("",) * width)[:width], *keys)]
        for lead, pairs in records:
            values = dict(reversed(pairs))
            out.append((*lead, *[""] * (width - len(lead)), *(values.get(key, "") for key in keys)))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """Pairs found, keys in the order of their first places, the first value of each key and row."""
        rows = f"SELECT _row, _cells FROM {source}"
        if self.titled:
            rows += "\nQUALIFY row_number() OVER (ORDER BY _row) > 1"
        records = source.part("records", rows)
        if self.separator:
            mark = literal(self.separator)
            cells = f"SELECT _row, unnest(_cells) AS cell, unnest(range(1, len(_cells) + 1)) AS _col\nFROM {records}"
            found = (
                f"SELECT\n    _row,\n    _col,\n    trim(split_part(cell, {mark}, 1)) AS key,\n"
                f"    trim(substr(cell, strpos(cell, {mark}) + {len(self.separator)})) AS value\n"
                f"FROM {inner(cells)}\nWHERE contains(cell, {mark})"
            )
            lead = f"list_filter(_cells, lambda c: NOT contains(c, {mark}) AND trim(c) <> '')"
        else:
            places = f"SELECT *, unnest(range({self.labels + 1}, len(_cells) + 1, 2)) AS _col\nFROM {records}"
            found = (
                "SELECT _row, _col, _cells[_col] AS key, coalesce(_cells[_col + 1], '') AS value\n"
                f"FROM {inner(places)}\nWHERE trim(_cells[_col]) <> ''"
            )
            lead = f"_cells[:{self.labels}]"
        names = f"(SELECT arg_min(_cells, _row)[:{self.labels}] FROM {source})" if self.titled else "[]::VARCHAR[]"
        pairs = source.part("pairs", found)
        leads = source.part("leads", f"SELECT _row, {lead} AS lead FROM {records}")
        widths = source.part("widths", f"SELECT max(len(lead)) AS widest FROM {leads} HAVING count(*) > 0")
        numbered = f"SELECT key, row_number() OVER (ORDER BY min([_row, _col])) AS place FROM {pairs} GROUP BY key"
        keys = source.part("keys", numbered)
        first = source.part(
            "firsts", f"SELECT _row, key, arg_min(value, _col) AS value FROM {pairs} GROUP BY _row, key"
        )
        head = (
            f"SELECT\n    (SELECT min(_row) FROM {source}) - 1 AS _row,\n"
            f"    list_concat(list_resize({names}, widest, ''), "
            f"(SELECT list(key ORDER BY place) FROM {keys})) AS _cells\nFROM {widths}"
        )
        values = "list(coalesce(value, '') ORDER BY place) FILTER (WHERE key IS NOT NULL)"
        body = (
            f"SELECT _row, list_concat(list_resize(any_value(lead), any_value(widest), ''), {values}) AS _cells\n"
            f"FROM {leads}\nCROSS JOIN {widths}\nLEFT JOIN {keys} ON true\nLEFT JOIN {first} USING (_row, key)\n"
            "GROUP BY _row"
        )
        return f"{head}\nUNION ALL\n{body}"

    def words(self) -> str:
        """How keys and values stand."""
        how = f"key{quoted(self.separator)}value in one cell" if self.separator else "a key and its value side by side"
        return f"{how}: one column for each key"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("="), cls("", 1, titled=True))


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
        widest = _WIDEST.format(source)
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


@dataclass(frozen=True, slots=True)
class CrossBlocks(CellStep):
    """Crossed tables side by side: one row for each cell under a filled heading of the first row.

    Its label is the nearest filled cell to its left under a blank heading.
    """

    order: tuple[Part, Part, Part]
    title = "crossed_blocks"

    @property
    def cost(self) -> float:
        """Above a single crossed table."""
        return 2.3

    def remake(self, grid: Grid) -> Grid:
        """The cells with what they stand under and beside."""
        rows = padded(grid)
        out: list[Row] = []
        for row in rows[1:]:
            label = ""
            for heading, cell in zip(rows[0], row, strict=True):
                if is_blank(heading):
                    label = label if is_blank(cell) else cell
                    continue
                parts: dict[Part, str] = {"value": cell, "headings": heading, "labels": label}
                out.append(tuple(parts[part] for part in self.order))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """The headings beside every row, and for each place the last label before it."""
        widest = f"SELECT _row, list_resize(_cells, widest, '') AS _cells\nFROM {source}, {_WIDEST.format(source)}"
        lines = source.part("lines", widest)
        top = source.part("top", f"SELECT min(_row) AS first, arg_min(_cells, _row) AS headings\nFROM {lines}")
        places = f"SELECT *, unnest(range(1, len(_cells) + 1)) AS _col\nFROM {lines}, {top}\nWHERE _row > first"
        labels = "list_filter(range(1, _col), lambda j: trim(headings[j]) = '' AND trim(_cells[j]) <> '')"
        parts = {
            "value": "_cells[_col]",
            "headings": "headings[_col]",
            "labels": f"coalesce(_cells[{labels}[-1]], '')",
        }
        cells = ", ".join(parts[part] for part in self.order)
        return (
            f"SELECT row_number() OVER (ORDER BY _row, _col) AS _row, [{cells}] AS _cells\n"
            f"FROM {inner(places)}\nWHERE trim(headings[_col]) <> ''"
        )

    def words(self) -> str:
        """What stands beside a cell."""
        return "one row for each cell under a heading, with its heading and the label to its left"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(("value", "labels", "headings")),)
