"""The reading stage: payload in, ``Reading`` out. Every choice of a unit, an order or a currency is taken here."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import partial

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.numbers import Numeral
from services.portfolio.domain.reading.as_of import adopt_day, tell_days_ahead
from services.portfolio.domain.reading.beside import read_day
from services.portfolio.domain.reading.capacity import read_capacity, read_stresses
from services.portfolio.domain.reading.columns import Column, describe
from services.portfolio.domain.reading.conventions import Context
from services.portfolio.domain.reading.costs import settle_costs
from services.portfolio.domain.reading.credit import read_credit, spread_lending
from services.portfolio.domain.reading.duration_caps import read_duration_cap
from services.portfolio.domain.reading.endings import spread_ends
from services.portfolio.domain.reading.entries import list_entries
from services.portfolio.domain.reading.esg import read_esg_floor, spread_esg
from services.portfolio.domain.reading.exchange import FIELD, list_pairs, read_rates
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.flow_tables import adopt_flows
from services.portfolio.domain.reading.income_needs import read_income_need, tell_basis
from services.portfolio.domain.reading.limits import scan_limits
from services.portfolio.domain.reading.locks import spread_locks
from services.portfolio.domain.reading.lots import read_lot_order
from services.portfolio.domain.reading.mandates import read_floor
from services.portfolio.domain.reading.maturities import spread_maturities
from services.portfolio.domain.reading.model import Reading, Row, Table
from services.portfolio.domain.reading.parts import drop_sums, name_pairs
from services.portfolio.domain.reading.periodicity import settle_periods
from services.portfolio.domain.reading.rates import settle_rates
from services.portfolio.domain.reading.risk_metrics import read_metrics
from services.portfolio.domain.reading.rivals import settle_rivals
from services.portfolio.domain.reading.rows import build_row
from services.portfolio.domain.reading.rowwise import read_beside
from services.portfolio.domain.reading.scanning import scan_field, scan_mapping, scan_table, states_valuation
from services.portfolio.domain.reading.schedules import list_needs, read_cash
from services.portfolio.domain.reading.settling import settle_days, settle_decimals
from services.portfolio.domain.reading.sides import settle_sides
from services.portfolio.domain.reading.tables import PAIR
from services.portfolio.domain.reading.taxes import read_taxes
from services.portfolio.domain.reading.tracks import find_open_flows, read_fall_limit, read_valuing
from services.portfolio.domain.readings import COLUMN, Entry
from services.portfolio.domain.reference import FieldSpec
from services.portfolio.domain.sections import Catalogue, Detected
from services.portfolio.domain.table_fields import TABLES

_RAW_FIELDS = frozenset({FIELD, "limits", "periods_per_year", "converter_output"})


def read(detected: Detected, catalogue: Catalogue, context: Context | None = None) -> Reading:
    """The payload's reading. Raises ``InputError`` for what no part of the section can be computed from."""
    feed = Feed(detected, catalogue, context or Context())
    for name in detected.fields:
        if name in TABLES:
            scan_table(feed, name)
        elif name not in _RAW_FIELDS:
            scan_field(feed, name)
    adopt_flows(feed)
    adopt_day(feed)
    detected = feed.detected
    rates = detected.get(FIELD)
    if rates is not None:
        scan_mapping(feed, FIELD, list_pairs(rates, detected.name_of(FIELD)), lambda _: FieldSpec("number"))
    cap = read_duration_cap(feed) if "fixed_income" in feed.tables else None  # where durations are computed
    fall = read_fall_limit(feed)
    limits, unread_limits, limit_fields = scan_limits(
        feed, cap[0] if cap is not None else None, fall[:2] if fall is not None else None
    )
    settle_decimals(feed)
    settle_rivals(feed)
    settle_costs(feed)
    settle_sides(feed)
    settle_days(feed)
    tell_days_ahead(feed, context.received if context is not None else None)
    for name in feed.tables:
        name_pairs(feed, name)
        drop_sums(feed, name)
    settle_rates(feed)
    settle_periods(feed)
    exchange, opened = read_rates(feed)
    fields = {name: column for (table, name), column in feed.columns.items() if not table}
    entries = (describe(column, feed.currency) for column in feed.columns.values())
    tables = {name: _build_table(feed, name) for name in feed.tables}
    spread_locks(feed, tables)
    spread_lending(feed, tables)
    read_beside(feed, tables)
    spread_ends(feed, tables)
    spread_maturities(feed, tables)
    esg_floor = read_esg_floor(feed)
    if esg_floor is not None:
        spread_esg(tables)
    return Reading(
        detected=detected,
        tables=tables,
        values={**feed.texts, **{name: _read_value(feed, column) for name, column in fields.items()}},
        open_fields={name: column.reason for name, column in fields.items() if column.reason is not None},
        entries=(*_tell_section(detected), *_tell_by_cells(feed), *(entry for entry in entries if entry is not None)),
        notes=feed.notes,
        currency=feed.currency,
        amounts_in=feed.currency if states_valuation(feed) else None,
        rates=exchange,
        open_rates=opened,
        needs=list_needs(feed),
        cash=read_cash(feed),
        entries_due=list_entries(feed),
        valuing=read_valuing(feed),
        open_flows=find_open_flows(feed),
        fall_limit=fall,
        credit=read_credit(feed),
        taxes=read_taxes(feed),
        lot_order=read_lot_order(feed),
        capacity=read_capacity(feed),
        rating_floor=read_floor(feed),
        income_need=read_income_need(feed),
        need_is_net=tell_basis(feed),
        stresses=read_stresses(feed),
        limits=limits,
        duration_cap=cap,
        metrics=read_metrics(feed),
        esg_floor=esg_floor,
        unread_limits=unread_limits,
        limit_fields=limit_fields,
        find_day=partial(read_day, feed),
    )


def _tell_by_cells(feed: Feed) -> Iterator[Entry]:
    """The columns that are known by what stands in them, whatever they are called."""
    for table in feed.tables.values():
        yield from (Entry(table.path_of(column), {"unit": column}, COLUMN) for column in table.by_cells)


def _tell_section(detected: Detected) -> tuple[Entry, ...]:
    """By which columns the section was known, where no field of the payload says so."""
    if not detected.shown_by:
        return ()
    table = next(name for alternatives in detected.section.required for name in alternatives if detected.get(name))
    read_as = {"unit": "table", "section": detected.section.name, "columns": ", ".join(detected.shown_by)}
    return (Entry(detected.name_of(table), read_as, COLUMN),)


def _list_completed(feed: Feed, field: str, sent: Set[str], rows: Sequence[Row]) -> frozenset[str]:
    """The columns that the gain gave, which are said to be so."""
    if "gain" not in sent:
        return frozenset()
    found = frozenset(name for name in ("market_value", "cost") if any(name in row.cells for row in rows)) - sent
    for name in sorted(found - ({"cost"} if "unit_cost" in sent else set())):
        told = (
            "value of a row is its cost and the gain"
            if name == "market_value"
            else "cost of a row is its value less the gain"
        )
        feed.note("by_gain", f"Where none was sent, the {told}.", field=field)
    return found


def _read_value(feed: Feed, column: Column) -> object:
    """A field's value. One that is of another kind than it should be is only missed where it can be done without."""
    try:
        return feed.value(column)
    except InputError as error:
        if feed.is_required(column.name):
            raise
        feed.leave_out(column, error.message)
        return None


def _build_table(feed: Feed, name: str) -> Table:
    raw = feed.tables[name]
    columns = {key[1]: column for key, column in feed.columns.items() if key[0] == name}
    resolved = {
        key: column.percents() if column.spec.kind in {"rate", "share", "return"} else column.values()
        for key, column in columns.items()
        if column.reason is None and column.spec.kind != "date"
    }
    rows: list[Row] = []
    seen_faults: list[str] = []
    sides = feed.sides.get(name, ())
    for index, source in enumerate(raw.rows):
        if index in feed.sums.get(name, ()):
            continue
        row = build_row(feed, name, source, index, columns, resolved)
        if (
            index < len(sides)
            and sides[index] == "losers"
            and (change := row.number("return")) is not None
            and change > 0
        ):
            cell = columns["return"].cells[index]
            signed = isinstance(source.cells.get("return", source.cells.get(PAIR)), str) and "+" in str(
                source.cells.get("return", source.cells.get(PAIR))
            )
            if not signed and isinstance(cell, Numeral):
                row = replace(row, cells={**row.cells, "return": -change})
        seen_faults.extend(row.faults.values())
        rows.append(row)
    if any(side == "losers" for side in sides):
        feed.note("losers", "Returns without a sign that stand under losers are read as losses.", field=raw.field)
    if seen_faults:
        shown = "; ".join(seen_faults[:5]) + (f" and {len(seen_faults) - 5} more" if len(seen_faults) > 5 else "")
        feed.note("bad_cells", f"Cells that could not be read: {shown}.", field=raw.field, warning=True)
    if raw.unknown:
        feed.note("unknown_columns", f"Columns not used: {', '.join(raw.unknown[:20])}.", field=raw.field)
    for written, columns_meant in raw.doubtful:
        told = f"“{written}” may be {' or '.join(columns_meant)}, and nothing in the table says which; it is not used."
        feed.note("doubtful_column", told, field=raw.field, warning=True)
    return Table(
        raw.field,
        tuple(rows),
        frozenset(columns) | _list_completed(feed, raw.field, frozenset(columns), rows),
        raw.unknown,
        {key: column.reason for key, column in columns.items() if column.reason is not None},
        {key: column.unit for key, column in columns.items() if column.unit and column.bare()},
        feed.totals.get(name),
    )
