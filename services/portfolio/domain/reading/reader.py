"""The reading stage: payload in, ``Reading`` out. Every choice of a unit, an order or a currency is taken here."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.errors import BoundError, InputError, MissingInputError
from services.portfolio.domain.numbers import (
    COMMA,
    MINOR_UNITS,
    POINT,
    NamedShare,
    Numeral,
    Unit,
    parse_named_share,
    scan_number,
)
from services.portfolio.domain.reading.columns import (
    FRACTION,
    PERCENT,
    Column,
    Header,
    Hints,
    day_alternatives,
    describe,
    fit_sum,
    settle_decimal,
    settle_rate,
    vote,
)
from services.portfolio.domain.reading.conventions import (
    Context,
    find_locale_decimal,
    find_locale_order,
    read_conventions,
)
from services.portfolio.domain.reading.dates import Day, end_fiscal_quarter, find_order
from services.portfolio.domain.reading.model import Money, Reading, Row, Table
from services.portfolio.domain.reading.movers import find_side, read_prose
from services.portfolio.domain.reading.rows import build_row
from services.portfolio.domain.reading.tables import PAIR, RawTable, Tabulator, join_tables, parse_json, read_points
from services.portfolio.domain.reading.totals import Line, find_sums, is_own
from services.portfolio.domain.readings import (
    AMBIGUOUS,
    COLUMN,
    CONVENTION,
    LOCALE,
    RANGE,
    SIBLING,
    SUM,
    TENANT,
    Alternative,
    Entry,
)
from services.portfolio.domain.reference import FieldSpec, Reference
from services.portfolio.domain.sections import Catalogue, Detected, match_form

POSITIONS, SHARES, INCOME, BONDS, POINTS, FLOWS, MOVERS = (
    "positions", "shares", "income", "bonds", "points", "flows", "movers",
)  # fmt: skip
TABLES: Mapping[str, str] = {
    "holdings": POSITIONS, "holdings_csv": POSITIONS, "concentration": POSITIONS, "Holdings": POSITIONS,
    "assets": POSITIONS, "income": INCOME, "fixed_income": BONDS, "series": POINTS, "returns": POINTS,
    "benchmark": POINTS, "flows": FLOWS, "top_movers_data": MOVERS, "Asset Allocation": SHARES,
    "Sector Allocation": SHARES, "Currency Allocation": SHARES, "Region Allocation": SHARES,
}  # fmt: skip
"""The fields that hold tables, and what their rows are."""
WHOLE_FIELDS = ("total_portfolio_mv", "Market Value", "total", "Portfolio Market Value")
_RAW_FIELDS = frozenset({"Fx Rates", "limits", "periods_per_year", "converter_output"})
_TEXT = FieldSpec("text")
_LIMIT = FieldSpec("rate", "shares", {"any": (Decimal("0.99"), Decimal(100))})
_FEE_LIMIT = FieldSpec("rate", None, {"any": (Decimal("0.05"), Decimal(5))})
_MOST_TEXT = 200
_SMALL_PAIR = Decimal(200)
_MOST_RISK = 1.2
"""A year's volatility that no portfolio has: Bitcoin alone stayed below it since 2015."""


class Reader:
    """Reads one payload. Use ``read``."""

    def __init__(self, detected: Detected, catalogue: Catalogue, context: Context) -> None:
        self._detected = detected
        self._catalogue = catalogue
        self._reference: Reference = catalogue.reference
        stated = read_conventions(detected.conventions)
        self._request = context.request.overridden_by(stated)
        self._tenant = context.tenant
        self._locale_decimal = find_locale_decimal(context.locale) if context.locale else ""
        self._locale_order = find_locale_order(context.locale) if context.locale else ""
        self._locale = context.locale
        self._notes: list[tuple[str, str, bool, str | None]] = []
        self._tables: dict[str, RawTable] = {}
        self._columns: dict[tuple[str, str], Column] = {}
        self._open: dict[tuple[str, str], MissingInputError] = {}
        self._texts: dict[str, str] = {}
        self._sides: dict[str, tuple[str, ...]] = {}
        self._sums: dict[str, frozenset[int]] = {}
        self._totals: dict[str, Money] = {}
        self._extra: list[Entry] = []
        self.currency, self._minor = self._read_currency("Currency", "Base Currency")

    def read(self) -> Reading:
        """The payload's reading. Raises ``InputError`` for what no part of the section can be computed from."""
        self._tabulator = Tabulator(self._catalogue, self.currency)
        for name in self._detected.fields:
            if name in TABLES:
                self._scan_table(name)
            elif name not in _RAW_FIELDS:
                self._scan_field(name)
        self._scan_mapping("Fx Rates", lambda _: FieldSpec("number"))
        self._scan_mapping("limits", lambda name: _FEE_LIMIT if match_form(name) == "fee" else _LIMIT)
        self._settle_decimals()
        self._settle_days()
        for name in self._tables:
            self._name_pairs(name)
            self._drop_sums(name)
        self._settle_rates()
        rates = self._read_rates()
        tables = {name: self._build_table(name) for name in self._tables}
        values = {column: self._value(field) for (table, column), field in self._columns.items() if not table}
        entries = [entry for column in self._columns.values() if (entry := describe(column, self.currency)) is not None]
        return Reading(
            detected=self._detected,
            tables=tables,
            values={**self._texts, **values},
            open_fields={
                column: field.reason
                for (table, column), field in self._columns.items()
                if not table and field.reason is not None
            },
            entries=(*entries, *self._extra),
            notes=self._notes,
            currency=self.currency,
            amounts_in=self.currency if self._states_valuation() else None,
            rates=rates,
        )

    # Scanning

    def _read_currency(self, *names: str) -> tuple[str | None, str | None]:
        """The currency that the payload or its conventions name, and its minor unit where that was named."""
        for name in names:
            raw = self._detected.get(name)
            text = " ".join(raw.split()) if isinstance(raw, str) else raw
            if text in (None, ""):
                continue
            if isinstance(text, str) and text in self._reference.minor_units:
                parent = self._reference.minor_units[text]
                return parent, next(code for code, whole in MINOR_UNITS.items() if whole == parent)
            code = text.upper() if isinstance(text, str) else ""
            if len(code) != 3 or not code.isalpha() or not code.isascii():
                raise InputError(self._detected.name_of(name), raw, "an ISO 4217 currency code is needed")
            return code, None
        return (self._request.base_currency or self._tenant.base_currency or None), None

    def _states_valuation(self) -> bool:
        """Whether the payload says that its amounts are all in one currency, whatever instruments they are of."""
        return "valuation" in match_form(self._detected.name_of("Currency"))

    def _scan_table(self, name: str) -> None:
        raw, field, shape = self._detected.get(name), self._detected.name_of(name), TABLES[name]
        if raw is None:
            return
        if shape in (POINTS, FLOWS):
            limit = self._catalogue.limits.max_points
            if isinstance(raw, list) and len(raw) > limit:
                raise BoundError(field, None, f"{len(raw)} points, more than {limit}")
            table = read_points(raw, field, self._tabulator.read)
            if len(table.rows) > limit:
                raise BoundError(field, None, f"{len(table.rows)} points, more than {limit}")
        elif shape == MOVERS:
            table = self._read_movers(raw, name, field)
        elif shape == SHARES:
            table = self._read_shares(raw, field)
        else:
            table = self._tabulator.read(raw, field)
        self._tables[name] = table
        columns = self._columns
        for index, row in enumerate(table.rows):
            for column, cell in row.cells.items():
                key = (name, column)
                if (found := columns.get(key)) is None:
                    found = columns[key] = Column(
                        column,
                        table.path_of(column),
                        self._spec_of(shape, column),
                        table.headers.get(column, Header(column)),
                    )
                if found.spec.kind != "text":
                    found.add(index, cell, f"{row.path}.{column}" if column != PAIR else row.path)

    def _spec_of(self, shape: str, column: str) -> FieldSpec:
        if column == PAIR:
            if shape == MOVERS:
                return self._reference.columns["return"]
            return FieldSpec("money")
        if shape == POINTS and column == "return":
            return FieldSpec("return", "returns")
        return self._reference.columns.get(column, _TEXT)

    def _read_shares(self, raw: object, field: str) -> RawTable:
        """An allocation: pairs, rows, or words such as ``Equity 65%, Debt 35%``."""
        parts: list[str] | None = None
        if isinstance(raw, str) and not raw.lstrip().startswith(("[", "{")) and "\n" not in raw:
            parts = [part for part in raw.replace(";", ",").split(",") if part.strip()]
        elif isinstance(raw, list) and raw and all(isinstance(item, str) for item in raw):
            parts = list(raw)
        if parts is None:
            return self._tabulator.read(raw, field)
        shares = [parse_named_share(part, field) for part in parts]
        return self._tabulator.read({item.name: f"{item.share}%" for item in shares if item.share is not None}, field)

    def _read_movers(self, raw: object, name: str, field: str) -> RawTable:
        if isinstance(raw, str) and raw.lstrip("\ufeff \r\n\t").startswith(("[", "{")):
            self._tabulator.check_text(raw, field)
            raw = parse_json(raw.lstrip("\ufeff \r\n\t"), field)
        if isinstance(raw, str) and not self._tabulator.is_csv(raw):
            self._tabulator.check_text(raw, field)
            prose = read_prose(raw, field)
            if prose.lost:
                shown = "; ".join(f"'{part[:80]}'" for part in prose.lost[:5])
                self._note("not_understood", f"Not understood and not counted: {shown}.", field=field, warning=True)
            if not prose.table.rows:
                raise InputError(field, raw, "no line with a name and a percentage was found")
            if len(prose.table.rows) > self._catalogue.limits.max_rows:
                raise BoundError(field, None, f"more than {self._catalogue.limits.max_rows} lines")
            self._sides[name] = prose.side
            return prose.table
        lists = (
            {str(key): value for key, value in raw.items() if isinstance(value, list)}
            if isinstance(raw, Mapping)
            else {}
        )
        if isinstance(raw, Mapping) and lists and len(lists) == len(raw):
            tables = {key: self._tabulator.read(value, f"{field}.{key}") for key, value in lists.items()}
            self._sides[name] = tuple(find_side(key) for key, table in tables.items() for _ in table.rows)
            return join_tables(tables.values(), field)
        return self._tabulator.read(raw, field)

    def _scan_field(self, name: str) -> None:
        spec, raw, field = (
            self._reference.fields.get(name, _TEXT),
            self._detected.get(name),
            self._detected.name_of(name),
        )
        if spec.kind == "text":
            if (text := read_text(raw, field)) is not None:
                self._texts[name] = text
            return
        column = Column(name, field, spec, Header(name))
        if spec.kind == "named_share":
            self._scan_named(column, raw)
        else:
            column.add(0, raw, field)
        if column.faults:
            raise InputError(field, raw, column.faults[0].split(": ", 1)[-1].rsplit(" (got ", 1)[0])
        self._columns["", name] = column

    def _scan_named(self, column: Column, raw: object) -> None:
        """``Equity (65%)``: the name is text, the share a rate."""
        share = split_named_share(raw, column.path)
        self._texts[f"{column.name}.name"] = share[0]
        if share[1] is not None:
            column.cells[0] = share[1]

    def _scan_mapping(self, name: str, spec: Callable[[str], FieldSpec]) -> None:
        raw, field = self._detected.get(name), self._detected.name_of(name)
        if raw is None:
            return
        if not isinstance(raw, Mapping):
            raise InputError(
                field,
                raw,
                "an object is needed, such as {'USD': 83.2}"
                if name == "Fx Rates"
                else "an object is needed, such as {'single_name': 10}",
            )
        for key, value in raw.items():
            column = Column(f"{name}.{key}", f"{field}.{key}", spec(str(key)), Header(str(key)))
            column.add(0, value, f"{field}.{key}")
            if column.faults:
                raise InputError(f"{field}.{key}", value, "a number is needed")
            self._columns["", f"{name}.{key}"] = column

    # Decimal signs

    def _settle_decimals(self) -> None:
        numeric = [column for column in self._columns.values() if column.spec.kind != "date" and column.cells]
        own = {id(column): column.find_contrary() for column in numeric}
        feed = vote(
            POINT if point and not comma else COMMA if comma and not point else "" for point, comma in own.values()
        )
        product = "" if feed else self._find_product_decimal()
        for column in numeric:
            settle_decimal(
                column,
                convention=self._request.decimals,
                sibling=feed or product,
                computed=self._plausible_decimal(column),
                locale=self._locale_decimal,
                tenant=self._tenant.decimals,
            )

    def _find_product_decimal(self) -> str:
        """The decimal sign under which quantity times price is the market value, where only one does."""
        fitting = set()
        for name in self._tables:
            parts = [self._columns.get((name, column)) for column in ("quantity", "price", "market_value")]
            if any(part is None for part in parts):
                continue
            quantity, price, value = (part for part in parts if part is not None)
            for sign in (POINT, COMMA):
                tried = met = 0
                for row in quantity.cells.keys() & price.cells.keys() & value.cells.keys():
                    cells = [part.cells[row] for part in (quantity, price, value)]
                    numbers = [cell.under(sign) for cell in cells if isinstance(cell, Numeral)]
                    if len(numbers) < 3 or None in numbers:
                        continue
                    first, second, third = (number or Decimal(0) for number in numbers)
                    tried += 1
                    met += any(abs(first * second / factor - third) <= abs(third) / 100 for factor in (1, 100))
                if tried and met > tried * 0.8:
                    fitting.add(sign)
        return vote(fitting)

    def _plausible_decimal(self, column: Column) -> Callable[[str], bool] | None:
        """Whether a sign makes an amount's column a plausible total, or a rate's plausible rates."""
        if column.spec.kind in {"money", "cash"} and not any(cell.scaled for cell in column.numerals):
            least = self._least_total()
            if self._request.money_scale or column.header.scale:
                return None
            return lambda sign: (
                sum((abs(cell.under(sign) or Decimal(0)) for cell in column.numerals), Decimal(0)) >= least
            )
        if column.spec.kind in {"rate", "share"} and (
            bounds := column.spec.find_range(self.currency) or (Decimal(-200), Decimal(200))
        ):
            return lambda sign: all(abs(cell.under(sign) or Decimal(0)) <= bounds[1] for cell in column.numerals)
        return None

    def _least_total(self) -> Decimal:
        currency = self._reference.currencies.get(self.currency or "")
        rates = [item.per_usd for item in self._reference.currencies.values() if item.per_usd is not None]
        per_usd = currency.per_usd if currency is not None and currency.per_usd is not None else min(rates)
        return self._reference.least_total_usd * per_usd

    # Days

    def _settle_days(self) -> None:
        dated = [column for column in self._columns.values() if column.spec.kind == "date"]
        found = {id(column): find_order(column.days) for column in dated}
        loose = [column for column in dated if any(day.options is not None for day in column.days)]
        feed = vote(next(iter(found[id(column)][0])) if len(found[id(column)][0]) == 1 else "" for column in loose)
        for column in loose:
            orders, misfits = found[id(column)]
            self._settle_order(column, orders, misfits, feed)
        start, why = self._find_fiscal_start()
        for column in dated:
            for row, day in list(column.cells.items()):
                if not isinstance(day, Day) or day.fiscal is None:
                    continue
                quarter, year = day.fiscal
                if start:
                    column.cells[row] = Day(end_fiscal_quarter(quarter, year, start))
                    column.why = why
                else:
                    column.leave_open(
                        [
                            Alternative(
                                {
                                    "value": end_fiscal_quarter(quarter, year, month).isoformat(),
                                    "fiscal_year_start": str(month),
                                },
                                RANGE,
                            )
                            for month in (1, 4)
                        ],
                        "nothing says when the fiscal year begins",
                    )

    def _settle_order(self, column: Column, orders: set[str], misfits: int, feed: str) -> None:
        if misfits > len(column.days) / 10:
            column.leave_open(
                day_alternatives(column, dict.fromkeys(sorted(orders), COLUMN)), "its cells have no one order"
            )
            return
        if len(orders) == 1:
            order, why = next(iter(orders)), COLUMN
            if self._request.dates and self._request.dates != order:
                column.leave_open(
                    day_alternatives(column, {order: COLUMN, self._request.dates: CONVENTION}),
                    "the column contradicts the convention",
                )
                return
        else:
            choices = (
                (self._request.dates, CONVENTION),
                (feed, SIBLING),
                (self._locale_order, LOCALE),
                (self._tenant.dates, TENANT),
            )
            order, why = next(((choice, why) for choice, why in choices if choice in orders), ("", ""))
            if not order:
                column.leave_open(
                    day_alternatives(column, dict.fromkeys(sorted(orders), RANGE)), "nothing tells day from month"
                )
                return
        column.order, column.why = order, why
        for row, day in list(column.cells.items()):
            if getattr(day, "options", None) is not None and day.under(order) is None:
                column.faults[row] = f"{column.path}: no day in the order {order} of its column"
                del column.cells[row]

    def _find_fiscal_start(self) -> tuple[int, str]:
        """The first month of the fiscal year, and why: Indian companies' and funds' begins in April by law."""
        if self._request.fiscal_year_start:
            return self._request.fiscal_year_start, CONVENTION
        if self.currency == "INR":
            return 4, SIBLING
        if self._locale.endswith("_IN"):
            return 4, LOCALE
        return (self._tenant.fiscal_year_start, TENANT) if self._tenant.fiscal_year_start else (0, "")

    # Pairs and sums

    def _name_pairs(self, name: str) -> None:
        """Say what the values beside names are: shares or amounts, values or returns."""
        column = self._columns.pop((name, PAIR), None)
        if column is None:
            return
        shape, target = TABLES[name], "market_value"
        if shape == MOVERS:
            target = "return"
        elif shape == INCOME:
            target = "income"
        elif shape == POINTS and self._is_returns(name):
            target = "return"
        elif shape in {POSITIONS, SHARES}:
            target = "weight" if self._is_share(name, column) else "market_value"
        if (name, target) in self._columns:
            column.name = PAIR
        spec = (
            FieldSpec("return", "returns")
            if target == "return" and shape == POINTS
            else self._reference.columns[target]
        )
        column.name, column.spec = target, spec
        self._columns[name, target] = column

    def _is_returns(self, name: str) -> bool:
        if name == "returns":
            return True
        if name == "series":
            return False
        if (name, "return") in self._columns:
            return True
        return name == "benchmark" and "series" not in self._tables

    def _is_share(self, name: str, column: Column) -> bool:
        """Whether bare values beside names are shares: by their marks, by their sum, or by the sum of the whole."""
        units = Counter(cell.unit for cell in column.numerals)
        marked = sum(count for unit, count in units.items() if unit in {Unit.PERCENT, Unit.BASIS_POINTS})
        if marked:
            return marked * 2 >= len(column.numerals)
        if units[Unit.MONEY] or any(cell.scaled for cell in column.numerals):
            return False
        total = sum(column.values().values(), Decimal(0))
        tolerance = self._catalogue.limits.total_tolerance
        whole = self._find_whole()
        if whole is not None and whole.value > _SMALL_PAIR:
            return total <= _SMALL_PAIR and self._find_scale(total, whole.value) is None
        if TABLES[name] == SHARES:
            return total <= _SMALL_PAIR
        return abs(total - 100) <= tolerance or abs(total - 1) <= tolerance / 100

    def _find_scale(self, total: Decimal, whole: Decimal) -> Decimal | None:
        """The scale in which amounts sum to a stated whole, where they are no shares."""
        if abs(total - 100) <= Decimal("1.5") or abs(total - 1) <= Decimal("0.015"):
            return None
        for scale in (Decimal(1), Decimal(1000), Decimal(100_000), Decimal(1_000_000), Decimal(10_000_000)):
            if abs(total * scale - whole) <= whole / 2000:
                return scale
        return None

    def _find_whole(self) -> Money | None:
        """The payload's stated whole."""
        for name in WHOLE_FIELDS:
            column = self._columns.get(("", name))
            if column is not None and column.reason is None:
                value = self._value(column)
                if isinstance(value, Money):
                    return value
        return None

    def _is_whole(self, amount: Decimal) -> bool:
        whole = self._find_whole()
        return (
            whole is not None
            and abs(whole.value - amount) <= whole.value * self._catalogue.limits.total_tolerance / 100
        )

    def _drop_sums(self, name: str) -> None:
        """Leave out the rows that are sums of others, and say so."""
        table, shape = self._tables[name], TABLES[name]
        if shape in {POINTS, FLOWS} or len(table.rows) < 2:
            return
        column = next(
            (
                found
                for key in ("market_value", "weight", "income", "face_value", "return")
                if (found := self._columns.get((name, key))) is not None and found.cells
            ),
            None,
        )
        if column is None:
            return
        values = column.values()
        lines = []
        for index, row in enumerate(table.rows):
            filled = [
                key
                for key, cell in row.cells.items()
                if cell not in (None, "") and not (isinstance(cell, str) and cell.strip() in {"", "-"})
            ]
            lines.append(Line(row.path, str(row.cells.get("name") or "").strip(), values.get(index), is_own(filled)))
        whole = column.name == "weight" and abs(sum(values.values(), Decimal(0)) - 100) <= Decimal("1.5")
        fraction = column.name == "weight" and abs(sum(values.values(), Decimal(0)) - 1) <= Decimal("0.015")
        currencies = {cell.currency for cell in column.numerals}
        by_sum = not (whole or fraction or shape == MOVERS or len(currencies) > 1 or self._weights_cover(name))
        sums = find_sums(lines, self._reference, self._is_whole, by_sum=by_sum)
        self._sums[name] = sums.rows
        if self._sums[name]:
            shown = ", ".join(lines[index].name or lines[index].path for index in sorted(self._sums[name])[:5])
            self._note("totals", f"Read as sums of other rows, not as positions: {shown}.", field=table.field)
            if sums.total is not None:
                self._totals[name] = Money(sums.total, None)
        for path in sums.wrong:
            self._note(
                "total_mismatch",
                f"{path} is called a total but is not the sum of its rows; it is left out.",
                field=table.field,
                warning=True,
            )
        if sums.doubtful is not None:
            line = lines[sums.doubtful]
            reason = MissingInputError(
                f"{line.path} is exactly the sum of the rows before it: it could be a position or their total",
                AMBIGUOUS,
                (
                    Alternative({"row": line.path, "unit": "a position"}, COLUMN),
                    Alternative({"row": line.path, "unit": "the total"}, SUM),
                ),
            )
            column.reason = reason

    def _weights_cover(self, name: str) -> bool:
        """Whether the table's weights sum to a whole with all rows, so that none of them is a sum."""
        for key in ("weight", "model_weight"):
            column = self._columns.get((name, key))
            if column is not None and len(column.cells) == len(self._tables[name].rows):
                total = sum(column.values().values(), Decimal(0))
                if abs(total - 100) <= Decimal("1.5") or abs(total - 1) <= Decimal("0.015"):
                    return True
        return False

    # Rates

    def _settle_rates(self) -> None:
        """Shares by their sums first, then what ranges decide, then what their family says."""
        for sums in self._sums.items():
            for (table, _), column in self._columns.items():
                if table == sums[0]:
                    for row in sums[1]:
                        column.cells.pop(row, None)
                        column.faults.pop(row, None)
        rated = [
            (key, column)
            for key, column in self._columns.items()
            if column.spec.kind in {"rate", "share", "return", "named_share"} and column.reason is None
        ]
        later = []
        for key, column in rated:
            fits, why = self._fit(key[0], column)
            settle_rate(column, self.currency, self._hints(column), fits, why)
            if column.reason is not None:
                later.append((key, column, fits, why))
        for _, column, fits, why in later:
            family = vote(
                other.unit or "" for _, other in rated
                if other is not column and other.spec.family == column.spec.family and column.spec.family
                and other.reason is None and other.bare() and other.unit in {PERCENT, FRACTION}
            )  # fmt: skip
            if family:
                column.reason = None
                settle_rate(column, self.currency, replace(self._hints(column), sibling=family), fits, why)

    def _hints(self, column: Column) -> Hints:
        name = "weights" if column.spec.family == "shares" else "rates"
        return Hints(getattr(self._request, name), "", getattr(self._tenant, name))

    def _fit(self, table: str, column: Column) -> tuple[dict[str, bool] | None, str]:
        """Which units something better than a range allows, and what that is."""
        bare = list(column.bare().values())
        tolerance = Decimal("1.5")
        if column.spec.kind == "share":
            if len(column.percents()) > len(bare) and column.bare():
                return fit_sum(column.bare().values(), tolerance, whole=False), RANGE
            if (by_value := self._fit_values(table, column)) is not None:
                return by_value, SIBLING
            whole = TABLES.get(table) != MOVERS
            fits = fit_sum(bare, tolerance, whole=whole)
            return fits, SUM if fits is not None and sum(fits.values()) == 1 else RANGE
        if column.spec.kind == "return":
            return self._fit_returns(table, bare), RANGE
        if column.name == "XIRR_SI":
            return self._fit_xirr(bare), SIBLING
        if (
            column.name == "Benchmark XIRR"
            and (own := self._columns.get(("", "XIRR_SI"))) is not None
            and own.reason is None
            and own.bare()
        ):
            return {PERCENT: own.unit != FRACTION, FRACTION: own.unit == FRACTION}, SIBLING
        if column.name == "coupon" and (named := self._fit_names(table, column)) is not None:
            return named, SIBLING
        return None, RANGE

    def _fit_values(self, table: str, column: Column) -> dict[str, bool] | None:
        """Weights against market values of the same rows."""
        values = self._columns.get((table, "market_value"))
        if values is None or column.name != "weight" or values.reason is not None:
            return None
        amounts, weights = values.values(), column.bare()
        total = sum(amounts.values(), Decimal(0))
        if total <= 0 or not weights:
            return None
        counts = {PERCENT: 0, FRACTION: 0}
        tried = 0
        for row, weight in weights.items():
            share = amounts.get(row, Decimal(0)) * 100 / total
            if not share or not weight:
                continue
            tried += 1
            counts[PERCENT] += abs(weight - share) <= max(share / 10, Decimal("0.1"))
            counts[FRACTION] += abs(weight * 100 - share) <= max(share / 10, Decimal("0.1"))
        fits = {unit: bool(tried) and count > tried * 0.8 for unit, count in counts.items()}
        return fits if sum(fits.values()) == 1 else None

    def _fit_names(self, table: str, column: Column) -> dict[str, bool] | None:
        """Coupons against the percentages in the bonds' own names (``7.26% GS 2033``)."""
        rows = self._tables[table].rows if table in self._tables else ()
        counts = {PERCENT: 0, FRACTION: 0}
        for row, value in column.bare().items():
            name = str(rows[row].cells.get("name") or "")
            head = name.split("%", 1)[0].split()[-1:] if "%" in name else []
            try:
                stated = scan_number(head[0], name) if head else None
            except InputError:
                continue
            number = stated.under(column.decimal or POINT) if stated is not None else None
            if number is not None:
                counts[PERCENT] += value == number
                counts[FRACTION] += value * 100 == number
        fits = {unit: count > 0 for unit, count in counts.items()}
        return fits if sum(fits.values()) == 1 else None

    def _fit_xirr(self, bare: list[Decimal]) -> dict[str, bool] | None:
        """A yearly return against the gain on cost: the years that it would have taken must be a client's."""
        value, cost = (self._columns.get(("", name)) for name in ("Market Value", "Investment Value"))
        amounts = [
            self._value(column) if column is not None and column.reason is None else None for column in (value, cost)
        ]
        worth, paid = (amount.value if isinstance(amount, Money) else Decimal(0) for amount in amounts)
        if not bare or worth <= 0 or paid <= 0:
            return None
        growth = worth / paid
        fits = {}
        for unit, factor in ((PERCENT, Decimal(1)), (FRACTION, Decimal(100))):
            rate = bare[0] * factor / 100
            if rate <= -1 or not rate or (growth > 1) != (rate > 0):
                fits[unit] = -1 < rate <= 1
                continue
            years = abs(growth.ln() / (1 + rate).ln())
            fits[unit] = Decimal("0.02") <= years <= 60 and abs(rate) <= 2
        return fits if any(fits.values()) else None

    def _fit_returns(self, table: str, bare: list[Decimal]) -> dict[str, bool] | None:
        """Returns of one period each: a series by its growth and scatter in a year, movers by what moves at all."""
        if not bare:
            return None
        largest, least = max(abs(value) for value in bare), min(bare)
        if TABLES[table] == MOVERS:
            return {
                PERCENT: largest >= Decimal("0.5"),
                FRACTION: largest <= Decimal("1.5") and least >= -1,
            }
        stated = self._texts.get("returns_unit", "").lower().rstrip("s")
        if stated:
            if stated not in {"fraction", "decimal", PERCENT, "%"}:
                raise InputError(self._detected.name_of("returns_unit"), stated, "'fraction' or 'percent' is needed")
            return {PERCENT: stated in {PERCENT, "%"}, FRACTION: stated in {"fraction", "decimal"}}
        return {
            PERCENT: _is_track(bare, self._periods(table)),
            FRACTION: least > -1 and _is_track([value * 100 for value in bare], self._periods(table)),
        }

    def _periods(self, table: str) -> int:
        """Periods a year as far as they are stated or the days say them; months where neither does."""
        raw = self._detected.get("periods_per_year")
        word = match_form(str(raw)) if raw is not None else ""
        if word in self._reference.periodicities:
            return self._reference.periodicities[word]
        if word.isdigit() and 0 < int(word) <= 366:
            return int(word)
        dated = self._columns.get((table, "date"))
        days = [day for cell in dated.days if (day := cell.under(dated.order or ""))] if dated is not None else []
        if len(days) < 3:
            return 12
        spacing = (max(days) - min(days)).days / (len(days) - 1)
        return next(
            periods for most, periods in ((5, 252), (10, 52), (45, 12), (120, 4), (10**6, 1)) if spacing <= most
        )

    # Building

    def _value(self, column: Column) -> object:
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
                raise InputError(column.path, self._detected.get(column.name), "a percentage is needed")
            return column.percents()[0]
        if kind in {"cash", "gain"} and (is_rate or (kind == "cash" and self._is_small_cash(value))):
            return column.percents()[0] if is_rate else value * (100 if value <= 1 else 1)
        if kind in {"money", "cash", "gain"}:
            if cell.unit not in {Unit.NUMBER, Unit.MONEY}:
                raise InputError(
                    column.path,
                    self._detected.get(column.name),
                    "an amount of money is needed, not a percentage or ratio",
                )
            return self.make_money(cell, value, column.header, None)
        if cell.unit is not Unit.NUMBER:
            raise InputError(column.path, self._detected.get(column.name), "a plain number is needed")
        return value

    def _is_small_cash(self, value: Decimal) -> bool:
        """Whether a bare cash figure is a share: as an amount it would be nothing beside the portfolio."""
        whole = self._find_whole()
        return whole is not None and 0 < value <= 100 and value * 1000 < whole.value

    def make_money(self, cell: Numeral, value: Decimal, header: Header, own: str | None) -> Money:
        """An amount with its scale and currency: a mark before the header's."""
        if cell.unit is not Unit.MONEY and not cell.scaled:
            scale = header.scale or self._request.scale or self._tenant.scale
            value = value * scale if scale is not None else value
        currency = cell.currency or header.currency
        if cell.sign is not None and (shared := self._reference.shared_signs.get(cell.sign)) is not None:
            currency = next((code for code in (own, self.currency) if code in shared), currency)
        if currency in MINOR_UNITS:
            return Money(value / 100, MINOR_UNITS[currency])
        if currency is None and self._minor is not None and own is None:
            return Money(value, None)
        return Money(value, currency)

    def _build_table(self, name: str) -> Table:
        raw = self._tables[name]
        columns = {key[1]: column for key, column in self._columns.items() if key[0] == name}
        resolved = {
            key: column.percents() if column.spec.kind in {"rate", "share", "return"} else column.values()
            for key, column in columns.items()
            if column.reason is None and column.spec.kind != "date"
        }
        rows: list[Row] = []
        seen_faults: list[str] = []
        sides = self._sides.get(name, ())
        for index, source in enumerate(raw.rows):
            if index in self._sums.get(name, ()):
                continue
            row = build_row(self, source, index, columns, resolved)
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
            self._note("losers", "Returns without a sign that stand under losers are read as losses.", field=raw.field)
        if seen_faults:
            shown = "; ".join(seen_faults[:5]) + (f" and {len(seen_faults) - 5} more" if len(seen_faults) > 5 else "")
            self._note("bad_cells", f"Cells that could not be read: {shown}.", field=raw.field, warning=True)
        if raw.unknown:
            self._note("unknown_columns", f"Columns not used: {', '.join(raw.unknown[:20])}.", field=raw.field)
        return Table(
            raw.field,
            tuple(rows),
            frozenset(columns),
            raw.unknown,
            {key: column.reason for key, column in columns.items() if column.reason is not None},
            {key: column.unit for key, column in columns.items() if column.unit and column.bare()},
            self._totals.get(name),
        )

    def _read_rates(self) -> dict[str, Decimal]:
        rates = {}
        for (table, name), column in self._columns.items():
            if table or not name.startswith("Fx Rates."):
                continue
            code, value = name.removeprefix("Fx Rates.").strip().upper(), self._value(column)
            if column.reason is not None:
                continue
            if not isinstance(value, Decimal) or value <= 0:
                raise InputError(column.path, value, "a rate above zero is needed")
            if self._is_upside_down(code, value):
                column.leave_open(
                    (
                        Alternative({"unit": f"{self.currency} for one {code}", "value": f"{value}"}, COLUMN),
                        Alternative({"unit": f"{code} for one {self.currency}", "value": f"{value}"}, RANGE),
                    ),
                    "the rate is far from any of these currencies, its inverse is not",
                )
                continue
            rates[code] = value
        return rates

    def _is_upside_down(self, code: str, rate: Decimal) -> bool:
        """Whether only the inverse of a rate has the order of magnitude that the two currencies had for years."""
        base, other = (self._reference.currencies.get(item or "") for item in (self.currency, code))
        if base is None or other is None or base.per_usd is None or other.per_usd is None:
            return False
        usual = base.per_usd / other.per_usd
        off, inverse = abs((rate / usual).ln()), abs((1 / rate / usual).ln())
        return off > Decimal("1.8") and inverse < Decimal("0.7")

    @property
    def reference(self) -> Reference:
        """The reference data."""
        return self._reference

    def _note(self, code: str, message: str, *, field: str | None = None, warning: bool = False) -> None:
        self._notes.append((code, message, warning, field))


def _is_track(percents: list[Decimal], periods: int) -> bool:
    """Whether periodic returns in percent are those of a portfolio: no growth or scatter that none has in a year.

    A steady series (a money-market fund's) may scatter hardly at all, but then it earns what a deposit does.
    """
    values = [float(value) / 100 for value in percents]
    if min(values) <= -1 or max(values) > 2:
        return False
    mean = sum(values) / len(values)
    scatter = (sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)) ** 0.5
    yearly, risk = mean * periods, scatter * periods**0.5
    if len(values) == 1:
        return 0.002 < abs(values[0]) < 0.6
    if min(values) >= 0 and risk < 0.02:
        return 0.002 < yearly < 0.2 or 0.002 < mean * 252 < 0.2
    return 0.004 <= risk < _MOST_RISK and -2 < yearly < 2


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
