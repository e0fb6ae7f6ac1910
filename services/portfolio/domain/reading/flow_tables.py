"""Payments beside a track: tables of any name and language whose rows have a day within the track and an amount.

What is known to have been paid in or out becomes the track's flows. What may have been, and is not known to be, leaves
the track without returns: a payment that is not read would be a gain or a loss.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.portfolio.domain.headers import read_header
from services.portfolio.domain.levels import are_levels, scan_amount, size_of
from services.portfolio.domain.reading.as_of import list_options, read_whole_day
from services.portfolio.domain.reading.dates import Day
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.scanning import add_columns
from services.portfolio.domain.reading.sheets import DELIMITERS
from services.portfolio.domain.reading.sides import find_words, names_side
from services.portfolio.domain.reading.tables import RawRow, RawTable
from services.portfolio.domain.table_fields import FLOWS
from services.portfolio.domain.terms import is_empty

Row = Mapping[str, object]
_DEEPEST = 3
_HELD = frozenset({"isin", "symbol", "quantity", "weight", "coupon", "maturity", "price", "unit_cost", "ytm"})
"""Columns of what is held or traded: moving it moves no money in or out."""
_NUMBERING = frozenset({"no", "id", "code", "number"})
_NOTHING = Decimal("0.0001")
"""Values are printed to a basis point of themselves at the most: what is less in all moves no return."""
_YEARS = range(1900, 2101)
NO_DAYS = "on which days this was paid in or out was not sent"
NO_WAY = "which of its amounts were paid in, which taken out, and whether all of them were, is not said"


@dataclass(frozen=True, slots=True)
class _Payments:
    """Rows that are known to be payments; ``path`` is where they stand."""

    path: tuple[str, ...]
    rows: tuple[RawRow, ...]
    written: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Span:
    """The days of a track, as early and as late as they can be read, and a value of it."""

    first: date
    last: date
    value: Decimal

    def holds(self, raw: object) -> bool:
        """Whether a cell may be a day after the first and up to the last."""
        day = read_whole_day(raw)
        return day is not None and any(self.first < found <= self.last for found in list_options(day))

    def is_past(self, raw: object) -> bool:
        """Whether a cell is a day after the last, however it is read."""
        day = read_whole_day(raw)
        return day is not None and all(found > self.last for found in list_options(day))


def adopt_flows(feed: Feed) -> None:
    """Take what was paid in and out beside a track of values as its flows, or say of what this cannot be told."""
    span = _find_span(feed)
    if span is None:
        return
    is_sent = "flows" in feed.tables
    elsewhere = {written for part in feed.detected.parts for written in part.written.values()}
    found = [
        judged
        for name, value in feed.detected.unknown.items()
        if name not in elsewhere
        for path, part in _walk((name,), value)
        if (judged := _judge(feed, path, part, span, is_sent=is_sent)) is not None
    ]
    payments = [item for item in found if isinstance(item, _Payments)]
    opened = [item for item in found if not isinstance(item, _Payments)]
    if payments and (is_sent or _are_repeated(payments)):
        opened.append((".".join(payments[-1].path), "it stands beside other payments, and may be of the same"))
    if not opened and not payments and not is_sent:
        opened = list(_judge_columns(feed, span))
    if opened:
        feed.open_flows = opened[0]
    elif payments:
        _adopt(feed, payments)


def _adopt(feed: Feed, payments: Sequence[_Payments]) -> None:
    detected = feed.detected
    unknown: dict[str, object] = dict(detected.unknown)
    for item in payments:
        unknown = _take_out(unknown, item.path)
    field = " and ".join(".".join(item.path) for item in payments)
    rows = tuple(row for item in payments for row in item.rows)
    feed.detected = replace(
        detected,
        fields={**detected.fields, "flows": [dict(row.cells) for row in rows]},
        written={**detected.written, "flows": field},
        unknown=unknown,
    )
    table = RawTable(field, rows, written=payments[0].written)
    feed.tables["flows"] = table
    add_columns(feed, "flows", table, FLOWS)


def _take_out(fields: Mapping[str, object], path: Sequence[str]) -> dict[str, object]:
    """Fields without that of a path, and without what held nothing else."""
    rest = dict(fields)
    inner = rest.pop(path[0], None)
    if len(path) > 1 and isinstance(inner, Mapping):
        left = _take_out({str(key): part for key, part in inner.items()}, path[1:])
        if left:
            rest[path[0]] = left
    return rest


def _are_repeated(payments: Sequence[_Payments]) -> bool:
    """Whether two tables have a row in common: one of them may tell the other again."""
    rows = [{tuple(sorted((key, str(cell)) for key, cell in row.cells.items())) for row in item.rows}
            for item in payments]  # fmt: skip
    return sum(len(part) for part in rows) > len(set().union(*rows))


def _find_span(feed: Feed) -> _Span | None:
    """The days of a track of values; None where there is none, or its days are not known."""
    column = feed.columns.get(("series", "date"))
    days = (
        [day for cell in column.cells.values() if isinstance(cell, Day) for day in list_options(cell)] if column else []
    )
    if not days:
        return None
    values = [
        size_of(cell) for key in ("market_value", "price") if (value := feed.columns.get(("series", key))) is not None
        for cell in value.numerals
    ]  # fmt: skip
    return _Span(min(days), max(days), max(values, default=Decimal(0)))


def _walk(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """What may be a table within a field, each with where it stands."""
    if isinstance(value, Mapping) and len(path) < _DEEPEST and not _make_rows(value):
        for key, part in value.items():
            yield from _walk((*path, str(key)), part)
    elif not is_empty(value):
        yield path, value


def _make_rows(value: object) -> list[dict[str, object]]:
    """The rows of a value: objects in a list or under names, pairs of a day and an amount, a text of lines, an object
    of amounts by day, or one row alone. Nothing where it is none of these."""
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, Mapping):
        parts = list(value.values())
        if parts and all(isinstance(part, Mapping) for part in parts):
            return _make_rows(parts)
        if any(isinstance(part, list | Mapping) for part in parts):
            return []
        if parts and all(read_whole_day(str(key)) is not None for key in value):
            return [{"date": str(key), "amount": part} for key, part in value.items()]
        return [{str(key): part for key, part in value.items()}] if any(map(read_whole_day, parts)) else []
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(item, Mapping) for item in value):
        return [{str(key): cell for key, cell in item.items()} for item in value]
    if all(isinstance(item, list) and len(item) == 2 for item in value):
        return [{"date": item[0], "amount": item[1]} for item in value]
    return []


def _parse_text(text: str) -> list[dict[str, object]]:
    lines = text.strip().splitlines()
    if len(lines) < 2:
        return []
    delimiter = max(DELIMITERS, key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=delimiter))
    width = len(rows[0])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if len(row) == width > 1]


def _judge(
    feed: Feed, path: tuple[str, ...], value: object, span: _Span, *, is_sent: bool
) -> _Payments | tuple[str, str] | None:
    """What a value is to a track: payments, something else (None), or what cannot be told, with why."""
    field = ".".join(path)
    rows = _make_rows(value)
    names = list(dict.fromkeys(name for row in rows for name in row))
    days = [name for name in names if _is_of_days(rows, name)]
    is_said = _says_flows(feed, path)
    if not rows or not days:
        return (field, NO_DAYS) if is_said and not is_sent and _holds_amount(feed, path, value) else None
    columns = _list_amounts(feed, rows, [name for name in names if name not in days])
    listed = [
        row for row in rows
        if any(size_of(cell) for name in columns if (cell := scan_amount(row.get(name)))) and not _is_sum(feed, row)
    ]  # fmt: skip
    counted = [row for row in listed if not any(span.is_past(row.get(day)) for day in days)]
    undated = any(read_whole_day(row.get(days[0])) is None for row in counted)
    inside = [row for row in counted if any(span.holds(row.get(day)) for day in days)]
    if not inside or (not undated and _is_nothing(inside, columns, span)):
        return None
    texts = [name for name in names if name not in days and name not in columns]
    sides = [_find_side(feed, path, row, columns, texts) for row in counted]
    if all(are_levels(row.get(name) for row in counted) for name in columns) and not (any(sides) or is_said):
        return None
    known = {column for name in names for column in feed.tabulator.find_columns(name)[0]}
    if known & _HELD:
        return None if is_sent or not any(sides) else (field, NO_WAY)
    if undated:
        return field, NO_DAYS
    told = _make_payments(feed, path, counted, days, columns, sides)
    if told is None and is_sent and not (any(sides) or is_said):
        return None
    if told is not None and len(counted) < len(listed):
        count = len(listed) - len(counted)
        feed.note("later_flows", f"{count} row(s) of {field} are of days after the track, and in none of its figures.")
    return told if told is not None else (field, NO_WAY)


def _is_sum(feed: Feed, row: Row) -> bool:
    """Whether a row without a day is the sum of others."""
    texts = [cell for cell in row.values() if isinstance(cell, str)]
    return not any(map(read_whole_day, texts)) and any(map(feed.reference.names_sum, texts))


def _make_payments(
    feed: Feed,
    path: tuple[str, ...],
    rows: Sequence[Row],
    days: Sequence[str],
    columns: Sequence[str],
    sides: Sequence[int],
) -> _Payments | None:
    """The rows as flows; None where a row's day, amount or way is not known."""
    day = next((name for name in days if "date" in feed.tabulator.find_columns(name)[0]), days[0])
    if len(days) > 1 and "date" not in feed.tabulator.find_columns(day)[0]:
        return None
    by_side = {names_side(feed.reference, name): name for name in columns}
    is_split = len(columns) == 2 and by_side.keys() == {1, -1}
    if len(columns) != 1 and not is_split:
        return None
    has_signs = any(_is_signed(row.get(name)) for row in rows for name in columns)
    is_flow = _says_flows(feed, path) and not any(isinstance(cell, str) and _is_words(cell) for row in rows
                                                  for cell in row.values())  # fmt: skip
    if not is_split and not all(sides) and not has_signs and not is_flow:
        return None
    if not is_split and has_signs and any(sides) and not all(sides) and _are_against(rows, columns[0], sides):
        return None
    made = []
    currency = next((name for row in rows for name in row if "currency" in feed.tabulator.find_columns(name)[0]), None)
    for index, (row, side) in enumerate(zip(rows, sides, strict=True)):
        cells: dict[str, object] = {"date": row.get(day)}
        if is_split:
            cells |= {"flow": row.get(by_side[1]), "outflow": row.get(by_side[-1])}
        else:
            cells |= {"flow": row.get(columns[0]), "side": {1: "in", -1: "out"}.get(side)}
        if currency is not None:
            cells["currency"] = row.get(currency)
        kept = {key: cell for key, cell in cells.items() if not is_empty(cell)}
        made.append(RawRow(f"{'.'.join(path)}[{index}]", kept))
    amounts = {"flow": by_side[1], "outflow": by_side[-1]} if is_split else {"flow": columns[0]}
    return _Payments(path, tuple(made), {"date": day, **amounts})


def _are_against(rows: Sequence[Row], column: str, sides: Sequence[int]) -> bool:
    """Whether words contradict the sign of a row: then that of a row without words says nothing."""
    return any(
        side and (amount := scan_amount(row.get(column))) is not None and size_of(amount) * side < 0
        for row, side in zip(rows, sides, strict=True)
    )


def _find_side(feed: Feed, path: Sequence[str], row: Row, columns: Sequence[str], texts: Sequence[str]) -> int:
    """Which way a row's money went, by its own words, the name of its amount's column, or that of its table."""
    said = find_words(feed.reference, [str(row[name]) for name in texts if isinstance(row.get(name), str)])
    if said or len(columns) != 1:
        return said
    return names_side(feed.reference, columns[0]) or names_side(feed.reference, path[-1])


def _says_flows(feed: Feed, path: Sequence[str]) -> bool:
    """Whether a name says that a field is of payments that were made, and not of some that are planned or allowed."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    others = terms.inflow | terms.not_due | terms.owed | terms.limit_fields | terms.goal | terms.first
    if any(names_any(name, others) for name in path):
        return False
    lexicon = feed.detected.section.columns.lexicon
    words = terms.deposits | terms.withdrawals
    return any(names_any(name, words) or "flow" in lexicon.read(name) for name in path)


def _holds_amount(feed: Feed, path: tuple[str, ...], value: object) -> bool:
    """Whether a value without rows has an amount of what its name says; ``find_summed_flows`` reads one alone."""
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        return any(_holds_amount(feed, path, part) for part in parts)
    if len(path) == 1 and feed.reference.names_any(path[0], feed.reference.terms.regular):
        return False
    if isinstance(value, str):
        return any(character in "123456789" for character in value)
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value != 0


def _list_amounts(feed: Feed, rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """The columns of amounts: those whose names say so or which way money went, else all whose cells are amounts."""
    specs = feed.reference.columns
    found, named = [], []
    for name in names:
        if _is_of_amounts(feed, name, [row.get(name) for row in rows]):
            found.append(name)
            kinds = [specs[column].kind for column in feed.tabulator.find_columns(name)[0] if column in specs]
            if "money" in kinds or names_side(feed.reference, name):
                named.append(name)
    return named or found


def _is_of_amounts(feed: Feed, name: str, cells: Sequence[object]) -> bool:
    """Whether a column's cells are amounts, and no percentages, years, numbers of rows or of something else."""
    if read_header(name).unit or feed.detected.section.columns.lexicon.read(name) & _NUMBERING:
        return False
    filled = [cell for cell in cells if not is_empty(cell)]
    found = [size_of(numeral) for cell in filled if (numeral := scan_amount(cell)) is not None]
    if not found or 2 * len(found) < len(filled) or not any(found):
        return False
    are_years = all(value == value.to_integral_value() and int(value) in _YEARS for value in found)
    are_counted = len(found) > 1 and all(value == index for index, value in enumerate(found, int(found[0])))
    return not (are_years or are_counted)


def _is_of_days(rows: Sequence[Row], name: str) -> bool:
    cells = [row[name] for row in rows if not is_empty(row.get(name))]
    met = sum(read_whole_day(cell) is not None for cell in cells)
    return met > 0 and 2 * met >= len(cells)


def _is_nothing(rows: Sequence[Row], columns: Sequence[str], span: _Span) -> bool:
    amounts = [abs(size_of(cell)) for row in rows for name in columns if (cell := scan_amount(row.get(name)))]
    return sum(amounts, Decimal(0)) <= span.value * _NOTHING


def _is_signed(cell: object) -> bool:
    """Whether an amount has a sign that was written."""
    found = scan_amount(cell)
    return found is not None and (size_of(found) < 0 or (isinstance(cell, str) and cell.strip().startswith("+")))


def _is_words(cell: str) -> bool:
    return read_whole_day(cell) is None and scan_amount(cell) is None and len(cell.strip()) != len("EUR")


def _judge_columns(feed: Feed, span: _Span) -> Iterator[tuple[str, str]]:
    """Columns of amounts beside a track's values that are read as nothing, and may be what was paid in or out."""
    table = feed.tables["series"]
    invested = [row.cells.get("cost") for row in table.rows if not is_empty(row.cells.get("cost"))]
    if len({str(cell).strip() for cell in invested}) > 1:
        yield f"{table.field}.{table.written['cost']}", NO_WAY  # what is invested moves with what is paid
    for name in table.unknown:
        cells = [row.extra.get(name) for row in table.rows]
        if _is_of_amounts(feed, name, cells) and not are_levels(cells):
            rows = [{name: cell} for cell in cells]
            if not _is_nothing(rows, [name], span):
                yield f"{table.field}.{name}", NO_WAY
