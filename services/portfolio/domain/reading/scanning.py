"""Scanning: every cell of a payload becomes what it says, nothing is chosen yet."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.portfolio.domain.errors import BoundError, InputError, NumberError
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import POINT, NamedShare, Numeral, is_blank, parse_named_share, scan_number
from services.portfolio.domain.reading.bases import read_basis, strip_basis
from services.portfolio.domain.reading.benchmarks import part_benchmark
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import AMOUNTS, Feed
from services.portfolio.domain.reading.income_needs import FIELD as NEED
from services.portfolio.domain.reading.income_needs import unfold_amount
from services.portfolio.domain.reading.movers import find_side, read_prose
from services.portfolio.domain.reading.naming import name_rows
from services.portfolio.domain.reading.rivals import KINDS, rival_key
from services.portfolio.domain.reading.tables import PAIR, RawTable, Rival, join_tables, parse_json, read_points
from services.portfolio.domain.reference import FieldSpec
from services.portfolio.domain.table_fields import BONDS, FLOWS, INCOME, MOVERS, POINTS, POSITIONS, SHARES, TABLES
from services.portfolio.domain.terms import is_empty

_TEXT = FieldSpec("text")
_MOST_TEXT = 200
_MOST_LINES, _MOST_SHOWN = 5, 200
"""Lines that a note shows, and characters of each."""
_MOST_RATE = 100
"""A bare fee above this is no rate of the value in percent."""
_BOTH_SIDES = re.compile(r"^(?:±|\+\s?/\s?[-−])\s*")
_RELATIVE = re.compile(
    r"\b(?:relative(?: to (?:the )?(?:target|model))?|rel\.?"
    r"|of (?:the )?(?:target|model|strategic)(?: weights?)?)(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[-+(]?[\d.,'’ \u00a0\u202f]*\d[\d.,]*\)?")
_OWN_VALUES = ("market_value", "price")
"""What a series may call the portfolio's own value; a table with a benchmark alone is that."""
_BASE = "basis"
"""The word of names for the base currency, which is another thing in the name of a cost."""
_IN_BASE = frozenset({"market_value", "income"})
_ACCOUNT_TYPES = frozenset({"cash", "margin", "short", "long"})


def states_valuation(feed: Feed) -> bool:
    """Whether the payload says that its amounts are all in one currency, whatever instruments they are of."""
    return "valuation" in match_form(feed.detected.name_of("Currency"))


def scan_table(feed: Feed, name: str) -> None:
    raw, field, shape = feed.detected.get(name), feed.detected.name_of(name), TABLES[name]
    if raw is None:
        return
    if shape in (POINTS, FLOWS):
        limit = feed.catalogue.limits.max_points
        if isinstance(raw, list) and len(raw) > limit:
            raise BoundError(field, None, f"{len(raw)} points, more than {limit}")
        table = read_points(raw, field, feed.tabulator.read)
        if len(table.rows) > limit:
            raise BoundError(field, None, f"{len(table.rows)} points, more than {limit}")
    elif shape == MOVERS:
        table = _read_movers(feed, raw, name, field)
    elif shape == SHARES:
        table = _read_shares(feed, raw, field)
    else:
        table = feed.tabulator.read(raw, field)
    if shape == POSITIONS:
        _refuse_transactions(table)
    _name_left_out(feed, table)
    if name in {"series", "returns"} and feed.detected.get("benchmark") is None:
        table = _part_benchmark(feed, table)
    if shape in (INCOME, POSITIONS, BONDS, MOVERS):
        table = name_rows(table)
    if shape == INCOME:
        table = _settle_bases(feed, table)
    table = feed.tables[name] = _settle_bands(feed, name, _name_nominal(feed, name, _forget_account_types(table)))
    add_columns(feed, name, table, shape)


def _part_benchmark(feed: Feed, table: RawTable) -> RawTable:
    """A table without the benchmark that stands beside the portfolio in the same rows: a table of its own."""
    if "date" not in table.written or not table.written.keys() & {"return", *_OWN_VALUES}:
        return table
    rest, benchmark, doubtful = part_benchmark(table, feed.reference, feed.detected.section.columns.lexicon)
    if doubtful:
        shown = ", ".join(f"“{name}”" for name in doubtful)
        told = f"{shown} may be the benchmark's return, its level or what is said against it; no figure uses it."
        feed.note("doubtful_benchmark", told, field=table.field, warning=True)
    if benchmark is not None:
        feed.tables["benchmark"] = benchmark
        add_columns(feed, "benchmark", benchmark, POINTS)
    return rest


def add_columns(feed: Feed, name: str, table: RawTable, shape: str) -> None:
    """Make the cells of a table the columns of the feed."""
    outer = feed.detected.headers.get(name, Header(name))
    columns = feed.columns
    for index, row in enumerate(table.rows):
        for column, cell in row.cells.items():
            key = (name, column)
            if (found := columns.get(key)) is None:
                spec = _spec_of(feed, shape, column)
                header = feed.make_header(spec, _tell_base(feed, name, table, column), outer)
                found = columns[key] = Column(column, table.path_of(column), spec, header)
            bare = found.spec.kind in AMOUNTS and found.header.scale is None
            marked = _mark(cell, row.cells.get("unit")) if bare else cell
            if found.spec.kind != "text":
                found.add(index, marked, f"{row.path}.{column}" if column != PAIR else row.path)
    _scan_rivals(feed, name, table, shape, outer)


def _tell_base(feed: Feed, name: str, table: RawTable, column: str) -> Header:
    """What a column's name says of it; amounts that it says to be in the base currency are in the reporting one."""
    header = table.headers.get(column, Header(column))
    said = feed.detected.section.columns.lexicon.read(table.written.get(column, ""))
    if column in _IN_BASE and _BASE in said and not header.currency:
        feed.in_base.add((name, column))
        return replace(header, currency=feed.currency)
    return header


def _refuse_transactions(table: RawTable) -> None:
    """What was bought and sold is not what is held."""
    if table.movements is not None:
        told = f"these are transactions, by “{table.movements}”"
        raise InputError(table.field, None, f"{told}; positions are needed: what is held, and what it is worth")


def _name_left_out(feed: Feed, table: RawTable) -> None:
    """Say which lines of a text were taken for no rows of its table."""
    for may_count in (False, True):
        lines = [line.text for line in table.around if line.may_count is may_count]
        if lines:
            shown = "; ".join(f"“{line[:_MOST_SHOWN]}”" for line in lines[:_MOST_LINES])
            more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
            cause = "without a figure, and not counted" if may_count else "beside the table, and not used"
            feed.note("lines_left_out", f"Lines {cause}: {shown}{more}.", field=table.field, warning=may_count)
    for header in table.other[:_MOST_LINES]:
        told = f"Another table of the text was not read, as it is not of positions: “{header[:_MOST_SHOWN]}”."
        feed.note("table_left_out", told, field=table.field, warning=True)


def _settle_bases(feed: Feed, table: RawTable) -> RawTable:
    """A table whose incomes are figures alone; what is paid net of tax, by cell or column, is not taxed again."""
    whole = read_basis(table.written.get("income", ""), feed.reference)
    rows = list(table.rows)
    for index, row in enumerate(table.rows):
        cell = row.cells.get("income")
        bare = strip_basis(cell, feed.reference)
        is_net = whole if bare == cell else read_basis(str(cell), feed.reference)
        if bare != cell or is_net:
            untaxed = {"tax_rate": "0%"} if is_net and is_blank(str(row.cells.get("tax_rate") or "")) else {}
            rows[index] = replace(row, cells={**row.cells, "income": bare, **untaxed})
    return replace(table, rows=tuple(rows))


def _settle_bands(feed: Feed, name: str, table: RawTable) -> RawTable:
    """A table whose bands are figures alone; which of them are parts of the model weight is kept apart."""
    if "band" not in table.written:
        return table
    rows = list(table.rows)
    for index, row in enumerate(table.rows):
        if isinstance(cell := row.cells.get("band"), str):
            bare, is_relative = _read_band(cell)
            rows[index] = replace(row, cells={**row.cells, "band": bare})
            if is_relative:
                feed.relative.add((name, index))
    return replace(table, rows=tuple(rows))


def _read_band(cell: str) -> tuple[str, bool]:
    """A band without the signs of both sides, and whether it is said to be a part of the model weight (``±20% of
    target``, ``25% relative``)."""
    plain = _BOTH_SIDES.sub("", cell.strip())
    bare = _RELATIVE.sub("", plain).strip(" ,;()")
    return bare, bare != plain.strip(" ,;()")


def _mark(cell: object, unit: object) -> object:
    """A bare amount with the scale and currency that its row states (``unit: lakh``)."""
    if not isinstance(unit, str) or isinstance(cell, bool) or not _BARE.fullmatch(str(cell)):
        return cell
    header = read_header(unit)
    plain = not header.base and header.unit is None and header.a_year is None
    return f"{cell} {unit}" if plain and (header.scale or header.currency) else cell


def _scan_rivals(feed: Feed, name: str, table: RawTable, shape: str, outer: Header) -> None:
    for rival in table.rivals:
        spec = _spec_of(feed, shape, rival.column)
        if spec.kind not in KINDS:
            _tell_repeated(feed, table, rival)
        elif rival.column != PAIR:
            key, header = rival_key(rival), feed.make_header(spec, rival.header, outer)
            column = feed.columns[name, key] = Column(key, f"{table.field}[].{rival.name}", spec, header)
            for index, cell in rival.cells.items():
                column.add(index, cell, f"{table.rows[index].path}.{rival.name}")


def _tell_repeated(feed: Feed, table: RawTable, rival: Rival) -> None:
    """Say that of two columns of texts or days that are called alike, and differ, the first is read."""
    first = table.written[rival.column]
    both = ((table.rows[row].cells.get(rival.column), cell) for row, cell in rival.cells.items())
    differs = any(
        not is_empty(mine) and not is_empty(other) and str(mine).strip() != str(other).strip() for mine, other in both
    )
    if rival.is_repeated and differs:
        told = f"Two columns are called “{first}”, and they differ: the first is read, “{rival.name}” is not used."
        feed.note("repeated_column", told, field=table.field, warning=True)


def _forget_account_types(table: RawTable) -> RawTable:
    """A table without a column of classes that holds the types of accounts, as American brokers send it (``Type``)."""
    held = {str(row.cells.get("asset_class") or "").strip().casefold() for row in table.rows} - {""}
    if (
        len(table.rows) < 2
        or not held
        or not held <= _ACCOUNT_TYPES
        or "type" not in match_form(table.written.get("asset_class", ""))
    ):
        return table
    rows = tuple(
        replace(row, cells={name: cell for name, cell in row.cells.items() if name != "asset_class"})
        for row in table.rows
    )
    return replace(table, rows=rows, unknown=(*table.unknown, table.written["asset_class"]))


def _name_nominal(feed: Feed, name: str, table: RawTable) -> RawTable:
    """A table whose nominals are the face of bonds, and of positions a quantity, unless it has that column, too."""
    target = {BONDS: "face_value", POSITIONS: "quantity"}.get(TABLES[name])
    if target is None or "nominal" not in table.written or target in table.written:
        return table
    if target == "quantity":
        feed.nominal.add(name)

    def rename(columns: Mapping[str, Any]) -> dict[str, Any]:
        return {target if column == "nominal" else column: value for column, value in columns.items()}

    rows = tuple(replace(row, cells=rename(row.cells)) for row in table.rows)
    return replace(table, rows=rows, headers=rename(table.headers), written=rename(table.written))


def _spec_of(feed: Feed, shape: str, column: str) -> FieldSpec:
    if column == PAIR:
        return feed.reference.columns[{MOVERS: "return", INCOME: "income"}.get(shape, "market_value")]
    if shape == POINTS and column == "return":
        return FieldSpec("return", "returns")
    return feed.reference.columns.get(column, _TEXT)


def _read_shares(feed: Feed, raw: object, field: str) -> RawTable:
    """An allocation: pairs, rows, or words such as ``Equity 65%, Debt 35%``."""
    parts: list[str] | None = None
    if isinstance(raw, str) and not raw.lstrip().startswith(("[", "{")) and "\n" not in raw:
        parts = [part for part in raw.replace(";", ",").split(",") if part.strip()]
    elif isinstance(raw, list) and raw and all(isinstance(item, str) for item in raw):
        parts = list(raw)
    if parts is None:
        return feed.tabulator.read(raw, field)
    shares = [parse_named_share(part, field) for part in parts]
    return feed.tabulator.read({item.name: f"{item.share}%" for item in shares if item.share is not None}, field)


def _read_movers(feed: Feed, raw: object, name: str, field: str) -> RawTable:
    if isinstance(raw, str) and raw.lstrip("\ufeff \r\n\t").startswith(("[", "{")):
        feed.tabulator.check_text(raw, field)
        raw = parse_json(raw.lstrip("\ufeff \r\n\t"), field)
    if isinstance(raw, str) and not feed.tabulator.is_csv(raw):
        feed.tabulator.check_text(raw, field)
        prose = read_prose(raw, field)
        if prose.lost:
            shown = "; ".join(f"'{part[:80]}'" for part in prose.lost[:5])
            feed.note("not_understood", f"Not understood and not counted: {shown}.", field=field, warning=True)
        if not prose.table.rows:
            raise InputError(field, raw, "no line with a name and a percentage was found")
        if len(prose.table.rows) > feed.catalogue.limits.max_rows:
            raise BoundError(field, None, f"more than {feed.catalogue.limits.max_rows} lines")
        feed.sides[name] = prose.side
        return prose.table
    lists = (
        {str(key): value for key, value in raw.items() if isinstance(value, list)} if isinstance(raw, Mapping) else {}
    )
    if isinstance(raw, Mapping) and lists and len(lists) == len(raw):
        tables = {key: feed.tabulator.read(value, f"{field}.{key}") for key, value in lists.items()}
        feed.sides[name] = tuple(find_side(key) for key, table in tables.items() for _ in table.rows)
        return join_tables(tables.values(), field)
    return feed.tabulator.read(raw, field)


def scan_field(feed: Feed, name: str) -> None:
    spec, raw, field = (
        feed.reference.fields.get(name, _TEXT),
        feed.detected.get(name),
        feed.detected.name_of(name),
    )
    if spec.kind == "text":
        if (text := read_text(raw, field)) is not None:
            feed.texts[name] = text
        return
    own = feed.detected.headers.get(name, Header(name))
    if name == NEED:
        said, raw = unfold_amount(feed, field, raw)
        own = own.over(read_header(said))
    if spec.kind in {"fee", "money"}:
        raw = strip_basis(raw, feed.reference)
    if spec.kind == "fee":
        spec = replace(spec, kind="money" if _is_amount(raw, own, field) else "rate")
    header = feed.make_header(spec, own)
    column = Column(name, field, spec, header)
    if spec.kind == "named_share":
        _scan_named(feed, column, raw)
    else:
        column.add(0, raw, field)
    if column.faults and feed.is_required(name):
        raise InputError(field, raw, column.faults[0].split(": ", 1)[-1].rsplit(" (got ", 1)[0])
    if column.faults:
        feed.leave_out(column, column.faults[0])
    feed.columns["", name] = column


def _is_amount(raw: object, header: Header, field: str) -> bool:
    """Whether a fee is sent as an amount, and no rate: by a currency or scale beside it, or as no rate is so large."""
    try:
        cell = scan_number(raw, field)
    except (InputError, NumberError):
        return False
    if cell is None or cell.unit not in {Unit.NUMBER, Unit.MONEY}:
        return False
    bare = cell.unit is Unit.NUMBER and not header.currency and header.scale is None
    value = cell.under(POINT)
    return not bare or (value is not None and abs(value) > _MOST_RATE)


def _scan_named(feed: Feed, column: Column, raw: object) -> None:
    """``Equity (65%)``: the name is text, the share a rate."""
    share = split_named_share(raw, column.path)
    feed.texts[f"{column.name}.name"] = share[0]
    if share[1] is not None:
        column.cells[0] = share[1]


def scan_mapping(feed: Feed, name: str, raw: object, spec: Callable[[str], FieldSpec]) -> None:
    """One number beside each key, as fields of their own."""
    field = feed.detected.name_of(name)
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        raise InputError(field, raw, "an object is needed, such as {'single_name': 10}")
    for key, value in raw.items():
        column = Column(f"{name}.{key}", f"{field}.{key}", spec(str(key)), Header(str(key)))
        column.add(0, value, f"{field}.{key}")
        if column.faults:
            raise InputError(f"{field}.{key}", value, "a number is needed")
        feed.columns["", f"{name}.{key}"] = column


def read_text(raw: object, field: str) -> str | None:
    """Text of at most 200 characters on one line, None for a blank."""
    if raw is None:
        return None
    if not isinstance(raw, str | int | float | Decimal) or isinstance(raw, bool):
        raise InputError(field, raw, "text is needed")
    text = " ".join(str(raw).split())
    if len(text) > _MOST_TEXT:
        raise InputError(field, raw, f"longer than {_MOST_TEXT} characters")
    return text or None


def split_named_share(raw: object, field: str) -> tuple[str, Numeral | None]:
    """A name and the numeral of its share (``Equity (65%)``, ``Equity (0,62)``), None where only a name stands."""
    named: NamedShare = parse_named_share(raw, field, numeral_only=True)
    return named.name, named.numeral
