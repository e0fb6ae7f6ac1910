"""Keys beside their values become columns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.cells import inner, is_blank
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class KeyedRows(CellStep):
    """Rows of keys with their values become a table: a column for each key, in the order in which keys first come.

    With a ``separator`` a cell holds key and value, and the cells without it stand in front of their row; without one,
    key and value are neighbours after the first ``labels`` cells, which stand in front. Where the rows are ``titled``
    the first row only holds the names of what stands in front. A row is a record, or one begins where the very first
    key ``repeats``. The first row of the result is the header.
    """

    separator: str = ""
    labels: int = 0
    titled: bool = False
    repeats: bool = False
    title = "keyed"

    @property
    def cost(self) -> float:
        """Keys that name columns are a strong sign."""
        return 1.6 + 0.2 * self.labels + 0.1 * self.titled + 0.3 * self.repeats

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
        if self.repeats:
            records = _begun_by_key(records)
        names = grid[0][: self.labels] if self.titled else ()
        width = max(len(lead) for lead, _ in records)
        keys = list(dict.fromkeys(key for _, pairs in records for key, _ in pairs))
        out = [(*(names + ("",) * width)[:width], *keys)]
        for lead, pairs in records:
            values = dict(reversed(pairs))
            out.append((*lead, *[""] * (width - len(lead)), *(values.get(key, "") for key in keys)))
        return tuple(out)

    # Longer than a page: one statement of SQL, whose tables build on one another.
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
        if self.repeats:
            first = f"(SELECT arg_min(key, [_row, _col]) FROM {pairs})"
            begins = f"SELECT DISTINCT _row AS begun FROM {pairs} WHERE key = {first}"
            held = "coalesce(last_value(begun IGNORE NULLS) OVER (ORDER BY _row), min(_row) OVER ())"
            heads = source.part(
                "heads", f"SELECT _row, {held} AS head\nFROM {records}\nLEFT JOIN {inner(begins)} ON begun = _row"
            )
            # The place of a pair within its record: rows before cells.
            pairs = source.part(
                "record_pairs",
                "SELECT\n    head AS _row,\n    row_number() OVER (ORDER BY _row, _col) AS _col,\n    key,\n    value\n"
                f"FROM {pairs}\nJOIN {heads} USING (_row)",
            )
            leads = source.part(
                "record_leads",
                f"SELECT head AS _row, flatten(list(lead ORDER BY _row)) AS lead\nFROM {leads}\n"
                f"JOIN {heads} USING (_row)\nGROUP BY head",
            )
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
        again = ", a record begins where the first key comes again" if self.repeats else ""
        return f"{how}: one column for each key{again}"

    def otherwise(self) -> Iterator[Step]:
        """A row is a record, or one begins at the first key: records of one row each are both."""
        yield replace(self, repeats=not self.repeats)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls("="),
            cls("", 1, titled=True),
            cls("=", repeats=True),
            cls("", 1, titled=True, repeats=True),
        )


_Record = tuple[Row, list[tuple[str, str]]]


def _begun_by_key(rows: list[_Record]) -> list[_Record]:
    """Rows together up to the next that has the first key of all."""
    first = next((key for _, pairs in rows for key, _ in pairs), None)
    out: list[_Record] = []
    for lead, pairs in rows:
        if out and all(key != first for key, _ in pairs):
            out[-1] = (out[-1][0] + lead, out[-1][1] + pairs)
        else:
            out.append((lead, pairs))
    return out
