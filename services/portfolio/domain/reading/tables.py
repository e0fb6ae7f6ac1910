"""Tables as they were sent: a list of objects, its JSON text, CSV text, pairs or bare values, with columns by synonym.

Nothing is interpreted here but names; cells stay as they are.
"""

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.sections import Catalogue, match_form
from services.portfolio.domain.terms import is_empty

_DELIMITERS = ",;\t|"
_MAX_COLUMNS = 200
_NOTHING: Mapping[str, object] = {}
PAIR = "pair"
"""The column of a value that stands beside a name alone."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """Raw cells by canonical column, and those of no column that is known; ``path`` is how the caller would name the
    row (``assets[2]``)."""

    path: str
    cells: Mapping[str, object]
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawTable:
    """Rows in the caller's order; ``headers`` and ``written`` are the caller's columns by canonical name."""

    field: str
    rows: tuple[RawRow, ...]
    unknown: tuple[str, ...] = ()
    headers: Mapping[str, Header] = dataclasses.field(default_factory=dict)
    written: Mapping[str, str] = dataclasses.field(default_factory=dict)
    rivals: tuple["Rival", ...] = ()

    def path_of(self, column: str) -> str:
        """The caller's path of a column (``holdings[].price``)."""
        return self.field if column == PAIR else f"{self.field}[].{self.written.get(column, column)}"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another of the caller's columns with the same meaning as that which was taken, and as good a name."""

    column: str
    name: str
    header: Header
    cells: Mapping[int, object]


class Tabulator:
    """Reads tables by a catalogue's columns. ``currency`` is the one preferred where a column stands in several."""

    def __init__(self, catalogue: Catalogue, currency: str | None) -> None:
        self._columns = catalogue.columns
        self._limits = catalogue.limits
        self._specs = catalogue.reference.columns
        self._currency = currency
        self._known: dict[str, tuple[str | None, Header]] = {}

    def read(self, raw: object, field: str) -> RawTable:
        """The rows in ``raw``. Raises ``InputError`` for what is no table and ``BoundError`` for too large a one."""
        if isinstance(raw, str):
            self.check_text(raw, field)
            stripped = raw.lstrip("\ufeff \r\n\t")
            if stripped.startswith(("[", "{")):
                return self.read(parse_json(stripped, field), field)
            return self._read_csv(raw, field)
        if isinstance(raw, Mapping):
            for inner in ("rows", "data", "items", field):
                if isinstance(raw.get(inner), list):
                    return self.read(raw[inner], field)
            return _read_pairs(raw, field)
        if not isinstance(raw, list | tuple):
            raise InputError(field, raw, "a list of objects is needed")
        if len(raw) > self._limits.max_rows:
            raise BoundError(field, None, f"{len(raw)} rows, more than {self._limits.max_rows}")
        return self._map_rows(raw, field)

    def check_text(self, text: str, field: str) -> None:
        """Raises ``BoundError`` for text that is too long."""
        if len(text) > self._limits.max_text:
            raise BoundError(field, None, f"longer than {self._limits.max_text} characters")

    def is_csv(self, text: str) -> bool:
        """Whether text begins with a header of known columns."""
        line = text.lstrip("\ufeff \r\n").split("\n", 1)[0]
        cells = max((line.split(delimiter) for delimiter in _DELIMITERS), key=len)
        return len(cells) > 1 and sum(self.find_column(cell)[0] is not None for cell in cells) >= 2

    def find_column(self, name: str) -> tuple[str | None, Header]:
        """The canonical column of a name, with or without its unit words, and what those say."""
        if (known := self._known.get(name)) is None:
            header = read_header(name)
            canonical = self._columns.get(match_form(name))
            if canonical is None and header.says_something:
                canonical = self._columns.get(match_form(header.base))
                spec = self._specs.get(canonical or "")
                # A figure of a period is none that has no period ("Monthly contribution"), and text has no unit: "% of
                # account" is not the account.
                if (header.a_year and (spec is None or spec.yearly is None)) or (header.unit and spec is None):
                    canonical = None
            known = self._known[name] = (canonical, header)
        return known

    def _read_csv(self, text: str, field: str) -> RawTable:
        body = text.lstrip("\ufeff").lstrip("\r\n")
        header_line = body.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=header_line.count)
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=False)
        try:
            header = next(reader, None)
            if not header or not any(self.find_column(name)[0] is not None for name in header):
                raise InputError(field, header_line, "CSV text with a header of known columns is needed")
            rows = self._read_records(reader, header, field)
        except csv.Error as error:
            raise InputError(field, None, f"not CSV: {error}") from None
        return self._map_rows(rows, field)

    def _read_records(self, reader: Iterable[list[str]], header: list[str], field: str) -> list[dict[str, str]]:
        rows = []
        for number, record in enumerate(reader, start=2):
            if not any(cell.strip() for cell in record):
                continue
            if len(record) > len(header) and any(cell.strip() for cell in record[len(header) :]):
                raise InputError(field, None, f"row {number} has {len(record)} cells, the header {len(header)}")
            rows.append(dict(zip(header, record, strict=False)))
            if len(rows) > self._limits.max_rows:
                raise BoundError(field, None, f"more than {self._limits.max_rows} rows")
        return rows

    def _map_rows(self, raw: Iterable[object], field: str) -> RawTable:
        items: list[Mapping[str, object]] = []
        for index, item in enumerate(raw):
            if not isinstance(item, Mapping):
                raise InputError(f"{field}[{index}]", item, "an object with named fields is needed")
            if len(item) > _MAX_COLUMNS:
                raise BoundError(f"{field}[{index}]", None, f"more than {_MAX_COLUMNS} fields")
            items.append({str(name): value for name, value in item.items()})
        names = list(dict.fromkeys(name for item in items for name in item))
        known = {name: found for name in names if (found := self.find_column(name)[0]) is not None}
        chosen: dict[str, str] = {}
        for name, column in known.items():
            if column not in chosen or self._rank(name, column) < self._rank(chosen[column], column):
                chosen[column] = name
        unknown = tuple(name for name in names if name not in known)
        rows = tuple(
            RawRow(
                f"{field}[{index}]", self._pick_cells(item, known, chosen),
                {name: item[name] for name in unknown if not is_empty(item.get(name))} if unknown else _NOTHING,
            )
            for index, item in enumerate(items)
        )  # fmt: skip
        rivals = tuple(
            Rival(column, name, self.find_column(name)[1], {at: item.get(name) for at, item in enumerate(items)})
            for name, column in known.items()
            if name != chosen[column] and self._rank(name, column) == self._rank(chosen[column], column)
        )
        headers = {column: self.find_column(name)[1] for column, name in chosen.items()}
        return RawTable(field, rows, unknown, headers, chosen, rivals)

    def _pick_cells(
        self, item: Mapping[str, object], known: Mapping[str, str], chosen: Mapping[str, str]
    ) -> dict[str, object]:
        """A row's cells. A blank is filled from another column of the same meaning and scale, with its currency."""
        cells: dict[str, object] = {}
        for name, value in item.items():
            if (column := known.get(name)) is None:
                continue
            first = chosen[column]
            if name == first and not (_is_blank(value) and column in cells):
                cells[column] = value
            elif _is_blank(cells.get(column)) and not _is_blank(value):
                header, wanted = self.find_column(name)[1], self.find_column(first)[1]
                if header.alike(wanted):
                    cells[column] = value
                elif header.currency and header.alike(replace(wanted, currency=header.currency)):
                    cells[column] = f"{header.currency} {value}"
        return cells

    def _rank(self, name: str, canonical: str) -> int:
        """A column in the reporting currency first, then its own name before its synonyms."""
        header = self.find_column(name)[1]
        if header.currency and header.currency == self._currency:
            return 0
        return 1 if match_form(name) == match_form(canonical) else 2


def parse_json(text: str, field: str) -> object:
    """JSON text. Raises ``InputError`` where it is none."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise InputError(field, text, "starts like JSON but is not JSON") from None


def join_tables(tables: Iterable[RawTable], field: str) -> RawTable:
    """Several tables of one field as one."""
    rows: list[RawRow] = []
    headers: dict[str, Header] = {}
    written: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for table in tables:
        rows.extend(table.rows)
        headers |= table.headers
        written |= table.written
        unknown |= dict.fromkeys(table.unknown)
    return RawTable(field, tuple(rows), tuple(unknown), headers, written)


def read_points(raw: object, field: str, tabulate: Callable[[object, str], RawTable]) -> RawTable:
    """A series: a list of values, of ``[day, value]``, or of objects; or ``{day: value}``; or a table's text."""
    if isinstance(raw, list) and raw and not isinstance(raw[0], Mapping):
        return RawTable(
            field,
            tuple(RawRow(f"{field}[{index}]", _read_point(item)) for index, item in enumerate(raw)),
        )
    if isinstance(raw, Mapping) and not any(isinstance(value, list | Mapping) for value in raw.values()):
        rows = tuple(RawRow(f"{field}.{day}", {"date": str(day), PAIR: value}) for day, value in raw.items())
        return RawTable(field, rows)
    return tabulate(raw, field)


def _read_point(item: object) -> dict[str, object]:
    if isinstance(item, list | tuple) and len(item) == 2:
        return {"date": item[0], PAIR: item[1]}
    return {PAIR: item}


def _read_pairs(raw: Mapping[object, object], field: str) -> RawTable:
    """``{"Equity": "65%"}``: each name with one value, which may be a weight or an amount."""
    rows = []
    for name, value in raw.items():
        if isinstance(value, Mapping | list):
            raise InputError(f"{field}.{name}", value, "an amount or a share is needed beside each name")
        rows.append(RawRow(f"{field}.{name}", {"name": str(name), PAIR: value}))
    return RawTable(field, tuple(rows))


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
