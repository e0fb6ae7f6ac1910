"""One row of a table as it was read: cells typed by their columns, quotes in minor units made whole."""

from collections.abc import Mapping
from decimal import Decimal

from services.portfolio.domain.headers import PERCENT
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import MINOR_UNITS, Unit
from services.portfolio.domain.numbers import Numeral, says_missing
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import NOMINAL, PER_FACE, RELATIVE, Row
from services.portfolio.domain.reading.tables import RawRow
from services.portfolio.domain.reference import match_words

_MOST_TEXT = 200
_AMOUNTS = ("market_value", "cost", "income", "face_value")


def build_row(
    feed: Feed,
    table: str,
    source: RawRow,
    index: int,
    columns: Mapping[str, Column],
    resolved: Mapping[str, Mapping[int, Decimal]],
) -> Row:
    """The typed row; what cannot be used of it is among its faults, and nothing else is lost."""
    cells: dict[str, object] = {}
    faults: dict[str, str] = {}
    written, minor = _read_currency(feed, source)
    nominal = columns.get("quantity") if table in feed.nominal else None
    for name, column in columns.items():
        if index in column.faults:
            if (kind := _find_kind(feed, name, source)) is not None:
                cells[f"{name}_kind"] = kind
            else:
                faults[name] = column.faults[index]
            continue
        kind = column.spec.kind
        if kind == "text":
            _add_text(name, source, cells, faults)
        elif column.reason is None and (cell := column.cells.get(index)) is not None:
            if kind == "date":
                cells[name] = cell.under(column.order or "")
            elif isinstance(cell, Numeral):
                value = resolved[name].get(index)
                _add_number(
                    feed, column, cell, value, written, cells, faults, f"{source.path}.{name}",
                    is_nominal=nominal is not None and name == "quantity",
                )  # fmt: skip
    if (table, index) in feed.relative:
        cells["band_kind"] = RELATIVE
    if nominal is not None:
        _settle_nominal(cells, nominal, index)
    if minor is not None and written is not None:
        _settle_minor(source, columns, cells, faults, written, minor)
    if "gain" in cells:
        _complete_by_gain(cells)
    figures = (name for name, column in columns.items() if column.spec.kind != "text")
    missing = any(says_missing(source.cells.get(name)) for name in figures)
    return Row(source.path, cells, written, faults, source.extra, says_missing=missing)


def _complete_by_gain(cells: dict[str, object]) -> None:
    """Value less cost is the unrealised gain: the one of the three that a row does not state."""
    gain, value, cost = cells["gain"], cells.get("market_value"), cells.get("cost")
    unit, quantity = cells.get("unit_cost"), cells.get("quantity")
    if cost is None and isinstance(unit, Money) and isinstance(quantity, Decimal):
        cost = Money(unit.value * quantity, unit.currency)
    if not isinstance(gain, Money):
        return
    if value is None and "price" not in cells and isinstance(cost, Money) and cost.currency == gain.currency:
        cells["market_value"], cells["cost"] = Money(cost.value + gain.value, gain.currency), cost
    elif cost is None and isinstance(value, Money) and value.currency == gain.currency:
        cells["cost"] = Money(value.value - gain.value, gain.currency)


def _find_kind(feed: Feed, name: str, source: RawRow) -> str | None:
    """What a cell says of a bond instead of a day or a rate: that it is perpetual, or that its coupon floats."""
    raw = source.cells.get(name)
    words = f" {match_words(raw)} " if isinstance(raw, str) else ""
    if name == "maturity" and words.strip() in feed.reference.perpetual:
        return "perpetual"
    if name == "coupon" and any(f" {word} " in words for word in feed.reference.floating):
        return "floating"
    return None


def _read_currency(feed: Feed, source: RawRow) -> tuple[str | None, str | None]:
    """The row's currency, and its minor unit where quotes are in that."""
    raw = source.cells.get("currency")
    text = raw.strip() if isinstance(raw, str) else ""
    text = text if any(character.isalpha() for character in text) else ""  # "%" says how a bond is quoted
    minor_units = feed.reference.minor_units
    if text in minor_units:
        parent = minor_units[text]
        return parent, next(
            code for code, whole in MINOR_UNITS.items() if whole == parent
        ) if parent in MINOR_UNITS.values() else None
    symbol = source.cells.get("symbol")
    market = feed.reference.find_market_currency(symbol.strip() if isinstance(symbol, str) else None)
    if not text:
        return (MINOR_UNITS[market], market) if market in MINOR_UNITS else (market, None)
    return text.upper(), None


def _add_text(name: str, source: RawRow, cells: dict[str, object], faults: dict[str, str]) -> None:
    raw = source.cells.get(name)
    if raw is None:
        return
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        faults[name] = f"{source.path}.{name}: text is needed"
        return
    text = " ".join(str(raw).split())
    if len(text) > _MOST_TEXT:
        faults[name] = f"{source.path}.{name}: longer than {_MOST_TEXT} characters"
        text = text[:_MOST_TEXT]
    if text.strip("-–—"):  # dashes stand for nothing, in a column of names as elsewhere
        cells[name] = text


def _add_number(
    feed: Feed,
    column: Column,
    cell: Numeral,
    value: Decimal | None,
    own: str | None,
    cells: dict[str, object],
    faults: dict[str, str],
    path: str,
    *,
    is_nominal: bool,
) -> None:
    if value is None:
        return
    kind = column.spec.kind
    if kind == "price" and _is_per_face(cell, column):
        cells[column.name], cells[f"{column.name}_kind"] = Money(value, None), PER_FACE
    elif kind in {"rate", "share", "return"}:
        if cell.unit in {Unit.MONEY, Unit.MULTIPLE}:
            faults[column.name] = f"{path}: a percentage is needed"
        else:
            cells[column.name] = value
    elif kind in {"money", "price"}:
        if cell.unit not in {Unit.NUMBER, Unit.MONEY}:
            faults[column.name] = f"{path}: an amount of money is needed, not a percentage or ratio"
        elif kind == "money":
            cells[column.name] = feed.make_money(cell, value, column.header, own)
        else:
            cells[column.name] = _make_price(cell, value, column, own)
    elif cell.unit is not Unit.NUMBER and not (is_nominal and cell.unit is Unit.MONEY):
        faults[column.name] = f"{path}: a plain number is needed"
    else:
        cells[column.name] = value


def _is_per_face(cell: Numeral, column: Column) -> bool:
    """Whether a bond's price says that it is per 100 of face: in percent, or in 32nds."""
    return cell.unit is Unit.PERCENT or (cell.unit is Unit.NUMBER and column.header.unit == PERCENT)


def _settle_nominal(cells: dict[str, object], column: Column, index: int) -> None:
    """Say that a quantity is a nominal, whose currency is that of a price without one."""
    cell, price = column.cells.get(index), cells.get("price")
    if not isinstance(cell, Numeral):
        return
    cells["quantity_kind"] = NOMINAL
    if isinstance(price, Money) and price.currency is None:
        cells["price"] = Money(price.value, cell.currency or column.header.currency)


def _make_price(cell: Numeral, value: Decimal, column: Column, own: str | None) -> Money:
    """A price; scales of amounts do not touch it."""
    currency = cell.currency or column.header.currency
    if currency in MINOR_UNITS:
        return Money(value / 100, MINOR_UNITS[currency])
    return Money(value, currency if cell.sign is None or own is None else own)


def _settle_minor(
    source: RawRow,
    columns: Mapping[str, Column],
    cells: dict[str, object],
    faults: dict[str, str],
    currency: str,
    minor: str,
) -> None:
    """Quotes in a hundredth of a currency: the price is; an amount is where quantity times price says so."""
    price, quantity = cells.get("price"), cells.get("quantity")
    quoted = price.value if isinstance(price, Money) and price.currency is None else None
    if quoted is not None:
        cells["price"] = Money(quoted / 100, currency)
    if isinstance(paid := cells.get("unit_cost"), Money) and paid.currency is None:
        cells["unit_cost"] = Money(paid.value / 100, currency)
    factor: Decimal | None = None
    value = cells.get("market_value")
    if isinstance(value, Money) and isinstance(price, Money) and isinstance(quantity, Decimal):
        product = quantity * (quoted if quoted is not None else price.value * 100)
        for divisor in (Decimal(1), Decimal(100)):
            if product and abs(product / divisor - value.value) <= abs(value.value) / 100:
                factor = 100 / divisor
    for name in _AMOUNTS:
        amount = cells.get(name)
        column = columns.get(name)
        if not isinstance(amount, Money) or amount.currency is not None or column is None:
            continue
        if factor is None:
            faults[name] = (
                f"{source.path}.{name}: it could be in {minor} or in {currency}, and no quantity and price say which"
            )
            del cells[name]
        else:
            cells[name] = Money(amount.value / factor, currency)
