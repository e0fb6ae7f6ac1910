"""Tables in a payload: a list of objects, its JSON text, CSV text, or ``{name: value}``; columns by synonym."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.sections import Catalogue, match_form

_DELIMITERS = ",;\t|"
_MAX_COLUMNS = 200

_match_form = lru_cache(maxsize=4096)(match_form)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: raw cells by canonical column; ``path`` is how the caller would name it (``assets[2]``)."""

    path: str
    cells: Mapping[str, object]

    def field(self, column: str) -> str:
        """The caller's path to a cell."""
        return f"{self.path}.{column}"

    def text(self, column: str) -> str | None:
        """The cell as text; None where it is blank."""
        raw = self.cells.get(column)
        return None if raw is None else inputs.read_text(raw, self.field(column))

    def money(self, column: str) -> inputs.Money | None:
        """The cell as an amount; None where it is blank."""
        raw = self.cells.get(column)
        return None if raw is None else inputs.read_money(raw, self.field(column))

    def percent(self, column: str) -> Decimal | None:
        """The cell in percent; None where it is blank."""
        raw = self.cells.get(column)
        return None if raw is None else inputs.read_percent(raw, self.field(column))

    def number(self, column: str) -> Decimal | None:
        """The cell as a plain number; None where it is blank."""
        raw = self.cells.get(column)
        return None if raw is None else inputs.read_number(raw, self.field(column))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the caller's order and the columns that nothing is known of."""

    rows: tuple[Row, ...]
    unknown_columns: tuple[str, ...] = ()


def read_table(raw: object, field: str, catalogue: Catalogue) -> Table:
    """The rows in ``raw``. Raises ``InputError`` for what is no table and ``BoundError`` for too large a one."""
    if isinstance(raw, str):
        if len(raw) > catalogue.limits.max_text:
            raise BoundError(field, None, f"longer than {catalogue.limits.max_text} characters")
        stripped = raw.lstrip("\ufeff \r\n\t")
        if stripped.startswith(("[", "{")):
            return read_table(_parse_json(stripped, field), field, catalogue)
        return read_csv(raw, field, catalogue)
    if isinstance(raw, Mapping):
        for inner in ("rows", "data", "items", field):
            if isinstance(raw.get(inner), list):
                return read_table(raw[inner], field, catalogue)
        return _read_pairs(raw, field)
    if not isinstance(raw, list | tuple):
        raise InputError(field, raw, "a list of objects is needed")
    if len(raw) > catalogue.limits.max_rows:
        raise BoundError(field, None, f"{len(raw)} rows, more than {catalogue.limits.max_rows}")
    return _map_rows(raw, field, catalogue)


def read_csv(text: str, field: str, catalogue: Catalogue) -> Table:
    """The rows of CSV text with a header; the delimiter is the one that the header holds most of."""
    if len(text) > catalogue.limits.max_text:
        raise BoundError(field, None, f"longer than {catalogue.limits.max_text} characters")
    body = text.lstrip("\ufeff").lstrip("\r\n")
    header_line = body.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=False)
    try:
        header = next(reader, None)
        if not header or not any(_match_form(name) in catalogue.columns for name in header):
            raise InputError(field, header_line, "CSV text with a header of known columns is needed")
        rows = _read_records(reader, header, field, catalogue)
    except csv.Error as error:
        raise InputError(field, None, f"not CSV: {error}") from None
    return _map_rows(rows, field, catalogue)


def _read_records(
    reader: Iterable[list[str]], header: list[str], field: str, catalogue: Catalogue
) -> list[dict[str, str]]:
    rows = []
    for number, record in enumerate(reader, start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) > len(header) and any(cell.strip() for cell in record[len(header) :]):
            raise InputError(field, None, f"row {number} has {len(record)} cells, the header {len(header)}")
        rows.append(dict(zip(header, record, strict=False)))
        if len(rows) > catalogue.limits.max_rows:
            raise BoundError(field, None, f"more than {catalogue.limits.max_rows} rows")
    return rows


def _parse_json(text: str, field: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise InputError(field, text, "starts like JSON but is not JSON") from None


def _read_pairs(raw: Mapping[object, object], field: str) -> Table:
    """``{"Equity": "65%"}``: each name with one value, which may be a weight or an amount."""
    rows = []
    for name, value in raw.items():
        if isinstance(value, Mapping | list):
            raise InputError(f"{field}.{name}", value, "an amount or a share is needed beside each name")
        rows.append(Row(f"{field}.{name}", {"name": str(name), "pair": value}))
    return Table(tuple(rows))


def _map_rows(raw: Iterable[object], field: str, catalogue: Catalogue) -> Table:
    rows = []
    unknown: dict[str, None] = {}
    for index, item in enumerate(raw):
        path = f"{field}[{index}]"
        if not isinstance(item, Mapping):
            raise InputError(path, item, "an object with named fields is needed")
        if len(item) > _MAX_COLUMNS:
            raise BoundError(path, None, f"more than {_MAX_COLUMNS} fields")
        cells: dict[str, object] = {}
        loose: list[tuple[str, object]] = []
        for raw_name, value in item.items():
            name = str(raw_name)
            form = _match_form(name)
            canonical = catalogue.columns.get(form)
            if canonical is None:
                unknown[name] = None
            elif form == _match_form(canonical):
                cells[canonical] = value
            else:
                loose.append((canonical, value))
        # A column's own name wins over its synonyms, whatever order they stand in.
        for canonical, value in loose:
            cells.setdefault(canonical, value)
        rows.append(Row(path, cells))
    return Table(tuple(rows), tuple(unknown))
