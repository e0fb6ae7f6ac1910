"""A payload on its way through the reading stage: what was sent, the columns of it, and what is known beside it."""

from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.formats import find_home_currency
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import MINOR_UNITS, Unit
from services.portfolio.domain.numbers import POINT, Numeral
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.conventions import (
    Context,
    Conventions,
    find_locale_decimal,
    find_locale_order,
    read_conventions,
)
from services.portfolio.domain.reading.tables import RawTable, Tabulator
from services.portfolio.domain.reference import FieldSpec, Reference
from services.portfolio.domain.sections import Catalogue, Detected

WHOLE_FIELDS = ("total_portfolio_mv", "Market Value", "total", "Portfolio Market Value")


AMOUNTS = frozenset({"money", "cash", "gain"})


class Feed:
    """One payload's tables and fields as columns, which each step of the stage settles further."""

    def __init__(self, detected: Detected, catalogue: Catalogue, context: Context) -> None:
        self.detected = detected
        self.catalogue = catalogue
        self.reference: Reference = catalogue.reference
        self.request: Conventions = context.request.overridden_by(read_conventions(detected.conventions))
        self.tenant: Conventions = context.tenant
        self.locale = context.locale
        self.home_currency = find_home_currency(context.locale) if context.locale else None
        self.locale_decimal = find_locale_decimal(context.locale) if context.locale else ""
        self.locale_order = find_locale_order(context.locale) if context.locale else ""
        self.notes: list[tuple[str, str, bool, str | None]] = []
        self.tables: dict[str, RawTable] = {}
        self.columns: dict[tuple[str, str], Column] = {}
        """Columns by table and name; fields of the payload are columns of one cell, of the table without a name."""
        self.texts: dict[str, str] = {}
        self.sides: dict[str, tuple[str, ...]] = {}
        self.sums: dict[str, frozenset[int]] = {}
        self.totals: dict[str, Money] = {}
        self.stated = self._read_units()
        """What the payload says that all of its amounts are in."""
        self.relative: set[tuple[str, int]] = set()
        """Rows, by table, whose band is a part of the model weight and no distance from it."""
        self.nominal: set[str] = set()
        """Tables of positions whose quantities are called nominal: units of shares, but the face of bonds."""
        self.in_base: set[tuple[str, str]] = set()
        """Columns of amounts, by table, that their names say to be in the base currency."""
        self.open_flows: tuple[str, str] | None = None
        """A field that may be of payments into or out of a track, and why this cannot be told."""
        self.currency = self._find_currency("Currency", "Base Currency")
        self.tabulator = Tabulator(catalogue, self.currency, detected.section.columns)

    def _read_units(self) -> Header:
        """Scale and currency of all amounts, where a field of the payload states them in words that are understood."""
        if self.detected.units is None:
            return Header("")
        field, raw = self.detected.units
        if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            scale = Decimal(raw)
            if scale > 0 and scale == Decimal(1).scaleb(scale.adjusted()):
                return Header("", scale=scale)
        elif isinstance(raw, str):
            header = read_header(raw)
            plain = header.base.lower() in {"", "one", "ones", "units", "unit", "absolute"}
            if plain and not header.unit and not header.a_year:
                return header
        raise InputError(field, raw, "a scale or a currency is needed, such as 'lakh', 'EUR' or 'USD thousands'")

    def _find_currency(self, *names: str) -> str | None:
        """The currency that the payload or its conventions name, a minor unit made whole."""
        for name in names:
            raw = self.detected.get(name)
            text = " ".join(raw.split()) if isinstance(raw, str) else raw
            if text in (None, ""):
                continue
            if isinstance(text, str) and text in self.reference.minor_units:
                return self.reference.minor_units[text]
            code = text.upper() if isinstance(text, str) else ""
            if len(code) != 3 or not code.isalpha() or not code.isascii():
                raise InputError(self.detected.name_of(name), raw, "an ISO 4217 currency code is needed")
            return code
        return self.request.base_currency or self.stated.currency or self.tenant.base_currency or None

    def make_header(self, spec: FieldSpec, *headers: Header) -> Header:
        """What is said of a column, nearest first: by its name, its table's, and of the payload's amounts."""
        said = headers[0]
        for header in (*headers[1:], *([self.stated] if spec.kind in AMOUNTS else [])):
            said = said.over(header)
        return said

    def value(self, column: Column) -> object:
        """A field's value as it was settled."""
        if column.reason is not None or 0 not in column.cells:
            return None
        kind = column.spec.kind
        if kind == "date":
            return column.cells[0].under(column.order or "")
        cell = column.cells[0]
        if not isinstance(cell, Numeral):
            return None
        value = cell.under(column.decimal or POINT)
        if value is None:
            return None
        is_rate = cell.unit in {Unit.PERCENT, Unit.BASIS_POINTS, Unit.POINTS}
        if kind in {"rate", "named_share", "share", "return"}:
            if cell.unit in {Unit.MONEY, Unit.MULTIPLE}:
                raise InputError(column.path, self.detected.get(column.name), "a percentage is needed")
            return column.percents()[0]
        if kind in {"cash", "gain"} and (is_rate or column.unit):
            return column.percents()[0]
        if kind in {"money", "cash", "gain"}:
            if cell.unit not in {Unit.NUMBER, Unit.MONEY}:
                raise InputError(
                    column.path,
                    self.detected.get(column.name),
                    "an amount of money is needed, not a percentage or ratio",
                )
            return self.make_money(cell, value, column.header, None)
        if cell.unit is not Unit.NUMBER:
            raise InputError(column.path, self.detected.get(column.name), "a plain number is needed")
        return value

    def is_required(self, name: str) -> bool:
        """Whether a section cannot do without a field."""
        return any(name in alternatives for alternatives in self.detected.section.required)

    def leave_out(self, column: Column, fault: str) -> None:
        """Miss a field that cannot be read, and say so; the figures that need it are absent."""
        column.reason = MissingInputError(fault)
        self.note("bad_field", f"{fault}.", field=column.path, warning=True)

    def is_small_cash(self, value: Decimal) -> bool:
        """Whether a bare cash figure is a share: as an amount it would be nothing beside the portfolio."""
        whole = self.find_whole()
        return whole is not None and 0 < value <= 100 and value * 1000 < whole.value

    def make_money(self, cell: Numeral, value: Decimal, header: Header, own: str | None) -> Money:
        """An amount with its scale and currency: a mark before the header's."""
        if cell.unit is not Unit.MONEY and not cell.scaled:
            scale = header.scale or self.request.scale or self.tenant.scale
            value = value * scale if scale is not None else value
        currency = cell.currency or header.currency
        if cell.sign is not None and (shared := self.reference.shared_signs.get(cell.sign)) is not None:
            currency = next((code for code in (own, self.currency, self.home_currency) if code in shared), currency)
        if currency in MINOR_UNITS:
            return Money(value / 100, MINOR_UNITS[currency])
        return Money(value, currency)

    def find_whole(self) -> Money | None:
        """The payload's stated whole."""
        for name in WHOLE_FIELDS:
            column = self.columns.get(("", name))
            if column is not None and column.reason is None:
                value = self.value(column)
                if isinstance(value, Money):
                    return value
        return None

    def is_whole(self, amount: Decimal) -> bool:
        whole = self.find_whole()
        return (
            whole is not None and abs(whole.value - amount) <= whole.value * self.catalogue.limits.total_tolerance / 100
        )

    def note(self, code: str, message: str, *, field: str | None = None, warning: bool = False) -> None:
        self.notes.append((code, message, warning, field))
