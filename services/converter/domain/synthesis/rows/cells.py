"""What steps on rows of cells have in common. A blank cell holds nothing but spaces."""

from services.converter.domain.synthesis.rows.algebra import Grid, Source
from services.converter.domain.synthesis.sqltext import indent
from services.converter.domain.synthesis.tokens import DIGITS, LETTERS
from services.converter.domain.table import Row

FILLED_CELLS = "list_filter(_cells, lambda c: trim(c) <> '')"

FIRST_FILLED = "trim(coalesce(_cells[1], '')) <> ''"


WIDEST = "(SELECT max(len(_cells)) AS widest FROM {})"


def is_blank(cell: str | None) -> bool:
    """Whether a cell holds nothing but spaces."""
    return not (cell or "").strip(" ")


KIND_SQL = (
    "CASE WHEN trim(coalesce(c, '')) = '' THEN '_' WHEN regexp_matches(c, '\\p{L}') THEN 'a' "
    "WHEN regexp_matches(c, '[0-9]') THEN '9' ELSE '.' END"
)
"""The same as `kind_of` of a cell `c` in SQL."""


def kind_of(cell: str) -> str:
    """The kind of a cell: blank `_`, with letters `a`, with digits `9`, or neither `.`."""
    if is_blank(cell):
        return "_"
    return "a" if LETTERS.find_all(cell) else "9" if DIGITS.find_all(cell) else "."


def filled_cells(row: Row) -> Row:
    """The cells of a row that are not blank."""
    return tuple(cell for cell in row if not is_blank(cell))


def padded(grid: Grid) -> Grid:
    """All rows as wide as the widest."""
    width = max((len(row) for row in grid), default=0)
    return tuple(row + ("",) * (width - len(row)) for row in grid)


def places_sql(source: Source | str) -> str:
    """Every cell with its `_row` and `_col`, short rows padded to the widest."""
    return (
        "SELECT\n    _row,\n    unnest(list_resize(_cells, widest, '')) AS cell,\n"
        f"    unnest(range(1, widest + 1)) AS _col\nFROM {source}, (SELECT max(len(_cells)) AS widest FROM {source})"
    )


def inner(sql: str) -> str:
    """A SELECT in brackets, as a source."""
    return f"(\n{indent(sql)}\n)"
