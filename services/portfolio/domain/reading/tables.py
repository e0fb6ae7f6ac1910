"""Tables as they were sent: a list of objects, its JSON text, CSV text, pairs or bare values, with columns by synonym.

Nothing is interpreted here but names; cells stay as they are.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from services.common.json_names import RepeatedName, keep_names
from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.lexicon import Names, match_form
from services.portfolio.domain.numbers import is_blank, says_missing
from services.portfolio.domain.periods import WORDS
from services.portfolio.domain.reading.contents import find_movements, find_ratings, know_by_content, settle_names
from services.portfolio.domain.reading.sheets import DELIMITERS, Block, cut_sheet
from services.portfolio.domain.sections import Catalogue
from services.portfolio.domain.terms import is_empty

_BESIDE = re.compile(r"(?P<outer>[^()]+?)\s*\((?P<inner>[^()]+)\)")
_IDENTIFYING = frozenset({"name", "symbol", "isin"})
_VALUED = frozenset({"market_value", "weight", "price"})
_NARROW = 2
"""A line of one cell may be a row whose other cell is missing in a table of so many columns."""
_NEVER_IN_PERCENT = frozenset({"money", "count"})
"""Kinds of columns of which a percentage is another figure; prices of bonds may be in percent."""
_NOTICE_WORDS = 4
"""A line of one cell with so many words is a notice, and no name."""
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
    around: tuple["Line", ...] = ()
    other: tuple[str, ...] = ()
    """The headers of further tables of the text, which are of something else."""
    doubtful: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names that may stand for several columns, which their cells do not tell apart."""
    movements: str | None = None
    """The column that says that rows are transactions, and nothing that is held."""
    by_cells: tuple[str, ...] = ()
    """Columns whose names say nothing, known by what stands in them."""

    def path_of(self, column: str) -> str:
        """The caller's path of a column (``holdings[].price``)."""
        return self.field if column == PAIR else f"{self.field}[].{self.written.get(column, column)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that stands beside a table; ``may_count`` where it may be a position that says no figure."""

    text: str
    may_count: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """Another of the caller's columns with the same meaning as that which was taken; ``is_lesser`` where its name is
    not as good, ``is_repeated`` where it is called the very same."""

    column: str
    name: str
    header: Header
    cells: Mapping[int, object]
    is_lesser: bool = False
    is_repeated: bool = False


class Tabulator:
    """Reads tables by a catalogue's columns, or a section's. ``currency`` is the one preferred where a column stands in
    several."""

    def __init__(self, catalogue: Catalogue, currency: str | None, columns: Names | None = None) -> None:
        self._columns = columns or catalogue.columns
        self._limits = catalogue.limits
        self._reference = catalogue.reference
        self._specs = catalogue.reference.columns
        self._currency = currency
        self._known: dict[str, tuple[tuple[str, ...], Header]] = {}
        self._aliases: dict[str, str] = {}
        """The names as they stand in a text, of columns that had to be told apart."""

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
        cells = max((line.split(delimiter) for delimiter in DELIMITERS), key=len)
        return len(cells) > 1 and sum(self.find_column(cell)[0] is not None for cell in cells) >= 2

    def find_column(self, name: str) -> tuple[str | None, Header]:
        """The canonical column of a name, the first that it may stand for, and what its unit words say."""
        columns, header = self.find_columns(name)
        return columns[0] if columns else None, header

    def find_columns(self, name: str) -> tuple[tuple[str, ...], Header]:
        """The columns that a name may stand for, with or without its unit words or its abbreviation, and what those
        say."""
        if (known := self._known.get(name)) is None:
            header = read_header(name)
            found = self._columns.find(name)
            if header.unit:  # the words of a percentage may be a name of their own: "Market value %" is a weight
                found = self._filter(found, header) or self._filter(self._columns.find_by_words(name), header)
            if not found and header.says_something:
                found = self._filter(self._columns.find(header.base), header, whole=False)
            if header.currency and len(found) > 1:  # "Gain (USD)" is an amount
                found = tuple(column for column in found if self._holds_money(column)) or found
            known = (found, header)
            if not found and (beside := _BESIDE.fullmatch(name.strip())):
                for whole, short in ((beside["outer"], beside["inner"]), (beside["inner"], beside["outer"])):
                    if self._abbreviates(short, whole) and (other := self.find_columns(whole))[0]:
                        known = other
            self._known[name] = known
        return known

    def _holds_money(self, column: str) -> bool:
        spec = self._specs.get(column)
        return spec is not None and spec.kind in {"money", "price"}

    def _filter(self, columns: tuple[str, ...], header: Header, *, whole: bool = True) -> tuple[str, ...]:
        """The columns whose name can have such unit words: no amount is in percent, and where the words are not part of
        the name (not ``whole``), a figure of a period is none that has no period ("Monthly contribution"), and text has
        no unit ("% of account" is not the account)."""
        specs = {column: self._specs.get(column) for column in columns}
        left = [
            column
            for column, spec in specs.items()
            if not (header.unit and spec is not None and spec.kind in _NEVER_IN_PERCENT)
            and (whole or not (header.unit and spec is None))
            and (whole or not (header.a_year and (spec is None or spec.yearly is None)))
        ]
        return tuple(left)

    def _abbreviates(self, short: str, whole: str) -> bool:
        """Whether one text says the other again: in the same parts, or with letters of each of its words."""
        lexicon = self._columns.lexicon
        return lexicon.read(short) == lexicon.read(whole) or _abbreviates(short, whole)

    def _read_csv(self, text: str, field: str) -> RawTable:
        sheet = cut_sheet(text, lambda name: self.find_column(name)[0], field, self._limits.max_rows)
        self._aliases |= sheet.aliases
        self._known |= {alias: self.find_columns(name) for alias, name in sheet.aliases.items()}
        blocks = [block for block in sheet.blocks if self._is_of_positions(block)]
        blocks = blocks or [block for block in sheet.blocks if block.names == sheet.blocks[0].names]
        around = [Line(", ".join(cells)) for cells in sheet.above]
        records: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
        for block in blocks:
            kept, below = self._cut_below(block)
            rows, between = self._head_rows(kept, block)
            records.setdefault(block.names, []).extend(rows)
            around += between + below
        tables: list[RawTable] = []
        for rows in records.values():
            tables.append(self._map_rows(rows, field, sum(len(table.rows) for table in tables)))
        other = dict.fromkeys(", ".join(block.names) for block in sheet.blocks if block not in blocks)
        return replace(join_tables(tables, field), around=tuple(around), other=tuple(other))

    def _is_of_positions(self, block: Block) -> bool:
        """Whether a table says what is held and what it is worth, and not what was bought and sold."""
        known = {name: column for name in block.names if (column := self.find_column(name)[0]) is not None}
        columns = set(known.values())
        is_told = bool(columns & _IDENTIFYING and columns & _VALUED)
        return is_told and find_movements(block.records, known, self._reference, self._columns.lexicon) is None

    def _head_rows(self, records: list[Mapping[str, str]], block: Block) -> tuple[list[Mapping[str, str]], list[Line]]:
        """The records with the class that a line of one cell above them names, where no column does; and other such
        lines."""
        classed = any(self.find_column(name)[0] == "asset_class" for name in block.names)
        heading = ""
        rows: list[Mapping[str, str]] = []
        lines: list[Line] = []
        for record in records:
            filled = [cell.strip() for cell in record.values() if cell.strip()]
            if len(filled) == 1 and len(block.names) > _NARROW and not is_blank(filled[0]):
                if self._reference.classify(filled[0], None, "") is not None:
                    heading = filled[0]
                else:
                    lines.append(self._make_line(record))
            elif heading and not classed and not any(self._reference.names_sum(cell) for cell in filled):
                rows.append({**record, "asset_class": heading})
            else:
                rows.append(record)
        return rows, lines

    def _cut_below(self, block: Block) -> tuple[list[Mapping[str, str]], list[Line]]:
        """A table's records up to the last with a figure, and the lines below it: notices, dates, further titles."""
        figures = {name for name in block.names if (column := self.find_column(name)[0]) and column in self._specs}
        records: list[Mapping[str, str]] = list(block.records)
        count = len(records)
        while figures and count and all(is_blank(records[count - 1].get(name) or "") for name in figures):
            if any(says_missing(records[count - 1].get(name)) for name in figures):
                break  # a row that says that its figure is not available is one
            count -= 1
        if not count:
            return records, []
        return records[:count], [self._make_line(record) for record in records[count:]]

    def _make_line(self, record: Mapping[str, str]) -> Line:
        filled = {name: cell.strip() for name, cell in record.items() if cell.strip()}
        named = any(self.find_column(name)[0] in _IDENTIFYING for name in filled)
        notice = len(filled) == 1 and len(next(iter(filled.values())).split()) >= _NOTICE_WORDS
        return Line(", ".join(filled.values()), may_count=named and not notice)

    def _map_rows(self, raw: Iterable[object], field: str, first: int = 0) -> RawTable:
        items: list[Mapping[str, object]] = []
        for index, item in enumerate(raw):
            if not isinstance(item, Mapping):
                raise InputError(f"{field}[{index}]", item, "an object with named fields is needed")
            if len(item) > _MAX_COLUMNS:
                raise BoundError(f"{field}[{index}]", None, f"more than {_MAX_COLUMNS} fields")
            items.append({str(name): value for name, value in item.items()})
        names = list(dict.fromkeys(name for item in items for name in item))
        known, doubtful = settle_names(items, {name: self.find_columns(name)[0] for name in names}, self._specs)
        known = know_by_content(items, known, self._specs)
        by_cells = {name: "rating" for name in [find_ratings(items, known, self._reference)] if name is not None}
        known |= by_cells
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
            for index, item in enumerate(items, start=first)
        )  # fmt: skip
        rivals = tuple(
            Rival(
                column, name, self.find_column(name)[1], {at: item.get(name) for at, item in enumerate(items)},
                is_lesser=self._rank(name, column) > self._rank(chosen[column], column),
                is_repeated=self._aliases.get(name) == chosen[column],
            )
            for name, column in known.items() if name != chosen[column]
        )  # fmt: skip
        if "asset_class" in chosen and not _IDENTIFYING & chosen.keys():
            chosen["name"] = chosen["asset_class"]  # rows of classes alone are called by them
            rows = tuple(replace(row, cells={"name": row.cells.get("asset_class"), **row.cells}) for row in rows)
        headers = {column: self.find_column(name)[1] for column, name in chosen.items()}
        movements = find_movements(items, known, self._reference, self._columns.lexicon)
        return RawTable(field, rows, unknown, headers, chosen, rivals, movements=movements, doubtful=doubtful,
                        by_cells=tuple(by_cells.values()))  # fmt: skip

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
                elif header.a_year and header.alike(replace(wanted, a_year=header.a_year)):
                    cells[column] = f"{value} per {WORDS[header.a_year]}" if header.a_year in WORDS else value
                elif header.currency and header.alike(replace(wanted, currency=header.currency)):
                    cells[column] = f"{header.currency} {value}"
        return cells

    def _rank(self, name: str, canonical: str) -> int:
        """A column in the reporting currency first, then its own name before its synonyms."""
        header = self.find_column(name)[1]
        if header.currency and header.currency == self._currency:
            return 0
        return 1 if match_form(self._aliases.get(name, name)) == match_form(canonical) else 2


def parse_json(text: str, field: str) -> object:
    """JSON text. Raises ``InputError`` where it is none."""
    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=keep_names)
    except RepeatedName as error:
        raise InputError(field, error.name, "a name that stands twice in one object, with two values") from None
    except (ValueError, RecursionError):
        raise InputError(field, text, "starts like JSON but is not JSON") from None


def join_tables(tables: Iterable[RawTable], field: str) -> RawTable:
    """Several tables of one field as one."""
    rows: list[RawRow] = []
    headers: dict[str, Header] = {}
    written: dict[str, str] = {}
    unknown: dict[str, None] = {}
    rivals: list[Rival] = []
    doubtful: dict[tuple[str, tuple[str, ...]], None] = {}
    movements = None
    by_cells: dict[str, None] = {}
    for table in tables:
        by_cells |= dict.fromkeys(table.by_cells)
        movements = movements or table.movements
        rivals += (
            replace(rival, cells={row + len(rows): cell for row, cell in rival.cells.items()}) for rival in table.rivals
        )
        rows.extend(table.rows)
        headers |= table.headers
        written |= table.written
        unknown |= dict.fromkeys(table.unknown)
        doubtful |= dict.fromkeys(table.doubtful)
    return RawTable(
        field,
        tuple(rows),
        tuple(unknown),
        headers,
        written,
        tuple(rivals),
        movements=movements,
        doubtful=tuple(doubtful),
        by_cells=tuple(by_cells),
    )


def _abbreviates(short: str, whole: str) -> bool:
    """Whether each word of one text begins like that of the other and leaves letters out: ``Mkt Val`` of ``Market
    Value``."""
    words, wholes = short.casefold().split(), whole.casefold().split()
    return len(words) == len(wholes) and all(
        word[0] == full[0] and _is_subsequence(word, full) for word, full in zip(words, wholes, strict=True)
    )


def _is_subsequence(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


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
