"""A CSV file in memory: its dialect, its header and its rows, every cell exactly as it stands in the file."""

from dataclasses import dataclass, field
from typing import Literal

from services.converter.domain.reading.encoding import EncodingName

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written down.

    ``preamble_rows`` and ``footer_rows`` count the records before the header (or the first data row) and after the
    last data row that are not part of the table, such as a broker's account line or disclaimer. ``other_encodings`` are
    those that the file could as well be in.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    quoting: Literal["minimal", "all", "none", "nonnumeric"] = "minimal"
    line_end: Literal["\n", "\r\n", "\r"] = "\n"
    encoding: EncodingName = "utf-8"
    byte_order_mark: bool = False
    has_header: bool = True
    final_line_end: bool = True
    preamble_rows: int = 0
    footer_rows: int = 0
    other_encodings: tuple[EncodingName, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text with their header and dialect.

    ``header`` is None for a file without one; programs then call its columns ``col1..colN``. Rows may differ in width
    (ragged files); a cell that a row does not have is absent from its tuple, an empty cell is ``""``.
    """

    header: Row | None
    rows: tuple[Row, ...]
    dialect: Dialect = field(default_factory=Dialect)
    around: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """Cells of the file that stand neither in the header nor in the rows: titles above them, notes below them."""

    @property
    def width(self) -> int:
        """Columns of the widest row, header included."""
        return max([len(self.header or ()), *map(len, self.rows)], default=0)

    @property
    def has_names(self) -> bool:
        """Whether the header holds names, and not just `col1..colN` or nothing."""
        return bool(self.header) and self.header != tuple(f"col{i}" for i in range(1, len(self.header or ()) + 1))

    @property
    def column_names(self) -> Row:
        """The names that a program reads the columns by: the header's, made unique and non-empty, or ``col1..colN``.

        Uniqueness ignores case, as SQL does: of two columns called ``Total`` the second is ``Total_2``.
        """
        names: list[str] = []
        taken = {"_row", "_cells"}
        header = self.header or ()
        for position in range(self.width):
            base = (header[position].strip() if position < len(header) else "") or f"col{position + 1}"
            name, count = base, 1
            while name.lower() in taken:
                count += 1
                name = f"{base}_{count}"
            taken.add(name.lower())
            names.append(name)
        return tuple(names)

    def columns(self) -> list[tuple[str, ...]]:
        """The cells column by column; a row that is too short for a column has a blank there."""
        width = len(self.column_names)
        return [tuple(row[i] if i < len(row) else "" for row in self.rows) for i in range(width)]
